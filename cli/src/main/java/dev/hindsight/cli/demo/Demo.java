package dev.hindsight.cli.demo;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.cli.Main;
import dev.hindsight.cli.output.Text;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The story: a ring of three, a shop whose replicas differ, a backup; a table that is protected, an accident, the table as
 * it was the second before; a disaster, a ring of two with other tokens, a restore, a comparison of every row. {@link #close()} ends all processes and removes all files, from any thread.
 */
public final class Demo implements AutoCloseable {
    /** The directory below the program in which demos run; it goes with the last of them. */
    public static final String PARENT = "demo";

    private static final int CUSTOMERS = 800;
    private static final int ORDERS_EACH = 9;
    private static final int VISITS = 1_000;
    private static final long SEED = 20_261_122;

    private static final RingWithAgents.Program AGENT =
            RingWithAgents.Program.shortLived(Main.class.getName(), "agent");

    private final Path directory;
    private final DemoVerbs verbs;
    private final Teller teller;
    private final boolean keep;
    private final Steps steps;
    private @Nullable RingWithAgents source;
    private @Nullable RingWithAgents target;

    /** Who tells the story. */
    public interface Teller {
        /** A step begins; the line about it follows when it is done. */
        void begins(String what);

        void tell(String line);
    }

    /**
     * @param directory must not exist; removed at the end
     * @param teller gets one line for each step
     * @param keep leaves the first ring running when the second one starts
     */
    public Demo(Path directory, DemoVerbs verbs, Teller teller, boolean keep) {
        this.directory = directory;
        this.verbs = verbs;
        this.teller = teller;
        this.steps = new Steps(teller);
        this.keep = keep;
    }

    public DemoResult run() {
        long began = System.nanoTime();
        make(directory);
        RingWithAgents first = step("start a ring: 3 nodes, replication factor 3, an agent beside each node", () -> {
            RingWithAgents site = startSource();
            source = site;
            return site;
        });
        configure(first, Optional.empty());
        ShopDump expected = fill(first);
        step("hindsight init", () -> verbs.run("init"));
        step("hindsight doctor", () -> verbs.run("doctor"));
        JsonNode backup = step("hindsight backup --keyspace shop", () -> verbs.run("backup", "--keyspace", "shop"))
                .path("backup");
        JsonNode totals = backup.path("totals");
        teller.tell("            every record once: "
                + Text.bytes(totals.path("storedBytes").asLong()) + " stored, of "
                + Text.bytes(totals.path("replicaDataBytes").asLong()) + " of data on the nodes");
        PastSecond.Outcome past =
                new PastSecond(first, verbs, steps, new Shop(first.ring().session(), SEED), CUSTOMERS).tell();
        step("disaster: DROP TABLE shop.customers, and the machines are gone", () -> {
            first.ring().session().execute("DROP TABLE shop.customers");
            return true;
        });
        RingWithAgents second =
                step((keep ? "" : "end that ring; ") + "start another: 2 nodes, other tokens, BTI SSTables", () -> {
                    if (!keep) {
                        first.close();
                    }
                    RingWithAgents site = startTarget();
                    target = site;
                    return site;
                });
        configure(first, Optional.of(second));
        step(
                "hindsight restore --from " + backup.path("id").asText()
                        + " --keyspace shop --to standby, replication factor 2",
                () -> verbs.run(
                        "restore",
                        "--from",
                        backup.path("id").asText(),
                        "--keyspace",
                        "shop",
                        "--to",
                        "standby",
                        "--replication",
                        "{'class': 'NetworkTopologyStrategy', 'dc1': 2}"));
        return compare(expected, second, totals, past, began);
    }

    private RingWithAgents startSource() {
        CassandraRing ring = CassandraRing.builder()
                .nodes(3)
                .racks("r1", "r2", "r3")
                .evenTokens(4)
                .withoutHintedHandoff()
                .directory(directory.resolve("ring-1"))
                .start();
        return RingWithAgents.start(ring, directory.resolve("site-1"), AGENT);
    }

    private RingWithAgents startTarget() {
        CassandraRing ring = CassandraRing.builder()
                .nodes(2)
                .randomTokens(5, SEED)
                .sstableFormat("bti")
                .directory(directory.resolve("ring-2"))
                .start();
        return RingWithAgents.start(ring, directory.resolve("site-2"), AGENT);
    }

    /** A third of the trade happens while one node is away, with hints off: afterwards no two replicas agree. */
    private ShopDump fill(RingWithAgents site) {
        CassandraRing ring = site.ring();
        Shop shop = new Shop(ring.session(), SEED);
        step("open a shop: customers with a UDT and collections, orders with TTLs, counters", () -> {
            Shop.createSchema(ring, 3);
            shop.open(0, CUSTOMERS, ORDERS_EACH);
            shop.visit(VISITS);
            ring.flush(Shop.KEYSPACE);
            return true;
        });
        step("make the replicas differ: trade while one node is down, with hints off", () -> {
            CassandraNode away = ring.node(2);
            away.stop();
            ring.awaitSeenDown(away);
            shop.trade(0, CUSTOMERS / 2, ORDERS_EACH);
            away.restart();
            shop.trade(CUSTOMERS / 4, CUSTOMERS, ORDERS_EACH + 1);
            ring.flush(Shop.KEYSPACE);
            return true;
        });
        return step("read every row at ALL: what must come back", () -> {
            ShopDump dump = ShopDump.read(ring.session(), ConsistencyLevel.ALL);
            teller.tell("            " + Text.plural(dump.rows(), "row") + " after "
                    + Text.plural(shop.statements(), "statement"));
            return dump;
        });
    }

    private DemoResult compare(
            ShopDump expected, RingWithAgents site, JsonNode totals, PastSecond.Outcome past, long began) {
        List<String> differences = new ArrayList<>();
        ShopDump all = step("read every row of the new ring at ALL and compare", () -> {
            ShopDump dump = ShopDump.read(site.ring().session(), ConsistencyLevel.ALL);
            expected.difference(dump).ifPresent(differences::add);
            return dump;
        });
        boolean restoredEqual = differences.isEmpty();
        step("read every row of each replica by itself, no repair, and compare", () -> {
            for (CassandraNode node : site.ring().nodes()) {
                ShopDump dump = ShopDump.read(node.session(), ConsistencyLevel.ONE);
                expected.difference(dump).ifPresent(one -> differences.add("node " + node.address() + ": " + one));
            }
            return true;
        });
        boolean replicasEqual = differences.size() == (restoredEqual ? 0 : 1);
        return new DemoResult(
                totals.path("storedBytes").asLong(),
                totals.path("storedDataBytes").asLong(),
                totals.path("replicaDataBytes").asLong(),
                expected.rows(),
                all.rows(),
                restoredEqual,
                replicasEqual,
                past.equal(),
                past.instant(),
                past.lagP99Millis(),
                Steps.seconds(began),
                steps.done(),
                Stream.concat(Stream.of(past.difference()), differences.stream())
                        .filter(one -> !one.isEmpty())
                        .findFirst()
                        .orElse(""));
    }

    /** How to look at what is left running, one line each. */
    public List<String> reach() {
        List<String> out = new ArrayList<>();
        Stream.of(Optional.ofNullable(source), Optional.ofNullable(target))
                .flatMap(Optional::stream)
                .forEach(site -> site.ring()
                        .nodes()
                        .forEach(node -> out.add(site.ring().clusterName() + "  CQL "
                                + node.address() + ":" + node.nativePort() + "  JMX 127.0.0.1:" + node.jmxPort()
                                + "  agent "
                                + RingWithAgents.agentUrl(node))));
        out.add("./hindsight -c " + configuration() + " list");
        return out;
    }

    private void configure(RingWithAgents first, Optional<RingWithAgents> second) {
        List<String> lines = new ArrayList<>(
                List.of("repository: {directory: \"" + first.captureRepository().toAbsolutePath() + "\"}", "cluster:"));
        lines.addAll(first.clusterSection(2));
        second.ifPresent(site -> {
            lines.add("targets:");
            lines.add("  standby:");
            lines.addAll(site.clusterSection(4));
        });
        lines.addAll(List.of("backup:", "  workers: 2", "  scratch: scratch", "  scratch-limit: 1GiB"));
        lines.addAll(List.of("  shard-size: 8MiB"));
        try {
            Files.write(configuration(), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(configuration().toString(), e);
        }
        verbs.use(configuration());
    }

    private Path configuration() {
        return directory.resolve("hindsight.yaml");
    }

    private <T> T step(String what, Supplier<T> work) {
        return steps.step(what, work);
    }

    private static void make(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(directory.toString(), e);
        }
    }

    @Override
    public void close() {
        Stream.of(Optional.ofNullable(source), Optional.ofNullable(target))
                .flatMap(Optional::stream)
                .forEach(RingWithAgents::close);
        try {
            removeTree();
        } catch (NoSuchFileException e) {
            // The rings' own hooks remove theirs at the same time when the process is told to end.
            return;
        } catch (IOException e) {
            teller.tell("could not remove " + directory + ": " + e);
        }
    }

    private void removeTree() throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
        removeIfEmpty(directory.toAbsolutePath().getParent());
    }

    private static void removeIfEmpty(@Nullable Path parent) throws IOException {
        try {
            if (parent != null && parent.endsWith(PARENT)) {
                Files.delete(parent);
            }
        } catch (DirectoryNotEmptyException e) {
            // Another demo is running beside this one.
            return;
        }
    }
}
