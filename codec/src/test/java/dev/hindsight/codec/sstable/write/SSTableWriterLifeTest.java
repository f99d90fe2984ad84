package dev.hindsight.codec.sstable.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the writer leaves, refuses and accounts; that its files are right is tested with Cassandra, in module oracle. */
class SSTableWriterLifeTest {
    private static final byte[] CLUSTERING = {0, 0, 0, 0, 7};

    @TempDir
    Path temp;

    @ParameterizedTest
    @EnumSource(names = {"NB", "OA"})
    void accountsForEveryByteThatItLeaves(SSTableVersion version) throws IOException {
        SpillBufferTest.Counts counts = new SpillBufferTest.Counts();
        WrittenSSTable written;
        try (SSTableWriter writer = new SSTableWriter(options(version, counts))) {
            for (byte[] key : keys(3000)) {
                partition(writer, key, 50);
            }
            assertThat(writer.storedBytes()).isPositive();
            written = writer.finish();
        }

        assertThat(written.descriptor()).isEqualTo(version.text() + "-1-big");
        assertThat(written.partitions()).isEqualTo(3000);
        assertThat(written.rows()).isEqualTo(150_000);
        assertThat(written.firstToken()).isLessThan(written.lastToken());
        assertThat(written.files()).containsExactlyInAnyOrderElementsOf(files());
        assertThat(written.files().get(7).toString()).endsWith("-TOC.txt");
        for (WrittenSSTable.Component component : written.components()) {
            assertThat(component.path()).hasSize(component.bytes());
        }
        assertThat(counts.data).isEqualTo(Files.size(written.files().get(1)));
        assertThat(counts.data + counts.other).isEqualTo(written.totalBytes());
        assertThat(counts.temporary).isZero();
    }

    @Test
    void leavesNothingWhenItIsNotFinished() throws IOException {
        try (SSTableWriter writer = new SSTableWriter(options(SSTableVersion.OA, WriteListener.NONE))) {
            for (byte[] key : keys(20_000)) {
                partition(writer, key, 3);
            }
            assertThat(files()).isNotEmpty();
        }

        assertThat(files()).isEmpty();
    }

    @Test
    void leavesNothingWhenTheListenerRefuses() throws IOException {
        List<byte[]> keys = keys(20_000);
        for (int limit : new int[] {0, 20_000, 200_000}) {
            WriteListener full = new WriteListener() {
                private long left = limit;

                @Override
                public void data(long bytes) {
                    left -= bytes;
                    if (left < 0) {
                        throw new CapacityException("full", "make room");
                    }
                }

                @Override
                public void other(long bytes) {
                    data(bytes);
                }

                @Override
                public void temporary(long bytes) {}
            };
            assertThatThrownBy(() -> {
                        try (SSTableWriter writer = new SSTableWriter(options(SSTableVersion.OA, full))) {
                            for (byte[] key : keys) {
                                partition(writer, key, 5);
                            }
                            writer.finish();
                        }
                    })
                    .isInstanceOf(CapacityException.class);
            assertThat(files()).as("limit %d", limit).isEmpty();
        }
    }

    @Test
    void touchesNothingOfWhatIsThereAlready() throws IOException {
        Path other = temp.resolve("oa-1-big-Summary.db");
        Files.writeString(other, "other");

        assertThatThrownBy(() -> new SSTableWriter(options(SSTableVersion.OA, WriteListener.NONE)))
                .isInstanceOf(NotAppliedException.class)
                .hasMessageContaining("oa-1-big-Summary.db exists already");

        assertThat(files()).containsExactly(other);
        assertThat(other).hasContent("other");
    }

