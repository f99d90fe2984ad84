package dev.hindsight.repository.claim;

import dev.hindsight.model.failure.NotAppliedException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Real time, by the machine's monotonic clock; daemon threads. */
final class SystemTiming implements Timing {
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
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(body -> {
            Thread made = new Thread(body, name);
            made.setDaemon(true);
            return made;
        });
        var unused = thread.scheduleWithFixedDelay(task, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
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
}
