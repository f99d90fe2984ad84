package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.cassandra.db.BufferClustering;
import org.apache.cassandra.db.BufferClusteringBound;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.RangeTombstone;
import org.apache.cassandra.db.Slice;
import org.apache.cassandra.db.Slices;
import org.apache.cassandra.db.filter.ColumnFilter;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.SSTableReadsListener;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The row index of wide partitions. */
class RowIndexTest {
    private static final long SEED = Long.getLong("test.seed", 65_536);

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa"})
    void isWhatCassandraWritesAndFindsEverySlice(String version) {
        CassandraRuntime.start();
        TableMetadata table = SSTableWriterTest.table(
                "k int, c text, d int, s text static, v blob, PRIMARY KEY (k, c, d)",
                "CLUSTERING ORDER BY (c DESC, d ASC)");
        Random random = new Random(SEED);
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int key = 0; key < 12; key++) {
            int rows = random.nextInt(key % 3 == 0 ? 40 : 1500);
            updates.add(partition(table, key, rows, random.nextInt(900), 12, random));
        }
        WrittenPair pair = write(table, version, updates);

        pair.assertSame("seed " + SEED);
        SSTableReader ours = SSTables.open(table, Replicas.data(pair.ours));
        SSTableReader whole = SSTables.open(table, Replicas.data(pair.theirs));
        try {
            for (int i = 0; i < 400; i++) {
                DecoratedKey key = table.partitioner.decorateKey(Int32Type.instance.decompose(random.nextInt(12)));
                Slices slices = Slices.with(table.comparator, slice(table, random));
                boolean reversed = random.nextBoolean();
                assertThat(read(ours, key, slices, reversed))
                        .as("seed %d slice %d", SEED, i)
                        .isEqualTo(read(whole, key, slices, reversed));
            }
        } finally {
            ours.selfRef().release();
            whole.selfRef().release();
        }
    }

    /** Each block's entry holds two clusterings of 30 KB, so that the entries of these do not fit in memory. */
    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa"})
    void goesThroughATemporaryFileWhenItIsLarge(String version) {
        CassandraRuntime.start();
        TableMetadata table = SSTableWriterTest.table(
                "k int, c text, d int, s text static, v blob, PRIMARY KEY (k, c, d)",
                "CLUSTERING ORDER BY (c DESC, d ASC)");
        Random random = new Random(SEED);
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int key = 0; key < 4; key++) {
            updates.add(partition(table, key, key % 2 == 0 ? 160 : 20, 30, 30_000, random));
        }

        WrittenPair pair = write(table, version, updates);

        pair.assertSame("seed " + SEED);
        assertThat(pair.written.components())
                .filteredOn(component -> component.path().toString().endsWith("-Index.db"))
                .singleElement()
                .satisfies(index -> assertThat(index.bytes()).isGreaterThan(3 << 20));
    }

    private WrittenPair write(TableMetadata table, String version, List<PartitionUpdate> updates) {
        Descriptor flushed = SSTables.flush(table, temp.resolve("flushed"), "oa", 1, updates);
        return SSTableWriterTest.rewrite(table, temp, version, flushed, updates.size());
    }

    private static PartitionUpdate partition(
            TableMetadata table, int key, int rows, int valueBytes, int clusteringBytes, Random random) {
        PartitionUpdate.Builder update = new PartitionUpdate.Builder(
                table,
                table.partitioner.decorateKey(Int32Type.instance.decompose(key)),
                table.regularAndStaticColumns(),
                rows);
        if (random.nextInt(3) == 0) {
            update.addPartitionDeletion(DeletionTime.build(3, RandomWrites.NOW));
        }
        if (random.nextBoolean()) {
            Row.Builder row = BTreeRow.unsortedBuilder();
            row.newRow(Clustering.STATIC_CLUSTERING);
            row.addCell(BufferCell.live(
                    table.getColumn(ByteBufferUtil.bytes("s")), 7, ByteBufferUtil.bytes("static" + key)));
            update.add(row.build());
        }
        ColumnMetadata value = table.getColumn(ByteBufferUtil.bytes("v"));
        for (int i = 0; i < rows; i++) {
            Row.Builder row = BTreeRow.unsortedBuilder();
            row.newRow(BufferClustering.make(text(random, clusteringBytes), Int32Type.instance.decompose(i)));
            byte[] bytes = new byte[random.nextInt(valueBytes + 1)];
            random.nextBytes(bytes);
            row.addCell(BufferCell.live(value, 5 + random.nextInt(9), ByteBuffer.wrap(bytes)));
            update.add(row.build());
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            DeletionTime deletion = DeletionTime.build(4 + random.nextInt(9), RandomWrites.NOW + random.nextInt(1000));
            update.add(new RangeTombstone(slice(table, random), deletion));
        }
        return update.build();
    }

    private static ByteBuffer text(Random random, int bytes) {
        return UTF8Type.instance.decompose(
                Integer.toString(random.nextInt(46_656), 36) + "x".repeat(Math.max(0, bytes - 3)));
    }

    private static Slice slice(TableMetadata table, Random random) {
        ByteBuffer[] one = {text(random, 0)};
        ByteBuffer[] other = {text(random, 0)};
        if (table.comparator.compare(
                        BufferClusteringBound.inclusiveStartOf(one), BufferClusteringBound.inclusiveEndOf(other))
                > 0) {
            ByteBuffer[] swap = one;
            one = other;
            other = swap;
        }
        return Slice.make(
                random.nextBoolean()
                        ? BufferClusteringBound.inclusiveStartOf(one)
                        : BufferClusteringBound.inclusiveStartOf(
                                one[0], Int32Type.instance.decompose(random.nextInt(9))),
                random.nextBoolean()
                        ? BufferClusteringBound.inclusiveEndOf(other)
                        : BufferClusteringBound.exclusiveEndOf(other));
    }

    private static List<String> read(SSTableReader reader, DecoratedKey key, Slices slices, boolean reversed) {
        List<String> out = new ArrayList<>();
        try (UnfilteredRowIterator partition = reader.rowIterator(
                key, slices, ColumnFilter.all(reader.metadata()), reversed, SSTableReadsListener.NOOP_LISTENER)) {
            SSTables.dump(partition, out);
        }
        return out;
    }
}
