package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.sharding.RingCuts;
import dev.hindsight.repository.document.BackupPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/**
 * Cuts tables into shards and says what each replica contributes. A pure function of the snapshots' listings, the ring's
 * ownership and the sizes; no I/O.
 */
final class ShardPlanner {
    static final int MOST_SHARDS_PER_TABLE = 4096;
    private static final long SCRATCH_SLACK_BYTES = 32L << 20;

    private final List<NodeSource> nodes;
    private final Function<String, ReplicaMap> ownersOfKeyspace;
    private final long shardBytes;

    /** @param ownersOfKeyspace replica map by keyspace name */
    ShardPlanner(List<NodeSource> nodes, Function<String, ReplicaMap> ownersOfKeyspace, long shardBytes) {
        this.nodes = nodes;
        this.ownersOfKeyspace = ownersOfKeyspace;
        this.shardBytes = shardBytes;
    }

    /** Biggest first, so that workers end at about the same time; numbers count from 1 in table order. */
    List<BackupPlan.Shard> plan(List<TableFacts> tables) {
        List<BackupPlan.Shard> shards = new ArrayList<>();
        int number = 1;
        for (TableFacts table : tables) {
            ReplicaMap owners = ownersOfKeyspace.apply(table.name().keyspace());
            Map<UUID, TokenRanges> owned = new HashMap<>();
            long bytes = 0;
            for (NodeSource node : nodes) {
                owned.put(node.hostId(), owners.ownedBy(node.hostId()));
                bytes += node.readable() ? tableBytes(node.requireListing(), table) : 0;
            }
            int pieces = RingCuts.pieces(bytes, shardBytes, MOST_SHARDS_PER_TABLE);
            for (TokenRange piece : RingCuts.even(pieces)) {
                shards.add(shard(number++, table, TokenRanges.of(piece), owned, bytes / pieces));
            }
        }
        shards.sort(Comparator.comparingLong(BackupPlan.Shard::estimatedInputBytes)
                .reversed()
                .thenComparingInt(BackupPlan.Shard::number));
        return List.copyOf(shards);
    }

    private BackupPlan.Shard shard(
            int number, TableFacts table, TokenRanges ranges, Map<UUID, TokenRanges> owned, long estimatedBytes) {
        List<BackupPlan.Slice> slices = new ArrayList<>();
        List<BackupPlan.MissingReplica> missing = new ArrayList<>();
        Instant earliest = Instant.MAX;
        for (NodeSource node : nodes) {
            TokenRanges mine =
                    owned.getOrDefault(node.hostId(), TokenRanges.NONE).intersect(ranges);
            if (mine.isEmpty()) {
                continue;
            }
            if (node.readable()) {
                slices.add(new BackupPlan.Slice(node.hostId(), mine.ranges()));
                Instant at = node.requireSnapshotAt();
                earliest = at.isBefore(earliest) ? at : earliest;
            } else {
                missing.add(new BackupPlan.MissingReplica(node.hostId(), mine.ranges(), node.problem()));
            }
        }
        long gcBefore = missing.isEmpty() && !slices.isEmpty() ? earliest.getEpochSecond() - table.gcGraceSeconds() : 0;
        return new BackupPlan.Shard(
                number, table.name(), table.id(), ranges.ranges(), slices, missing, gcBefore, estimatedBytes);
    }

    /**
     * What one task may use of scratch: its inputs twice (once as read, once as written when nothing is redundant), with
     * half as much again because tokens are not spread evenly, and the small components whole, which every shard of the
     * table needs.
     */
    long scratchBytesPerTask(List<BackupPlan.Shard> shards) {
        Map<TableName, Long> smallBytes = new HashMap<>();
        for (NodeSource node : nodes) {
            if (node.readable()) {
                for (SnapshotListing.Table table : node.requireListing().tables()) {
                    smallBytes.merge(table.name(), smallBytes(table), Long::sum);
                }
            }
        }
        long most = 0;
        for (BackupPlan.Shard shard : shards) {
            long small = smallBytes.getOrDefault(shard.table(), 0L);
            most = Math.max(most, shard.estimatedInputBytes() * 3 + small);
        }
        return most + SCRATCH_SLACK_BYTES;
    }

    static long tableBytes(SnapshotListing listing, TableFacts table) {
        return listing.tables().stream()
                .filter(entry -> entry.tableId().equals(table.id()))
                .flatMap(entry -> entry.sstables().stream())
                .flatMap(sstable -> sstable.components().stream())
                .mapToLong(SnapshotListing.Component::sizeBytes)
                .sum();
    }

    static long dataBytes(SnapshotListing listing, List<TableFacts> tables) {
        return listing.tables().stream()
                .filter(entry -> tables.stream().anyMatch(facts -> facts.id().equals(entry.tableId())))
                .flatMap(entry -> entry.sstables().stream())
                .mapToLong(SnapshotListing.SSTable::dataBytes)
                .sum();
    }

    private static long smallBytes(SnapshotListing.Table table) {
        return table.sstables().stream()
                .flatMap(sstable -> sstable.components().stream())
                .filter(component -> !component.name().equals("Data.db"))
                .mapToLong(SnapshotListing.Component::sizeBytes)
                .sum();
    }

    /** The listing of one node as the plan object carries it, only the tables that are backed up. */
    static BackupPlan.Source source(NodeSource node, List<TableFacts> tables) {
        List<BackupPlan.SourceTable> out = new ArrayList<>();
        for (SnapshotListing.Table table : node.requireListing().tables()) {
            if (tables.stream().noneMatch(facts -> facts.id().equals(table.tableId()))) {
                continue;
            }
            List<BackupPlan.SourceSSTable> sstables = table.sstables().stream()
                    .map(sstable -> new BackupPlan.SourceSSTable(
                            sstable.dataDirectory(),
                            sstable.descriptor(),
                            sstable.components().stream()
                                    .map(component -> new BackupPlan.SourceComponent(
                                            component.name(), component.sizeBytes(), component.checksum()))
                                    .toList()))
                    .toList();
            out.add(new BackupPlan.SourceTable(table.name(), table.tableId(), table.directory(), sstables));
        }
        return new BackupPlan.Source(
                node.hostId(), node.requireAgent().address(), node.requireSnapshotAt(), List.copyOf(out));
    }
}
