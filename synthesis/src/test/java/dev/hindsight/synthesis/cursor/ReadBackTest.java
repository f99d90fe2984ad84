package dev.hindsight.synthesis.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.write.SSTableWriter;
import dev.hindsight.codec.sstable.write.SSTableWriterOptions;
import dev.hindsight.codec.sstable.write.WriteListener;
import dev.hindsight.codec.sstable.write.WrittenSSTable;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.failure.CorruptException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReadBackTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);

    @TempDir
    private Path temp;

    @ParameterizedTest
    @EnumSource(names = {"NB", "OA"})
    void statisticsWithAnyFlippedBitOrOfOtherRowsAreRefused(SSTableVersion version) throws IOException {
        WrittenSSTable written = written(version);
        Path statistics = temp.resolve(written.descriptor() + "-Statistics.db");
        byte[] right = Files.readAllBytes(statistics);
        assertThatCode(() -> ReadBack.check(written, version)).doesNotThrowAnyException();
        Random random = new Random(SEED);
        for (int at = 0; at < right.length; at += at < 100 ? 1 : 1 + random.nextInt(50)) {
            byte[] wrong = right.clone();
            wrong[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(statistics, wrong);
            assertThatThrownBy(() -> ReadBack.check(written, version))
                    .as("-Dtest.seed=%d, byte %d of %d", SEED, at, right.length)
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("does not read back");
        }
        Files.write(statistics, right);
        WrittenSSTable another = new WrittenSSTable(
                written.descriptor(),
                written.components(),
                written.firstToken(),
                written.lastToken(),
                written.partitions(),
                written.rows() + 1,
                written.uncompressedBytes());
        assertThatThrownBy(() -> ReadBack.check(another, version))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("1 partitions and 0 rows, but 1 and 1 were written");
        assertThat(Files.readAllBytes(statistics)).isEqualTo(right);
    }

    private WrittenSSTable written(SSTableVersion version) {
        RowHeader header = new RowHeader(
                EncodingBase.NONE,
                TypeNames.parse("UTF8Type"),
                List.of(TypeNames.parse("Int32Type")),
                List.of(),
                List.of());
        try (SSTableWriter writer = new SSTableWriter(
                new SSTableWriterOptions(temp, version, 1, header, null, 1, 128, 1, false, WriteListener.NONE))) {
            byte[] key = {1, 2};
            writer.begin(key, 2, Tokens.of(key), 5, 6);
            writer.endHeader();
            writer.append(new byte[] {1}, 0, 1);
            PartitionStatistics of = new PartitionStatistics();
            of.timestamp(5);
            of.localDeletionTime(6);
            of.hasPartitionLevelDeletions = true;
            writer.end(of);
            return writer.finish();
        }
    }
}
