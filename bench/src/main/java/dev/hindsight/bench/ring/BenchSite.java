package dev.hindsight.bench.ring;

import dev.hindsight.agent.AgentMain;
import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentEndpoint;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.bench.process.GcLog;
import dev.hindsight.bench.process.ProcessUse;
import dev.hindsight.bench.process.ProcessWatch;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.ChildProcess;
import dev.hindsight.lab.NodeJmx;
import dev.hindsight.lab.RingBuilder;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A ring of three with an agent process of 128 MiB beside each node, its table loaded without CQL, and what the processes
 * used. Closing it ends all of them.
 */
public final class BenchSite implements AutoCloseable {
    private static final Duration SCHEMA = Duration.ofSeconds(90);
    private static final Duration AGENT_STOP = Duration.ofSeconds(30);

    private static final Duration COMPACTION = Duration.ofMinutes(10);
    private static final Duration CALM = Duration.ofSeconds(2);
    private static final String PENDING_COMPACTIONS = "org.apache.cassandra.metrics:type=Compaction,name=PendingTasks";
    /** {@code oa-12-big-Data.db}: the descriptor, then the component. */
    private static final Pattern COMPONENT = Pattern.compile("([a-z]{2}-[^-]+-[a-z]+)-[^-]+");

    private final RingWithAgents site;
    private final Path directory;

    private BenchSite(RingWithAgents site, Path directory) {
        this.site = site;
        this.directory = directory;
    }

    /** @param directory is made */
    public static BenchSite start(Path directory) {
        return start(directory, List.of());
    }

    /** @param yaml more lines of every node's cassandra.yaml */
    public static BenchSite start(Path directory, List<String> yaml) {
        RingBuilder builder = CassandraRing.builder()
                .nodes(3)
                .racks("r1", "r2", "r3")
                .evenTokens(4)
                .directory(directory.resolve("ring"));
        yaml.forEach(builder::yaml);
        CassandraRing ring = builder.start();
        RingWithAgents.Program agent = new RingWithAgents.Program(
                List.of(AgentMain.class.getName()),
                node -> List.of("-XX:-UsePerfData", GcLog.flag(gcLog(node).toString())));
        return new BenchSite(RingWithAgents.start(ring, directory, agent), directory);
    }

    public CassandraRing ring() {
        return site.ring();
    }

    /** Gives every replica the same rows, in the same SSTables, and keeps them as they are: no compaction. */
    public void load(String keyspace, String table, Path sstables) {
        ring().session()
                .execute("CREATE KEYSPACE " + keyspace
                        + " WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}");
        ring().session().execute(SampleRows.createTable(keyspace + "." + table));
        for (CassandraNode node : ring().nodes()) {
            Await.until(
                    node + " has table " + table,
                    SCHEMA,
                    () -> !node.tableDirectories(keyspace, table).isEmpty());
            node.jmx(jmx -> {
                jmx.disableAutoCompaction(keyspace, table);
                List<String> failed = jmx.importSSTables(keyspace, table, sstables.toString());
                if (!failed.isEmpty()) {
                    throw new IllegalStateException(node + " did not import " + failed + "\n" + node.evidence());
                }
            });
        }
    }

    /** From now on the table is one SSTable on each replica, and what is added to it is compacted by size as usual. */
    public void compactBySize(String keyspace, String table, long smallestTier) {
        ring().ddl("ALTER TABLE " + keyspace + "." + table
                + " WITH compaction = {'class': 'SizeTieredCompactionStrategy', 'min_sstable_size': " + smallestTier
                + "}");
        for (CassandraNode node : ring().nodes()) {
            node.jmx(jmx -> {
                jmx.compact(keyspace, table);
                jmx.enableAutoCompaction(keyspace, table);
            });
        }
    }

    /**
     * Waits until no node compacts anything and the table's files have been the same for a while: the flush of a moment
     * ago has had its consequences.
     *
     * @return sizes of the live SSTables, all components together, by node and descriptor
     */
    public Map<String, Long> settled(String keyspace, String table) {
        Map<String, Long> last = new TreeMap<>();
        AtomicLong since = new AtomicLong(System.nanoTime());
        Await.until("the nodes have compacted table " + table, COMPACTION, () -> {
            Map<String, Long> now = sstables(keyspace, table);
            if (compacting() || !now.equals(last)) {
                last.clear();
                last.putAll(now);
                since.set(System.nanoTime());
            }
            return System.nanoTime() - since.get() > CALM.toNanos();
        });
        return last;
    }

