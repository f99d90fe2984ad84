package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.bytes.Window;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.sstable.read.DecodedStatistics;
import dev.hindsight.codec.sstable.read.IndexCheck;
import dev.hindsight.codec.sstable.read.StatisticsReader;
import dev.hindsight.codec.sstable.read.StoredBytes;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.fetch.FetchedInput;
import dev.hindsight.synthesis.fetch.FetchedInputs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.sstable.format.SSTableFormat;
import org.apache.cassandra.io.sstable.format.StatsComponent;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.MurmurHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reading side of codec and synthesis against Cassandra's own readers, on random SSTables of its own writers. */
class ReadingTest {
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());

    @TempDir
    Path temp;

    private int written;

    private WrittenSSTable write(String version, Schemas schema, String compression, long seed, int partitions) {
        return WrittenSSTable.write(
                temp.resolve("in" + written++), version, schema, compression, seed, partitions, 12 * partitions);
    }

    @ParameterizedTest
    @EnumSource
    void statisticsAreWhatCassandraReads(Schemas schema) throws IOException {
        for (String version : Replicas.VERSIONS) {
            for (int partitions : new int[] {1, 40}) {
                WrittenSSTable sstable = write(version, schema, "", SEED, partitions);
                Path file = sstable.descriptor()
                        .fileFor(SSTableFormat.Components.STATS)
                        .toPath();

                DecodedStatistics ours = StatisticsReader.read(
                        Files.readAllBytes(file),
                        SSTableVersion.find(file.getFileName().toString().replace("-" + Components.STATISTICS, ""))
                                .orElseThrow());

                StatsComponent theirs = StatsComponent.load(sstable.descriptor());
                assertThat(ours).as("seed %d, %s", SEED, version).isEqualTo(CassandraStatistics.of(theirs, version));
                assertThat(ours.cardinality().orElseThrow().estimator().cardinality())
                        .isEqualTo(
                                theirs.compactionMetadata().cardinalityEstimator.cardinality());
                assertThat(ours.contents().partitions()).isEqualTo(sstable.partitions());
                RowHeader header = ours.rowHeader();
                assertThat(header.keyType().className()).isEqualTo(ours.header().keyType());
                assertThat(header.regulars()).hasSameSizeAs(ours.header().regulars());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void sectionsAndBytesAreThoseOfAWholeScan(String version) {
        Random random = new Random(SEED);
        for (String compression : WrittenSSTable.COMPRESSIONS) {
            Schemas schema = Schemas.values()[random.nextInt(Schemas.values().length)];
            WrittenSSTable sstable = write(version, schema, compression, random.nextLong(), 1 + random.nextInt(400));
            for (int i = 0; i < 20; i++) {
                TokenRanges ranges = i == 0 ? TokenRanges.FULL : sstable.randomRanges(random);
                String what = "seed " + SEED + ", " + version + compression + " of " + schema + ", " + ranges;

                check(sstable, sstable.input(ranges), random, what);
            }
        }
    }

    private void check(WrittenSSTable sstable, InputSSTable given, Random random, String what) {
        InputSSTable input = given;
        if (random.nextBoolean()) {
            input = DamagedSource.replace(
                    given,
                    Components.DATA,
                    new InPlace(DamagedSource.source(given, Components.DATA), Replicas.data(sstable.descriptor())));
        }
        Scratch scratch = new Scratch(temp.resolve("scratch"), 1L << 30);
        List<List<Long>> expected = sstable.sections(input.ranges());
        try (FetchedInputs fetched = FetchedInputs.fetch(List.of(input), scratch, SynthesisProgress.NONE)) {
            assertThat(fetched.inputs()).as(what).hasSize(expected.isEmpty() ? 0 : 1);
            for (FetchedInput one : fetched.inputs()) {
                assertThat(one.dataFile().startsWith(temp.resolve("scratch")))
                        .isEqualTo(!(input.components().get(Components.DATA) instanceof InPlace));
                List<List<Long>> found = new ArrayList<>();
                one.sections().forEach(section -> found.add(List.of(section.start(), section.end())));
                assertThat(found).as(what).isEqualTo(expected);
                Window window = one.window(random.nextInt(100_000), new StoredBytes());
                for (List<Long> section : expected) {
                    assertThat(window.nextSection()).isTrue();
                    assertThat(window.filePosition()).isEqualTo(section.get(0));
                    assertThat(drain(window, random))
                            .as(what)
                            .isEqualTo(sstable.content(section.get(0), section.get(1)));
                    assertThatThrownBy(() -> window.require(1)).isInstanceOf(MalformedException.class);
                }
                assertThat(window.nextSection()).isFalse();
            }
        }
        scratch.reserve(scratch.limitBytes());
    }

    private static byte[] drain(Window window, Random random) {
        byte[] out = new byte[1 << 16];
        int length = 0;
        while (window.hasMore()) {
            int count = Math.max(1, window.limit - window.position + random.nextInt(40_000) - 20_000);
            try {
                window.require(count);
            } catch (MalformedException e) {
                count = 1;
                window.require(count);
            }
            int taken = 1 + random.nextInt(window.limit - window.position);
            if (length + taken > out.length) {
                out = Arrays.copyOf(out, 2 * (length + taken));
            }
            System.arraycopy(window.bytes, window.position, out, length, taken);
            window.position += taken;
            length += taken;
        }
        return Arrays.copyOf(out, length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void aSummaryIsOnlyAHint(String version) {
        WrittenSSTable sstable = write(version, Schemas.PLAIN, "", SEED, 1000);
        WrittenSSTable other = write(version, Schemas.PLAIN, "", ~SEED, 700);
        Random random = new Random(SEED);
        InputSSTable without = DamagedSource.remove(sstable.input(TokenRanges.FULL), Components.SUMMARY);
        for (int i = 0; i < 10; i++) {
            TokenRanges ranges = sstable.randomRanges(random);
            InputSSTable input = new InputSSTable(without.origin(), without.descriptor(), without.components(), ranges);
            check(sstable, input, random, "seed " + SEED);
            if (version.equals("oa")) {
                InputSSTable foreign = DamagedSource.replace(
                        input, Components.SUMMARY, DamagedSource.source(other.input(ranges), Components.SUMMARY));
                check(sstable, foreign, random, "seed " + SEED + ", foreign summary");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void theIndexOfAWholeSSTableAgreesWithItsData(String version) {
        WrittenSSTable sstable = write(version, Schemas.COMPOSITE, "", SEED, 600);
        try (FetchedInputs fetched = FetchedInputs.fetch(
                List.of(sstable.input(TokenRanges.FULL)),
                new Scratch(temp.resolve("scratch"), 1L << 30),
                SynthesisProgress.NONE)) {
            IndexCheck check = new IndexCheck(fetched.inputs().get(0).openIndex());
            for (int i = 0; i < sstable.partitions(); i++) {
                check.partition(sstable.token(i), sstable.position(i));
            }
            check.end();
            IndexCheck wrong = new IndexCheck(fetched.inputs().get(0).openIndex());
            assertThatThrownBy(() -> {
                        for (int i = 0; i < sstable.partitions(); i++) {
                            if (i != sstable.partitions() / 2) {
                                wrong.partition(sstable.token(i), sstable.position(i));
                            }
                        }
                    })
                    .isInstanceOf(MalformedException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void manyAndWidePartitionsAreFoundToo(String version) {
        CassandraRuntime.start();
        Random random = new Random(SEED);
        TableMetadata plain = TableSchemas.parse(Schemas.PLAIN.definition());
        TableMetadata clustered = TableSchemas.parse(Schemas.UNCOMPRESSED.definition());
        List<PartitionUpdate> many = new ArrayList<>();
        for (int i = 0; i < 30_000; i++) {
            many.add(FetchTest.row(plain, random.nextInt(), 1 + random.nextInt(20)));
        }
        List<PartitionUpdate> wide = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            wide.add(FetchTest.clustered(clustered, random.nextInt(60), i, random.nextInt(3000)));
        }
        for (WrittenSSTable sstable : List.of(
                WrittenSSTable.write(temp.resolve("many"), version, plain, many),
                WrittenSSTable.write(temp.resolve("wide"), version, clustered, wide))) {
            for (int i = 0; i < 60; i++) {
                TokenRanges ranges = sstable.randomRanges(random);
                check(sstable, sstable.input(ranges), random, "seed " + SEED + ", " + version + ", " + ranges);
            }
        }
    }

    @Test
    void onlyTheEndsOfARangeAreLookedUpInABigIndex() {
        CassandraRuntime.start();
        TableMetadata table = TableSchemas.parse(Schemas.PLAIN.definition());
        List<PartitionUpdate> rows = new ArrayList<>();
        for (int i = 0; i < 40_000; i++) {
            rows.add(FetchTest.row(table, i, 1));
        }
        WrittenSSTable sstable = WrittenSSTable.write(temp, "oa", table, rows);
        InputSSTable whole = sstable.input(TokenRanges.FULL);
        long index = DamagedSource.source(whole, Components.INDEX).sizeBytes();
        long[] read = new long[1];
        InputSSTable narrow = sstable.input(TokenRanges.of(new TokenRange(0, 1L << 58)));
        try (FetchedInputs fetched = FetchedInputs.fetch(
                List.of(DamagedSource.replace(
                        narrow,
                        Components.INDEX,
                        new CountingSource(DamagedSource.source(narrow, Components.INDEX), read))),
                new Scratch(temp.resolve("scratch"), 1L << 30),
                SynthesisProgress.NONE)) {
            assertThat(fetched.inputs()).hasSize(1);
        }
        assertThat(index).isGreaterThan(300_000);
        assertThat(read[0]).isBetween(1L, 2L * (128 << 10));
    }

    private record InPlace(ByteSource source, Path path) implements ByteSource {
        @Override
        public String name() {
            return source.name();
        }

        @Override
        public long sizeBytes() {
            return source.sizeBytes();
        }

        @Override
        public Optional<Path> localFile() {
            return Optional.of(path);
        }

        @Override
        public void read(long position, byte[] into, int offset, int length) {
            if (length > 0) {
                throw new IllegalStateException("read past the file");
            }
        }
    }

    private record CountingSource(ByteSource source, long[] read) implements ByteSource {
        @Override
        public String name() {
            return source.name();
        }

        @Override
        public long sizeBytes() {
            return source.sizeBytes();
        }

        @Override
        public void read(long position, byte[] into, int offset, int length) {
            read[0] += length;
            source.read(position, into, offset, length);
        }
    }

    @Test
    void tokensAndHashesAreCassandras() {
        Random random = new Random(SEED);
        long[] theirs = new long[2];
        long[] second = new long[1];
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[random.nextInt(70)];
            random.nextBytes(key);
            int at = key.length == 0 ? 0 : random.nextInt(key.length);
            int length = key.length - at;
            ByteBuffer view = ByteBuffer.wrap(key, at, length);
            MurmurHash.hash3_x64_128(view, at, length, 0, theirs);

            assertThat(Tokens.hash(key, at, length, second)).isEqualTo(theirs[0]);
            assertThat(second[0]).isEqualTo(theirs[1]);
            assertThat(Tokens.of(key, at, length))
                    .isEqualTo(Murmur3Partitioner.instance.getToken(view).getLongValue());
        }
    }
}
