package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class MicrosTest {
    @Test
    void instantsComeBackToTheMicrosecond() {
        Instant at = Instant.parse("2026-11-22T10:42:07.381204Z");

        assertThat(Micros.instant(Micros.of(at))).isEqualTo(at);
        assertThat(Micros.of(at.plusNanos(999))).isEqualTo(Micros.of(at));
        assertThat(Micros.of(Instant.EPOCH.minusNanos(1000))).isEqualTo(-1);
    }

    @Test
    void farInstantsAreCountedAndTheFarthestKeepTheirSide() {
        for (String text :
                new String[] {"0001-01-01T00:00:00Z", "1600-06-06T06:06:06.000006Z", "9999-12-31T23:59:59Z"}) {
            Instant at = Instant.parse(text);
            assertThat(Micros.instant(Micros.of(at))).isEqualTo(at);
        }
        assertThat(Micros.of(Instant.MIN)).isLessThan(Micros.of(Instant.parse("0001-01-01T00:00:00Z")));
        assertThat(Micros.of(Instant.MAX)).isGreaterThan(Micros.of(Instant.parse("9999-12-31T23:59:59Z")));
        assertThat(Math.subtractExact(Micros.of(Instant.MAX), Micros.of(Instant.MIN)))
                .as("the farthest two are apart by what can be counted")
                .isPositive();
    }
}
