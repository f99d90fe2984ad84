package dev.hindsight.operations.restore;

import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.repository.document.RestorePlan;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Which tables of a restore's target were truncated when last, on which of its nodes. A TRUNCATE takes away what was
 * imported, from all nodes, while the notes of what was imported where stand on: comparing these tells. No clocks are
 * compared, only whether a node's note is still the same.
 *
 * @param notes by {@code <host id>/<table id>}; only where there is one
 */
record Truncations(Map<String, String> notes) {
    /**
     * As they are now.
     *
     * @throws ClusterUnreachableException a node that gets data does not answer
     */
    static Truncations read(LiveCluster cluster, RestorePlan plan) {
        Set<UUID> nodes = plan.shards().stream()
                .flatMap(shard -> shard.nodes().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        Map<UUID, Map<UUID, String>> all = cluster.truncations();
        Map<String, String> out = new TreeMap<>();
        for (UUID node : nodes) {
            Map<UUID, String> there = all.get(node);
            if (there == null) {
                throw new ClusterUnreachableException(
                        "node " + node + " of cluster '" + cluster.name()
                                + "' does not say whether its tables were truncated",
                        "bring the node up, then run the same command again");
            }
            for (RestorePlan.Table table : plan.tables()) {
                String note = there.getOrDefault(table.targetId(), "");
                if (!note.isEmpty()) {
                    out.put(node + "/" + table.targetId(), note);
                }
            }
        }
        return new Truncations(out);
    }

    static Truncations parse(String text) {
        Map<String, String> out = new TreeMap<>();
        for (String one : text.split(" ", -1)) {
            int equals = one.indexOf('=');
            if (equals > 0) {
                out.put(one.substring(0, equals), one.substring(equals + 1));
            }
        }
        return new Truncations(out);
    }

    String asText() {
        return notes.entrySet().stream()
                .map(one -> one.getKey() + "=" + one.getValue())
                .collect(Collectors.joining(" "));
    }

    /** What was truncated since {@code before}: {@code <table> on node <host id>}, in order. */
    List<String> since(Truncations before, RestorePlan plan) {
        return notes.entrySet().stream()
                .filter(one -> !Objects.equals(before.notes.get(one.getKey()), one.getValue()))
                .map(one -> {
                    String[] parts = one.getKey().split("/", 2);
                    return plan.tables().stream()
                                    .filter(table -> table.targetId().toString().equals(parts[1]))
                                    .map(table -> table.target().toString())
                                    .collect(Collectors.joining())
                            + " on node " + parts[0];
                })
                .toList();
    }
}
