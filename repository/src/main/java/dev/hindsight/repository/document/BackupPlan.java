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
 * {@code backups/<id>/plan.json}: what the shard tasks of a backup refer to. Holds no secret.
 *
 * @param snapshotTag on every node that has a snapshot
 * @param nowEpochSeconds the explicit "now" of all merges: the restore point
 * @param parent of an incremental backup
 * @param rebaseOf of a rebase: the backup whose records it is to hold. There are no sources then: each shard is made of
 *     the layers that {@link Shard#onto} names, and its slices and missing replicas only say what those cover
 * @param nodes every node of the ring as the run found it: what a later run has to know that goes on with this plan; empty
 *     where none may
 * @param damage of a plan that took the place of another one: what of the chain below turned out damaged
 */
public record BackupPlan(
        int format,
        String id,
        Instant createdAt,
        String snapshotTag,
        long nowEpochSeconds,
        Ring ring,
        List<KeyspaceSchema> schema,
        List<Source> sources,
        List<Shard> shards,
        Limits limits,
        Optional<String> parent,
        Optional<String> rebaseOf,
        Optional<List<NodeState>> nodes,
        Optional<List<DamagedLayer>> damage) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 2;

    /** The plan of a full backup. */
    public BackupPlan(
            int format,
            String id,
            Instant createdAt,
            String snapshotTag,
            long nowEpochSeconds,
            Ring ring,
            List<KeyspaceSchema> schema,
            List<Source> sources,
            List<Shard> shards,
            Limits limits) {
        this(
                format,
                id,
                createdAt,
                snapshotTag,
                nowEpochSeconds,
                ring,
                schema,
                sources,
                shards,
                limits,
                Optional.empty(),
                Optional.empty());
    }

    /** A plan that no other run goes on with from what the nodes were. */
    public BackupPlan(
            int format,
            String id,
            Instant createdAt,
            String snapshotTag,
            long nowEpochSeconds,
            Ring ring,
            List<KeyspaceSchema> schema,
            List<Source> sources,
            List<Shard> shards,
            Limits limits,
            Optional<String> parent,
            Optional<String> rebaseOf) {
        this(
                format,
                id,
                createdAt,
                snapshotTag,
                nowEpochSeconds,
                ring,
                schema,
                sources,
                shards,
                limits,
                parent,
                rebaseOf,
                Optional.empty(),
                Optional.empty());
    }

    public BackupPlan {
        schema = List.copyOf(schema);
        sources = List.copyOf(sources);
        shards = List.copyOf(shards);
        nodes = nodes.map(List::copyOf);
        damage = damage.map(List::copyOf);
    }

    /**
     * A stored layer that shards could not be compared with.
     *
     * @param layer key of its shard manifest
     * @param problem what is wrong with it, one sentence
     * @param shards numbers of the shards of this plan that need it no more, as they hold all there is
     */
    public record DamagedLayer(String layer, String problem, List<Integer> shards) {
        public DamagedLayer {
            shards = List.copyOf(shards);
        }
    }

    /**
     * @param snapshotAt empty where it has none, for the reason that {@code problem} gives
     * @param truncatedBefore what it noted of the last TRUNCATE of the plan's tables before the first snapshot was taken;
     *     a table that is not among them was never truncated. Absent when it did not say
     * @param truncatedAfter the same after the last snapshot
     */
    public record NodeState(
            UUID hostId,
            Optional<Instant> snapshotAt,
            String problem,
            Optional<List<Truncation>> truncatedBefore,
            Optional<List<Truncation>> truncatedAfter) {
        public NodeState {
            truncatedBefore = truncatedBefore.map(List::copyOf);
            truncatedAfter = truncatedAfter.map(List::copyOf);
        }
    }

    /** @param note the node's own words, hex */
    public record Truncation(UUID tableId, String note) {}

    /** Everything a node's snapshot has, by table. */
    public record Source(UUID hostId, String agent, Instant snapshotAt, List<SourceTable> tables) {
        public Source {
            tables = List.copyOf(tables);
        }
    }

    public record SourceTable(TableName table, UUID tableId, String directory, List<SourceSSTable> sstables) {
        public SourceTable {
            sstables = List.copyOf(sstables);
        }
    }

    /**
     * @param seen token ranges of this SSTable that the chain has already; shards with {@link Shard#onto} do not read
     *     them again. Empty: none. SSTables that no shard has to read are left out of the plan
     */
    public record SourceSSTable(
            int dataDirectory, String descriptor, List<SourceComponent> components, Optional<List<TokenRange>> seen) {
        public SourceSSTable {
            components = List.copyOf(components);
            seen = seen.map(List::copyOf);
        }

        public SourceSSTable(int dataDirectory, String descriptor, List<SourceComponent> components) {
            this(dataDirectory, descriptor, components, Optional.empty());
        }
    }

    public record SourceComponent(String name, long sizeBytes, String checksum) {}

    /**
     * One table x some token ranges.
     *
     * @param slices for each replica with a snapshot, what of {@code ranges} it owns
     * @param missing replicas without a snapshot, by range
     * @param gcBeforeEpochSeconds tombstones before this may go where all replicas are read; 0 keeps all
     * @param onto the stored layers below an incremental shard: it holds what changes their merged state. Of a rebase:
     *     the layers that the shard is made of. Empty: the shard holds everything in its ranges and needs no parent
     */
    public record Shard(
            int number,
            TableName table,
            UUID tableId,
            List<TokenRange> ranges,
            List<Slice> slices,
            List<MissingReplica> missing,
            long gcBeforeEpochSeconds,
            long estimatedInputBytes,
            Optional<List<StoredLayer>> onto) {
        public Shard(
                int number,
                TableName table,
                UUID tableId,
                List<TokenRange> ranges,
                List<Slice> slices,
                List<MissingReplica> missing,
                long gcBeforeEpochSeconds,
                long estimatedInputBytes) {
            this(
                    number,
                    table,
                    tableId,
                    ranges,
                    slices,
                    missing,
                    gcBeforeEpochSeconds,
                    estimatedInputBytes,
                    Optional.empty());
        }

        public Shard {
            onto = onto.map(List::copyOf);
            ranges = List.copyOf(ranges);
            slices = List.copyOf(slices);
            missing = List.copyOf(missing);
        }
    }

    public record Slice(UUID hostId, List<TokenRange> ranges) {
        public Slice {
            ranges = List.copyOf(ranges);
        }
    }

    public record MissingReplica(UUID hostId, List<TokenRange> ranges, String reason) {
        public MissingReplica {
            ranges = List.copyOf(ranges);
        }
    }

    public record Limits(long scratchBytesPerTask, long maxSSTableBytes, int fetchStreams) {}
}
