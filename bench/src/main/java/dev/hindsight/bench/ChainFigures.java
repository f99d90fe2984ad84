package dev.hindsight.bench;

import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.ShardCounts;
import dev.hindsight.bench.ring.TableContent;
import dev.hindsight.bench.ring.VerbRuns;
import java.util.List;

/**
 * All that {@code bench chain} measured; {@code --json} writes it field by field.
 *
 * @param updated the share of all rows that was updated before each incremental backup
 */
record ChainFigures(
        Machine machine,
        double loadAverageAtEnd,
        SampleRows sample,
        double updated,
        String workerHeap,
        List<Backup> backups,
        List<Restore> restores,
        Rebase rebase) {
    ChainFigures {
        backups = List.copyOf(backups);
        restores = List.copyOf(restores);
    }

    /**
     * @param chain backups in the chain with this one: 1 for the full one
     * @param sstables live ones of all replicas when it was made
     * @param sstableBytes of them, all components
     * @param newSstableBytes of those that were not there at any earlier backup
     * @param storedBytes what it says itself
     * @param repositoryGrowth what the repository's files grew by: manifests, fingerprints and the state of the chain, too
     * @param repositoryRead to find what is redundant
     * @param redundantPartitions read from the nodes, found in the chain and not stored
     * @param redundantRows the same, in partitions of which other rows were stored
     */
    record Backup(
            int chain,
            String id,
            long updatedRows,
            int sstables,
            long sstableBytes,
            long newSstableBytes,
            long storedBytes,
            long repositoryGrowth,
            long repositoryRead,
            long redundantPartitions,
            long redundantRows,
            ShardCounts counts,
            VerbRuns.Used used) {}

    /**
     * @param chain backups that it reads at most
     * @param downloadBytes what its plan says
     */
    record Restore(
            String name, int chain, String backup, long downloadBytes, TableContent content, VerbRuns.Used used) {}

    /** @param readBytes of the repository */
    record Rebase(
            String id,
            int chain,
            long readBytes,
            long storedBytes,
            long repositoryGrowth,
            ShardCounts counts,
            VerbRuns.Used used) {
        double readGb() {
            return Math.max(1, readBytes) / 1e9;
        }
    }

    long copiedBytes() {
        return backups.stream().mapToLong(Backup::newSstableBytes).sum();
    }

    long repositoryGrowth() {
        return backups.stream().mapToLong(Backup::repositoryGrowth).sum();
    }

    /** What copying stores for each byte of the chain. */
    double copiedToStored() {
        return (double) copiedBytes() / Math.max(1, repositoryGrowth());
    }

    /** The same for the incremental backups alone. */
    double copiedToStoredByIncrements() {
        Backup full = backups.get(0);
        return (double) (copiedBytes() - full.newSstableBytes())
                / Math.max(1, repositoryGrowth() - full.repositoryGrowth());
    }
}
