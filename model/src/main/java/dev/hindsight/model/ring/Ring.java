package dev.hindsight.model.ring;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The nodes of one cluster and their tokens. Only Murmur3Partitioner is supported; others are refused by name. */
public record Ring(String clusterName, String partitioner, List<Node> nodes) {
    public static final String MURMUR3 = "org.apache.cassandra.dht.Murmur3Partitioner";

    public Ring {
        nodes = List.copyOf(nodes);
    }

    public Optional<Node> find(UUID hostId) {
        return nodes.stream().filter(node -> node.hostId().equals(hostId)).findFirst();
    }

    /**
     * Equal in everything that ownership depends on: not in who is up, nor in nodes without tokens, such as one that joins, or
     * that was replaced and still stands in some node's tables.
     */
    public boolean sameOwnershipAs(Ring other) {
        return clusterName.equals(other.clusterName)
                && partitioner.equals(other.partitioner)
                && shape().equals(other.shape());
    }

    /**
     * Whether nothing but the name says that {@code now} is the same cluster later: no node has the host id and the address
     * that it had. A copy has the host ids of the original, and could not be told from it by its SSTables: what the original
     * wrote since would be taken for the copy's. A cluster of which all addresses change at once looks the same.
     */
    public boolean isElsewhere(Ring now) {
        Map<UUID, String> addresses = new HashMap<>();
        nodes.forEach(node -> addresses.put(node.hostId(), node.address()));
        return now.nodes().stream().noneMatch(node -> node.address().equals(addresses.get(node.hostId())));
    }

    private List<String> shape() {
        return nodes.stream()
                .filter(node -> !node.tokens().isEmpty())
                .map(node -> node.hostId() + "/" + node.datacenter() + "/" + node.rack() + "/" + node.tokens())
                .sorted()
                .toList();
    }
}
