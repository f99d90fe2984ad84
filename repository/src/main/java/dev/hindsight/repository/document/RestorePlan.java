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
        BackupPlan.Limits limits) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 2;

    public RestorePlan {
        agents = List.copyOf(agents);
        tables = List.copyOf(tables);
        shards = List.copyOf(shards);
    }

    public record TargetAgent(UUID hostId, String agent) {}

    /** @param targetId of the table in the target cluster, once it exists; a new one, never the source's */
    public record Table(
            TableName source, UUID sourceId, TableName target, UUID targetId, List<String> types, String ddl) {
        public Table {
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
