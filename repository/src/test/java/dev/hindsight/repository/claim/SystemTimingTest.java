package dev.hindsight.repository.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SystemTimingTest {
    private final SystemTiming timing = new SystemTiming();

    @Test
    void whatHasThrownIsRunAgain() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(4);
        Timing.Running running = timing.every(Duration.ofMillis(1), "test", () -> {
            runs.countDown();
            if (runs.getCount() % 2 == 0) {
                throw new OutOfMemoryError("for the test");
            }
            throw new IllegalStateException("for the test");
        });

        assertThat(runs.await(50, TimeUnit.SECONDS)).isTrue();
        running.stop();
    }

    @Test
    void whatHangsIsInterruptedWhenItIsStopped() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Timing.Running running = timing.once("test", () -> {
            begun.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        assertThat(begun.await(50, TimeUnit.SECONDS)).isTrue();

        running.stop();

        assertThat(interrupted.await(50, TimeUnit.SECONDS)).isTrue();
    }
}
