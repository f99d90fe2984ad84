package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.cassandra.db.BufferClusteringBound;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.RangeTombstone;
import org.apache.cassandra.db.Slice;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.sstable.format.bti.PartitionIndex;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.io.util.FileHandle;
import org.apache.cassandra.io.util.SequentialWriter;
import org.apache.cassandra.io.util.SequentialWriterOption;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An index that is well formed, but says nothing of some partitions just behind a range's start. */
class IndexWithoutEntriesTest {
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());
    private static final int PARTITIONS = 40;

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void losesNoPartitions(String version) throws Throwable {
        for (String compression :
                List.of("{'enabled': 'false'}", "{'class': 'LZ4Compressor', 'chunk_length_in_kb': 4}")) {
            Random random = new Random(SEED);
            WrittenSSTable sstable = write(version, compression, random);
            for (int i = 0; i < 40; i++) {
                int from = 1 + random.nextInt(PARTITIONS - 4);
                int to = from + 1 + random.nextInt(2);
                long start = random.nextBoolean() ? sstable.token(from - 1) : sstable.token(from) - 1;
                TokenRange range = new TokenRange(
                        start,
                        random.nextInt(4) == 0
                                ? Long.MAX_VALUE
                                : sstable.token(from + random.nextInt(PARTITIONS - from)));
                String what = "seed " + SEED + ", " + i + ": " + version + compression + " " + range + " without "
                        + from + " to " + to;
                InputSSTable whole = sstable.input(TokenRanges.of(range));

                assertThat(sections(whole)).as(what).isEqualTo(sstable.sections(whole.ranges()));
                assertThatThrownBy(() -> sections(without(sstable, whole, from, to)))
                        .as(what)
                        .isInstanceOf(CorruptInputException.class)
                        .hasMessageContaining(whole.descriptor());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void aWidePartitionBeforeARangeIsNotReadWhole(String version) {
        CassandraRuntime.start();
        TableMetadata table = table("{'class': 'LZ4Compressor', 'chunk_length_in_kb': 16}");
        List<PartitionUpdate> rows = new ArrayList<>();
        for (int key = 0; key < 3; key++) {
            for (int i = 0; i < 4000; i++) {
                rows.add(FetchTest.clustered(table, key, i, 1000));
            }
        }
        WrittenSSTable sstable = WrittenSSTable.write(temp.resolve("in"), version, table, rows);
        InputSSTable input = sstable.input(TokenRanges.of(new TokenRange(sstable.token(0), sstable.token(1))));

        Scratch scratch = new Scratch(temp.resolve("scratch"), 1L << 30);
        try (FetchedInputs fetched = FetchedInputs.fetch(List.of(input), scratch, SynthesisProgress.NONE)) {
            long owned = sstable.position(2) - sstable.position(1);
            assertThat(owned).isGreaterThan(4_000_000);
            assertThat(fetched.meter().dataBytes()).isBetween(owned, owned + (200 << 10));
        }
    }

    private static TableMetadata table(String compression) {
        return SSTableWriterTest.table("k int, c int, v blob, PRIMARY KEY (k, c)", "compression = " + compression);
    }

    /** Every fifth partition, at random, has a row index. */
    private WrittenSSTable write(String version, String compression, Random random) {
        CassandraRuntime.start();
        TableMetadata table = table(compression);
        List<PartitionUpdate> updates = new ArrayList<>();
        for (int key = 0; key < PARTITIONS; key++) {
            boolean wide = random.nextInt(5) == 0;
            int rows = wide ? 200 + random.nextInt(300) : 1 + random.nextInt(10);
            for (int i = 0; i < rows; i++) {
                updates.add(FetchTest.clustered(table, key, i, wide ? random.nextInt(3000) : random.nextInt(200)));
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                updates.add(tombstone(table, key, random.nextInt(rows), rows - random.nextInt(2)));
            }
        }
        return WrittenSSTable.write(temp.resolve("in" + compression.length() + version), version, table, updates);
    }

    private static PartitionUpdate tombstone(TableMetadata table, int key, int from, int to) {
        PartitionUpdate.Builder update = new PartitionUpdate.Builder(
                table,
                table.partitioner.decorateKey(Int32Type.instance.decompose(key)),
                table.regularAndStaticColumns(),
                0);
        update.add(new RangeTombstone(
                Slice.make(
                        BufferClusteringBound.inclusiveStartOf(Int32Type.instance.decompose(from)),
                        BufferClusteringBound.inclusiveEndOf(Int32Type.instance.decompose(to))),
                DeletionTime.build(3, RandomWrites.NOW)));
        return update.build();
    }

    private List<List<Long>> sections(InputSSTable input) {
        Scratch scratch = new Scratch(temp.resolve("scratch"), 1L << 30);
        try (FetchedInputs fetched = FetchedInputs.fetch(List.of(input), scratch, SynthesisProgress.NONE)) {
            return fetched.inputs().stream()
                    .flatMap(one -> one.sections().stream())
                    .map(section -> List.of(section.start(), section.end()))
                    .toList();
        }
    }

    private InputSSTable without(WrittenSSTable sstable, InputSSTable whole, int from, int to) throws Throwable {
        if (whole.components().containsKey(Components.PARTITIONS)) {
            return DamagedSource.replace(whole, Components.PARTITIONS, new FileSource(trie(sstable, whole, from, to)));
        }
        byte[] index = bytes(DamagedSource.source(whole, Components.INDEX));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0, i = 0; at < index.length; i++) {
            int start = at;
            at += 2 + VInts.unsignedShort(index, at);
            at += VInts.length(index, at);
            long promoted = VInts.unsigned(index, at);
            at += VInts.length(index, at) + (int) promoted;
            if (i < from || i >= to) {
                out.write(index, start, at - start);
            }
        }
        Path file = temp.resolve("Index.db");
        Files.write(file, out.toByteArray());
        return DamagedSource.remove(
                DamagedSource.replace(whole, Components.INDEX, new FileSource(file)), Components.SUMMARY);
    }

    /** By Cassandra's own builder of tries, which only its package may use. */
    private Path trie(WrittenSSTable sstable, InputSSTable whole, int from, int to) throws Throwable {
        List<Long> positions = new ArrayList<>();
        Path original = ((FileSource) DamagedSource.source(whole, Components.PARTITIONS)).file();
        try (PartitionIndex index = PartitionIndex.load(
                        new FileHandle.Builder(new File(original)), sstable.table().partitioner, false);
                Positions all = new Positions(index)) {
            all.addTo(positions);
        }
        assertThat(positions).hasSize(sstable.partitions());
        Path file = temp.resolve("Partitions.db");
        try (SequentialWriter out = new SequentialWriter(
                new File(file),
                SequentialWriterOption.newBuilder().finishOnClose(true).build())) {
            Class<?> type = Class.forName("org.apache.cassandra.io.sstable.format.bti.PartitionIndexBuilder");
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
            Object builder = lookup.findConstructor(
                            type, MethodType.methodType(void.class, SequentialWriter.class, FileHandle.Builder.class))
                    .invoke(out, new FileHandle.Builder(new File(file)));
            MethodHandle add = lookup.findVirtual(
                    type, "addEntry", MethodType.methodType(void.class, DecoratedKey.class, long.class));
            for (int i = 0; i < positions.size(); i++) {
                if (i < from || i >= to) {
                    add.invoke(builder, key(sstable, i), (long) positions.get(i));
                }
            }
            lookup.findVirtual(type, "complete", MethodType.methodType(long.class))
                    .invoke(builder);
        }
        return file;
    }

    private static final class Positions extends PartitionIndex.IndexPosIterator {
        Positions(PartitionIndex index) {
            super(index);
        }

        void addTo(List<Long> positions) throws IOException {
            for (long next = nextIndexPos(); next != PartitionIndex.NOT_FOUND; next = nextIndexPos()) {
                positions.add(next);
            }
        }
    }

    private static DecoratedKey key(WrittenSSTable sstable, int partition) {
        long at = sstable.position(partition);
        return sstable.table().partitioner.decorateKey(ByteBuffer.wrap(sstable.content(at + 2, at + 6)));
    }

    private static byte[] bytes(ByteSource source) throws IOException {
        byte[] out = new byte[Math.toIntExact(source.sizeBytes())];
        source.read(0, out, 0, out.length);
        return out;
    }
}
