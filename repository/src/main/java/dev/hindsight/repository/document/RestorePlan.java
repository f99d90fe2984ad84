package dev.hindsight.repository.document;

import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code restores/<id>/plan.json}: what the shard tasks of a restore or export refer to. Holds no secret.
 *
 * @param manifest of the backup it reads
 * @param ttl {@code keep}, {@code freeze} or {@code drop}
 * @param target nodes of the target ring with their agents; empty for an export
 * @param exportDirectory where an export writes; empty for a restore
 * @param instant that is restored, of the tables' journals; empty: the backup as it is
 */
public record RestorePlan(
        int format,
        String id,
        Instant createdAt,
        ObjectRef manifest,
        String ttl,
        long nowEpochSeconds,
        Ring target,
        List<TargetAgent> agents,
        String exportDirectory,
        List<Table> tables,
        List<Shard> shards,
        BackupPlan.Limits limits,
        Optional<Instant> instant) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 3;

    /** Of a backup as it is. */
    public RestorePlan(
            int format,
            String id,
            Instant createdAt,
            ObjectRef manifest,
            String ttl,
            long nowEpochSeconds,
            Ring target,
            List<TargetAgent> agents,
            String exportDirectory,
            List<Table> tables,
            List<Shard> shards,
            BackupPlan.Limits limits) {
        this(
                format,
                id,
                createdAt,
                manifest,
                ttl,
                nowEpochSeconds,
                target,
                agents,
                exportDirectory,
                tables,
                shards,
                limits,
                Optional.empty());
    }

    public RestorePlan {
        agents = List.copyOf(agents);
        tables = List.copyOf(tables);
        shards = List.copyOf(shards);
    }

    public record TargetAgent(UUID hostId, String agent) {}

    /**
     * @param targetId of the table in the target cluster, once it exists; a new one, never the source's
     * @param journal what to apply to the backup's records; empty: nothing
     */
    public record Table(
            TableName source,
            UUID sourceId,
            TableName target,
            UUID targetId,
            List<String> types,
            String ddl,
            Optional<Journal> journal) {
        public Table(TableName source, UUID sourceId, TableName target, UUID targetId, List<String> types, String ddl) {
            this(source, sourceId, target, targetId, types, ddl, Optional.empty());
        }

        public Table {
            types = List.copyOf(types);
        }
    }

    /**
     * The restore record set: the records {@code firstNumber} to {@code lastNumber} of the table's journal. Of a shard
     * those count whose token is in its ranges.
     *
     * @param segments that hold them; may hold others
     * @param schemas that the table had, each under its own name
     * @param schema which of {@code schemas} it has at the instant: all that is merged is understood by it
     * @param firstNumber 1, or behind the last truncation before the instant
     * @param lastNumber 0 when there is none
     * @param alone the table was truncated after the backup and before the instant: nothing of the backup counts
     */
    public record Journal(
            List<Segment> segments,
            List<Schema> schemas,
            int schema,
            long firstNumber,
            long lastNumber,
            boolean alone) {
        public Journal {
            segments = List.copyOf(segments);
            schemas = List.copyOf(schemas);
        }
    }

    /**
     * @param schema which of the journal's schemas its records are decoded with
     * @param firstToken lowest of its records' tokens, and {@code lastToken} the highest
     */
    public record Segment(
            ObjectRef object, int schema, long firstNumber, long lastNumber, long firstToken, long lastToken) {}

    /** As in a {@code TableDefinition}: types that the table needs, dependencies first, and the table with what was dropped. */
    public record Schema(List<String> types, String ddl) {
        public Schema {
            types = List.copyOf(types);
        }
    }

    /**
     * One unit of restore work: some ranges of one table, to one set of nodes.
     *
     * @param nodes every one gets the same SSTables; empty for an export
     * @param stored numbers of the backup's shards that overlap
     * @param layers of a chain: what to read instead of {@code stored}; in any order, since merging has none
     */
    public record Shard(
            int number,
            TableName source,
            List<TokenRange> ranges,
            List<UUID> nodes,
            List<Integer> stored,
            long estimatedBytes,
            Optional<List<StoredLayer>> layers) {
        public Shard(
                int number,
                TableName source,
                List<TokenRange> ranges,
                List<UUID> nodes,
                List<Integer> stored,
                long estimatedBytes) {
            this(number, source, ranges, nodes, stored, estimatedBytes, Optional.empty());
        }

        public Shard {
            layers = layers.map(List::copyOf);
            ranges = List.copyOf(ranges);
            nodes = List.copyOf(nodes);
            stored = List.copyOf(stored);
        }
    }
}
