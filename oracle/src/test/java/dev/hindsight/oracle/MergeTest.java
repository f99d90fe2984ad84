package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MergeTest {
    private static final long SEED = Long.getLong("test.seed", 20_260_101);

    @TempDir
    Path temp;

    /** Cassandra's compaction wants a store, and a store makes its directories. */
    @AfterAll
    static void deleteWhatTheStoreMade() {
        if (Files.exists(CassandraRuntime.nowhere())) {
            ScratchDirectory.delete(CassandraRuntime.nowhere());
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesWhatCassandrasCompactionGives(Schemas schema) throws Exception {
        Replicas replicas = new Replicas(temp, schema.definition()).write(SEED, 25, 1500);
        List<String> expected =
                CassandraCompaction.compact(replicas.table(), replicas.files(TokenRanges.FULL), RandomWrites.NOW, 0);

        Replicas.Request request = replicas.request();
        SynthesisResult result = request.run();

        assertThat(Replicas.dump(replicas.table(), result, "all"))
                .as("seed %d", SEED)
                .isNotEmpty()
                .isEqualTo(expected);
        try (Stream<Path> left = Files.list(request.scratch.directory())) {
            assertThat(left).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void purgesWhatCassandrasCompactionPurges(Schemas schema) {
        Replicas replicas = new Replicas(temp, schema.definition()).write(SEED + 1, 25, 1500);
        long gcBefore = RandomWrites.NOW - 10 * 86_400;
        List<String> expected = CassandraCompaction.compact(
                replicas.table(), replicas.files(TokenRanges.FULL), RandomWrites.NOW, gcBefore);

        Replicas.Request request = replicas.request();
        request.purge = new PurgePolicy.PurgeBefore(gcBefore);
        SynthesisResult result = request.run();

        assertThat(Replicas.dump(replicas.table(), result, "all"))
                .as("seed %d", SEED + 1)
                .isEqualTo(expected);
        assertThat(result.tombstones()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void readsOnlyTheRanges(Schemas schema) {
        Replicas replicas = new Replicas(temp, schema.definition()).write(SEED + 2, 60, 1500);
        TokenRanges ranges =
                TokenRanges.of(new TokenRange(Long.MIN_VALUE, -3L << 61), new TokenRange(-1L << 60, 1L << 61));
        List<String> expected =
                CassandraCompaction.compact(replicas.table(), replicas.files(ranges), RandomWrites.NOW, 0);

        Replicas.Request request = replicas.request();
        request.inputs = replicas.inputs(ranges);
        request.groups = List.of(new OutputGroup("all", TokenRanges.FULL));
        SynthesisResult result = request.run();

        assertThat(Replicas.dump(replicas.table(), result, "all"))
                .as("seed %d", SEED + 2)
                .isNotEmpty()
                .isEqualTo(expected);
    }
}
