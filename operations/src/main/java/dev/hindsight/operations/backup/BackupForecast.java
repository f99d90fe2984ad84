package dev.hindsight.operations.backup;

import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a backup would do, from live sizes and before any snapshot. Printed by {@code --dry-run}.
 *
 * @param parent the backup it would build on; empty when every table is read whole
 * @param ranges token ranges of the ring with distinct replica lists
 * @param bytesToRead about, of all replicas that can be read, all components, what their memtables hold included; of a run
 *     that goes on, what is left of it
 * @param expectedStoredBytes about: every record once, and of what compaction rewrote nothing
 * @param onward the backup that was cut and that this one would go on with, or why not; empty when there is none
 * @param workersBecause the limit that decided the number of workers
 * @param notes nodes that cannot be read and why, topology changes under way
 * @param uncovered token ranges without any readable replica, one line each
 */
public record BackupForecast(
        String cluster,
        Optional<String> parent,
        List<Table> tables,
        List<Node> nodes,
        int ranges,
        long bytesToRead,
        long expectedStoredBytes,
        int shards,
        int workers,
        String workersBecause,
        long scratchBytes,
        double estimatedSeconds,
        Optional<Onward> onward,
        List<String> notes,
        List<String> uncovered) {
    /**
     * @param replicaBytes of all its live SSTables and memtables
     * @param bytesToRead of an incremental table only of those that are new
     * @param incremental only what the chain has not seen is read, and only what changes is stored
     * @param reason why it is read whole, or which part of it; may be empty when incremental
     */
    public record Table(
            TableName name,
            UUID id,
            int replicas,
            int sstables,
            long replicaBytes,
            long bytesToRead,
            long expectedStoredBytes,
            int shards,
            boolean incremental,
            String reason) {}

    /**
     * A backup that has not ended.
     *
     * @param holder who makes it, for people
     * @param gone whether it is certain that the holder's process is; else a run would first watch it, and be refused if it
     *     lives
     * @param goesOn a run would go on with it
     * @param reason why not
     * @param storedShards of all {@code shards} that are done
     * @param bytesLeft to be read for the others
     */
    public record Onward(
            String backup,
            String holder,
            boolean gone,
            boolean goesOn,
            String reason,
            int storedShards,
            int shards,
            long bytesLeft) {}

    /** @param problem empty when it can be read */
    public record Node(UUID hostId, String address, String datacenter, String rack, long bytes, String problem) {}
}
