package dev.hindsight.operations.restore;

import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.sharding.RingCuts;
import dev.hindsight.model.sharding.TargetGroups;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.document.StoredLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Cuts a restore or an export into shards. Pure. */
final class RestoreSharding {
    /** More SSTables than this for one table on one node, and each node gets its own output instead. */
    static final int MOST_SETS_PER_NODE = 6;

    private static final int MOST_PIECES = 1024;

    private RestoreSharding() {}

    /** @param ownersOf the target's replica map for a source table */
    static List<RestorePlan.Shard> forRing(
            BackupContents contents, Function<TableName, ReplicaMap> ownersOf, long shardBytes) {
        List<RestorePlan.Shard> out = new ArrayList<>();
        int[] number = {1};
        for (TableName table : contents.tables()) {
            for (TargetGroups.Group group : TargetGroups.of(ownersOf.apply(table), MOST_SETS_PER_NODE)) {
                add(out, number, contents, table, group.ranges(), group.nodes(), shardBytes);
            }
        }
        return biggestFirst(out);
    }

    static List<RestorePlan.Shard> forExport(BackupContents contents, long shardBytes) {
        List<RestorePlan.Shard> out = new ArrayList<>();
        int[] number = {1};
        for (TableName table : contents.tables()) {
            add(out, number, contents, table, TokenRanges.FULL, List.of(), shardBytes);
        }
        return biggestFirst(out);
    }

    private static void add(
            List<RestorePlan.Shard> out,
            int[] number,
            BackupContents contents,
            TableName table,
            TokenRanges ranges,
            List<UUID> nodes,
            long shardBytes) {
        int pieces = RingCuts.pieces(contents.estimatedBytes(table, ranges), shardBytes, MOST_PIECES);
        for (TokenRanges piece : RingCuts.even(ranges, pieces)) {
            shard(number[0], contents, table, piece, nodes).ifPresent(shard -> {
                out.add(shard);
                number[0]++;
            });
        }
    }

    /** Empty when nothing is stored there and no journal may add anything. */
    private static Optional<RestorePlan.Shard> shard(
            int number, BackupContents contents, TableName table, TokenRanges piece, List<UUID> nodes) {
        long bytes = contents.estimatedBytes(table, piece);
        if (contents.standsAlone(table)) {
            List<Integer> stored = contents.overlapping(table, piece);
            return stored.isEmpty() && contents.records(table).isEmpty()
                    ? Optional.empty()
                    : Optional.of(new RestorePlan.Shard(number, table, piece.ranges(), nodes, stored, bytes));
        }
        List<StoredLayer> layers = contents.planned(table, piece);
        return layers.isEmpty() && contents.records(table).isEmpty()
                ? Optional.empty()
                : Optional.of(new RestorePlan.Shard(
                        number, table, piece.ranges(), nodes, List.of(), bytes, Optional.of(layers)));
    }

    private static List<RestorePlan.Shard> biggestFirst(List<RestorePlan.Shard> shards) {
        shards.sort(Comparator.comparingLong(RestorePlan.Shard::estimatedBytes)
                .reversed()
                .thenComparingInt(RestorePlan.Shard::number));
        return List.copyOf(shards);
    }

    static Map<UUID, Long> bytesByNode(List<RestorePlan.Shard> shards) {
        Map<UUID, Long> out = new HashMap<>();
        shards.forEach(shard -> shard.nodes().forEach(node -> out.merge(node, shard.estimatedBytes(), Long::sum)));
        return out;
    }

    /** The most SSTables that any node gets for any table, when no shard's output is split by size. */
    static int sstablesPerNode(List<RestorePlan.Shard> shards) {
        Map<String, Integer> count = new HashMap<>();
        shards.forEach(shard ->
                shard.nodes().forEach(node -> count.merge(shard.source() + "@" + node, 1, Integer::sum)));
        return count.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** Shards each of {@code workers} workers does when the next free one takes the next biggest. */
    static List<Integer> spread(List<RestorePlan.Shard> shards, int workers) {
        long[] load = new long[workers];
        Integer[] count = new Integer[workers];
        Arrays.fill(count, 0);
        for (RestorePlan.Shard shard : shards) {
            int least = 0;
            for (int i = 1; i < workers; i++) {
                least = load[i] < load[least] ? i : least;
            }
            load[least] += Math.max(1, shard.estimatedBytes());
            count[least]++;
        }
        return List.of(count);
    }
}
