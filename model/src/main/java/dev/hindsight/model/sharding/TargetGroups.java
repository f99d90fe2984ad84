package dev.hindsight.model.sharding;

import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Which token ranges go to which nodes of a restore's target.
 *
 * <p>One group for each distinct replica set, whose SSTables go to all its nodes: every record is then synthesised and
 * compressed once. With many vnodes a node would belong to too many sets and get that many small SSTables per table;
 * beyond {@code mostSetsPerNode} it is one group for each node instead, which costs RF times the synthesis but gives one
 * SSTable.
 */
public final class TargetGroups {
    /** @param nodes sorted by host id; all of them own all of {@code ranges} */
    public record Group(List<UUID> nodes, TokenRanges ranges) {
        public Group {
            nodes = List.copyOf(nodes);
        }
    }

    private TargetGroups() {}

    public static List<Group> of(ReplicaMap owners, int mostSetsPerNode) {
        Map<List<UUID>, List<TokenRange>> bySet = new LinkedHashMap<>();
        for (ReplicaMap.Entry entry : owners.entries()) {
            List<UUID> set = List.copyOf(new TreeSet<>(entry.replicas()));
            bySet.computeIfAbsent(set, key -> new ArrayList<>()).add(entry.range());
        }
        bySet.remove(List.<UUID>of());
        Map<UUID, Integer> setsOfNode = new LinkedHashMap<>();
        bySet.keySet().forEach(set -> set.forEach(node -> setsOfNode.merge(node, 1, Integer::sum)));
        int most =
                setsOfNode.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        if (most <= mostSetsPerNode) {
            return bySet.entrySet().stream()
                    .map(entry -> new Group(entry.getKey(), TokenRanges.of(entry.getValue())))
                    .toList();
        }
        return new TreeSet<>(setsOfNode.keySet())
                .stream()
                        .map(node -> new Group(List.of(node), owners.ownedBy(node)))
                        .toList();
    }
}
