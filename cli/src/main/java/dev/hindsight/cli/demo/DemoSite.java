package dev.hindsight.cli.demo;

import dev.hindsight.cli.Main;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** A ring with an agent process beside each node, as an operator would set it up: token files, one agent.yaml each. */
final class DemoSite implements AutoCloseable {
    private static final int AGENT_PORT = 9645;
    private static final Duration AGENT_START = Duration.ofSeconds(90);
    private static final List<String> SCOPES = List.of("read", "import", "admin");

    private final CassandraRing ring;
    private final Path directory;
    private final List<ChildProcess> agents = new ArrayList<>();

    private DemoSite(CassandraRing ring, Path directory) {
        this.ring = ring;
        this.directory = directory;
    }

    /** Takes over the ring: closing the site ends it. */
    static DemoSite start(CassandraRing ring, Path directory) {
        DemoSite site = new DemoSite(ring, directory);
        try {
            Files.createDirectories(directory);
            for (String scope : SCOPES) {
                writeToken(directory.resolve(scope + ".token"));
            }
            for (CassandraNode node : ring.nodes()) {
                site.agents.add(site.launchAgent(node));
            }
            site.agents.forEach(agent -> agent.awaitOutput("agent listens on", AGENT_START));
            return site;
        } catch (IOException e) {
            site.close();
            throw new UncheckedIOException("the agents' files in " + directory + " cannot be written", e);
        } catch (RuntimeException e) {
            site.close();
            throw e;
        }
    }

    CassandraRing ring() {
        return ring;
    }

    /** The lines of a cluster section, without indentation. */
    List<String> clusterSection() {
        List<String> lines = new ArrayList<>();
        lines.add("name: " + ring.clusterName());
        lines.add("contact-points: ["
                + ring.nodes().stream().map(CassandraNode::address).collect(Collectors.joining(", ")) + "]");
        lines.add("local-datacenter: " + ring.node(0).datacenter());
        lines.add("agents: ["
                + ring.nodes().stream().map(DemoSite::agentAddress).collect(Collectors.joining(", ")) + "]");
        lines.add("agent-tokens:");
        for (String scope : SCOPES) {
            lines.add("  " + scope + ": {file: \"" + directory.resolve(scope + ".token") + "\"}");
        }
        return lines;
    }

    static String agentAddress(CassandraNode node) {
        return "http://" + node.address() + ":" + AGENT_PORT;
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
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "agent",
                                "-c",
                                yaml.toString()))
                .start();
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
