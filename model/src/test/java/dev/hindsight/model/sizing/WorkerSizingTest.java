package dev.hindsight.model.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CapacityException;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class WorkerSizingTest {
    private static final long MIB = 1 << 20;

    @Test
    void workersFollowBytesAndMeasuredRate() {
        assertThat(sizing(10 * MIB, 100, 64 * MIB, 8, 30, OptionalInt.empty()).workers())
                .isEqualTo(1);
        assertThat(sizing(250 * MIB, 100, 64 * MIB, 8, 30, OptionalInt.empty()).workers())
                .isEqualTo(3);
    }

    @Test
    void coresShardsScratchAndStreamsCapThem() {
        assertThat(sizing(10_000 * MIB, 100, 64 * MIB, 4, 300, OptionalInt.empty()))
                .satisfies(decision -> assertThat(decision.workers()).isEqualTo(4))
                .satisfies(decision -> assertThat(decision.reason()).isEqualTo("cores"));
        assertThat(sizing(10_000 * MIB, 2, 64 * MIB, 4, 300, OptionalInt.empty())
                        .reason())
                .isEqualTo("shards");
        assertThat(sizing(10_000 * MIB, 100, 400 * MIB, 4, 300, OptionalInt.empty())
                        .workers())
                .isEqualTo(2);
        assertThat(sizing(10_000 * MIB, 100, 64 * MIB, 4, 3, OptionalInt.empty())
                        .reason())
                .isEqualTo("agents' streams");
    }

    @Test
    void whatTheOperatorSetsPassesTheCoresButNotTheShards() {
        assertThat(sizing(MIB, 100, MIB, 2, 300, OptionalInt.of(6)).workers()).isEqualTo(6);
        assertThat(sizing(MIB, 3, MIB, 2, 300, OptionalInt.of(6)).workers()).isEqualTo(3);
    }

    @Test
    void aShardThatDoesNotFitTheScratchLimitIsRefused() {
        assertThatThrownBy(() -> sizing(MIB, 1, 1024 * MIB, 2, 30, OptionalInt.empty()))
                .isInstanceOf(CapacityException.class)
                .hasMessageContaining("1.00 GiB")
                .hasMessageContaining("0.98 GiB");
    }

    private static WorkerSizing.Decision sizing(
            long bytes, int tasks, long scratch, int cores, int streams, OptionalInt wanted) {
        return new WorkerSizing(bytes, tasks, scratch, 1000 * MIB, cores, streams, 3, 10.0 * MIB, wanted).decide();
    }
}