    private boolean compacting() {
        for (CassandraNode node : ring().nodes()) {
            try (NodeJmx jmx = node.jmx()) {
                if (((Number) jmx.attribute(PENDING_COMPACTIONS, "Value")).longValue() > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private Map<String, Long> sstables(String keyspace, String table) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        for (CassandraNode node : ring().nodes()) {
            for (Path directory : node.tableDirectories(keyspace, table)) {
                try (Stream<Path> files = Files.list(directory)) {
                    for (Path file : files.toList()) {
                        Matcher component = COMPONENT.matcher(String.valueOf(file.getFileName()));
                        if (component.matches()) {
                            sizes.merge(node.address() + "/" + component.group(1), Files.size(file), Long::sum);
                        }
                    }
                }
            }
        }
        return sizes;
    }

    /** Live Data.db files of a table, of all nodes. */
    public List<Path> dataFiles(String keyspace, String table) {
        return ring().nodes().stream()
                .flatMap(node -> node.dataFiles(keyspace, table).stream())
                .toList();
    }

    /** The directory repository into which the agents capture. */
    public Path repository() {
        return site.captureRepository();
    }

    public Path adminToken() {
        return site.tokenFile("admin");
    }

    /** From now on the agents capture this keyspace, which is seen to. */
    public void capture(String keyspace) {
        forAgents(agent -> {
            agent.setCapture(List.of(keyspace));
            Await.until(
                    agent.address() + " captures",
                    SCHEMA,
                    () -> agent.capture().stored().contains(keyspace));
        });
    }

    public void stopCapture() {
        forAgents(agent -> {
            agent.stopCapture();
            Await.until(
                    agent.address() + " captures no more",
                    SCHEMA,
                    () -> agent.capture().stored().isEmpty());
        });
    }

    /** Waits until the repository has all that was in the nodes' logs by then. */
    public void awaitCaptured(Instant instant) {
        forAgents(agent -> Await.until(
                agent.address() + " has captured all up to " + instant,
                SCHEMA,
                () -> agent.capture().storedSeen().map(instant::isBefore).orElse(false)));
    }

    private void forAgents(Consumer<AgentClient> calls) {
        for (CassandraNode node : ring().nodes()) {
            try (AgentClient agent = new HttpAgentClient(new AgentEndpoint(
                    URI.create(RingWithAgents.agentUrl(node)),
                    AgentTokens.all(token("read"), token("import"), token("admin")),
                    AgentTrust.jvm()))) {
                calls.accept(agent);
            }
        }
    }

    private String token(String scope) {
        try {
            return Files.readString(site.tokenFile(scope)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The body of {@code cluster:}. */
    public List<String> clusterSection() {
        return site.clusterSection(2);
    }

    public double agentCpuSeconds() {
        return cpuSeconds(site.agents());
    }

    public double nodeCpuSeconds() {
        return cpuSeconds(ring().nodes().stream().map(CassandraNode::process).toList());
    }

    private static double cpuSeconds(List<ChildProcess> processes) {
        return processes.stream()
                .flatMap(process -> process.cpuTime().stream())
                .mapToDouble(ProcessWatch::seconds)
                .sum();
    }

    public List<ProcessUse> agents() {
        return site.agents().stream()
                .map(agent -> new ProcessUse(
                        agent.pid(),
                        agent.cpuTime().map(ProcessWatch::seconds).orElse(0.0),
                        agent.peakResidentBytes(),
                        Map.of()))
                .toList();
    }

    /** Ends the agents in good order, so that their logs are whole; what the collectors of each say. */
    public List<GcLog> stopAgents() {
        site.agents().forEach(agent -> agent.terminate(AGENT_STOP));
        return ring().nodes().stream()
                .map(node -> GcLog.read(directory.resolve(gcLog(node))))
                .toList();
    }

    private static Path gcLog(CassandraNode node) {
        return Path.of("gc-agent-" + node.address() + ".log");
    }

    @Override
    public void close() {
        site.close();
    }
}
