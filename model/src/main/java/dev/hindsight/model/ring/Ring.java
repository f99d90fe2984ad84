package dev.hindsight.model.ring;

import java.util.List;
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

    /** Equal in everything that ownership depends on (not in who is up). */
    public boolean sameOwnershipAs(Ring other) {
        return clusterName.equals(other.clusterName)
                && partitioner.equals(other.partitioner)
                && shape().equals(other.shape());
    }

    private List<String> shape() {
        return nodes.stream()
                .map(node -> node.hostId() + "/" + node.datacenter() + "/" + node.rack() + "/" + node.tokens())
                .sorted()
                .toList();
    }
}
