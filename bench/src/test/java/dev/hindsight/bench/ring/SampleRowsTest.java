package dev.hindsight.bench.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleRowsTest {
    @TempDir
    Path directory;

    @Test
    void writesAboutAsMuchAsAskedForOfRowsThatHalfCompressAway() {
        long wanted = 8L << 20;

        SampleRows sample = SampleRows.write(directory, "ks.t", wanted, 500, 1);

        assertThat(sample.dataBytes()).isBetween(wanted / 2, 2 * wanted);
        assertThat(sample.dataBytes()).isBetween(sample.valueBytes() * 4 / 10, sample.valueBytes() * 7 / 10);
        assertThat(sample.partitions()).isEqualTo(sample.rows() / SampleRows.ROWS_PER_PARTITION);
        assertThat(sample.sstables()).isGreaterThan(1);
    }
}
