package dev.hindsight.model.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.List;
import org.junit.jupiter.api.Test;

class RingCutsTest {
    @Test
    void piecesFollowBytesWithinBounds() {
        assertThat(RingCuts.pieces(0, 100, 10)).isEqualTo(1);
        assertThat(RingCuts.pieces(100, 100, 10)).isEqualTo(1);
        assertThat(RingCuts.pieces(101, 100, 10)).isEqualTo(2);
        assertThat(RingCuts.pieces(1_000_000, 100, 10)).isEqualTo(10);
    }

    @Test
    void evenPiecesCoverTheRingWithoutOverlap() {
        for (int pieces : new int[] {1, 2, 3, 7, 4096}) {
            List<TokenRange> cut = RingCuts.even(pieces);

            assertThat(cut).hasSize(pieces);
            assertThat(TokenRanges.of(cut)).isEqualTo(TokenRanges.FULL);
            for (int i = 1; i < cut.size(); i++) {
                assertThat(cut.get(i).start()).isEqualTo(cut.get(i - 1).end());
            }
        }
    }

    @Test
    void scatteredRangesAreCutWithoutLossAndNoPartIsEmpty() {
        TokenRanges ranges = TokenRanges.of(new TokenRange(-100, -50), new TokenRange(0, 3), new TokenRange(10, 1000));

        List<TokenRanges> parts = RingCuts.even(ranges, 5);

        TokenRanges joined = TokenRanges.NONE;
        for (TokenRanges part : parts) {
            assertThat(part.isEmpty()).isFalse();
            assertThat(joined.intersect(part).isEmpty()).isTrue();
            joined = joined.union(part);
        }
        assertThat(joined).isEqualTo(ranges);
        assertThat(parts).hasSize(5);
    }

    @Test
    void morePiecesThanTokensGiveOnePartAToken() {
        List<TokenRanges> parts = RingCuts.even(TokenRanges.of(new TokenRange(0, 3)), 10);

        assertThat(parts).hasSize(3);
    }
}
