package dev.hindsight.repository.claim;

import dev.hindsight.model.SuppressForbidden;
import dev.hindsight.model.failure.NotAppliedException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Real time, by the machine's monotonic clock; daemon threads. */
final class SystemTiming implements Timing {
    private static final Logger LOG = LoggerFactory.getLogger(SystemTiming.class);

    private static final Duration STOPPING = Duration.ofSeconds(5);

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
        return () -> {
            thread.shutdown();
            try {
                if (!thread.awaitTermination(STOPPING.toNanos(), TimeUnit.NANOSECONDS)) {
                    thread.shutdownNow();
                }
            } catch (InterruptedException e) {
                thread.shutdownNow();
                Thread.currentThread().interrupt();
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
        return () -> {
            try {
                thread.join(STOPPING.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            thread.interrupt();
        };
    }

    private static Thread daemon(String name, Runnable body) {
        Thread made = new Thread(body, name);
        made.setDaemon(true);
        return made;
    }
}
