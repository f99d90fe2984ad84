package dev.hindsight.engine.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.journal.ContentDigest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KnownChangesTest {
    private static final long SECOND = 1_000_000;

    private final KnownChanges known = new KnownChanges(Duration.ofSeconds(100), 1000);

    private static ContentDigest digest(long number) {
        return new ContentDigest(number * 0x9e3779b97f4a7c15L, number);
    }

    @Test
    void everythingIsKnownForAsLongAsItIsToBeAndNothingForTwiceAsLong() {
        for (long second = 1; second <= 1000; second++) {
            known.reached(second * SECOND);
            known.add(digest(second), second * SECOND);
            for (long back = 0; back < second; back++) {
                boolean contains = known.contains(digest(second - back));
                if (back <= 100) {
                    assertThat(contains).as("%d s back at %d", back, second).isTrue();
                } else if (back > 201) {
                    assertThat(contains).as("%d s back at %d", back, second).isFalse();
                }
            }
        }
    }

    @Test
    void whatIsOldIsForgottenWhereNothingElseComes() {
        known.add(digest(1), SECOND);
        known.reached(101 * SECOND);
        assertThat(known.contains(digest(1))).isTrue();
        known.reached(102 * SECOND);
        assertThat(known.contains(digest(1))).isFalse();
        assertThat(known.size()).isZero();
    }

    @Test
    void ofMoreThanItMayHoldTheOlderHalfIsForgotten() {
        for (int i = 1; i <= 1001; i++) {
            known.add(digest(i), SECOND);
        }
        assertThat(known.size()).isEqualTo(501);
        assertThat(known.contains(digest(500))).isFalse();
        assertThat(known.contains(digest(501))).isTrue();
    }
}
