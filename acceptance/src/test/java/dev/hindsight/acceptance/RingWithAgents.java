package dev.hindsight.acceptance;

import dev.hindsight.agent.AgentMain;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A real ring with a real agent process of 128 MiB beside each node, and how {@code hindsight.yaml} names them. */
final class RingWithAgents implements AutoCloseable {
    static final int AGENT_PORT = 9645;
    static final String READ_TOKEN = "read-token-of-the-tests-0001";
    static final String IMPORT_TOKEN = "import-token-of-the-tests-001";
    static final String ADMIN_TOKEN = "admin-token-of-the-tests-0001";

    private final CassandraRing ring;
    private final Path directory;
    private final List<ChildProcess> agents = new ArrayList<>();

    private RingWithAgents(CassandraRing ring, Path directory) {
        this.ring = ring;
        this.directory = directory;
    }

    static RingWithAgents start(CassandraRing ring, Path directory) {
        RingWithAgents out = new RingWithAgents(ring, directory);
        try {
            Files.createDirectories(directory);
            out.secret("read", READ_TOKEN);
            out.secret("import", IMPORT_TOKEN);
            out.secret("admin", ADMIN_TOKEN);
            for (int i = 0; i < ring.nodes().size(); i++) {
                out.agents.add(out.launch(i));
            }
            for (int i = 0; i < ring.nodes().size(); i++) {
                out.awaitAgent(i);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out;
    }

    CassandraRing ring() {
        return ring;
    }

    CassandraNode node(int index) {
        return ring.nodes().get(index);
    }

    ChildProcess agent(int index) {
        return agents.get(index);
    }

    String agentUrl(int index) {
        return "http://" + node(index).address() + ":" + AGENT_PORT;
    }

    /** Ends the agent of a node as kill -9 does. */
    void killAgent(int index) {
        agents.get(index).kill();
    }

    void restartAgent(int index) {
        agents.get(index).close();
        agents.set(index, launch(index));
        awaitAgent(index);
    }

    /** The body of {@code cluster:} or of one of {@code targets:}, indented by {@code spaces}. */
    String yaml(int spaces) {
        String points = ring.nodes().stream().map(CassandraNode::address).collect(Collectors.joining(", "));
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < ring.nodes().size(); i++) {
            urls.add(agentUrl(i));
        }
        String text = String.format(
                Locale.ROOT, """
                name: %s
                contact-points: [%s]
                local-datacenter: dc1
                agents: [%s]
                agent-tokens:
                  read: {file: %s/read.token}
                  import: {file: %s/import.token}
                  admin: {file: %s/admin.token}
                """, ring.clusterName(), points, String.join(", ", urls), directory, directory, directory);
        return text.indent(spaces);
    }

    private void secret(String name, String token) throws IOException {
        Path file = directory.resolve(name + ".token");
        Files.writeString(file, token + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private ChildProcess launch(int index) {
        CassandraNode node = node(index);
        Path yaml = directory.resolve("agent-" + index + ".yaml");
        String text =
                String.format(Locale.ROOT, """
                listen: {host: %s, port: %d}
                cassandra: {jmx-port: %d, cluster-name: %s}
                tokens:
                  reader: {scope: read, token: {file: read.token}}
                  importer: {scope: import, token: {file: import.token}}
                  administrator: {scope: admin, token: {file: admin.token}}
                import: {enabled: true}
                limits: {min-free: 64MiB}
                state-file: agent-%d.state
                """, node.address(), AGENT_PORT, node.jmxPort(), ring.clusterName(), index);
        try {
            Files.writeString(yaml, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ChildProcess.builder(
                        "agent-" + index,
                        directory.resolve("agent-" + index + ".log"),
                        List.of(
                                ChildProcess.java(),
                                "-Xmx128m",
                                "-XX:MaxDirectMemorySize=64m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                AgentMain.class.getName(),
                                "-c",
                                yaml.toString()))
                .start();
    }

    private void awaitAgent(int index) {
        InetSocketAddress address = new InetSocketAddress(node(index).address(), AGENT_PORT);
        agents.get(index).await("agent " + index + " listens", Duration.ofSeconds(60), () -> accepts(address));
    }

    private static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        agents.forEach(ChildProcess::close);
        ring.close();
    }
}
