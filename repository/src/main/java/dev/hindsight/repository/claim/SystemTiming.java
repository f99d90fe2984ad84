package dev.hindsight.repository.claim;

import dev.hindsight.model.SuppressForbidden;
import dev.hindsight.model.failure.NotAppliedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Real time, by the machine's monotonic clock; daemon threads. */
final class SystemTiming implements Timing {
    private static final Logger LOG = LoggerFactory.getLogger(SystemTiming.class);

    /** A request that is answered at all is answered by then, mostly. */
    private static final Duration GRACE = Duration.ofSeconds(2);

    private static final Duration STOPPING = Duration.ofSeconds(5);

    private final Duration grace;
    private final Duration stopping;

    SystemTiming() {
        this(GRACE, STOPPING);
    }

    /**
     * @param grace until what is to be stopped is interrupted
     * @param stopping until it is not waited for any more
     */
    SystemTiming(Duration grace, Duration stopping) {
        this.grace = grace;
        this.stopping = stopping;
    }

    @Override
    public void pause(Duration howLong) {
        try {
            boolean never = new CountDownLatch(1).await(howLong.toNanos(), TimeUnit.NANOSECONDS);
            assert !never;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotAppliedException("interrupted while waiting for a sign of life", "run the command again", e);
        }
    }

    @Override
    public Running every(Duration period, String name, Runnable task) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(body -> daemon(name, body));
        var unused = thread.scheduleWithFixedDelay(
                () -> unstoppable(name, task), period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
        return new Running() {
            @Override
            public void stop() {
                thread.shutdownNow();
            }

            @Override
            public boolean ended(Duration atMost) {
                return await(atMost, thread::awaitTermination);
            }
        };
    }

    /** An executor would silently never run a task again that threw something. */
    @SuppressForbidden(reason = "the thread boundary: whatever a task throws, it is to be run again")
    private static void unstoppable(String name, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            try {
                LOG.warn("task of thread {} failed, goes on", name, e);
            } catch (RuntimeException | Error unsaid) {
                // No memory to say so; there may be some the next time.
                e.addSuppressed(unsaid);
            }
        }
    }

    @Override
    public Running once(String name, Runnable task) {
        Thread thread = daemon(name, () -> unstoppable(name, task));
        thread.start();
        return new Running() {
            @Override
            public void stop() {
                thread.interrupt();
            }

            @Override
            public boolean ended(Duration atMost) {
                return await(atMost, (time, unit) -> {
                    // 0 would be for ever.
                    thread.join(Math.max(1, unit.toMillis(time)));
                    return !thread.isAlive();
                });
            }
        };
    }

    @Override
    public void stop(List<Running> all) {
        long begun = System.nanoTime();
        List<Running> left = running(all, begun, grace);
        left.forEach(Running::stop);
        List<Running> deaf = running(left, begun, stopping);
        if (!deaf.isEmpty()) {
            LOG.warn("left running, as they do not end count={}", deaf.size());
        }
    }

    /** Those that do not end until so long after {@code begun}. */
    private static List<Running> running(List<Running> all, long begun, Duration until) {
        List<Running> out = new ArrayList<>();
        for (Running one : all) {
            Duration left = until.minusNanos(System.nanoTime() - begun);
            if (!one.ended(left.isNegative() ? Duration.ZERO : left)) {
                out.add(one);
            }
        }
        return out;
    }

    private interface Wait {
        boolean atMost(long time, TimeUnit unit) throws InterruptedException;
    }

    private static boolean await(Duration atMost, Wait wait) {
        try {
            return wait.atMost(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Thread daemon(String name, Runnable body) {
        Thread made = new Thread(body, name);
        made.setDaemon(true);
        return made;
    }
}
