package dev.hindsight.repository.document;

import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code backups/<id>/manifest.json}: all there is to know of one backup. Published by one catalogue entry.
 *
 * @param parent the backup this one builds on; empty for FULL
 * @param restorePoint the last snapshot instant: what the backup stands for
 * @param plan the plan object the shards were made from
 */
public record BackupManifest(
        int format,
        String id,
        Kind kind,
        Optional<String> parent,
        State state,
        Instant startedAt,
        Instant finishedAt,
        Instant restorePoint,
        String createdBy,
        Ring ring,
        List<NodeSnapshot> snapshots,
        List<KeyspaceSchema> schema,
        List<Table> tables,
        ObjectRef plan,
        Totals totals) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;

    public BackupManifest {
        snapshots = List.copyOf(snapshots);
        schema = List.copyOf(schema);
        tables = List.copyOf(tables);
    }

    public enum Kind {
        FULL,
        INCREMENTAL,
        REBASE
    }

    /** PARTIAL: some token range of some table was read from no replica. */
    public enum State {
        COMPLETE,
        PARTIAL
    }

    /** @param problem empty when the snapshot was taken */
    public record NodeSnapshot(UUID hostId, String address, Optional<Instant> snapshotAt, String problem) {}

    public record Table(TableName name, UUID tableId, List<ObjectRef> shards, List<Coverage> coverage) {
        public Table {
            shards = List.copyOf(shards);
            coverage = List.copyOf(coverage);
        }
    }

    /**
     * What of one token range was read. Neighbours with equal content are joined.
     *
     * @param missing replicas that were not read, with the reason
     */
    public record Coverage(TokenRange range, List<UUID> read, List<Missing> missing) {
        public Coverage {
            read = List.copyOf(read);
            missing = List.copyOf(missing);
        }
    }

    public record Missing(UUID hostId, String reason) {}

    /**
     * @param replicaDataBytes Data.db bytes of all replicas' snapshots, owned or not
     * @param ownedDataBytes of them, the share in owned ranges (estimated by chunk)
     * @param fetchedBytes read from agents, all components
     * @param fetchedDataBytes of them, Data.db
     * @param storedBytes all objects of the backup's shards
     * @param storedDataBytes of them, Data.db
     */
    public record Totals(
            long replicaDataBytes,
            long ownedDataBytes,
            long fetchedBytes,
            long fetchedDataBytes,
            long storedBytes,
            long storedDataBytes,
            long partitions,
            long rows) {}
}
