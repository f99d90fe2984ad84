package dev.hindsight.operations.backup;

import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.UUID;

/**
 * What a backup would do, from live sizes and before any snapshot. Printed by {@code --dry-run}.
 *
 * @param ranges token ranges of the ring with distinct replica lists
 * @param bytesToRead owned bytes of all replicas that can be read, all components
 * @param expectedStoredBytes every record once
 * @param workersBecause the limit that decided the number of workers
 * @param notes nodes that cannot be read and why, topology changes under way
 * @param uncovered token ranges without any readable replica, one line each
 */
public record BackupForecast(
        String cluster,
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
    public record Table(TableName name, UUID id, int replicas, int sstables, long replicaBytes, int shards) {}

    /** @param problem empty when it can be read */
    public record Node(UUID hostId, String address, String datacenter, String rack, long bytes, String problem) {}
}
