package dev.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.Ring;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.dht.Murmur3Partitioner.LongToken;
import org.apache.cassandra.dht.Token;
import org.apache.cassandra.locator.AbstractNetworkTopologySnitch;
import org.apache.cassandra.locator.AbstractReplicationStrategy;
import org.apache.cassandra.locator.InetAddressAndPort;
import org.apache.cassandra.locator.NetworkTopologyStrategy;
import org.apache.cassandra.locator.Replica;
import org.apache.cassandra.locator.SimpleStrategy;
import org.apache.cassandra.locator.TokenMetadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@link Ownership} against Cassandra 5.0.9's own strategies, replica by replica and in their order. */
class PlacementAgainstCassandraTest {
    private static final int RINGS = 300;

    @BeforeAll
    static void configureCassandra() {
        DatabaseDescriptor.clientInitialization();
        DatabaseDescriptor.setPartitionerUnsafe(org.apache.cassandra.dht.Murmur3Partitioner.instance);
    }

    @Test
    void everyRangeOfRandomRingsHasCassandrasReplicasInCassandrasOrder() {
        String given = System.getProperty("test.seed", "");
        long seed = given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
        Random random = new Random(seed);
        for (int round = 0; round < RINGS; round++) {
            Ring ring = ring(random);
            Replication replication = replication(random);
            AbstractReplicationStrategy strategy = strategy(ring, replication);
            TokenMetadata metadata = metadata(ring);

            ReplicaMap map = Ownership.of(ring, replication);

            for (ReplicaMap.Entry entry : map.entries()) {
                List<UUID> expected = new ArrayList<>();
                for (Replica replica : strategy.calculateNaturalReplicas(
                        new LongToken(entry.range().end()), metadata)) {
                    expected.add(host(replica.endpoint()));
                }
                assertThat(entry.replicas())
                        .as("seed %s, ring %s, %s, range %s", seed, round, replication, entry.range())
                        .isEqualTo(expected);
            }
        }
    }

    private static AbstractReplicationStrategy strategy(Ring ring, Replication replication) {
        Map<String, String> options = new HashMap<>(replication.asMap());
        options.remove("class");
        return replication instanceof Replication.Simple
                ? new SimpleStrategy("ks", metadata(ring), new RingSnitch(ring), options)
                : new NetworkTopologyStrategy("ks", metadata(ring), new RingSnitch(ring), options);
    }

    private static TokenMetadata metadata(Ring ring) {
        TokenMetadata metadata = new TokenMetadata(new RingSnitch(ring));
        for (Node node : ring.nodes()) {
            List<Token> tokens = new ArrayList<>();
            node.tokens().forEach(token -> tokens.add(new LongToken(token)));
            if (!tokens.isEmpty()) {
                metadata.updateHostId(node.hostId(), endpoint(node.hostId()));
                metadata.updateNormalTokens(tokens, endpoint(node.hostId()));
            }
        }
        return metadata;
    }

    private static Ring ring(Random random) {
        int count = 1 + random.nextInt(15);
        int datacenters = 1 + random.nextInt(3);
        int racks = 1 + random.nextInt(5);
        int most = 1 + random.nextInt(16);
        Set<Long> used = new HashSet<>();
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Long> tokens = new ArrayList<>();
            for (int t = 1 + random.nextInt(most); t > 0; t--) {
                long token = random.nextInt(5) == 0 ? random.nextInt(100) : random.nextLong();
                if (token != Long.MIN_VALUE && used.add(token)) {
                    tokens.add(token);
                }
            }
            nodes.add(new Node(
                    new UUID(0, i),
                    "node-" + i,
                    "dc" + random.nextInt(datacenters),
                    "r" + random.nextInt(racks),
                    tokens.isEmpty() ? List.of(1_000_000L + i) : tokens,
                    "5.0.9",
                    true));
        }
        return new Ring("c", Ring.MURMUR3, nodes);
    }

    private static Replication replication(Random random) {
        if (random.nextInt(4) == 0) {
            return new Replication.Simple(1 + random.nextInt(5));
        }
        Map<String, Integer> factors = new HashMap<>();
        for (int dc = 0; dc < 4; dc++) {
            if (dc == 0 || random.nextBoolean()) {
                factors.put("dc" + dc, 1 + random.nextInt(6));
            }
        }
        return new Replication.NetworkTopology(factors);
    }

    private static InetAddressAndPort endpoint(UUID host) {
        try {
            return InetAddressAndPort.getByAddress(
                    InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host.getLeastSignificantBits()}));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static UUID host(InetAddressAndPort endpoint) {
        return new UUID(0, endpoint.getAddress().getAddress()[3]);
    }

    private static final class RingSnitch extends AbstractNetworkTopologySnitch {
        private final Ring ring;

        RingSnitch(Ring ring) {
            this.ring = ring;
        }

        @Override
        public String getRack(InetAddressAndPort endpoint) {
            return ring.find(host(endpoint)).orElseThrow().rack();
        }

        @Override
        public String getDatacenter(InetAddressAndPort endpoint) {
            return ring.find(host(endpoint)).orElseThrow().datacenter();
        }
    }
}
