package dev.hindsight.operations.journal;

import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.JournalEntry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** Who replicates a keyspace, in short: two that are equal have equal digests. */
final class OwnersSurvey {
    private static final Duration USUAL_DELAY = Duration.ofSeconds(10);

    private OwnersSurvey() {}

    /** As all nodes that answer see it now; empty while they do not agree, or none answers. */
    static Optional<JournalEntry.Owners> of(LiveCluster cluster, String keyspace, Clock clock) {
        long before = Micros.of(clock.instant());
        try {
            List<Ring> views = cluster.ringViews();
            Optional<Map<String, String>> replication = cluster.replication(keyspace);
            if (views.isEmpty() || replication.isEmpty() || !views.stream().allMatch(views.get(0)::sameOwnershipAs)) {
                return Optional.empty();
            }
            Duration delay = cluster.logDelay().orElse(USUAL_DELAY);
            return Optional.of(new JournalEntry.Owners(
                    digest(views.get(0), Replication.parse(replication.get())), before, delay.toNanos() / 1000));
        } catch (HindsightException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** FORMAT.md, Journal log. */
    static String digest(Ring ring, Replication replication) {
        Map<UUID, String> datacenters =
                ring.nodes().stream().collect(Collectors.toMap(Node::hostId, Node::datacenter, (a, b) -> a));
        ReplicaMap inOrder = new ReplicaMap(Ownership.of(ring, replication).entries().stream()
                        .map(entry -> new ReplicaMap.Entry(
                                entry.range(),
                                entry.replicas().stream().sorted().toList()))
                        .toList())
                .joined();
        StringBuilder text = new StringBuilder();
        for (ReplicaMap.Entry entry : inOrder.entries()) {
            text.append(entry.range().start()).append(' ').append(entry.range().end());
            for (UUID host : entry.replicas()) {
                text.append(' ').append(host).append('@').append(datacenters.getOrDefault(host, ""));
            }
            text.append('\n');
        }
        return Digests.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
