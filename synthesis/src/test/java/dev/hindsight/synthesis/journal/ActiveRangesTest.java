package dev.hindsight.synthesis.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.type.NativeTypes;
import java.util.List;
import org.junit.jupiter.api.Test;

class ActiveRangesTest {
    private final ActiveRanges ranges = new ActiveRanges(new Clusterings(List.of(NativeTypes.INT)));

    private static byte[] clustering(int value) {
        byte[] out = new byte[5];
        VInts.putInt4(out, 1, value);
        return out;
    }

    private void open(long number, int from, int to, int endKind) {
        PastRange range = new PastRange(number, 0, endKind, 1, clustering(to), 10, 10);
        ranges.open(range, RowFormat.INCL_START_BOUND, clustering(from), 0, 1);
    }

    @Test
    void rangesOverEmptySpaceAreNotHeldOneAfterTheOther() {
        for (int i = 0; i < 1000; i++) {
            open(1 + i, 10 * i, 10 * i + 5, RowFormat.INCL_END_BOUND);
            assertThat(ranges.from(0)).extracting(PastRange::number).isEqualTo(1L + i);
        }
    }

    @Test
    void rangesThatAreOpenWhereAnotherBeginsStay() {
        open(1, 0, 100, RowFormat.INCL_END_BOUND);
        open(2, 10, 50, RowFormat.INCL_END_BOUND);
        open(3, 50, 60, RowFormat.EXCL_END_BOUND);
        ranges.goTo(RowFormat.CLUSTERING, clustering(50), 0, 1);
        assertThat(ranges.from(2)).extracting(PastRange::number).isEqualTo(2L);
        open(4, 70, 80, RowFormat.INCL_END_BOUND);
        assertThat(ranges.from(2)).extracting(PastRange::number).isEqualTo(4L);
        assertThat(ranges.from(0)).extracting(PastRange::number).isEqualTo(1L);
    }
}
