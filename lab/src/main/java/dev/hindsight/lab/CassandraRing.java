package dev.hindsight.lab;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.lab.CassandraNode.AddressTakenException;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A real Cassandra cluster on this machine's loopback addresses, one process per node, for tests and the demo.
 *
 * <p>The cluster's name is random and every connection checks it; addresses are free ones of 127/8, chosen at random and
 * chosen again when somebody takes them meanwhile. Nothing outlives this JVM: nodes end and directories go at {@link
 * #close()}, at the JVM's normal end, and by a watchdog when it is killed. One thread at a time starts, stops and joins;
 * everything else is safe for several.
 */
public final class CassandraRing implements AutoCloseable {
    private static final int ADDRESS_ATTEMPTS = 5;
    // Room for nodes that join later, on the addresses that follow.
    private static final int SPARE_ADDRESSES = 3;
    private static final Duration TOPOLOGY_TIMEOUT = Duration.ofMinutes(3);

    private final RingShape shape;
    private final String clusterName;
    private final Path directory;
    private final Loopback loopback;
    private final List<String> spareAddresses;
    private final List<CassandraNode> nodes = new ArrayList<>();
    private final Thread endWithJvm;
    private @Nullable CqlSession session;
    private int made;

    private CassandraRing(RingShape shape, Loopback loopback) {
        this.shape = shape;
        this.loopback = loopback;
        this.clusterName = "lab-" + UUID.randomUUID();
        this.directory = makeDirectory(shape);
        List<String> addresses = loopback.addresses(
                shape.places().size() + SPARE_ADDRESSES, NodeFiles.STORAGE_PORT, NodeFiles.NATIVE_PORT);
        this.spareAddresses = new ArrayList<>(addresses);
        this.endWithJvm = new Thread(this::endAll, "end-" + clusterName);
        Runtime.getRuntime().addShutdownHook(endWithJvm);
    }

    public static RingBuilder builder() {
        return new RingBuilder();
    }

    static CassandraRing start(RingShape shape) {
        UUID unique = UUID.randomUUID();
        Loopback loopback = new Loopback(unique.getMostSignificantBits() ^ unique.getLeastSignificantBits());
        for (int attempt = 1; ; attempt++) {
            CassandraRing ring = new CassandraRing(shape, loopback);
            try {
                ring.startAll();
                return ring;
            } catch (AddressTakenException e) {
                ring.close();
                if (attempt == ADDRESS_ATTEMPTS) {
                    throw e.toFailure();
                }
            } catch (RuntimeException e) {
                ring.close();
                throw e;
            }
        }
    }

    private static Path makeDirectory(RingShape shape) {
        try {
            return shape.directory().isPresent()
                    ? Files.createDirectory(shape.directory().get()).toAbsolutePath()
                    : Files.createTempDirectory("hindsight-ring-");
        } catch (IOException e) {
            throw new NotAppliedException(
                    "the ring's directory cannot be made: " + e,
                    "name one that does not exist, on a disk with space",
                    e);
        }
    }

    private void startAll() {
        Set<Long> used = new HashSet<>();
        int count = shape.places().size();
        List<String> seeds = List.copyOf(spareAddresses.subList(0, count));
        for (int i = 0; i < count; i++) {
            List<Long> tokens = shape.tokens() == RingShape.Tokens.EVEN
                    ? evenTokens(i, count, shape.tokensPerNode())
                    : randomTokens(shape.seed() + i, shape.tokensPerNode(), used);
            nodes.add(makeNode(shape.places().get(i), tokens, seeds, false, Optional.empty()));
        }
        CassandraNode first = nodes.get(0);
        first.launch();
        if (count > 1) {
            // A first node to ask spares the others the wait of a shadow round without answer.
            guarded(() -> first.process()
                    .await(
                            "the first node's storage port open",
                            shape.startTimeout(),
                            () -> !Loopback.free(first.address(), NodeFiles.STORAGE_PORT)));
            nodes.subList(1, count).forEach(CassandraNode::launch);
        }
        awaitReady(nodes);
    }

    /** One node per token of a ring cut evenly, the nodes in turn. */
    private static List<Long> evenTokens(int node, int nodes, int perNode) {
        List<Long> tokens = new ArrayList<>();
        long step = Long.divideUnsigned(-1L, (long) nodes * perNode);
        for (int j = 0; j < perNode; j++) {
            tokens.add(Long.MIN_VALUE + 1 + step * ((long) j * nodes + node));
        }
        return tokens;
    }

    private static List<Long> randomTokens(long seed, int count, Set<Long> used) {
        Random random = new Random(seed);
        List<Long> tokens = new ArrayList<>();
        while (tokens.size() < count) {
            long token = random.nextLong();
            if (token != Long.MIN_VALUE && used.add(token)) {
                tokens.add(token);
            }
        }
        tokens.sort(null);
        return tokens;
    }

    private CassandraNode makeNode(
            RingShape.Place place,
            List<Long> tokens,
            List<String> seeds,
            boolean bootstrap,
            Optional<String> replaces) {
        String address = spareAddresses.remove(0);
        made++;
        return new CassandraNode(
                this,
                new NodeFiles(
                        directory.resolve("node" + made),
                        shape,
                        clusterName,
                        address,
                        loopback.port("127.0.0.1"),
                        seeds,
                        place,
                        tokens,
                        bootstrap,
                        replaces));
    }

    /** Waits for these nodes and until all running nodes see each other up and agree on the schema. */
    void awaitReady(List<CassandraNode> started) {
        guarded(() -> {
            started.forEach(node -> node.awaitReady(shape.startTimeout()));
            List<CassandraNode> running = running();
            Await.until(
                    "all nodes of " + clusterName + " see each other up",
                    shape.startTimeout(),
                    () -> running.stream().allMatch(node -> node.sees(running)),
                    () -> running.get(0).evidence());
        });
    }

    private void guarded(Runnable waiting) {
        try {
            waiting.run();
        } catch (NotAppliedException e) {
            for (CassandraNode node : nodes) {
                if (!node.isRunning() && node.startupComplaint().isPresent()) {
                    throw new AddressTakenException(node.address());
                }
            }
            throw e;
        }
    }

    /** Random; nobody else's cluster has it. */
    /** Whether its nodes keep segments with changes of tables with {@code cdc = true} until a consumer deletes them. */
    public boolean hasCdc() {
        return shape.cdc();
    }

    public String clusterName() {
        return clusterName;
    }

    public Path directory() {
        return directory;
    }

    /** In order of their making; nodes that left are not in it, stopped ones are. */
    public List<CassandraNode> nodes() {
        return List.copyOf(nodes);
    }

    /** @param index from 0 */
    public CassandraNode node(int index) {
        return nodes.get(index);
    }

    public List<CassandraNode> running() {
        return nodes.stream().filter(CassandraNode::isRunning).toList();
    }

    public String cassandraVersion() {
        return shape.home().version();
    }

    CassandraHome home() {
        return shape.home();
    }

    /** A session with all nodes, QUORUM by default; the ring closes it. */
    public synchronized CqlSession session() {
        if (session == null || session.isClosed()) {
            session = RingSessions.open(clusterName, nodes);
        }
        return session;
    }

    /**
     * Runs schema statements on the first running node and waits until all running nodes have the result. The driver's
     * own check reads what gossip has told one node, so it may see agreement before the news has arrived there.
     */
    public void ddl(String... statements) {
        CassandraNode coordinator = running().get(0);
        for (String statement : statements) {
            coordinator.session().execute(statement);
        }
        Await.until("agreement on the schema", TOPOLOGY_TIMEOUT, () -> {
            try (NodeJmx jmx = coordinator.jmx()) {
                return jmx.schemaVersions() == 1;
            }
        });
    }

    /** Flushes a keyspace on all running nodes. */
    public void flush(String keyspace) {
        running().forEach(node -> node.flush(keyspace));
    }

    /** Waits until the running nodes all hold {@code down} for down. */
    public void awaitSeenDown(CassandraNode down) {
        Await.until(
                "all nodes hold " + down + " for down",
                TOPOLOGY_TIMEOUT,
                () -> running().stream().filter(node -> node != down).noneMatch(node -> {
                    try (NodeJmx jmx = node.jmx()) {
                        return jmx.liveNodes().contains(down.address());
                    }
                }));
    }

    /** Adds a node that bootstraps: it streams its ranges from the others. Returns when it is a full member. */
    public CassandraNode join(String datacenter, String rack, long seed) {
        Set<Long> used = new HashSet<>();
        nodes.forEach(node -> used.addAll(node.tokens()));
        return add(
                new RingShape.Place(datacenter, rack),
                randomTokens(seed, shape.tokensPerNode(), used),
                Optional.empty());
    }

    /**
     * Kills a node for good and starts another one, empty, in its place: with its tokens, another address and another host
     * id. Returns when that has streamed everything from the other replicas and is a full member.
     */
    public CassandraNode replace(CassandraNode dead) {
        dead.kill();
        awaitSeenDown(dead);
        nodes.remove(dead);
        return add(new RingShape.Place(dead.datacenter(), dead.rack()), dead.tokens(), Optional.of(dead.address()));
    }

    private CassandraNode add(RingShape.Place place, List<Long> tokens, Optional<String> replaces) {
        if (spareAddresses.isEmpty()) {
            spareAddresses.addAll(loopback.addresses(1, NodeFiles.STORAGE_PORT, NodeFiles.NATIVE_PORT));
        }
        List<String> seeds = nodes.stream().map(CassandraNode::address).toList();
        CassandraNode node = makeNode(place, tokens, seeds, true, replaces);
        try {
            node.launch();
        } catch (AddressTakenException e) {
            throw e.toFailure();
        }
        nodes.add(node);
        awaitReady(List.of(node));
        return node;
    }

    /** The node streams its data away, leaves the ring, and is ended; its directory stays until the ring's end. */
    public void decommission(CassandraNode node) {
        node.jmx(NodeJmx::decommission);
        node.end();
        nodes.remove(node);
        Await.until(
                "no node has " + node + " in its ring any more",
                TOPOLOGY_TIMEOUT,
                () -> running().stream().noneMatch(other -> {
                    try (NodeJmx jmx = other.jmx()) {
                        return jmx.ringMembers().contains(node.address());
                    }
                }));
    }

    /** Kills all nodes and removes their directories. */
    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(endWithJvm);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook has done or will do the same once more.
            return;
        }
    }

    private synchronized void endAll() {
        if (session != null) {
            session.forceCloseAsync();
            session = null;
        }
        nodes.forEach(CassandraNode::end);
        try {
            deleteTree(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteTree(Path root) throws IOException {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                    Files.deleteIfExists(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // Removed already; that is what was asked for.
            return;
        }
    }

    @Override
    public String toString() {
        return clusterName + " " + nodes;
    }
}
