package dev.hindsight.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.codec.sstable.write.SSTableWriter;
import dev.hindsight.codec.sstable.write.SSTableWriterOptions;
import dev.hindsight.codec.sstable.write.WriteListener;
import dev.hindsight.model.failure.UnsupportedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.params.provider.MethodSource;

/** Statistics.db, with the checksums that its bytes ask for, so that what they protect is reached. */
class StatisticsFuzzTest {
    static Stream<byte[]> seeds() {
        return Corpus.with(
                Stream.of(written(SSTableVersion.NB, Seeds.RICH), written(SSTableVersion.OA, Seeds.COUNTER)),
                "anyStatisticsAreReadOrRefused");
    }

    /** What our writer makes of one partition. */
    private static byte[] written(SSTableVersion version, String ddl) {
        TableSchema table = DdlSchemas.tableSchema("ks", List.of(Seeds.RICH_TYPE), ddl);
        RowHeader header = new RowHeader(
                EncodingBase.NONE,
                table.partitionKeyType(),
                table.clustering().stream().map(ColumnSchema::type).toList(),
                table.statics(),
                table.regulars());
        try {
            Path directory = Files.createTempDirectory("fuzz");
            SSTableWriterOptions options =
                    new SSTableWriterOptions(directory, version, 1, header, null, 1, 128, 1, false, WriteListener.NONE);
            byte[] statistics;
            try (SSTableWriter writer = new SSTableWriter(options)) {
                byte[] key = {1, 2};
                writer.begin(key, 2, dev.hindsight.codec.bytes.Tokens.of(key), 5, 6);
                writer.append(new byte[40], 0, 40);
                writer.endHeader();
                writer.append(new byte[] {1}, 0, 1);
                PartitionStatistics of = new PartitionStatistics();
                of.timestamp(5);
                of.localDeletionTime(6);
                of.hasPartitionLevelDeletions = true;
                writer.end(of);
                writer.finish();
                statistics = Files.readAllBytes(directory.resolve(version.text() + "-1-big-Statistics.db"));
            }
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
            return statistics;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyStatisticsAreReadOrRefused(byte[] data) {
        for (SSTableVersion version : SSTableVersion.values()) {
            read(data, version);
            read(checksummed(data), version);
        }
    }

    private static void read(byte[] file, SSTableVersion version) {
        try {
            DecodedStatistics read = StatisticsReader.read(file, version);
            read.contents().partitions();
            read.cardinality().ifPresent(cardinality -> cardinality.estimator().cardinality());
            read.rowHeader();
        } catch (MalformedException | UnsupportedException e) {
            // These are what wrong bytes may end in.
            return;
        }
    }

    /** The same with right checksums wherever the directory of sections says that one is. */
    private static byte[] checksummed(byte[] data) {
        byte[] out = data.clone();
        if (out.length < 12) {
            return out;
        }
        ByteBuffer file = ByteBuffer.wrap(out);
        int count = Math.floorMod(file.getInt(0), 5);
        file.putInt(0, count);
        CRC32 crc = new CRC32();
        crc.update(out, 0, 4);
        file.putInt(4, (int) crc.getValue());
        int directoryEnd = 8 + 8 * count;
        if (directoryEnd + 4 > out.length) {
            return out;
        }
        crc.update(out, 8, 8 * count);
        file.putInt(directoryEnd, (int) crc.getValue());
        for (int i = 0; i < count; i++) {
            int start = file.getInt(12 + 8 * i);
            int end = (i + 1 < count ? file.getInt(20 + 8 * i) : out.length) - 4;
            if (start >= directoryEnd + 4 && end > start && end <= out.length - 4) {
                CRC32 section = new CRC32();
                section.update(out, start, end - start);
                file.putInt(end, (int) section.getValue());
            }
        }
        return out;
    }
}
