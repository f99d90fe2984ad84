package dev.hindsight.repository.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

    @Test
    void whateverDoesNotEndIsWaitedForOnce() throws InterruptedException {
        SystemTiming hurried = new SystemTiming(Duration.ofMillis(100), Duration.ofMillis(500));
        int many = 60;
        CountDownLatch begun = new CountDownLatch(many);
        CountDownLatch interrupted = new CountDownLatch(many);
        CountDownLatch end = new CountDownLatch(1);
        List<Timing.Running> deaf = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            deaf.add(hurried.once("test", () -> {
                begun.countDown();
                boolean ended = false;
                while (!ended) {
                    try {
                        end.await();
                        ended = true;
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                }
            }));
        }
        assertThat(begun.await(50, TimeUnit.SECONDS)).isTrue();

        long start = System.nanoTime();
        hurried.stop(deaf);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        assertThat(interrupted.await(50, TimeUnit.SECONDS)).isTrue();
        end.countDown();
        assertThat(deaf).allMatch(one -> one.ended(Duration.ofSeconds(50)));
    }

    @Test
    void whatEndsByItselfSoonIsNotInterrupted() {
        CountDownLatch end = new CountDownLatch(1);
        AtomicBoolean whole = new AtomicBoolean();
        Timing.Running running = timing.once("test", () -> {
            try {
                whole.set(end.await(50, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                whole.set(false);
            }
        });
        end.countDown();

        new SystemTiming(Duration.ofSeconds(50), Duration.ofSeconds(50)).stop(List.of(running));

        assertThat(whole).isTrue();
    }
}
