package dev.hindsight.model.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class OwnershipTest {
    @Test
    void simpleStrategyTakesTheNextNodesClockwise() {
        Ring ring = ring(node(1, "dc1", "r1", -100, 50), node(2, "dc1", "r1", 0), node(3, "dc1", "r1", 100));

        ReplicaMap map = Ownership.of(ring, new Replication.Simple(2));

        assertThat(map.entries())
                .containsExactly(
                        entry(Long.MIN_VALUE, -100, 1, 2),
                        entry(-100, 0, 2, 1),
                        entry(0, 50, 1, 3),
                        entry(50, 100, 3, 1),
                        entry(100, Long.MAX_VALUE, 1, 2));
        assertThat(map.replicasOf(100)).containsExactly(id(3), id(1));
        assertThat(map.replicasOf(101)).containsExactly(id(1), id(2));
        assertThat(map.replicasOf(Long.MIN_VALUE)).isEmpty();
        assertThat(map.ownedBy(id(3))).isEqualTo(TokenRanges.of(new TokenRange(0, 100)));
        assertThat(map.intersecting(new TokenRange(0, 51))).containsExactly(entry(0, 50, 1, 3), entry(50, 100, 3, 1));
    }

    @Test
    void tokensAtTheEndsOfTheRingLeaveNoEmptyPiece() {
        assertThat(Ownership.of(ring(node(1, "dc1", "r1", Long.MIN_VALUE), node(2, "dc1", "r1", 0)), simple(1))
                        .entries())
                .containsExactly(entry(Long.MIN_VALUE, 0, 2), entry(0, Long.MAX_VALUE, 1));
        assertThat(Ownership.of(ring(node(1, "dc1", "r1", Long.MAX_VALUE), node(2, "dc1", "r1", 0)), simple(1))
                        .entries())
                .containsExactly(entry(Long.MIN_VALUE, 0, 2), entry(0, Long.MAX_VALUE, 1));
        assertThat(Ownership.of(ring(node(1, "dc1", "r1", 7)), simple(3)).entries())
                .containsExactly(entry(Long.MIN_VALUE, Long.MAX_VALUE, 1));
    }

    @Test
    void aRackThatIsOnlyOneNodeHoldsAReplicaOfEverything() {
        Ring ring = ring(
                node(1, "dc1", "r1", 0), node(2, "dc1", "r1", 10), node(3, "dc1", "r1", 20), node(4, "dc1", "r2", 30));

        ReplicaMap map = Ownership.of(ring, topology(Map.of("dc1", 2)));

        assertThat(map.ownedBy(id(4))).isEqualTo(TokenRanges.FULL);
        assertThat(map.replicasOf(0)).containsExactly(id(1), id(4));
    }

    @Test
    void fewerRacksThanReplicasAreFilledByTheFirstNodesMet() {
        Ring ring = ring(
                node(1, "dc1", "r1", 0), node(2, "dc1", "r1", 10), node(3, "dc1", "r1", 20), node(4, "dc1", "r2", 30));

        ReplicaMap map = Ownership.of(ring, topology(Map.of("dc1", 3)));

        assertThat(map.replicasOf(0)).containsExactly(id(1), id(2), id(4));
        assertThat(map.replicasOf(25)).containsExactly(id(4), id(1), id(2));
    }

    @Test
    void fewerNodesThanReplicasMeansAllNodesAndUnknownDatacentersMeanNone() {
        Ring ring = ring(node(1, "dc1", "r1", 0), node(2, "dc2", "r1", 10));

        assertThat(Ownership.of(ring, topology(Map.of("dc1", 3, "dc2", 3, "dc3", 3)))
                        .replicasOf(5))
                .containsExactly(id(2), id(1));
        assertThat(Ownership.of(ring, topology(Map.of("dc3", 3))).joined().entries())
                .containsExactly(entry(Long.MIN_VALUE, Long.MAX_VALUE));
    }

    @Test
    void replicationFactorOfNetworkTopologyIsExpandedToTheDatacentersOfTheRing() {
        Ring ring = ring(node(1, "dc1", "r1", 0), node(2, "dc2", "r1", 10));

        assertThat(Ownership.expand(ring, topology(Map.of("replication_factor", 2, "dc2", 1))))
                .isEqualTo(topology(Map.of("dc1", 2, "dc2", 1)));
    }

    @Test
    void aNodeWithoutTokensCountsNeitherAsNodeNorAsRack() {
        Ring ring = ring(node(1, "dc1", "r1", 0), node(2, "dc1", "r1", 10), node(3, "dc1", "r2"));

        assertThat(Ownership.of(ring, topology(Map.of("dc1", 2))).replicasOf(0)).containsExactly(id(1), id(2));
    }

    @Test
    void whatHasNoPlacementIsRefusedByName() {
        Ring ring = ring(node(1, "dc1", "r1", 0));
        Ring random = new Ring("c", "org.apache.cassandra.dht.RandomPartitioner", ring.nodes());
        Ring twice = ring(node(1, "dc1", "r1", 0), node(2, "dc1", "r1", 0));

        assertThatThrownBy(() -> Ownership.of(ring, new Replication.Local()))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("LocalStrategy");
        assertThatThrownBy(() -> Ownership.of(random, simple(1)))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("RandomPartitioner");
        assertThatThrownBy(() -> Ownership.of(twice, simple(1)))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("token 0")
                .hasMessageContaining("node-1")
                .hasMessageContaining("node-2");
    }

    @Test
    void agreesWithAWalkFromEveryTokenOnRandomRings() {
        long seed = seed();
        Random random = new Random(seed);
        for (int round = 0; round < 400; round++) {
            Ring ring = randomRing(random);
            Replication replication = randomReplication(random);

            ReplicaMap map = Ownership.of(ring, replication);

            long expectedStart = Long.MIN_VALUE;
            for (ReplicaMap.Entry entry : map.entries()) {
                assertThat(entry.range().start()).as("seed %s", seed).isEqualTo(expectedStart);
                expectedStart = entry.range().end();
                assertThat(entry.replicas())
                        .as("seed %s round %s %s of %s", seed, round, replication, entry.range())
                        .isEqualTo(walk(ring, replication, entry.range().end()));
            }
            assertThat(expectedStart).as("seed %s", seed).isEqualTo(Long.MAX_VALUE);
            ReplicaMap joined = map.joined();
            for (ReplicaMap.Entry entry : map.entries()) {
                assertThat(joined.replicasOf(entry.range().start() + 1)).isEqualTo(entry.replicas());
                assertThat(joined.replicasOf(entry.range().end())).isEqualTo(entry.replicas());
            }
        }
    }

    @Test
    void aThousandNodesWithSixteenTokensAndALonelyRackTakeNoQuadraticTime() {
        Random random = new Random(1);
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            long[] tokens = random.longs(16).toArray();
            nodes.add(node(i, i == 7 ? "rare" : "dc1", i == 8 || i == 9 ? "r" + i : "r1", tokens));
        }
        Ring ring = new Ring("c", Ring.MURMUR3, nodes);

        long before = System.nanoTime();
        ReplicaMap map = Ownership.of(ring, topology(Map.of("dc1", 3, "rare", 1)));
        long millis = (System.nanoTime() - before) / 1_000_000;

        assertThat(map.entries()).hasSize(16_001);
        assertThat(map.ownedBy(id(7))).isEqualTo(TokenRanges.FULL);
        assertThat(map.ownedBy(id(9))).isEqualTo(TokenRanges.FULL);
        assertThat(millis).isLessThan(5_000);
    }

    /** Cassandra's walk, told naively. */
    private static List<UUID> walk(Ring ring, Replication replication, long token) {
        TreeMap<Long, Node> byToken = new TreeMap<>();
        ring.nodes().forEach(node -> node.tokens().forEach(t -> byToken.put(t, node)));
        List<Node> order = new ArrayList<>(byToken.tailMap(token, true).values());
        order.addAll(byToken.headMap(token, false).values());
        List<UUID> out = new ArrayList<>();
        if (replication instanceof Replication.Simple simple) {
            for (Node node : order) {
                if (out.size() < simple.factor() && !out.contains(node.hostId())) {
                    out.add(node.hostId());
                }
            }
            return out;
        }
        Map<String, Integer> left = new HashMap<>();
        Map<String, Integer> repeats = new HashMap<>();
        ((Replication.NetworkTopology) replication).factors().forEach((dc, rf) -> {
            Set<String> racks = new HashSet<>();
            Set<UUID> nodes = new HashSet<>();
            for (Node node : order) {
                if (node.datacenter().equals(dc)) {
                    racks.add(node.rack());
                    nodes.add(node.hostId());
                }
            }
            left.put(dc, Math.min(rf, nodes.size()));
            repeats.put(dc, rf - racks.size());
        });
        Set<String> seenRacks = new HashSet<>();
        for (Node node : order) {
            int open = left.getOrDefault(node.datacenter(), 0);
            if (open == 0 || out.contains(node.hostId())) {
                continue;
            }
            if (!seenRacks.add(node.datacenter() + "/" + node.rack())) {
                if (repeats.getOrDefault(node.datacenter(), 0) <= 0) {
                    continue;
                }
                repeats.merge(node.datacenter(), -1, Integer::sum);
            }
            left.put(node.datacenter(), open - 1);
            out.add(node.hostId());
        }
        return out;
    }

    private static Ring randomRing(Random random) {
        int count = 1 + random.nextInt(12);
        int datacenters = 1 + random.nextInt(3);
        int racks = 1 + random.nextInt(4);
        int most = 1 + random.nextInt(8);
        Set<Long> used = new HashSet<>();
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Long> tokens = new ArrayList<>();
            for (int t = random.nextInt(20) == 0 ? 0 : 1 + random.nextInt(most); t > 0; t--) {
                long token = random.nextBoolean() ? random.nextLong() : random.nextInt(200) - 100;
                if (random.nextInt(30) == 0) {
                    token = random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE;
                }
                if (used.add(token)) {
                    tokens.add(token);
                }
            }
            nodes.add(node(
                    i,
                    "dc" + random.nextInt(datacenters),
                    "r" + random.nextInt(racks),
                    tokens.stream().mapToLong(Long::longValue).toArray()));
        }
        return new Ring("c", Ring.MURMUR3, nodes);
    }

    private static Replication randomReplication(Random random) {
        if (random.nextInt(4) == 0) {
            return simple(random.nextInt(6));
        }
        Map<String, Integer> factors = new HashMap<>();
        for (int dc = 0; dc < 3; dc++) {
            if (random.nextInt(3) > 0) {
                factors.put("dc" + dc, 1 + random.nextInt(6));
            }
        }
        return topology(factors);
    }

    private static long seed() {
        String given = System.getProperty("test.seed", "");
        return given.isEmpty() ? System.nanoTime() : Long.parseLong(given);
    }

    private static Replication simple(int factor) {
        return new Replication.Simple(factor);
    }

    private static Replication topology(Map<String, Integer> factors) {
        return new Replication.NetworkTopology(factors);
    }

    private static Ring ring(Node... nodes) {
        return new Ring("c", Ring.MURMUR3, List.of(nodes));
    }

    private static UUID id(int number) {
        return new UUID(0, number);
    }

    private static Node node(int number, String datacenter, String rack, long... tokens) {
        return new Node(
                id(number),
                "node-" + number,
                datacenter,
                rack,
                LongStream.of(tokens).boxed().toList(),
                "5.0.9",
                true);
    }

    private static ReplicaMap.Entry entry(long start, long end, int... replicas) {
        List<UUID> ids = new ArrayList<>();
        for (int replica : replicas) {
            ids.add(id(replica));
        }
        return new ReplicaMap.Entry(new TokenRange(start, end), ids);
    }
}
