package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.TtlPolicy;
import java.nio.file.Path;
import java.util.List;
import org.apache.cassandra.io.sstable.format.SSTableReader;
import org.apache.cassandra.io.sstable.metadata.StatsMetadata;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CursorMergeTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_122);

    @TempDir
    Path temp;

    @ParameterizedTest
    @EnumSource
    void givesWhatTheReferenceGives(Schemas schema) {
        compare(schema, SEED, new PurgePolicy.KeepTombstones(), new TtlPolicy.Keep(), RandomWrites.NOW);
    }

    @ParameterizedTest
    @EnumSource
    void purgesWhatTheReferencePurges(Schemas schema) {
        compare(
                schema,
                SEED + 1,
                new PurgePolicy.PurgeBefore(RandomWrites.NOW - 10 * 86_400),
                new TtlPolicy.Keep(),
                RandomWrites.NOW);
    }

    @ParameterizedTest
    @EnumSource
    void movesExpiryAsTheReferenceDoes(Schemas schema) {
        long later = RandomWrites.NOW + 40_000;
        compare(
                schema,
                SEED + 2,
                new PurgePolicy.PurgeBefore(RandomWrites.NOW - 86_400),
                new TtlPolicy.Freeze(RandomWrites.NOW, later),
                later);
    }

    @ParameterizedTest
    @EnumSource
    void dropsTtlsAsTheReferenceDoes(Schemas schema) {
        compare(
                schema,
                SEED + 3,
                new PurgePolicy.KeepTombstones(),
                new TtlPolicy.Drop(RandomWrites.NOW),
                RandomWrites.NOW + 1000);
    }

    private void compare(Schemas schema, long seed, PurgePolicy purge, TtlPolicy ttl, long now) {
        Replicas replicas = new Replicas(temp, schema.definition()).write(seed, 25, 1500);
        Replicas.Request request = replicas.request();
        request.purge = purge;
        request.ttl = ttl;
        request.now = now;
        SynthesisResult expected = request.run();

        CursorMerge merge = new CursorMerge(schema.definition());
        merge.purge = purge;
        merge.ttl = ttl;
        merge.now = now;
        replicas.files(TokenRanges.FULL).keySet().forEach(merge::add);
        CursorMerge.Result result = merge.run();

        assertThat(result.dump())
                .as("seed %d", seed)
                .isNotEmpty()
                .isEqualTo(Replicas.dump(replicas.table(), expected, "all"));
        assertThat(List.of(
                        result.counts().partitions(),
                        result.counts().rows(),
                        result.counts().tombstones(),
                        result.counts().expiry()))
                .as("counts of seed %d", seed)
                .isEqualTo(List.of(expected.partitions(), expected.rows(), expected.tombstones(), expected.expiry()));
        statistics(replicas, expected, result.collector().sum);
    }

    private static void statistics(Replicas replicas, SynthesisResult expected, PartitionStatistics sum) {
        assertThat(expected.outputs()).hasSize(1);
        SSTableReader reader =
                SSTables.open(replicas.table(), Replicas.data(expected.outputs().get(0)));
        StatsMetadata stats = reader.getSSTableMetadata();
        reader.selfRef().release();
        assertThat(List.of(
                        sum.minTimestamp,
                        sum.maxTimestamp,
                        sum.minLocalDeletionTime,
                        sum.maxLocalDeletionTime,
                        sum.minTtl,
                        sum.maxTtl,
                        sum.rows,
                        sum.columnsSet,
                        sum.hasLegacyCounterShards))
                .isEqualTo(List.of(
                        stats.minTimestamp,
                        stats.maxTimestamp,
                        stats.minLocalDeletionTime,
                        stats.maxLocalDeletionTime,
                        stats.minTTL,
                        stats.maxTTL,
                        stats.totalRows,
                        stats.totalColumnsSet,
                        stats.hasLegacyCounterShards));
    }
}
