package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.sstable.write.SSTableWriter;
import dev.hindsight.codec.sstable.write.SSTableWriterOptions;
import dev.hindsight.codec.sstable.write.WriteListener;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.TableDefinition;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.cassandra.db.BufferClustering;
import org.apache.cassandra.db.BufferClusteringBound;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.RangeTombstone;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.Slice;
import org.apache.cassandra.db.marshal.DecimalType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.ISSTableScanner;
import org.apache.cassandra.io.sstable.IVerifier;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.sstable.format.SSTableReaderWithFilter;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.io.util.FileInputStreamPlus;
import org.apache.cassandra.schema.TableId;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.TableMetadataRef;
import org.apache.cassandra.utils.BloomFilterSerializer;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.apache.cassandra.utils.IFilter;
import org.apache.cassandra.utils.OutputHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SSTables of module codec's writer against those that Cassandra's own writer makes of the same partitions. */
class SSTableWriterTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_117);

    private static final List<String> VERSIONS = List.of("nb", "oa");

    @TempDir
    Path temp;

    @ParameterizedTest
    @EnumSource
    void writesByteByByteWhatCassandraWrites(Schemas schema) {
        CassandraRuntime.start();
        TableMetadata table = TableSchemas.parse(schema.definition());
        for (String version : VERSIONS) {
            Random random = new Random(SEED + schema.ordinal());
            for (int round = 0; round < 4; round++) {
                Path directory = temp.resolve(version + round);
                Descriptor flushed =
                        flush(table, directory, random.nextLong(), 1 + random.nextInt(400), 1 + random.nextInt(3000));

                WrittenPair pair = rewrite(table, directory, version, flushed, 1 + random.nextInt(1000));

                pair.assertSame("seed " + SEED + " round " + round + " of " + version);
                assertThat(SSTables.dump(table, Replicas.data(pair.ours)))
                        .isEqualTo(SSTables.dump(table, Replicas.data(flushed)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': 4}",
                "compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': 1, 'min_compress_ratio': 2}",
                "compression = {'class': 'LZ4Compressor', 'min_compress_ratio': 1.1}",
                "compression = {'class': 'LZ4Compressor', 'lz4_compressor_type': 'high',"
                        + " 'lz4_high_compressor_level': 12}",
                "compression = {'class': 'ZstdCompressor'}",
                "compression = {'class': 'ZstdCompressor', 'compression_level': -3, 'chunk_length_in_kb': 64}",
                "compression = {'class': 'SnappyCompressor', 'min_compress_ratio': 1.4}",
                "compression = {'class': 'DeflateCompressor', 'chunk_length_in_kb': 32}",
                "compression = {'class': 'NoopCompressor'}",
                "bloom_filter_fp_chance = 1.0",
                "bloom_filter_fp_chance = 0.5",
                "bloom_filter_fp_chance = 0.1 AND min_index_interval = 1",
                "bloom_filter_fp_chance = 0.0001 AND min_index_interval = 7",
            })
    void obeysTheTablesOptions(String options) {
        CassandraRuntime.start();
        TableMetadata table = table("k blob, c text, v text, w blob, PRIMARY KEY (k, c)", options);
        for (String version : VERSIONS) {
            Path directory = temp.resolve(version);
            Descriptor flushed = flush(table, directory, SEED, 700, 3000);

            WrittenPair pair = rewrite(table, directory, version, flushed, 700);

            pair.assertSame("seed " + SEED + " " + options + " " + version);
            assertThat(SSTables.dump(table, Replicas.data(pair.ours)))
                    .isEqualTo(SSTables.dump(table, Replicas.data(flushed)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void passesCassandrasExtendedVerification(Schemas schema) throws Exception {
        CassandraRuntime.start();
        // An id of its own: the schema, which is one per process, also holds this table in another test's keyspace.
        TableMetadata table = TableSchemas.parse(schema.definition("KsVerified"))
                .unbuild()
                .id(TableId.fromUUID(new UUID(0x2000, schema.ordinal())))
                .build();
        for (String version : VERSIONS) {
            Path directory = temp.resolve(version);
            WrittenPair pair = rewrite(table, directory, version, flush(table, directory, SEED, 200, 2000), 200);

            SSTableReader reader =
                    SSTableReader.open(null, pair.ours, null, TableMetadataRef.forOfflineTools(table), true, false);
            try (IVerifier verifier = reader.getVerifier(
                    CassandraCompaction.store(table),
                    new OutputHandler.LogOutput(),
                    true,
                    IVerifier.options()
                            .extendedVerification(true)
                            .checkVersion(false)
                            .build())) {
                verifier.verify();
            } finally {
                reader.selfRef().release();
            }
            assertThat(pair.written.files())
                    .allSatisfy(file -> assertThat(file).exists())
                    .last()
                    .asString()
                    .endsWith("-TOC.txt");
        }
    }

    @Test
    void filterFindsEveryKeyAndFewOthers() {
        CassandraRuntime.start();
        TableMetadata table = table("k int PRIMARY KEY, v text", "bloom_filter_fp_chance = 0.01");
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int key = 0; key < 20_000; key++) {
            updates.add(rows(table, key, 1, new Random(key)));
        }
        Descriptor flushed = SSTables.flush(table, temp.resolve("flushed"), "oa", 1, updates);

        WrittenPair pair = rewrite(table, temp, "oa", flushed, 20_000);

        pair.assertSame("20,000 partitions");
        assertThat(pair.written.partitions()).isEqualTo(20_000);
        assertThat(pair.written.rows()).isEqualTo(20_000);
        SSTableReader reader =
                SSTableReader.open(null, pair.ours, null, TableMetadataRef.forOfflineTools(table), true, false);
        try {
            assertThat(((SSTableReaderWithFilter) reader).getFilterOffHeapSize())
                    .isPositive();
            int falsePositives = 0;
            for (int key = 0; key < 40_000; key++) {
                DecoratedKey decorated = table.partitioner.decorateKey(Int32Type.instance.decompose(key));
                boolean maybe = reader.mayContainAssumingKeyIsInRange(decorated);
                assertThat(maybe || key >= 20_000).as("key %d", key).isTrue();
                falsePositives += maybe && key >= 20_000 ? 1 : 0;
            }
            assertThat(falsePositives).isBetween(50, 300);
        } finally {
            reader.selfRef().release();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.9", "0.1", "0.01", "0.0001"})
    void filterIsBoundedWhateverIsExpected(String rate) throws Exception {
        CassandraRuntime.start();
        TableMetadata table = table("k int PRIMARY KEY, v text", "bloom_filter_fp_chance = " + rate);
        Descriptor flushed =
                SSTables.flush(table, temp.resolve("flushed"), "oa", 1, List.of(rows(table, 1, 1, new Random(1))));
        SSTableReader from = SSTables.open(table, Replicas.data(flushed));
        SerializationHeader header = from.header;
        SSTableWriterOptions options =
                WrittenPair.options(table, temp.resolve("ours"), "oa", header, Long.MAX_VALUE, WriteListener.NONE);
        try (SSTableWriter writer = new SSTableWriter(options);
                ISSTableScanner scanner = from.getScanner();
                UnfilteredRowIterator partition = scanner.next()) {
            new Reencoding(header, flushed.version, writer).append(partition);
            assertThat(writer.isFull()).isFalse();
            writer.finish();
        } finally {
            from.selfRef().release();
        }

        Path filter = temp.resolve("ours").resolve("oa-1-big-Filter.db");
        assertThat(Files.size(filter)).isBetween(60L << 20, 8 + (64L << 20));
        assertThat(SSTables.dump(table, temp.resolve("ours").resolve("oa-1-big-Data.db")))
                .isEqualTo(SSTables.dump(table, Replicas.data(flushed)));
        try (FileInputStreamPlus in = new FileInputStreamPlus(new File(filter));
                IFilter opened = BloomFilterSerializer.forVersion(false).deserialize(in)) {
            assertThat(opened.isPresent(table.partitioner.decorateKey(Int32Type.instance.decompose(1))))
                    .isTrue();
        }
    }

    /** More times than are gathered at once, and more than the histogram has points, over most of what is possible. */
    @Test
    void makesTheSameHistogramOfManyDeletionTimes() {
        CassandraRuntime.start();
        TableMetadata table = table("k int, c int, v text, PRIMARY KEY (k, c)", "gc_grace_seconds = 5");
        Random random = new Random(SEED);
        for (String version : VERSIONS) {
            long end = version.equals("nb") ? Integer.MAX_VALUE - 1 : 0xfffffff0L;
            PartitionUpdate.Builder update = new PartitionUpdate.Builder(
                    table,
                    table.partitioner.decorateKey(Int32Type.instance.decompose(1)),
                    table.regularAndStaticColumns(),
                    1);
            for (int c = 0; c < 30_000; c++) {
                Row.Builder row = BTreeRow.unsortedBuilder();
                row.newRow(BufferClustering.make(Int32Type.instance.decompose(c)));
                long time = RandomWrites.NOW
                        + (random.nextInt(9) == 0 ? 0 : (long) (random.nextDouble() * (end - RandomWrites.NOW)));
                row.addRowDeletion(Row.Deletion.regular(DeletionTime.build(5, time)));
                update.add(row.build());
            }
            Descriptor flushed = SSTables.flush(table, temp.resolve(version), "oa", 1, List.of(update.build()));

            WrittenPair pair = rewrite(table, temp.resolve(version), version, flushed, 1);

            pair.assertSame("seed " + SEED + " " + version);
        }
    }

    /** More than the 32 values that share a header, empty ones, values that are equal but not the same, bounds of prefixes. */
    @Test
    void codesClusteringsOfManyColumns() {
        CassandraRuntime.start();
        String columns = IntStream.range(0, 70)
                .mapToObj(i -> "c" + i + (i % 3 == 0 ? " text" : i % 3 == 1 ? " decimal" : " int"))
                .collect(Collectors.joining(", "));
        String keys = IntStream.range(0, 70).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        TableMetadata table =
                table("k int, " + columns + ", v text, PRIMARY KEY (k, " + keys + ")", "gc_grace_seconds = 5");
        Random random = new Random(SEED);
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int key = 0; key < 60; key++) {
            PartitionUpdate.Builder update = new PartitionUpdate.Builder(
                    table,
                    table.partitioner.decorateKey(Int32Type.instance.decompose(key)),
                    table.regularAndStaticColumns(),
                    3);
            for (int i = random.nextInt(3); i >= 0; i--) {
                if (random.nextInt(3) == 0) {
                    ByteBuffer[] prefix = values(1 + random.nextInt(70), random);
                    Slice slice = Slice.make(
                            BufferClusteringBound.inclusiveStartOf(prefix),
                            BufferClusteringBound.inclusiveEndOf(prefix));
                    update.add(new RangeTombstone(slice, DeletionTime.build(i, RandomWrites.NOW)));
                } else {
                    Row.Builder row = BTreeRow.unsortedBuilder();
                    row.newRow(BufferClustering.make(values(70, random)));
                    row.addPrimaryKeyLivenessInfo(LivenessInfo.create(7, RandomWrites.NOW));
                    update.add(row.build());
                }
            }
            updates.add(update.build());
        }
        Descriptor flushed = SSTables.flush(table, temp.resolve("flushed"), "oa", 1, updates);

        for (String version : VERSIONS) {
            rewrite(table, temp.resolve(version), version, flushed, 60).assertSame("seed " + SEED + " " + version);
        }
    }

    /** Almost all the same, so that order is decided late; 1.0 and 1.00 are equal. */
    private static ByteBuffer[] values(int count, Random random) {
        ByteBuffer[] values = new ByteBuffer[count];
        for (int i = 0; i < count; i++) {
            boolean other = random.nextInt(30) == 0;
            values[i] = switch (i % 3) {
                case 0 -> UTF8Type.instance.decompose(other ? "" : "same");
                case 1 -> DecimalType.instance.decompose(new BigDecimal(other ? "1.00" : "1.0"));
                default -> other ? ByteBufferUtil.EMPTY_BYTE_BUFFER : Int32Type.instance.decompose(5);
            };
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void writesPartitionsWithoutRows(boolean deleted) {
        CassandraRuntime.start();
        TableMetadata table = table("k int, c int, s text static, v text, PRIMARY KEY (k, c)", "gc_grace_seconds = 5");
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int key = 0; key < 5; key++) {
            DecoratedKey decorated = table.partitioner.decorateKey(Int32Type.instance.decompose(key));
            if (deleted) {
                updates.add(PartitionUpdate.fullPartitionDelete(table, decorated, 7, RandomWrites.NOW));
                continue;
            }
            Row.Builder row = BTreeRow.unsortedBuilder();
            row.newRow(Clustering.STATIC_CLUSTERING);
            row.addCell(BufferCell.live(table.getColumn(ByteBufferUtil.bytes("s")), 7, ByteBufferUtil.bytes("only")));
            updates.add(PartitionUpdate.singleRowUpdate(table, decorated, row.build()));
        }
        Descriptor flushed = SSTables.flush(table, temp.resolve("flushed"), "oa", 1, updates);

        for (String version : VERSIONS) {
            rewrite(table, temp.resolve(version), version, flushed, 5).assertSame(version);
        }
    }

    static TableMetadata table(String columns, String options) {
        return TableSchemas.parse(new TableDefinition(
                new TableName("ks", "t"),
                List.of(),
                "CREATE TABLE ks.t (" + columns + ") WITH ID = 5bc52802-de25-35ed-aeab-188eecebb0aa AND " + options
                        + ";\n"));
    }

    private static PartitionUpdate rows(TableMetadata table, int key, int rows, Random random) {
        PartitionUpdate.SimpleBuilder builder = PartitionUpdate.simpleBuilder(table, key);
        builder.timestamp(1_700_000_000_000_000L + random.nextInt(1000)).nowInSec(RandomWrites.NOW);
        for (int i = 0; i < rows; i++) {
            builder.row().add("v", Long.toString(random.nextLong(), 36));
        }
        return builder.build();
    }

    static Descriptor flush(TableMetadata table, Path directory, long seed, int partitions, int writes) {
        RandomWrites random = new RandomWrites(table, seed, partitions);
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int i = 0; i < writes; i++) {
            updates.add(random.next());
        }
        return SSTables.flush(table, directory.resolve("flushed"), "oa", 1, updates);
    }

    static WrittenPair rewrite(TableMetadata table, Path directory, String version, Descriptor from, long keys) {
        SSTableReader reader = SSTables.open(table, Replicas.data(from));
        try {
            return WrittenPair.write(table, directory, version, reader.header, keys, to -> {
                try (ISSTableScanner scanner = reader.getScanner()) {
                    while (scanner.hasNext()) {
                        try (UnfilteredRowIterator partition = scanner.next()) {
                            to.accept(partition);
                        }
                    }
                }
            });
        } finally {
            reader.selfRef().release();
        }
    }
}
