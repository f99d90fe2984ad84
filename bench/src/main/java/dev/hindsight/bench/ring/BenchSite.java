package dev.hindsight.bench.ring;

import dev.hindsight.agent.AgentMain;
import dev.hindsight.bench.process.GcLog;
import dev.hindsight.bench.process.ProcessUse;
import dev.hindsight.bench.process.ProcessWatch;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A ring of three with an agent process of 128 MiB beside each node. Closing it ends all of them. */
public final class BenchSite implements AutoCloseable {
    private static final int AGENT_PORT = 9645;
    private static final Duration AGENT_START = Duration.ofSeconds(90);
    private static final Duration SCHEMA = Duration.ofSeconds(90);
    private static final Duration AGENT_STOP = Duration.ofSeconds(30);
    private static final int CONNECT_MILLIS = 500;
    private static final List<String> SCOPES = List.of("read", "import", "admin");

    private final CassandraRing ring;
    private final Path directory;
    private final List<ChildProcess> agents = new ArrayList<>();

    private BenchSite(CassandraRing ring, Path directory) {
        this.ring = ring;
        this.directory = directory;
    }

    /** @param directory is made */
    public static BenchSite start(Path directory) {
        CassandraRing ring = CassandraRing.builder()
                .nodes(3)
                .racks("r1", "r2", "r3")
                .evenTokens(4)
                .directory(directory.resolve("ring"))
                .start();
        BenchSite site = new BenchSite(ring, directory);
        try {
            for (String scope : SCOPES) {
                writeToken(site.token(scope));
            }
            for (CassandraNode node : ring.nodes()) {
                site.agents.add(site.launchAgent(node));
            }
            for (int i = 0; i < site.agents.size(); i++) {
                InetSocketAddress address = new InetSocketAddress(ring.node(i).address(), AGENT_PORT);
                site.agents.get(i).await("agent " + address + " listens", AGENT_START, () -> accepts(address));
            }
            return site;
        } catch (IOException e) {
            site.close();
            throw new UncheckedIOException("the agents' files in " + directory, e);
        } catch (RuntimeException e) {
            site.close();
            throw e;
        }
    }

    public CassandraRing ring() {
        return ring;
    }

    /** Gives every replica the same rows, in the same SSTables, and keeps them as they are: no compaction. */
    public void load(String keyspace, String table, Path sstables) {
        ring.session()
                .execute("CREATE KEYSPACE " + keyspace
                        + " WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}");
        ring.session().execute(SampleRows.createTable(keyspace + "." + table));
        for (CassandraNode node : ring.nodes()) {
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

    /** Live Data.db files of a table, of all nodes. */
    public List<Path> dataFiles(String keyspace, String table) {
        return ring.nodes().stream()
                .flatMap(node -> node.dataFiles(keyspace, table).stream())
                .toList();
    }

    /** The body of {@code cluster:}, indented by two. */
    public List<String> clusterSection() {
        List<String> lines = new ArrayList<>();
        lines.add("  name: " + ring.clusterName());
        lines.add("  contact-points: ["
                + ring.nodes().stream().map(CassandraNode::address).collect(Collectors.joining(", ")) + "]");
        lines.add("  local-datacenter: " + ring.node(0).datacenter());
        lines.add("  agents: ["
                + ring.nodes().stream()
                        .map(node -> "http://" + node.address() + ":" + AGENT_PORT)
                        .collect(Collectors.joining(", "))
                + "]");
        lines.add("  agent-tokens:");
        for (String scope : SCOPES) {
            lines.add("    " + scope + ": {file: \"" + token(scope) + "\"}");
        }
        return lines;
    }

    public double agentCpuSeconds() {
        return cpuSeconds(agents);
    }

    public double nodeCpuSeconds() {
        return cpuSeconds(ring.nodes().stream().map(CassandraNode::process).toList());
    }

    private static double cpuSeconds(List<ChildProcess> processes) {
        return processes.stream()
                .flatMap(process -> process.cpuTime().stream())
                .mapToDouble(ProcessWatch::seconds)
                .sum();
    }

    public List<ProcessUse> agents() {
        return agents.stream()
                .map(agent -> new ProcessUse(
                        agent.pid(),
                        agent.cpuTime().map(ProcessWatch::seconds).orElse(0.0),
                        agent.peakResidentBytes(),
                        Map.of()))
                .toList();
    }

    /** Ends the agents in good order, so that their logs are whole; what the collectors of each say. */
    public List<GcLog> stopAgents() {
        agents.forEach(agent -> agent.terminate(AGENT_STOP));
        return ring.nodes().stream().map(node -> GcLog.read(gcLog(node))).toList();
    }

    private ChildProcess launchAgent(CassandraNode node) throws IOException {
        Path yaml = directory.resolve("agent-" + node.address() + ".yaml");
        List<String> lines = new ArrayList<>(List.of(
                "listen: {host: " + node.address() + ", port: " + AGENT_PORT + "}",
                "cassandra: {jmx-port: " + node.jmxPort() + ", cluster-name: " + ring.clusterName() + "}",
                "tokens:"));
        for (String scope : SCOPES) {
            lines.add("  " + scope + ": {scope: " + scope + ", token: {file: " + scope + ".token}}");
        }
        lines.add("import: {enabled: true}");
        lines.add("limits: {min-free: 64MiB}");
        lines.add("state-file: agent-" + node.address() + ".state");
        Files.write(yaml, lines);
        return ChildProcess.builder(
                        "agent " + node.address(),
                        directory.resolve("agent-" + node.address() + ".log"),
                        List.of(
                                ChildProcess.java(),
                                "-Xmx128m",
                                "-XX:MaxDirectMemorySize=64m",
                                "-XX:+UseSerialGC",
                                "-XX:-UsePerfData",
                                GcLog.flag(directory.relativize(gcLog(node)).toString()),
                                "-cp",
                                System.getProperty("java.class.path"),
                                AgentMain.class.getName(),
                                "-c",
                                yaml.toString()))
                .directory(directory)
                .start();
    }

    private static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Path gcLog(CassandraNode node) {
        return directory.resolve("gc-agent-" + node.address() + ".log");
    }

    private Path token(String scope) {
        return directory.resolve(scope + ".token");
    }

    private static void writeToken(Path file) throws IOException {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, HexFormat.of().formatHex(random) + "\n");
    }

    @Override
    public void close() {
        agents.forEach(ChildProcess::close);
        ring.close();
    }
}
