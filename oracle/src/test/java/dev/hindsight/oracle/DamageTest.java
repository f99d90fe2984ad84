package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.Scratch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DamageTest {
    private static final long SEED = Long.getLong("test.seed", 4711);

    /** Not read, or only by inspection. */
    private static final List<String> UNUSED = List.of("Filter.db", "TOC.txt", "Digest.crc32");

    private static final TokenRanges MIDDLE = TokenRanges.of(new TokenRange(-1L << 61, 1L << 62));

    @TempDir
    Path temp;

    private Replicas replicas;

    @BeforeEach
    void open() {
        replicas = new Replicas(temp, Schemas.PLAIN.definition());
    }

    @ParameterizedTest
    @CsvSource({"nb,COMPOSITE", "oa,UNCOMPRESSED", "da,COLLECTIONS"})
    void aFlippedBitIsNamedOrChangesNothing(String version, Schemas schema) {
        flip(version, schema, 60, 12);
    }

    @Tag("nightly")
    @ParameterizedTest
    @CsvSource({"nb,COMPOSITE", "nb,UNCOMPRESSED", "oa,COLLECTIONS", "oa,COUNTERS", "da,COLLECTIONS", "da,UNCOMPRESSED"
    })
    void manyFlippedBitsAreNamedOrChangeNothing(String version, Schemas schema) {
        for (int partitions : new int[] {1, 2, 5, 60}) {
            flip(version, schema, partitions, 100);
        }
    }

    private void flip(String version, Schemas schema, int partitions, int flips) {
        InputSSTable whole = input(version, schema, partitions);
        List<String> expected = merge(whole);
        Random random = new Random(SEED);
        for (String component : whole.components().keySet().stream().sorted().toList()) {
            if (UNUSED.contains(component)) {
                continue;
            }
            long size = DamagedSource.source(whole, component).sizeBytes();
            for (int i = 0; i < flips && size > 0; i++) {
                long at = (long) (random.nextDouble() * size);
                int bits = 1 << random.nextInt(8);
                InputSSTable damaged = DamagedSource.flip(whole, component, at, bits);
                String what = component + " of " + version + " with bits " + bits + " wrong at " + at + " of " + size;
                holds(damaged, expected, what);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"nb,COMPOSITE", "oa,UNCOMPRESSED", "da,COLLECTIONS"})
    void aTruncatedComponentIsNamedOrChangesNothing(String version, Schemas schema) {
        InputSSTable whole = input(version, schema, 60);
        List<String> expected = merge(whole);
        for (String component : whole.components().keySet().stream().sorted().toList()) {
            if (UNUSED.contains(component)) {
                continue;
            }
            long size = DamagedSource.source(whole, component).sizeBytes();
            for (long left : new long[] {0, 1, size / 3, size / 2, size - 9, size - 1}) {
                if (left >= 0 && left < size) {
                    holds(
                            DamagedSource.truncate(whole, component, left),
                            expected,
                            component + " of " + version + " cut to " + left + " of " + size);
                }
            }
        }
    }

    private void holds(InputSSTable damaged, List<String> expected, String what) {
        List<List<String>> got = new ArrayList<>();
        Throwable failure = catchThrowable(() -> got.add(merge(damaged)));
        if (failure == null) {
            assertThat(got.get(0)).as(what).isEqualTo(expected);
        } else {
            assertThat(failure).as(what).isInstanceOf(CorruptInputException.class);
            assertThat(((CorruptInputException) failure).origin()).isEqualTo("node0");
            assertThat(((CorruptInputException) failure).descriptor()).isEqualTo(damaged.descriptor());
        }
        assertScratchIsEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nb", "oa", "da"})
    void aWrongDataChunkIsNamedWithOffsetChecksumsAndTokens(String version) {
        InputSSTable whole = input(version, Schemas.COMPOSITE, 60);
        long middle = DamagedSource.source(whole, "Data.db").sizeBytes() / 2;

        assertThatThrownBy(() -> merge(DamagedSource.flip(whole, "Data.db", middle, 4)))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageMatching("(?s)SSTable " + version
                        + "-1-.* of node0 is corrupt: Data.db chunk \\d+ at offset \\d+: CRC32 is [0-9a-f]{8} but"
                        + " [0-9a-f]{8} is stored; it holds tokens of .*");
    }

    @Test
    void inspectionFindsAFlippedBitAnywhereInTheData() {
        InputSSTable whole = input("nb", Schemas.COMPOSITE, 20);
        long size = DamagedSource.source(whole, "Data.db").sizeBytes();

        for (long at = 0; at < size; at += Math.max(1, size / 20)) {
            InputSSTable damaged = DamagedSource.flip(whole, "Data.db", at, 1);
            assertThatThrownBy(() -> new ReferenceSynthesiser().inspect(replicas.definition(), damaged, scratch()))
                    .isInstanceOf(CorruptInputException.class);
        }
        assertScratchIsEmpty();
    }

    @Test
    void aMissingComponentIsNamed() {
        InputSSTable whole = input("nb", Schemas.COMPOSITE, 20);

        for (String component : List.of("Data.db", "Index.db", "Statistics.db")) {
            assertThatThrownBy(() -> merge(DamagedSource.remove(whole, component)))
                    .isInstanceOf(CorruptInputException.class)
                    .hasMessageContaining("component " + component + " is missing");
        }
        assertThatThrownBy(() -> merge(DamagedSource.remove(whole, "CompressionInfo.db")))
                .isInstanceOf(CorruptInputException.class);
        assertThat(merge(DamagedSource.remove(whole, "Summary.db"))).isEqualTo(merge(whole));
    }

    @Test
    void rowsOutOfOrderAreRefused() {
        Replicas descending = new Replicas(temp.resolve("desc"), Schemas.COMPOSITE.definition()).write(SEED, 5, 300);
        InputSSTable input = descending.inputs(TokenRanges.FULL).get(0);
        dev.hindsight.synthesis.TableDefinition ascending = new dev.hindsight.synthesis.TableDefinition(
                Schemas.COMPOSITE.definition().name(),
                Schemas.COMPOSITE.definition().types(),
                Schemas.COMPOSITE.definition().ddl().replace("c DESC", "c ASC"));

        assertThatThrownBy(() -> new ReferenceSynthesiser().inspect(ascending, input, scratch()))
                .isInstanceOf(CorruptInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"me-1-big", "na-1-big", "ob-1-big", "db-1-bti", "nb-1-bti", "nb-1", "big-oa-1-big"})
    void otherVersionsAreRefusedByName(String descriptor) {
        InputSSTable whole = input("nb", Schemas.PLAIN, 5);
        InputSSTable other = new InputSSTable("node0", descriptor, whole.components(), TokenRanges.FULL);

        assertThatThrownBy(() -> merge(other))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("node0/" + descriptor);
    }

    @Test
    void scratchIsNotExceeded() {
        InputSSTable whole = input("nb", Schemas.COMPOSITE, 60);
        Replicas.Request request = replicas.request();
        request.inputs = List.of(whole);
        request.scratch = new Scratch(temp.resolve("scratch"), 2000);

        assertThatThrownBy(request::run).isInstanceOf(CapacityException.class);
        assertScratchIsEmpty();
        request.scratch.reserve(2000);
    }

    @Test
    void outputsAreDeletedAndGivenBackWhenScratchDoesNotHoldThem() throws Exception {
        InputSSTable whole = input("nb", Schemas.COMPOSITE, 60);
        Replicas.Request request = replicas.request();
        request.inputs = List.of(whole);
        long inputBytes = whole.components().values().stream()
                .mapToLong(ByteSource::sizeBytes)
                .sum();
        request.scratch = new Scratch(temp.resolve("scratch"), inputBytes + 100);
        request.output = request.scratch.directory().resolve("out");

        assertThatThrownBy(request::run).isInstanceOf(CapacityException.class);
        assertThat(request.output.resolve("all")).doesNotExist();
        request.scratch.reserve(request.scratch.limitBytes());

        Path earlier = request.output.resolve("all").resolve("nb-7-big-Data.db");
        Files.createDirectories(request.output.resolve("all"));
        Files.writeString(earlier, "of another task");
        request.scratch.release(request.scratch.limitBytes());
        assertThatThrownBy(request::run).isInstanceOf(CapacityException.class);
        assertThat(request.output.resolve("all")).isDirectoryContaining("glob:**nb-7-big-Data.db");
        try (Stream<Path> left = Files.list(request.output.resolve("all"))) {
            assertThat(left).containsExactly(earlier);
        }
    }

    @Test
    void anUnreachableSourceIsNotCalledCorrupt() {
        InputSSTable whole = input("oa", Schemas.COMPOSITE, 60);
        UnaryOperator<ByteSource> failing = source -> new ByteSource() {
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
                throw new StoreUnreachableException("no route to " + name(), "look at the network");
            }
        };

        for (String component : List.of("Data.db", "Index.db", "Statistics.db", "CompressionInfo.db")) {
            InputSSTable unreachable =
                    DamagedSource.replace(whole, component, failing.apply(DamagedSource.source(whole, component)));
            assertThatThrownBy(() -> merge(unreachable)).isInstanceOf(StoreUnreachableException.class);
            assertScratchIsEmpty();
        }
    }

    private InputSSTable input(String version, Schemas schema, int partitions) {
        replicas = new Replicas(temp.resolve("r" + partitions + version + schema), schema.definition());
        RandomWrites writes = new RandomWrites(replicas.table(), SEED, partitions);
        List<PartitionUpdate> updates = Stream.generate(writes::next).limit(800).toList();
        replicas.add("node0", version, 1, updates);
        return replicas.inputs(MIDDLE).get(0);
    }

    private Scratch scratch() {
        return new Scratch(temp.resolve("scratch"), 1 << 30);
    }

    private int run;

    private List<String> merge(InputSSTable input) {
        Replicas.Request request = replicas.request();
        request.inputs = List.of(input);
        request.scratch = scratch();
        request.output = temp.resolve("out" + run++);
        request.groups = List.of(new OutputGroup("all", TokenRanges.FULL));
        return Replicas.dump(replicas.table(), request.run(), "all");
    }

    private void assertScratchIsEmpty() {
        Path scratch = temp.resolve("scratch");
        if (!Files.exists(scratch)) {
            return;
        }
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
