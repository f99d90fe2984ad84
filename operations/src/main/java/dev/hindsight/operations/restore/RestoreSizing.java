package dev.hindsight.operations.restore;

import dev.hindsight.model.sizing.WorkerSizing;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.run.MeasuredRate;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.RestorePlan;

/** Workers and scratch of a restore or export. */
final class RestoreSizing {
    static final int FETCH_STREAMS = 2;
    private static final long SCRATCH_SLACK_BYTES = 32L << 20;
    /** A worker sends to all nodes of a set at once. */
    private static final int MOST_WORKERS = 64;

    private RestoreSizing() {}

    /** Stored bytes once as read and once as written, and half as much for tokens that are not spread evenly. */
    static long scratchBytesPerTask(java.util.List<RestorePlan.Shard> shards) {
        return shards.stream()
                                .mapToLong(RestorePlan.Shard::estimatedBytes)
                                .max()
                                .orElse(0)
                        * 4
                + SCRATCH_SLACK_BYTES;
    }

    static WorkerSizing workers(Repository repository, RunSettings settings, RestorePlan plan) {
        return new WorkerSizing(
                plan.shards().stream()
                        .mapToLong(RestorePlan.Shard::estimatedBytes)
                        .sum(),
                plan.shards().size(),
                plan.limits().scratchBytesPerTask(),
                settings.scratchLimitBytes(),
                Runtime.getRuntime().availableProcessors(),
                MOST_WORKERS,
                1,
                MeasuredRate.of(repository),
                settings.workers());
    }
}
