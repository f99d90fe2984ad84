package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.sharding.RingCuts;
import dev.hindsight.operations.backup.TableChoice.Cut;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.StoredLayer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Cuts tables into shards and says what each replica contributes, for one plan. A pure function of the snapshots' listings, the ring's
 * ownership and the sizes; no I/O.
 */
final class ShardPlanner {
    static final int MOST_SHARDS_PER_TABLE = 4096;
    private static final long SCRATCH_SLACK_BYTES = 32L << 20;
    /** A shard of a chain is cut in parts once it has this many times the bytes that one shard should read. */
    private static final long GROWN = 4;
    /**
     * All of them: a purged tombstone whose shadowed data still lie in an SSTable that the chain has seen would let a
     * compaction's rewrite of those data come back in a later incremental.
     */
    private static final long KEEP_TOMBSTONES = 0;

    private final List<NodeSource> nodes;
    private final Function<String, ReplicaMap> ownersOfKeyspace;
    private final long shardBytes;
    private long mostFingerprintBytes;

    /** @param ownersOfKeyspace replica map by keyspace name */
    ShardPlanner(List<NodeSource> nodes, Function<String, ReplicaMap> ownersOfKeyspace, long shardBytes) {
        this.nodes = nodes;
        this.ownersOfKeyspace = ownersOfKeyspace;
        this.shardBytes = shardBytes;
    }

    /** Biggest first, so that workers end at about the same time; numbers count from 1 in table order. */
    List<BackupPlan.Shard> plan(List<TableChoice> tables) {
        List<BackupPlan.Shard> shards = new ArrayList<>();
        for (TableChoice choice : tables) {
            TableInputs inputs = new TableInputs(
                    choice, nodes, ownersOfKeyspace.apply(choice.table().name().keyspace()));
            for (Cut cut : cuts(choice, inputs)) {
                mostFingerprintBytes = Math.max(mostFingerprintBytes, cut.fingerprintBytes());
                shards.add(shard(shards.size() + 1, choice.table(), cut, inputs));
            }
        }
        shards.sort(Comparator.comparingLong(BackupPlan.Shard::estimatedInputBytes)
                .reversed()
                .thenComparingInt(BackupPlan.Shard::number));
        return List.copyOf(shards);
    }

    /** As the chain is cut, so that what is compared lines up; where that has grown too big, in even parts. */
    private List<Cut> cuts(TableChoice choice, TableInputs inputs) {
        List<Cut> from = choice.cuts().isEmpty() ? List.of(Cut.whole(TokenRanges.FULL)) : choice.cuts();
        List<Cut> out = new ArrayList<>();
        for (Cut cut : from) {
            long bytes = inputs.bytes(cut);
            boolean keep = !choice.cuts().isEmpty() && bytes <= GROWN * shardBytes;
            int pieces = keep ? 1 : RingCuts.pieces(bytes, shardBytes, MOST_SHARDS_PER_TABLE / from.size() + 1);
            for (TokenRanges piece : RingCuts.even(cut.ranges(), Math.min(pieces, MOST_SHARDS_PER_TABLE))) {
                out.add(new Cut(piece, cut.onto().map(layers -> within(layers, piece)), cut.fingerprintBytes()));
            }
        }
        return out;
    }

    private static List<StoredLayer> within(List<StoredLayer> layers, TokenRanges ranges) {
        return layers.stream()
                .map(layer -> new StoredLayer(
                        layer.shard(),
                        TokenRanges.of(layer.ranges()).intersect(ranges).ranges()))
                .filter(layer -> !layer.ranges().isEmpty())
                .toList();
    }

    private BackupPlan.Shard shard(int number, TableFacts table, Cut cut, TableInputs inputs) {
        List<BackupPlan.Slice> slices = new ArrayList<>();
        List<BackupPlan.MissingReplica> missing = new ArrayList<>();
        for (NodeSource node : nodes) {
            TokenRanges mine = inputs.owned(node.hostId()).intersect(cut.ranges());
            if (mine.isEmpty()) {
                continue;
            }
            if (node.readable()) {
                slices.add(new BackupPlan.Slice(node.hostId(), mine.ranges()));
            } else {
                missing.add(new BackupPlan.MissingReplica(node.hostId(), mine.ranges(), node.problem()));
            }
        }
        return new BackupPlan.Shard(
                number,
                table.name(),
                table.id(),
                cut.ranges().ranges(),
                slices,
                missing,
                KEEP_TOMBSTONES,
                inputs.bytes(cut),
                cut.onto());
    }

    /**
     * Shards with all there is in the ranges of another one, cut by size as those of a full backup are.
     *
     * @param first number of the first of them
     */
    List<BackupPlan.Shard> whole(BackupPlan.Shard shard, TableChoice choice, int first) {
        TableInputs inputs = new TableInputs(
                choice, nodes, ownersOfKeyspace.apply(choice.table().name().keyspace()));
        TokenRanges ranges = TokenRanges.of(shard.ranges());
        int pieces = RingCuts.pieces(inputs.bytes(Cut.whole(ranges)), shardBytes, MOST_SHARDS_PER_TABLE);
        List<BackupPlan.Shard> out = new ArrayList<>();
        for (TokenRanges piece : RingCuts.even(ranges, pieces)) {
            out.add(shard(first + out.size(), choice.table(), Cut.whole(piece), inputs));
        }
        return out;
    }

    /**
     * What one task may use of scratch: its inputs twice (once as read, once as written when nothing is redundant), with
     * half as much again because tokens are not spread evenly, and the small components whole, which every shard of the
     * table needs. An incremental one also brings the fingerprints of its layers, and writes what it finds out of them.
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
        return most + 2 * mostFingerprintBytes + SCRATCH_SLACK_BYTES;
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

    /** What is read of one node, as the plan object carries it: only what some shard needs. */
    BackupPlan.Source source(NodeSource node, List<TableChoice> tables) {
        List<BackupPlan.SourceTable> out = new ArrayList<>();
        for (SnapshotListing.Table table : node.requireListing().tables()) {
            for (TableChoice choice : tables) {
                if (choice.table().id().equals(table.tableId())) {
                    TableInputs inputs = new TableInputs(
                            choice,
                            nodes,
                            ownersOfKeyspace.apply(choice.table().name().keyspace()));
                    out.add(new BackupPlan.SourceTable(
                            table.name(), table.tableId(), table.directory(), inputs.sources(node.hostId(), table)));
                }
            }
        }
        return new BackupPlan.Source(
                node.hostId(), node.requireAgent().address(), node.requireSnapshotAt(), List.copyOf(out));
    }
}
