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
 * @param bytesToRead owned bytes of all replicas that can be read, all components: at most, where a table is incremental
 * @param expectedStoredBytes every record once
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
        List<String> notes,
        List<String> uncovered) {
    /**
     * @param replicaBytes of all its live SSTables; of an incremental table only those that are new are read
     * @param incremental only what the chain has not seen is read, and only what changes is stored
     * @param reason why it is read whole, or which part of it; may be empty when incremental
     */
    public record Table(
            TableName name,
            UUID id,
            int replicas,
            int sstables,
            long replicaBytes,
            int shards,
            boolean incremental,
            String reason) {}

    /** @param problem empty when it can be read */
    public record Node(UUID hostId, String address, String datacenter, String rack, long bytes, String problem) {}
}
