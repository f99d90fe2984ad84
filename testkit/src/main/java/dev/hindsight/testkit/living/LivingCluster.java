package dev.hindsight.testkit.living;

import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.testkit.living.LivingSSTables.Part;
import dev.hindsight.testkit.living.LivingTable.Column;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.cassandra.db.partitions.PartitionUpdate;

/**
 * A cluster to which things happen. Keyspace {@value #KEYSPACE}, every range on {@value #REPLICAS} nodes. Whoever runs it
 * knows what he does: deletes reach every replica (those out of reach get them when they are back), tombstones are purged
 * only then, and a node that is replaced had nothing alone. So a read at ALL never gives back what was deleted.
 *
 * <p>Needs the JVM options of Cassandra. One thread; the {@link #cluster()} itself may be read from several meanwhile.
 */
public final class LivingCluster {
    public static final String KEYSPACE = "alive";
    /** Long enough for no tombstone ever to be purged in a test. */
    public static final int LONG_GRACE = 40_000_000;

    private static final int REPLICAS = 2;
    private static final Replication REPLICATION = new Replication.Simple(REPLICAS);
    private static final int MOST_PARTITIONS = 12;
    private static final int OLDEST_WRITE_MICROS = 1000;

    private final FakeCluster cluster;
    private final LivingClock clock;
    private final Map<UUID, LivingNode> nodes = new HashMap<>();
    private final Map<TableName, LivingTable> tables = new TreeMap<>();
    private final Counters counters = new Counters();
    private int made;

    private LivingCluster(FakeCluster cluster, LivingClock clock) {
        this.cluster = cluster;
        this.clock = clock;
        cluster.agents().forEach(this::adopt);
    }

    public static LivingCluster create(String name, Path root, int nodes, LivingClock clock) {
        // No disk is waited for: nothing here has to outlive the process.
        System.setProperty("cassandra.skip_sync", "true");
        SmallTables.configure();
        FakeCluster cluster = FakeCluster.create(name, root, nodes);
        cluster.executeDdl("CREATE KEYSPACE " + KEYSPACE + " WITH replication = " + REPLICATION.asCql());
        return new LivingCluster(cluster, clock);
    }

    private void adopt(DirectoryAgent agent) {
        LivingNode node = new LivingNode(agent);
        nodes.put(agent.hostId(), node);
        agent.live(clock, () -> tables.values().forEach(node::flush));
    }

    public FakeCluster cluster() {
        return cluster;
    }

    public List<LivingTable> tables() {
        return List.copyOf(tables.values());
    }

    public Optional<LivingTable> find(TableName name) {
        return Optional.ofNullable(tables.get(name));
    }

    /** Nobody is out of reach: the time for changes of schema and ring. */
    public boolean whole() {
        return nodes.values().stream().noneMatch(LivingNode::out);
    }

    private long seconds() {
        return clock.instant().getEpochSecond();
    }

    private ReplicaMap owners() {
        return owners(ring());
    }

    private static ReplicaMap owners(Ring ring) {
        return Ownership.of(ring, REPLICATION);
    }

    private Ring ring() {
        return cluster.ringViews().get(0);
    }

    private LivingNode node(UUID host) {
        return Optional.ofNullable(nodes.get(host)).orElseThrow();
    }

    private List<LivingNode> sorted() {
        return ring().nodes().stream().map(node -> node(node.hostId())).toList();
    }

    // Schema

    public void createTable(TableName name, boolean clustered, int gcGraceSeconds, Map<String, Column> columns) {
        UUID id = UUID.nameUUIDFromBytes((name + " " + made++).getBytes(StandardCharsets.UTF_8));
        put(new LivingTable(name, id, gcGraceSeconds, clustered, columns, Map.of()));
    }

    private void put(LivingTable table) {
        tables.put(table.name(), table);
        cluster.putTable(table.facts(), table.ddl());
    }

    private void flushAll() {
        nodes.values().forEach(node -> tables.values().forEach(node::flush));
    }

    public void addColumn(TableName name, String column, Column what) {
        flushAll();
        put(Optional.ofNullable(tables.get(name)).orElseThrow().withColumn(column, what));
    }

    public void dropColumn(TableName name, String column) {
        flushAll();
        put(Optional.ofNullable(tables.get(name)).orElseThrow().withoutColumn(column, clock.nextMicros()));
    }

    public void dropTable(TableName name) {
        LivingTable gone = tables.remove(name);
        if (gone != null) {
            nodes.values().forEach(node -> node.forget(gone, true));
            cluster.dropTable(name);
        }
    }

    /** @param restarted nodes forget which numbers their SSTables had, and take the same again */
    public void truncate(TableName name, boolean restarted) {
        LivingTable table = Optional.ofNullable(tables.get(name)).orElseThrow();
        nodes.values().forEach(node -> node.forget(table, restarted));
        counters.forget(table.id());
        cluster.truncateTable(name);
    }

