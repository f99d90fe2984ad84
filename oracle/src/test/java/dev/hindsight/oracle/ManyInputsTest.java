package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.rows.AbstractUnfilteredRowIterator;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Rows;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.sstable.format.SSTableWriter;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory of a merge does not grow with the number of its inputs, nor with the width of their partitions. */
class ManyInputsTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_122L);
    private static final int DISTINCT = 40;
    private static final int TIMES = 5;
    private static final int WIDE_KEY = 77;
    private static final int PARTITIONS = 4_000;
    private static final int ROWS_PER_PARTITION = 4;

    @TempDir
    Path temp;

    private final BitSet seen = new BitSet();

    @Test
    void twoHundredInputsAndAPartitionOfTwiceTheHeap() throws Exception {
        merge("-Xmx64m", 1_000, 128 << 20);
    }

    @Tag("nightly")
    @Test
    void twoHundredLargerInputsAndAPartitionOfTwiceAWorkersHeap() throws Exception {
        merge("-Xmx512m", 6_000, 1 << 30);
    }

    private void merge(String heap, int rowsEach, int wideBytes) throws Exception {
        CassandraRuntime.start();
        TableMetadata table = SSTableWriterTest.table("k int, c int, v blob, PRIMARY KEY (k, c)", "comment = ''");
        Random random = new Random(SEED);
        int wideRows = wideBytes / 2000;
        for (int i = 0; i < DISTINCT; i++) {
            write(table, i, rowsEach, i < 2 ? wideRows : 0, random);
        }

        Path log = temp.resolve("log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        "-XX:+UseSerialGC",
                        "-ea",
                        "-cp",
                        withoutCassandra(),
                        ManyInputs.class.getName(),
                        temp.toString(),
                        String.valueOf(TIMES),
                        String.valueOf(seen.cardinality() + wideRows)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(600, TimeUnit.SECONDS);
        process.destroyForcibly();

        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        try (Stream<Path> left = Files.list(temp.resolve("scratch"))) {
            assertThat(left).isEmpty();
        }
    }

    /** What a worker has on its class path, and these tests. */
    private static String withoutCassandra() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).getFileName().toString().contains("cassandra"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void write(TableMetadata table, int number, int rows, int wideRows, Random random) {
        EncodingStats stats = new EncodingStats(7, RandomWrites.NOW, 0);
        SSTableWriter writer = SSTables.writer(
                table,
                temp.resolve("in").resolve("sstable" + number),
                Replicas.VERSIONS[number % Replicas.VERSIONS.length],
                1,
                new SerializationHeader(true, table, table.regularAndStaticColumns(), stats),
                rows);
        List<DecoratedKey> keys = new ArrayList<>();
        for (int i = 0; i < rows / ROWS_PER_PARTITION; i++) {
            keys.add(key(WIDE_KEY + 1 + random.nextInt(PARTITIONS)));
        }
        if (wideRows > 0) {
            keys.add(key(WIDE_KEY));
        }
        for (DecoratedKey key : keys.stream().distinct().sorted().toList()) {
            int k = key.getKey().getInt(0);
            boolean wide = k == WIDE_KEY;
            if (!wide) {
                seen.set(k * ROWS_PER_PARTITION, (k + 1) * ROWS_PER_PARTITION);
            }
            try (UnfilteredRowIterator partition =
                    partition(table, key, wide ? wideRows : ROWS_PER_PARTITION, number, stats)) {
                writer.append(partition);
            }
        }
        writer.finish(false);
    }

    private static DecoratedKey key(int key) {
        return Murmur3Partitioner.instance.decorateKey(Int32Type.instance.decompose(key));
    }

    /** Values of some 2000 bytes that compress; every third is newer or older in each SSTable. */
    private static UnfilteredRowIterator partition(
            TableMetadata table, DecoratedKey key, int rows, int number, EncodingStats stats) {
        ColumnMetadata value = table.regularColumns().iterator().next();
        byte[] bytes = new byte[2000];
        return new AbstractUnfilteredRowIterator(
                table, key, DeletionTime.LIVE, table.regularAndStaticColumns(), Rows.EMPTY_STATIC_ROW, false, stats) {
            private int next;

            @Override
            protected Unfiltered computeNext() {
                if (next == rows) {
                    return endOfData();
                }
                ByteBuffer.wrap(bytes).putInt(next).putInt(next % 3 == 0 ? number : 0);
                Row.Builder row = BTreeRow.unsortedBuilder();
                row.newRow(Clustering.make(Int32Type.instance.decompose(next)));
                row.addCell(BufferCell.live(value, next % 3 == 0 ? 7 + number : 7, ByteBuffer.wrap(bytes.clone())));
                next++;
                return row.build();
            }
        };
    }
}
