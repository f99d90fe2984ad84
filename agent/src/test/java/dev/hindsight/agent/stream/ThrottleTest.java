package dev.hindsight.agent.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThrottleTest {
    private static final class FakeTime implements Throttle.Waiting {
        private long now = 1_000;

        @Override
        public long nanos() {
            return now;
        }

        @Override
        public void pause(long nanos) {
            now += nanos;
        }
    }

    @Test
    void bytesNeverRunAheadOfTheRate() {
        FakeTime time = new FakeTime();
        Throttle throttle = new Throttle(1_000_000, time);

        long moved = 0;
        for (int i = 0; i < 200; i++) {
            throttle.take(16_384);
            moved += 16_384;
        }

        double seconds = (time.nanos() - 1_000) / 1e9;
        assertThat(moved / seconds).isBetween(990_000.0, 1_040_000.0);
    }

    @Test
    void idleTimeSavesUpATenthOfASecondOnly() {
        FakeTime time = new FakeTime();
        Throttle throttle = new Throttle(1_000_000, time);
        throttle.take(1);
        time.pause(3_600_000_000_000L);
        long idleEnd = time.nanos();

        throttle.take(1_100_000);

        assertThat(time.nanos() - idleEnd).isEqualTo(1_000_000_000L);
    }

    @Test
    void piecesFitTheRate() {
        assertThat(new Throttle(0, new FakeTime()).pieceBytes()).isEqualTo(262_144);
        assertThat(new Throttle(1_000, new FakeTime()).pieceBytes()).isEqualTo(16_384);
        assertThat(new Throttle(400_000, new FakeTime()).pieceBytes()).isEqualTo(98_304);
    }

    @Test
    void noLimitMeansNoWaiting() {
        FakeTime time = new FakeTime();

        new Throttle(0, time).take(Long.MAX_VALUE);

        assertThat(time.nanos()).isEqualTo(1_000);
    }
}
