package dev.hindsight.operations.backup;

import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ShardManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a backup ended. It is published; PARTIAL when {@code manifest.state()} says so.
 *
 * @param pastDamage what was wrong with the catalogue's newest entry, which this backup had to be published behind; empty when
 *     all was well
 * @param damage what of the chain turned out damaged, one line for each shard that was stored whole for it
 * @param comparedBytes read from the repository to find what is redundant
 * @param redundantPartitions found the same in the chain, and not stored
 * @param redundantRows the same, in partitions of which other rows changed
 * @param resumed shards that a run which was cut had stored; empty when it begins afresh. The restore point is then that of
 *     the other run's snapshots
 * @param notes damaged inputs that were worked around, workers lost, snapshots left to their ttl
 */
public record BackupReport(
        BackupManifest manifest,
        int workers,
        double seconds,
        Optional<String> pastDamage,
        List<String> damage,
        long comparedBytes,
        long redundantPartitions,
        long redundantRows,
        OptionalInt resumed,
        List<String> notes) {
    /** The same with what happened after it was published. */
    public BackupReport withNotes(List<String> more) {
        List<String> all = new ArrayList<>(notes);
        all.addAll(more);
        return new BackupReport(
                manifest,
                workers,
                seconds,
                pastDamage,
                damage,
                comparedBytes,
                redundantPartitions,
                redundantRows,
                resumed,
                List.copyOf(all));
    }

    static BackupReport of(
            BackupManifest manifest,
            List<ShardManifest> shards,
            int workers,
            double seconds,
            Optional<String> pastDamage,
            List<String> damage,
            OptionalInt resumed,
            List<String> notes) {
        long compared = 0;
        long partitions = 0;
        long rows = 0;
        for (ShardManifest shard : shards) {
            if (shard.layer().isPresent()) {
                compared += shard.layer().get().comparedBytes();
                partitions += shard.layer().get().redundantPartitions();
                rows += shard.layer().get().redundantRows();
            }
        }
        return new BackupReport(
                manifest,
                workers,
                seconds,
                pastDamage,
                List.copyOf(damage),
                compared,
                partitions,
                rows,
                resumed,
                List.copyOf(notes));
    }
}
