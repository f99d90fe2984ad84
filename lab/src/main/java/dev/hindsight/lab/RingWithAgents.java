package dev.hindsight.lab;

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
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A ring with an agent process of 128 MiB beside each node, set up as an operator would: token files that only the owner
 * can read, an {@code agent.yaml} for each. Closing it ends agents and nodes. Safe for use by several threads, except
 * {@link #restartAgent}, {@link #join}, {@link #replace} and {@link #leave}.
 */
public final class RingWithAgents implements AutoCloseable {
    public static final int AGENT_PORT = 9645;

    private static final String CAPTURES = "repository";
    private static final List<String> SCOPES = List.of("read", "import", "admin");
    private static final Duration AGENT_START = Duration.ofSeconds(90);
    private static final int CONNECT_MILLIS = 500;

    /**
     * What to start beside each node. This module knows no agent, so whoever uses it names the program.
     *
     * @param main class and first arguments; {@code -c <its agent.yaml>} follows
     * @param flags for each node's agent, besides those of its memory
     */
    public record Program(List<String> main, Function<CassandraNode, List<String>> flags) {
        public Program {
            main = List.copyOf(main);
        }

        /** Flags of a short life: little compilation. */
        public static Program shortLived(String... main) {
            return new Program(List.of(main), node -> List.of("-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        }
    }

    private final CassandraRing ring;
    private final Path directory;
    private final Program program;
    private final String captures;
    private final List<ChildProcess> agents = new ArrayList<>();

    private RingWithAgents(CassandraRing ring, Path directory, Program program, String captures) {
        this.ring = ring;
        this.directory = directory;
        this.program = program;
        this.captures = captures;
    }

    /**
     * Returns when every agent accepts connections. Takes over the ring: it is ended with this, also when this fails.
     *
     * @param directory of tokens, configurations and logs; is made
     */
    public static RingWithAgents start(CassandraRing ring, Path directory, Program program) {
        return start(ring, directory, program, "{directory: " + CAPTURES + "}");
    }

    /** @param captures where the agents put what they capture: as {@code capture.repository} in {@code agent.yaml}, in one line */
    public static RingWithAgents start(CassandraRing ring, Path directory, Program program, String captures) {
        RingWithAgents made = new RingWithAgents(ring, directory, program, captures);
        try {
            Files.createDirectories(directory);
            Files.createDirectories(made.captureRepository());
            for (String scope : SCOPES) {
                writeToken(made.tokenFile(scope));
            }
            for (CassandraNode node : ring.nodes()) {
                made.agents.add(made.launch(node));
            }
            for (int i = 0; i < made.agents.size(); i++) {
                made.await(i);
            }
            return made;
        } catch (IOException e) {
            made.close();
            throw new UncheckedIOException("the agents' files in " + directory + " cannot be written", e);
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    public CassandraRing ring() {
        return ring;
    }

    public CassandraNode node(int index) {
        return ring.node(index);
    }

    /** The directory repository into which the agents put what they capture, once they are told to, unless told where. */
    public Path captureRepository() {
        return directory.resolve(CAPTURES);
    }

    /** In the order of the ring's nodes. */
    public List<ChildProcess> agents() {
        return List.copyOf(agents);
    }

    public ChildProcess agent(int index) {
        return agents.get(index);
    }

    public static String agentUrl(CassandraNode node) {
        return "http://" + node.address() + ":" + AGENT_PORT;
    }

    public String agentUrl(int index) {
        return agentUrl(node(index));
    }

    /** Ends the agent of a node as kill -9 does. */
    public void killAgent(int index) {
        agents.get(index).kill();
    }

    public void restartAgent(int index) {
        agents.get(index).close();
        try {
            agents.set(index, launch(node(index)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await(index);
    }

    /** As {@link CassandraRing#join}, with an agent beside the new node. */
    public CassandraNode join(String datacenter, String rack, long seed) {
        return withAgent(ring.join(datacenter, rack, seed));
    }

    /** As {@link CassandraRing#replace}; the dead node's agent ends with it, and the new node gets one. */
    public CassandraNode replace(CassandraNode dead) {
        agents.remove(ring.nodes().indexOf(dead)).close();
        return withAgent(ring.replace(dead));
    }

    /** As {@link CassandraRing#decommission}; its agent ends with it. */
    public void leave(CassandraNode node) {
        int index = ring.nodes().indexOf(node);
        ring.decommission(node);
        agents.remove(index).close();
    }

    private CassandraNode withAgent(CassandraNode node) {
        try {
            agents.add(launch(node));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await(agents.size() - 1);
        return node;
    }

    /** The body of {@code cluster:} or of one of {@code targets:}, every line indented by {@code spaces}. */
    public List<String> clusterSection(int spaces) {
        List<String> lines = new ArrayList<>();
        lines.add("name: " + ring.clusterName());
        lines.add("contact-points: ["
                + ring.nodes().stream().map(CassandraNode::address).collect(Collectors.joining(", ")) + "]");
        lines.add("local-datacenter: " + node(0).datacenter());
        lines.add("agents: ["
                + ring.nodes().stream().map(RingWithAgents::agentUrl).collect(Collectors.joining(", ")) + "]");
        lines.add("agent-tokens:");
        for (String scope : SCOPES) {
            lines.add("  " + scope + ": {file: \"" + tokenFile(scope) + "\"}");
        }
        return lines.stream().map(line -> " ".repeat(spaces) + line).toList();
    }

    private ChildProcess launch(CassandraNode node) throws IOException {
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
        lines.add("capture: {repository: " + captures + ", put-interval: 500ms, spool: capture-" + node.address()
                + (ring.hasCdc() ? ", cdc-raw: " + node.cdcRawDirectory() : "") + "}");
        lines.add("state-file: agent-" + node.address() + ".state");
        Files.write(yaml, lines);
        List<String> command = new ArrayList<>(
                List.of(ChildProcess.java(), "-Xmx128m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC"));
        command.addAll(program.flags().apply(node));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(program.main());
        command.addAll(List.of("-c", yaml.toString()));
        return ChildProcess.builder(
                        "agent " + node.address(), directory.resolve("agent-" + node.address() + ".log"), command)
                .directory(directory)
                .start();
    }

    private void await(int index) {
        InetSocketAddress address = new InetSocketAddress(node(index).address(), AGENT_PORT);
        agents.get(index).await("agent " + address + " listens", AGENT_START, () -> accepts(address));
    }

    private static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** @param scope read, import or admin */
    public Path tokenFile(String scope) {
        return directory.resolve(scope + ".token");
    }

    private static void writeToken(Path file) throws IOException {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, HexFormat.of().formatHex(random) + "\n");
    }

    /** Ends agents and nodes and removes the nodes' directories. Safe to repeat. */
    @Override
    public void close() {
        agents.forEach(ChildProcess::close);
        ring.close();
    }
}
