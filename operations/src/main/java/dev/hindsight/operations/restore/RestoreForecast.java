package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What a restore would do. Nothing has been touched.
 *
 * @param statements DDL in the order in which it would run
 * @param refused why it cannot run; empty when it can
 * @param notes what will be missing or different, and what is resumed
 * @param sstablesPerNode at most, for one table
 */
public record RestoreForecast(
        String backup,
        Instant restorePoint,
        String target,
        List<Table> tables,
        List<Node> nodes,
        List<String> statements,
        long bytesToDownload,
        int shards,
        int workers,
        List<Integer> shardsPerWorker,
        int sstablesPerNode,
        List<String> refused,
        List<String> notes) {
    /**
     * @param rows at most, unless {@code rowsAreExact}: rows that changed are stored more than once in a chain
     * @param rowsExpiredSince rows whose last content has expired between the backup and now: surely at least
     * @param rowsExpiredAtMost and at most
     * @param layers backups whose stored shards it is made of; 1 unless it is a chain
     */
    public record Table(
            TableName source,
            TableName target,
            long rows,
            boolean rowsAreExact,
            long bytes,
            long rowsExpiredSince,
            long rowsExpiredAtMost,
            boolean partial,
            int layers) {}

    /** @param usableBytes on its fullest usable data directory, less what the agent keeps free */
    public record Node(UUID hostId, String address, long bytesToReceive, long usableBytes) {}
}
