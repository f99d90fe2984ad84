package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.model.chain.HostNow;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.BackupPlan.NodeState;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The replicas of one run.
 *
 * @param parent what the run builds on; chosen before anything was done on the nodes
 * @param truncatedBefore what nodes noted of TRUNCATEs before the first snapshot, by host and table id
 * @param truncatedAfter the same after the last snapshot
 */
record Snapshots(
        String id,
        String tag,
        Survey survey,
        Selection selection,
        ParentChoice parent,
        List<NodeSource> nodes,
        Map<UUID, Map<UUID, String>> truncatedBefore,
        Map<UUID, Map<UUID, String>> truncatedAfter) {

    /** As if all nodes that can be read had been, now, and had what is listed; of what is not listed, nothing. */
    static Snapshots imagined(
            Survey survey,
            Selection selection,
            ParentChoice parent,
            Instant now,
            Map<UUID, Map<UUID, String>> truncated,
            LiveListings live) {
        List<NodeSource> nodes = survey.ring().nodes().stream()
                .map(node -> survey.agents()
                        .problemOf(node.hostId())
                        .map(problem -> NodeSource.missing(node.hostId(), node.address(), problem))
                        .orElseGet(() -> NodeSource.of(
                                node.hostId(),
                                node.address(),
                                survey.agents()
                                        .find(node.hostId())
                                        .orElseThrow()
                                        .client(),
                                now,
                                live.of(node.hostId())
                                        .orElseGet(() -> new SnapshotListing(node.hostId(), "", List.of())))))
                .toList();
        return new Snapshots("", "", survey, selection, parent, nodes, truncated, truncated);
    }

    ReplicaMap ownersOf(String keyspace) {
        return survey.ownersOf(keyspace);
    }

    /** The last snapshot instant. */
    Instant restorePoint(Clock clock) {
        return nodes.stream()
                .filter(NodeSource::readable)
                .map(NodeSource::requireSnapshotAt)
                .max(Instant::compareTo)
                .orElseGet(clock::instant);
    }

    Map<UUID, NodeSource> byHost() {
        Map<UUID, NodeSource> out = new HashMap<>();
        nodes.forEach(node -> out.put(node.hostId(), node));
        return out;
    }

    /** Every node of the ring as one table sees it. */
    List<HostNow> hosts(TableFacts table, ReplicaMap owners) {
        return nodes.stream()
                .map(node -> new HostNow(
                        node.hostId(),
                        owners.ownedBy(node.hostId()),
                        Optional.ofNullable(node.snapshotAt()),
                        truncation(truncatedBefore, node.hostId(), table.id()),
                        truncation(truncatedAfter, node.hostId(), table.id()),
                        node.readable() ? TableInputs.ids(node.requireListing(), table.id()) : Set.of()))
                .toList();
    }

    /** What another run has to know of the nodes that goes on with this one's plan. */
    List<NodeState> states() {
        return nodes.stream()
                .map(node -> new NodeState(
                        node.hostId(),
                        Optional.ofNullable(node.snapshotAt()),
                        node.problem(),
                        Optional.ofNullable(truncatedBefore.get(node.hostId())).map(this::ofSelection),
                        Optional.ofNullable(truncatedAfter.get(node.hostId())).map(this::ofSelection)))
                .toList();
    }

    private List<BackupPlan.Truncation> ofSelection(Map<UUID, String> notes) {
        List<BackupPlan.Truncation> out = new ArrayList<>();
        for (TableFacts table : selection.tables()) {
            Optional.ofNullable(notes.get(table.id()))
                    .ifPresent(note -> out.add(new BackupPlan.Truncation(table.id(), note)));
        }
        return out;
    }

    private static Optional<String> truncation(Map<UUID, Map<UUID, String>> notes, UUID host, UUID table) {
        return Optional.ofNullable(notes.get(host)).map(tables -> tables.getOrDefault(table, ""));
    }
}