    @Test
    void refusesLateExpiryInNbOnly() {
        PartitionStatistics late = new PartitionStatistics();
        late.localDeletionTime(PartitionStatistics.NO_DELETION_TIME);
        late.localDeletionTime(LongExpiryException.LAST_NB_DELETION_TIME + 1);
        try (SSTableWriter nb = new SSTableWriter(options(SSTableVersion.NB, WriteListener.NONE));
                SSTableWriter oa = new SSTableWriter(options(SSTableVersion.OA, WriteListener.NONE))) {
            assertThatThrownBy(() -> nb.add(late))
                    .isInstanceOf(LongExpiryException.class)
                    .hasMessageContaining("2147483647");
            oa.add(late);
            late.localDeletionTime(1L << 32);
            assertThatThrownBy(() -> oa.add(late)).isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void refusesPartitionsThatAreOutOfOrderOrNotWhole() {
        List<byte[]> keys = keys(3);
        try (SSTableWriter writer = new SSTableWriter(options(SSTableVersion.OA, WriteListener.NONE))) {
            assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
            partition(writer, keys.get(1), 1);
            assertThatThrownBy(() -> partition(writer, keys.get(1), 1)).isInstanceOf(IllegalArgumentException.class);
        }
        try (SSTableWriter writer = new SSTableWriter(options(SSTableVersion.OA, WriteListener.NONE))) {
            partition(writer, keys.get(1), 1);
            assertThatThrownBy(() -> partition(writer, keys.get(0), 1)).isInstanceOf(IllegalArgumentException.class);
        }
        try (SSTableWriter writer = new SSTableWriter(options(SSTableVersion.OA, WriteListener.NONE))) {
            byte[] key = keys.get(0);
            assertThatThrownBy(() -> writer.begin(key, key.length, 5, Long.MIN_VALUE, Long.MAX_VALUE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("token");
        }
        try (SSTableWriter writer = new SSTableWriter(options(SSTableVersion.OA, WriteListener.NONE))) {
            byte[] key = keys.get(0);
            writer.begin(key, key.length, Tokens.of(key), Long.MIN_VALUE, Long.MAX_VALUE);
            assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void writesNoBtiFormat() {
        assertThatThrownBy(() -> options(SSTableVersion.DA, WriteListener.NONE))
                .isInstanceOf(UnsupportedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "class=MyCompressor",
                "class=LZ4Compressor,level=3",
                "class=LZ4Compressor,lz4_compressor_type=best",
                "class=LZ4Compressor,chunk_length_in_kb=3",
                "class=LZ4Compressor,chunk_length_in_kb=many",
                "class=LZ4Compressor,chunk_length_in_kb=4194304",
                "class=LZ4Compressor,min_compress_ratio=0.5",
                "class=ZstdCompressor,compression_level=23",
                "class=DeflateCompressor,compression_level=2",
            })
    void refusesCompressionThatItDoesNotKnow(String options) {
        assertThatThrownBy(() -> CompressionOptions.of(parse(options)))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("cannot be compressed");
    }

    @Test
    void readsTheCompressionOfATable() {
        assertThat(CompressionOptions.of(Map.of())).isNull();
        assertThat(CompressionOptions.of(Map.of("enabled", "false"))).isNull();
        assertThat(CompressionOptions.of(parse("class=org.apache.cassandra.io.compress.LZ4Compressor")))
                .isEqualTo(CompressionOptions.LZ4);
        assertThat(CompressionOptions.of(
                        parse("class=ZstdCompressor,chunk_length_in_kb=64,min_compress_ratio=1.5,compression_level=9")))
                .isEqualTo(
                        new CompressionOptions("ZstdCompressor", Map.of("compression_level", "9"), 64 << 10, 43_691));
    }

    private static Map<String, String> parse(String options) {
        return Stream.of(options.split(",", -1))
                .map(option -> option.split("=", 2))
                .collect(java.util.stream.Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    private static List<byte[]> keys(int count) {
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(("key" + i).getBytes(StandardCharsets.US_ASCII));
        }
        keys.sort(Comparator.comparingLong(Tokens::of));
        return keys;
    }

    private static void partition(SSTableWriter writer, byte[] key, int rows) {
        writer.begin(key, key.length, Tokens.of(key), Long.MIN_VALUE, Long.MAX_VALUE);
        writer.append(key, 0, key.length);
        writer.endHeader();
        byte[] row = new byte[40];
        new Random(key.length).nextBytes(row);
        for (int i = 0; i < rows; i++) {
            writer.append(row, 0, row.length);
            writer.unfiltered(4, CLUSTERING, 0, CLUSTERING.length, 1, Long.MIN_VALUE, Long.MAX_VALUE);
        }
        writer.append(row, 0, 1);
        writer.end(new PartitionStatistics());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(temp)) {
            return files.toList();
        }
    }

    private SSTableWriterOptions options(SSTableVersion version, WriteListener listener) {
        RowHeader header = new RowHeader(
                EncodingBase.NONE,
                TypeNames.parse("UTF8Type"),
                List.of(TypeNames.parse("Int32Type")),
                List.of(),
                List.of());
        return new SSTableWriterOptions(
                temp, version, 1, header, CompressionOptions.LZ4, 0.01, 128, 1000, true, listener);
    }
}
