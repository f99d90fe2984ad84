package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.cassandra.db.SerializationHeader;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.sstable.format.StatsComponent;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.TableMetadataRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutputTest {
    private static final long SEED = Long.getLong("test.seed", 77);

    @TempDir
    Path temp;

    @ParameterizedTest
    @EnumSource(names = {"COMPOSITE", "UNCOMPRESSED"})
    void carriesNoStatisticsThatANodeCouldTakeForItsOwn(Schemas schema) throws Exception {
        Replicas replicas = new Replicas(temp, schema.definition()).write(SEED, 10, 500);

        Replicas.Request request = replicas.request();
        request.firstId = 41;
        OutputSSTable output = request.run().outputs().get(0);

        assertThat(output.descriptor()).isEqualTo("nb-41-big");
        assertThat(output.files())
                .extracting(file -> file.getFileName().toString().replace("nb-41-big-", ""))
                .containsExactlyInAnyOrder(
                        "Data.db",
                        "Index.db",
                        "Summary.db",
                        "Filter.db",
                        "Statistics.db",
                        schema == Schemas.UNCOMPRESSED ? "CRC.db" : "CompressionInfo.db",
                        "Digest.crc32",
                        "TOC.txt")
                .endsWith("TOC.txt");
        StatsComponent component = statistics(replicas, output);
        StatsMetadata stats = component.statsMetadata();
        assertThat(stats.originatingHostId).isNull();
        assertThat(stats.commitLogIntervals.isEmpty()).isTrue();
        assertThat(stats.repairedAt).isZero();
        assertThat(stats.pendingRepair).isNull();
        assertThat(stats.sstableLevel).isZero();
        assertThat(stats.isTransient).isFalse();
        assertThat(stats.hasLegacyCounterShards).isFalse();
        assertThat(stats.totalRows).isPositive();
        EncodingStats minima = ((SerializationHeader.Component) component.serializationHeader()).getEncodingStats();
        assertThat(minima.minTimestamp).isBetween(1_700_000_000_000_000L - 1, 1_700_000_000_000_040L);
        assertThat(minima.minLocalDeletionTime)
                .isGreaterThanOrEqualTo(RandomWrites.NOW - 21 * 86_400L)
                .isLessThanOrEqualTo(RandomWrites.NOW);
    }

    @ParameterizedTest
    @EnumSource
    void opensOnlineAndPassesInspection(Schemas schema) {
        Replicas replicas = new Replicas(temp, schema.definition()).write(SEED, 30, 500);

        SynthesisResult result = replicas.request().run();

        OutputSSTable output = result.outputs().get(0);
        Descriptor descriptor = descriptor(replicas, output);
        SSTableReader reader = SSTableReader.open(
                null, descriptor, null, TableMetadataRef.forOfflineTools(replicas.table()), true, false);
        reader.selfRef().release();
        Inspection inspection = new ReferenceSynthesiser()
                .inspect(
                        replicas.definition(),
                        SSTables.input("repository", descriptor, TokenRanges.FULL),
                        new Scratch(temp.resolve("inspect"), 1 << 30));
        assertThat(inspection)
                .isEqualTo(new Inspection(
                        output.descriptor(),
                        result.partitions(),
                        inspection.rows(),
                        output.firstToken(),
                        output.lastToken()));
        assertThat(inspection.rows()).isEqualTo(result.rows()).isEqualTo(output.rows());
        assertThat(new ReferenceSynthesiser().describe(replicas.definition(), Replicas.data(output)))
                .contains("SSTable: nb-1-big\n", "Originating host id: --\n", "Repaired at: 0\n");
    }

    @Test
    void isCutWhereItPassesTheLimit() {
        Replicas replicas = new Replicas(temp, Schemas.COMPOSITE.definition()).write(SEED, 60, 6000);
        List<String> whole = Replicas.dump(replicas.table(), replicas.request().run(), "all");

        Replicas.Request request = replicas.request();
        request.output = temp.resolve("cut");
        request.maxBytes = 1;
        SynthesisResult result = request.run();

        assertThat(result.outputs()).hasSizeGreaterThan(3);
        assertThat(Replicas.dump(replicas.table(), result, "all")).isEqualTo(whole);
        assertThat(result.outputs())
                .extracting(OutputSSTable::descriptor)
                .startsWith("nb-1-big", "nb-2-big", "nb-3-big");
        for (int i = 1; i < result.outputs().size(); i++) {
            assertThat(result.outputs().get(i).firstToken())
                    .isGreaterThan(result.outputs().get(i - 1).lastToken());
        }
    }

    @Test
    void goesToEveryGroupThatWantsItsToken() throws Exception {
        Replicas replicas = new Replicas(temp, Schemas.COLLECTIONS.definition()).write(SEED, 60, 3000);
        TokenRanges low = TokenRanges.of(new TokenRange(Long.MIN_VALUE, 1L << 61));
        TokenRanges high = TokenRanges.of(new TokenRange(-1L << 61, Long.MAX_VALUE));
        List<String> all = Replicas.dump(replicas.table(), replicas.request().run(), "all");

        Replicas.Request request = replicas.request();
        request.output = temp.resolve("groups");
        request.groups = List.of(
                new OutputGroup("low", low),
                new OutputGroup("high", high),
                new OutputGroup("none", TokenRanges.of(new TokenRange(1, 2))),
                new OutputGroup("all", TokenRanges.FULL));
        SynthesisResult result = request.run();

        assertThat(Replicas.dump(replicas.table(), result, "all")).isEqualTo(all);
        assertThat(Replicas.dump(replicas.table(), result, "low")).isEqualTo(within(all, low));
        assertThat(Replicas.dump(replicas.table(), result, "high")).isEqualTo(within(all, high));
        assertThat(result.partitions()).isEqualTo(60);
        assertThat(result.outputs()).extracting(OutputSSTable::group).containsExactly("low", "high", "all");
        try (Stream<Path> directories = Files.list(request.output)) {
            assertThat(directories)
                    .extracting(path -> path.getFileName().toString())
                    .containsExactlyInAnyOrder("low", "high", "all");
        }
    }

    @Test
    void countsInScratchOnlyWhatLiesThere() {
        Replicas replicas = new Replicas(temp, Schemas.PLAIN.definition()).write(SEED, 40, 500);
        Replicas.Request inside = replicas.request();
        inside.output = inside.scratch.directory().resolve("out");
        SynthesisResult result = inside.run();

        long files = result.outputs().get(0).files().stream()
                .mapToLong(file -> file.toFile().length())
                .sum();
        inside.scratch.release(files);
        Scratch empty = new Scratch(temp.resolve("scratch"), inside.scratch.peakBytes());
        empty.reserve(inside.scratch.peakBytes());

        assertThat(inside.scratch.peakBytes()).isGreaterThanOrEqualTo(files);
        inside.scratch.reserve(inside.scratch.limitBytes());
    }

    private static List<String> within(List<String> dump, TokenRanges ranges) {
        List<String> out = new ArrayList<>();
        for (String line : dump) {
            long token = Long.parseLong(line.substring("DecoratedKey(".length(), line.indexOf(',')));
            if (ranges.contains(token)) {
                out.add(line);
            }
        }
        return out;
    }

    private static Descriptor descriptor(Replicas replicas, OutputSSTable output) {
        return Descriptor.fromFileWithComponent(
                        new File(Replicas.data(output)), replicas.table().keyspace, replicas.table().name)
                .left;
    }

    private static StatsComponent statistics(Replicas replicas, OutputSSTable output) throws Exception {
        return StatsComponent.load(descriptor(replicas, output));
    }
}
