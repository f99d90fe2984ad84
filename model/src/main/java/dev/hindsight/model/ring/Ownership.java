package dev.hindsight.model.ring;

import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes hold which tokens of a keyspace: Cassandra's placement as a pure function of ring and replication.
 *
 * <p>Cassandra walks the ring clockwise from a token and takes nodes until the strategy is content. Walking from every
 * token anew costs the square of the number of tokens where a datacenter or rack is rare, so this goes over the tokens
 * once, backwards, and keeps nodes and racks in the order in which a walk from here would meet them (the one just met
 * moves to the front). What Cassandra would take is then at the front of those lists. Cost: tokens x replicas.
 *
 * <p>Nodes without tokens own nothing and count neither as nodes nor as racks, as in Cassandra. Replicas come in the
 * order of the walk: the first is the primary.
 *
 * <p>Source: {@code SimpleStrategy} and {@code NetworkTopologyStrategy.calculateNaturalReplicas}, Cassandra 5.0.9.
 */
public final class Ownership {
    private static final String AUTO_EXPANSION = "replication_factor";

    private final long[] tokens;
    private final int[] owners;
    private final List<UUID> hosts = new ArrayList<>();

    private Ownership(Ring ring) {
        List<Node> members =
                ring.nodes().stream().filter(node -> !node.tokens().isEmpty()).toList();
        TreeMap<Long, Integer> sorted = new TreeMap<>();
        for (int i = 0; i < members.size(); i++) {
            hosts.add(members.get(i).hostId());
            for (long token : members.get(i).tokens()) {
                Integer other = sorted.put(token, i);
                if (other != null) {
                    throw new PreconditionFailedException(
                            "token " + token + " of cluster '" + ring.clusterName() + "' is claimed by node "
                                    + members.get(other).address() + " and by node "
                                    + members.get(i).address(),
                            "wait until the topology change has ended, then plan again");
                }
            }
        }
        tokens = sorted.keySet().stream().mapToLong(Long::longValue).toArray();
        owners = sorted.values().stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Cuts the ring at every token and gives each piece its replicas.
     *
     * @return entries sorted, disjoint, covering {@link TokenRange#FULL}; replicas are empty where the replication asks
     *     for none (a ring without the named datacenters)
     * @throws UnsupportedException for LocalStrategy and for a partitioner other than Murmur3
     * @throws PreconditionFailedException if two nodes claim one token
     */
    public static ReplicaMap of(Ring ring, Replication replication) {
        if (!ring.partitioner().equals(Ring.MURMUR3)) {
            throw new UnsupportedException(
                    "cluster '" + ring.clusterName() + "' uses partitioner " + ring.partitioner() + ", supported is "
                            + Ring.MURMUR3,
                    "only clusters with Murmur3Partitioner can be protected");
        }
        Ownership ownership = new Ownership(ring);
        Replication effective = expand(ring, replication);
        if (effective instanceof Replication.Simple simple) {
            return ownership.place(List.of(ownership.group(simple.factor(), null)));
        }
        if (effective instanceof Replication.NetworkTopology topology) {
            return ownership.place(ownership.groups(ring, topology));
        }
        throw new UnsupportedException(
                "replication class LocalStrategy has no replicas: every node keeps its own data",
                "leave node-local keyspaces out");
    }

    /**
     * What Cassandra makes of {@code {'class': 'NetworkTopologyStrategy', 'replication_factor': 3}} when a keyspace is
     * created: that factor for every datacenter of the ring that is not named. Others are returned as they are.
     */
    public static Replication expand(Ring ring, Replication replication) {
        if (!(replication instanceof Replication.NetworkTopology topology)
                || !topology.factors().containsKey(AUTO_EXPANSION)) {
            return replication;
        }
        Map<String, Integer> factors = new TreeMap<>(topology.factors());
        int factor = topology.factors().get(AUTO_EXPANSION);
        factors.remove(AUTO_EXPANSION);
        ring.nodes().forEach(node -> factors.putIfAbsent(node.datacenter(), factor));
        return new Replication.NetworkTopology(factors);
    }

    private List<Group> groups(Ring ring, Replication.NetworkTopology topology) {
        Map<UUID, Integer> indexes = new HashMap<>();
        for (int i = 0; i < hosts.size(); i++) {
            indexes.put(hosts.get(i), i);
        }
        Map<String, int[]> racksByDatacenter = new LinkedHashMap<>();
        Map<String, Map<String, Integer>> rackNumbers = new HashMap<>();
        for (Node node : ring.nodes()) {
            Integer index = indexes.get(node.hostId());
            if (index == null || !topology.factors().containsKey(node.datacenter())) {
                continue;
            }
            int[] racks = racksByDatacenter.computeIfAbsent(node.datacenter(), any -> absent(hosts.size()));
            Map<String, Integer> numbers = rackNumbers.computeIfAbsent(node.datacenter(), any -> new HashMap<>());
            Integer number = numbers.computeIfAbsent(node.rack(), any -> numbers.size());
            racks[index] = number;
        }
        List<Group> out = new ArrayList<>();
        racksByDatacenter.forEach((datacenter, racks) -> {
            Integer factor = topology.factors().get(datacenter);
            if (factor != null && factor > 0) {
                out.add(group(factor, racks));
            }
        });
        return out;
    }

    private Group group(int factor, int @Nullable [] racks) {
        return new Group(factor, hosts.size(), racks);
    }

    private static int[] absent(int size) {
        int[] out = new int[size];
        Arrays.fill(out, Group.OUTSIDE);
        return out;
    }

    private ReplicaMap place(List<Group> groups) {
        int count = tokens.length;
        if (count == 0) {
            return new ReplicaMap(List.of(new ReplicaMap.Entry(TokenRange.FULL, List.of())));
        }
        int[] nextIndex = new int[hosts.size()];
        for (int i = count - 1; i >= 0; i--) {
            nextIndex[owners[i]] = i + count;
            for (Group group : groups) {
                group.meet(owners[i]);
            }
        }
        List<List<UUID>> replicas = new ArrayList<>(count);
        for (int i = count - 1; i >= 0; i--) {
            nextIndex[owners[i]] = i;
            List<Integer> chosen = new ArrayList<>();
            for (Group group : groups) {
                group.meet(owners[i]);
                chosen.addAll(group.chosen());
            }
            chosen.sort((a, b) -> Integer.compare(nextIndex[a], nextIndex[b]));
            replicas.add(chosen.stream().map(hosts::get).toList());
        }
        return new ReplicaMap(entries(replicas));
    }

    /** @param backwards replicas of the last token first */
    private List<ReplicaMap.Entry> entries(List<List<UUID>> backwards) {
        int count = tokens.length;
        List<ReplicaMap.Entry> out = new ArrayList<>(count + 1);
        List<TokenRange> wrapping = TokenRange.unwrap(tokens[count - 1], tokens[0]);
        List<UUID> first = backwards.get(count - 1);
        for (TokenRange piece : wrapping) {
            if (piece.start() == Long.MIN_VALUE) {
                out.add(new ReplicaMap.Entry(piece, first));
            }
        }
        for (int i = 1; i < count; i++) {
            out.add(new ReplicaMap.Entry(new TokenRange(tokens[i - 1], tokens[i]), backwards.get(count - 1 - i)));
        }
        for (TokenRange piece : wrapping) {
            if (piece.start() != Long.MIN_VALUE) {
                out.add(new ReplicaMap.Entry(piece, first));
            }
        }
        return out;
    }

    /** The nodes that share one replication factor: a datacenter, or with SimpleStrategy the whole ring. */
    private static final class Group {
        static final int OUTSIDE = -1;

        private final int factor;
        private final int @Nullable [] racks;
        private final Recent nodes;
        private final Recent rackOrder;
        private final int[] nextInRack;
        private int nodeCount;
        private int rackCount;
        private List<Integer> chosen = List.of();

        /** @param racks rack number by node, {@link #OUTSIDE} for nodes of other groups; null where racks do not count */
        Group(int factor, int nodes, int @Nullable [] racks) {
            this.factor = factor;
            this.racks = racks;
            this.nodes = new Recent(nodes);
            this.rackOrder = new Recent(nodes);
            this.nextInRack = new int[nodes];
        }

        /** The walk now begins at a token of {@code node}. */
        void meet(int node) {
            if (racks != null && racks[node] == OUTSIDE) {
                return;
            }
            if (nodes.toFront(node)) {
                nodeCount++;
            }
            if (racks != null) {
                if (rackOrder.toFront(racks[node])) {
                    rackCount++;
                }
                nextInRack[racks[node]] = node;
            }
            chosen = racks == null ? nodes.first(Math.min(factor, nodeCount)) : chosenAcrossRacks(racks);
        }

        List<Integer> chosen() {
            return chosen;
        }

        /** The first node of every rack while racks last, and as many first-met others as there are racks too few. */
        private List<Integer> chosenAcrossRacks(int[] rackOf) {
            if (factor >= nodeCount) {
                return nodes.first(nodeCount);
            }
            List<Integer> out = new ArrayList<>(factor);
            for (int rack : rackOrder.first(Math.min(factor, rackCount))) {
                out.add(nextInRack[rack]);
            }
            int repeats = factor - rackCount;
            for (int node = nodes.head(); repeats > 0; node = nodes.after(node)) {
                if (nextInRack[rackOf[node]] != node) {
                    out.add(node);
                    repeats--;
                }
            }
            return out;
        }
    }

    /** Numbers in the order in which they were last moved to the front; all steps take constant time. */
    private static final class Recent {
        private static final int NONE = -1;

        private final int[] next;
        private final int[] previous;
        private final boolean[] present;
        private int head = NONE;

        Recent(int size) {
            next = new int[size];
            previous = new int[size];
            present = new boolean[size];
        }

        /** Whether it was not there yet. */
        boolean toFront(int value) {
            if (head == value) {
                return false;
            }
            boolean added = !present[value];
            if (!added) {
                next[previous[value]] = next[value];
                if (next[value] != NONE) {
                    previous[next[value]] = previous[value];
                }
            }
            present[value] = true;
            next[value] = head;
            previous[value] = NONE;
            if (head != NONE) {
                previous[head] = value;
            }
            head = value;
            return added;
        }

        int head() {
            return head;
        }

        int after(int value) {
            return next[value];
        }

        List<Integer> first(int count) {
            List<Integer> out = new ArrayList<>(count);
            for (int value = head; out.size() < count; value = next[value]) {
                out.add(value);
            }
            return out;
        }
    }
}