    // Writes

    /** Random writes, each to some of its replicas. */
    public void write(SplittableRandom random, TableName name, int count) {
        LivingTable table = Optional.ofNullable(tables.get(name)).orElseThrow();
        RandomWrites writes = new RandomWrites(random, MOST_PARTITIONS);
        ReplicaMap owners = owners();
        for (int i = 0; i < count; i++) {
            if (table.counter()) {
                increment(random, table, writes, owners);
                continue;
            }
            long micros = clock.nextMicros();
            // A write that comes late or at the same time is harmless where no tombstone is purged.
            if (table.gcGraceSeconds() == LONG_GRACE && random.nextInt(4) == 0) {
                micros -= random.nextInt(OLDEST_WRITE_MICROS);
            }
            RandomWrites.Write write = writes.next(table, micros, seconds());
            boolean all = write.everywhere() && table.gcGraceSeconds() != LONG_GRACE;
            deliver(random, table, write.update(), owners, all || write.everywhere() && random.nextBoolean());
        }
    }

    private void deliver(
            SplittableRandom random, LivingTable table, PartitionUpdate update, ReplicaMap owners, boolean everywhere) {
        long token = (Long) update.partitionKey().getToken().getTokenValue();
        List<LivingNode> replicas =
                owners.replicasOf(token).stream().map(this::node).toList();
        List<LivingNode> reached = replicas.stream().filter(node -> !node.out()).toList();
        if (reached.isEmpty()) {
            return;
        }
        (everywhere ? reached : RandomWrites.some(random, reached)).forEach(node -> node.write(table.name(), update));
        if (everywhere) {
            replicas.stream().filter(LivingNode::out).forEach(node -> node.hint(table.name(), update));
        }
    }

    private void increment(SplittableRandom random, LivingTable table, RandomWrites writes, ReplicaMap owners) {
        int p = writes.partition();
        int c = writes.clustering();
        long micros = clock.nextMicros();
        long token = (Long) RandomWrites.count(table, p, c, 0, 1, 1, micros)
                .partitionKey()
                .getToken()
                .getTokenValue();
        List<LivingNode> reached = owners.replicasOf(token).stream()
                .map(this::node)
                .filter(node -> !node.out())
                .toList();
        if (reached.isEmpty()) {
            return;
        }
        LivingNode leader = reached.get(random.nextInt(reached.size()));
        PartitionUpdate update = counters.increment(random, table, p, c, leader.hostId(), micros);
        leader.write(table.name(), update);
        reached.stream()
                .filter(node -> node != leader && random.nextBoolean())
                .forEach(node -> node.write(table.name(), update));
    }

    // What nodes do

    public void flush(SplittableRandom random, TableName name) {
        any(random).flush(Optional.ofNullable(tables.get(name)).orElseThrow());
    }

    /** One node, some or all of its SSTables of one table. */
    public void compact(SplittableRandom random, TableName name, boolean all) {
        LivingTable table = Optional.ofNullable(tables.get(name)).orElseThrow();
        compact(any(random), random, table, all);
    }

    /** All nodes, all SSTables of all tables. */
    public void compactEverything(SplittableRandom random) {
        for (LivingNode node : sorted()) {
            tables.values().forEach(table -> compact(node, random, table, true));
        }
    }

    private void compact(LivingNode node, SplittableRandom random, LivingTable table, boolean all) {
        if (all) {
            node.flush(table);
        }
        List<Path> data = node.data(table);
        node.compact(table, all ? data : RandomWrites.some(random, data), TokenRanges.FULL, seconds());
    }

    /** Every replica of every range gets what the others have. */
    public void repair(TableName name) {
        LivingTable table = Optional.ofNullable(tables.get(name)).orElseThrow();
        ReplicaMap owners = owners();
        Map<LivingNode, List<Path>> before = new HashMap<>();
        for (LivingNode node : sorted()) {
            node.flush(table);
            before.put(node, node.data(table));
        }
        for (LivingNode node : sorted()) {
            for (LivingNode other : sorted()) {
                if (node != other && !node.out() && !other.out()) {
                    TokenRanges common = owners.ownedBy(node.hostId()).intersect(owners.ownedBy(other.hostId()));
                    node.receive(table, before.getOrDefault(other, List.of()), common);
                }
            }
        }
    }

    /** @param silently with its agent */
    public void goOut(SplittableRandom random, boolean silently) {
        any(random).goOut(silently);
    }

    public void comeBack() {
        nodes.values().stream().filter(LivingNode::out).forEach(LivingNode::comeBack);
    }

    private LivingNode any(SplittableRandom random) {
        List<LivingNode> all = sorted();
        return all.get(random.nextInt(all.size()));
    }

