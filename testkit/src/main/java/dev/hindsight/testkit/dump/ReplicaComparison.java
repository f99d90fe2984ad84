package dev.hindsight.testkit.dump;

import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether every replica by itself holds what the cluster as a whole holds.
 *
 * @param differences one paragraph per replica that differs
 */
public record ReplicaComparison(TableName table, List<String> differences) {
    public ReplicaComparison {
        differences = List.copyOf(differences);
    }

    /** Reads each running node by itself, then all together, and compares each with its part of the whole. */
    public static ReplicaComparison of(TableDumper dumper, CassandraRing ring, TableName table) {
        List<TableDump> alone = new ArrayList<>();
        List<CassandraNode> nodes = ring.running();
        nodes.forEach(node -> alone.add(dumper.ofReplica(ring, node, table)));
        TableDump whole = dumper.atAll(ring, table);
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            CassandraNode node = nodes.get(i);
            DumpDiff diff = DumpDiff.between(whole.within(TableDumper.ownedBy(node, table.keyspace())), alone.get(i));
            if (!diff.isEqual()) {
                differences.add(table + " on " + node + " against the cluster: " + diff.describe());
            }
        }
        return new ReplicaComparison(table, differences);
    }

    public boolean replicasEqual() {
        return differences.isEmpty();
    }

    /** "equal", or what differs. */
    public String describe() {
        return replicasEqual() ? "equal" : String.join("\n", differences);
    }
}
