package dev.hindsight.repository.document;

import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code backups/<id>/manifest.json}: all there is to know of one backup. Published by one catalogue entry.
 *
 * @param parent the backup this one builds on; empty for FULL
 * @param restorePoint the last snapshot instant: what the backup stands for
 * @param plan the plan object the shards were made from
 * @param rebaseOf for REBASE: the backup whose records it holds, at the same restore point, without needing a parent
 * @param chain the {@link ChainState}: what the chain up to here has seen of the cluster. Empty in format 1: such a
 *     backup can be no parent
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
        Totals totals,
        Optional<String> rebaseOf,
        Optional<ObjectRef> chain) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 2;

    /** A full backup that can be no parent, as all of format 1 are. */
    public BackupManifest(
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
        this(
                format,
                id,
                kind,
                parent,
                state,
                startedAt,
                finishedAt,
                restorePoint,
                createdBy,
                ring,
                snapshots,
                schema,
                tables,
                plan,
                totals,
                Optional.empty(),
                Optional.empty());
    }

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

    /**
     * @param problem empty when the snapshot was taken
     * @param requestedAt not after the snapshot was asked for: what was written before is in it. Empty where that is not
     *     known
     */
    public record NodeSnapshot(
            UUID hostId, String address, Optional<Instant> snapshotAt, String problem, Optional<Instant> requestedAt) {
        public NodeSnapshot(UUID hostId, String address, Optional<Instant> snapshotAt, String problem) {
            this(hostId, address, snapshotAt, problem, Optional.empty());
        }
    }

    /**
     * @param how whole or onto the parent, and why; empty in format 1, which knows only whole tables
     */
    public record Table(
            TableName name, UUID tableId, List<ObjectRef> shards, List<Coverage> coverage, Optional<How> how) {
        public Table(TableName name, UUID tableId, List<ObjectRef> shards, List<Coverage> coverage) {
            this(name, tableId, shards, coverage, Optional.empty());
        }

        public Table {
            shards = List.copyOf(shards);
            coverage = List.copyOf(coverage);
        }
    }

    /**
     * @param incremental some shard holds only what changed since the parent; else the table needs no parent
     * @param reason one sentence for people: why it was not incremental, or what was seen whole
     */
    public record How(boolean incremental, String reason) {}

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
            long rows) {
        /** What the shards of a backup add up to. */
        public static Totals of(long replicaDataBytes, Collection<ShardManifest> shards) {
            long owned = 0;
            long fetched = 0;
            long fetchedData = 0;
            long stored = 0;
            long storedData = 0;
            long partitions = 0;
            long rows = 0;
            for (ShardManifest shard : shards) {
                ShardManifest.Counts counts = shard.counts();
                owned += counts.ownedDataBytes();
                fetched += counts.fetchedBytes();
                fetchedData += counts.fetchedDataBytes();
                stored += counts.storedBytes();
                storedData += counts.storedDataBytes();
                partitions += counts.partitions();
                rows += counts.rows();
            }
            return new Totals(replicaDataBytes, owned, fetched, fetchedData, stored, storedData, partitions, rows);
        }

        /** Of a rebase: nothing was read from replicas, and what was fetched came from the repository. */
        public Totals withoutReplicas() {
            return new Totals(0, 0, fetchedBytes, fetchedDataBytes, storedBytes, storedDataBytes, partitions, rows);
        }
    }
}
