package dev.hindsight.bench;

import dev.hindsight.bench.process.GcLog;
import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.process.PageCache;
import dev.hindsight.bench.process.ProcessUse;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.ShardCounts;
import dev.hindsight.bench.ring.VerbRuns;
import java.util.List;
import java.util.Optional;

/**
 * All that {@code bench backup} measured; {@code --json} writes it field by field.
 *
 * @param replicaDataBytes of the Data.db files of all replicas
 * @param agentsAfterBackups CPU and peak memory of each agent since its start, after the last backup
 * @param agentHeaps of each agent, the restore included
 */
record BackupFigures(
        Machine machine,
        double loadAverageAtEnd,
        SampleRows sample,
        long replicaDataBytes,
        String workerHeap,
        List<Backup> backups,
        Restore restore,
        Verify verify,
        List<ProcessUse> agentsAfterBackups,
        List<ProcessUse> agentsAtEnd,
        List<GcLog> agentHeaps) {
    BackupFigures {
        backups = List.copyOf(backups);
        agentsAfterBackups = List.copyOf(agentsAfterBackups);
        agentsAtEnd = List.copyOf(agentsAtEnd);
        agentHeaps = List.copyOf(agentHeaps);
    }

    /**
     * @param pageCacheBefore of the nodes' Data.db files; empty when it cannot be counted
     */
    record Backup(
            int workers,
            String shardSize,
            ShardCounts counts,
            VerbRuns.Used used,
            double loadAverage,
            Optional<PageCache.Residency> pageCacheBefore,
            Optional<PageCache.Residency> pageCacheAfter) {
        /** Input is what was read from Data.db files of all replicas, as it lies on disk, in units of 10^9 bytes. */
        double inputGb() {
            return Math.max(1, counts.fetchedDataBytes()) / 1e9;
        }

        double uncompressedGb() {
            return Math.max(1, counts.uncompressedBytes()) / 1e9;
        }

        /** The threads that move bytes for the fetching ones; the shard manifests do not count them. */
        double httpCpuSeconds() {
            return used.workerThreads("HttpClient");
        }

        double collectorCpuSeconds() {
            return used.workerThreads("VM Thread");
        }

        double compilerCpuSeconds() {
            return used.workerThreads("C1 Comp") + used.workerThreads("C2 Comp");
        }

        /** Start of the JVMs, reading plans, writing manifests: all that nothing else counts. */
        double otherWorkerCpuSeconds() {
            return used.workerCpuSeconds()
                    - counts.fetchCpuSeconds()
                    - counts.mergeCpuSeconds()
                    - counts.digestCpuSeconds()
                    - counts.putCpuSeconds()
                    - httpCpuSeconds()
                    - collectorCpuSeconds()
                    - compilerCpuSeconds();
        }
    }

    record Restore(int workers, long rows, long sentBytes, VerbRuns.Used used) {}

    record Verify(long objects, long bytes, VerbRuns.Used used) {}
}