    // Ring

    /** A new node takes a share of ranges: their losers send what they have. */
    public void addNode(SplittableRandom random) {
        List<Node> after = new ArrayList<>(ring().nodes());
        UUID host = UUID.nameUUIDFromBytes((cluster.name() + " added " + made).getBytes(StandardCharsets.UTF_8));
        after.add(cluster.node(host, 100 + made++, random.nextLong()));
        change(after);
    }

    /** A node leaves in order; with too few to go, nothing happens. */
    public void removeNode(SplittableRandom random) {
        List<Node> after = new ArrayList<>(ring().nodes());
        if (after.size() > REPLICAS + 1) {
            after.remove(random.nextInt(after.size()));
            change(after);
        }
    }

    /** A node gets another token: ranges go from node to node and back. */
    public void moveNode(SplittableRandom random) {
        List<Node> after = new ArrayList<>(ring().nodes());
        int index = random.nextInt(after.size());
        after.set(index, withToken(after.get(index), random.nextLong()));
        change(after);
    }

    /**
     * What no careful operator does: nodes swap ranges and nobody sends anything. What only a loser had is not read any
     * more, until the same again swaps them back.
     */
    public void swapTokens() {
        flushAll();
        List<Node> now = ring().nodes();
        List<Node> after = new ArrayList<>();
        for (int i = 0; i < now.size(); i++) {
            Node node = now.get(i);
            after.add(withToken(
                    node, now.get((i ^ 1) < now.size() ? i ^ 1 : i).tokens().get(0)));
        }
        cluster.setNodes(after);
    }

    private static Node withToken(Node node, long token) {
        return new Node(
                node.hostId(),
                node.address(),
                node.datacenter(),
                node.rack(),
                List.of(token),
                node.releaseVersion(),
                node.up());
    }

    /** A node dies for good; another takes its token and gets its data from the other replicas. */
    public void replaceNode(SplittableRandom random) {
        tables.keySet().forEach(this::repair);
        List<Node> after = new ArrayList<>(ring().nodes());
        Node dead = after.remove(random.nextInt(after.size()));
        UUID host = UUID.nameUUIDFromBytes((cluster.name() + " replaces " + made).getBytes(StandardCharsets.UTF_8));
        after.add(cluster.node(host, 100 + made++, dead.tokens().get(0)));
        change(after);
    }

    private void change(List<Node> after) {
        flushAll();
        ReplicaMap old = owners();
        ReplicaMap young = owners(new Ring(ring().clusterName(), Ring.MURMUR3, after));
        after.stream().filter(node -> !nodes.containsKey(node.hostId())).forEach(node -> adopt(cluster.join(node)));
        for (LivingTable table : tables.values()) {
            Map<LivingNode, List<Path>> before = new HashMap<>();
            nodes.values().forEach(node -> before.put(node, node.data(table)));
            for (ReplicaMap.Entry entry : young.entries()) {
                for (ReplicaMap.Entry was : old.intersecting(entry.range())) {
                    hand(table, before, entry, was);
                }
            }
        }
        List<UUID> gone = new ArrayList<>(nodes.keySet());
        after.forEach(node -> gone.remove(node.hostId()));
        cluster.setNodes(after);
        gone.forEach(nodes::remove);
        for (LivingNode node : sorted()) {
            TokenRanges owned = young.ownedBy(node.hostId());
            tables.values().stream()
                    .filter(table -> table.gcGraceSeconds() != LONG_GRACE)
                    .forEach(table -> node.compact(table, node.data(table), owned, seconds()));
        }
    }

    private void hand(
            LivingTable table, Map<LivingNode, List<Path>> before, ReplicaMap.Entry entry, ReplicaMap.Entry was) {
        List<UUID> losers = new ArrayList<>(was.replicas());
        losers.removeAll(entry.replicas());
        List<UUID> gainers = new ArrayList<>(entry.replicas());
        gainers.removeAll(was.replicas());
        TokenRanges part = TokenRanges.of(entry.range()).intersect(TokenRanges.of(List.of(was.range())));
        for (int i = 0; i < gainers.size(); i++) {
            LivingNode from = node(losers.get(i % losers.size()));
            node(gainers.get(i)).receive(table, before.getOrDefault(from, List.of()), part);
        }
    }

    // Reading

    /** Every SSTable with what its node owns of it; memtables are flushed first. */
    public List<Part> parts(LivingTable table, boolean alsoOutOfReach) {
        ReplicaMap owners = owners();
        List<Part> out = new ArrayList<>();
        for (LivingNode node : sorted()) {
            if (alsoOutOfReach || !node.out()) {
                node.flush(table);
                out.addAll(LivingNode.parts(node.data(table), owners.ownedBy(node.hostId())));
            }
        }
        return out;
    }
}
