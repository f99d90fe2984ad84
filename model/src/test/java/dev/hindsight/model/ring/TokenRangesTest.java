package dev.hindsight.model.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenRangesTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);

    @Test
    void unwrapsCassandrasWrappingRanges() {
        assertThat(TokenRange.unwrap(5, 5)).containsExactly(TokenRange.FULL);
        assertThat(TokenRange.unwrap(5, 9)).containsExactly(new TokenRange(5, 9));
        assertThat(TokenRange.unwrap(9, 5))
                .containsExactly(new TokenRange(Long.MIN_VALUE, 5), new TokenRange(9, Long.MAX_VALUE));
        assertThat(TokenRange.unwrap(9, Long.MIN_VALUE)).containsExactly(new TokenRange(9, Long.MAX_VALUE));
        assertThat(TokenRange.unwrap(Long.MAX_VALUE, 5)).containsExactly(new TokenRange(Long.MIN_VALUE, 5));
    }

    @Test
    void refusesEmptyAndWrappingRanges() {
        assertThatThrownBy(() -> new TokenRange(3, 3)).hasMessageContaining("(3,3]");
        assertThatThrownBy(() -> new TokenRange(3, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void setOperationsAgreeWithMembershipOfEveryToken() {
        Random random = new Random(SEED);
        for (int round = 0; round < 500; round++) {
            TokenRanges a = small(random);
            TokenRanges b = small(random);
            for (TokenRange range : b) {
                assertThat(a.contains(range))
                        .as("seed %d: %s in %s", SEED, range, a)
                        .isEqualTo(TokenRanges.of(range).subtract(a).isEmpty());
            }
            for (long token = -20; token <= 20; token++) {
                assertThat(a.union(b).contains(token))
                        .as("seed %d: %d in %s + %s", SEED, token, a, b)
                        .isEqualTo(a.contains(token) || b.contains(token));
                assertThat(a.intersect(b).contains(token))
                        .as("seed %d: %d in %s and %s", SEED, token, a, b)
                        .isEqualTo(a.contains(token) && b.contains(token));
                assertThat(a.subtract(b).contains(token))
                        .as("seed %d: %d in %s - %s", SEED, token, a, b)
                        .isEqualTo(a.contains(token) && !b.contains(token));
            }
        }
    }

    @Test
    void fractionsOfTheWholeRingAddUpToOne() {
        assertThat(TokenRanges.FULL.fraction()).isBetween(0.999999, 1.000001);
        assertThat(TokenRanges.NONE.fraction()).isZero();
    }

    @Test
    void textFormIsReadBack() {
        TokenRange range = new TokenRange(Long.MIN_VALUE, -7);

        assertThat(TokenRange.parse(range.toString())).isEqualTo(range);
        assertThatThrownBy(() -> TokenRange.parse("[1,2)")).hasMessageContaining("[1,2)");
    }

    private static TokenRanges small(Random random) {
        List<TokenRange> out = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            int start = random.nextInt(38) - 19;
            out.add(new TokenRange(start, start + 1 + random.nextInt(20 - start)));
        }
        return TokenRanges.of(out);
    }
}
