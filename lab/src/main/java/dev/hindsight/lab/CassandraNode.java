package dev.hindsight.lab;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One node of a {@link CassandraRing}: a Cassandra process of its own with its own directories. Its address, ports and
 * host id stay the same over restarts. Safe for use by several threads, except that starting and stopping is for one.
 */
public final class CassandraNode {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    private final CassandraRing ring;
    private final NodeFiles files;
    private @Nullable ChildProcess process;
    private @Nullable UUID hostId;
    private @Nullable CqlSession session;

    CassandraNode(CassandraRing ring, NodeFiles files) {
        this.ring = ring;
        this.files = files;
    }

    /** Listen and CQL address, {@code 127.x.y.z}. */
    public String address() {
        return files.address();
    }

    public int nativePort() {
        return NodeFiles.NATIVE_PORT;
    }

    public int jmxPort() {
        return files.jmxPort();
    }

    public String datacenter() {
        return files.place().datacenter();
    }

    public String rack() {
        return files.place().rack();
    }

    public List<Long> tokens() {
        return files.tokens();
    }

    /** Known once the node was up; stays known when it is down. */
    public UUID hostId() {
        if (hostId == null) {
            throw new IllegalStateException("node " + address() + " was never up");
        }
        return hostId;
    }

    public long pid() {
        return process().pid();
    }

    public boolean isRunning() {
        return process != null && process.isAlive();
    }

    public List<Path> dataDirectories() {
        return files.dataDirectories();
    }

    /** The node's own directory: conf, log, data, commitlog. */
    public Path directory() {
        return files.directory();
    }

    public Path commitLogDirectory() {
        return files.directory().resolve("commitlog");
    }

    public Path cdcRawDirectory() {
        return directory().resolve("cdc_raw");
    }

    public Path cassandraYaml() {
        return files.yaml();
    }

    /** The process, for its CPU time and memory. */
    public ChildProcess process() {
        if (process == null) {
            throw new IllegalStateException("node " + address() + " was never started");
        }
        return process;
    }

    /** SIGKILL: what is in memtables stays in the commit log only. */
    public void kill() {
        closeSession();
        process().kill();
    }

    /** Drains and ends. */
    public void stop() {
        closeSession();
        if (isRunning()) {
            process().terminate(STOP_TIMEOUT);
        }
    }

    /** Starts a stopped or killed node again and waits until all running nodes and it see each other up. */
    public void restart() {
        if (isRunning()) {
            throw new IllegalStateException("node " + address() + " is running");
        }
        launch();
        ring.awaitReady(List.of(this));
    }

    /**
     * Makes the others hold it for down at once, while it runs: nothing is sent to it, and without hinted handoff it
     * stays behind. Much quicker than a stop. Ended by {@link #rejoinGossip()}.
     */
    public void leaveGossip() {
        jmx(NodeJmx::stopGossiping);
        ring.awaitSeenDown(this);
    }

    public void rejoinGossip() {
        jmx(NodeJmx::startGossiping);
        ring.awaitReady(List.of());
    }

    /** SIGSTOP: the others hold it for up for a while, but it answers nothing. */
    public void pause() {
        process().pause();
    }

    public void resume() {
        process().resume();
    }

    /** A JMX connection; close it. */
    public NodeJmx jmx() {
        return NodeJmx.connect(address(), jmxPort());
    }

    /** Connects, calls, closes. */
    public void jmx(Consumer<NodeJmx> calls) {
        try (NodeJmx jmx = jmx()) {
            calls.accept(jmx);
        }
    }

    public void flush(String keyspace, String... tables) {
        jmx(jmx -> jmx.flush(keyspace, tables));
    }

    public void compact(String keyspace, String... tables) {
        jmx(jmx -> jmx.compact(keyspace, tables));
    }

    /** A session that talks to this node only, so that it coordinates all that is sent; the ring closes it. */
    public synchronized CqlSession session() {
        if (session == null || session.isClosed()) {
            session = RingSessions.pinned(ring.clusterName(), this);
        }
        return session;
    }

    private synchronized void closeSession() {
        if (session != null) {
            session.forceCloseAsync();
            session = null;
        }
    }

    /** The live directories of a table on this node, one per data directory that has it; of all its incarnations. */
    public List<Path> tableDirectories(String keyspace, String table) {
        List<Path> found = new ArrayList<>();
        for (Path data : dataDirectories()) {
            Path parent = data.resolve(keyspace);
            if (Files.isDirectory(parent)) {
                try (Stream<Path> tables = Files.list(parent)) {
                    tables.filter(path ->
                                    String.valueOf(path.getFileName()).matches("\\Q" + table + "\\E-[0-9a-f]{32}"))
                            .sorted()
                            .forEach(found::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return found;
    }

    /** Data.db files of a table's live SSTables on this node. */
    public List<Path> dataFiles(String keyspace, String table) {
        List<Path> found = new ArrayList<>();
        for (Path directory : tableDirectories(keyspace, table)) {
            try (Stream<Path> inside = Files.list(directory)) {
                inside.filter(path -> path.toString().endsWith("-Data.db"))
                        .sorted()
                        .forEach(found::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    /** Runs {@code nodetool} of Cassandra's own jars against this node. */
    public StockTools.Result nodetool(String... arguments) {
        List<String> all = new ArrayList<>(List.of("-h", "127.0.0.1", "-p", Integer.toString(jmxPort())));
        all.addAll(List.of(arguments));
        return tools().run("org.apache.cassandra.tools.NodeTool", all);
    }

    /** Runs {@code sstableloader} into this node's ring. */
    public StockTools.Result sstableloader(Path directory) {
        return tools().run(
                        "org.apache.cassandra.tools.BulkLoader",
                        List.of("-d", address(), "-f", cassandraYaml().toString(), directory.toString()));
    }

    /** Cassandra's offline tools with this node's configuration. */
    public StockTools tools() {
        return new StockTools(ring.home(), files);
    }

    public String log() {
        try {
            return Files.exists(files.systemLog()) ? Files.readString(files.systemLog(), StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** ERROR lines of the log since the first start. */
    public List<String> logErrors() {
        return log().lines().filter(line -> line.startsWith("ERROR")).toList();
    }

    /** The ends of its log and of its output, for messages. */
    public String evidence() {
        return ChildProcess.tail(files.systemLog(), 30) + "\n" + ChildProcess.tail(files.output(), 15);
    }

    void launch() {
        if (!Loopback.free(address(), NodeFiles.STORAGE_PORT)
                || !Loopback.free(address(), NodeFiles.NATIVE_PORT)
                || !Loopback.free("127.0.0.1", jmxPort())) {
            throw new AddressTakenException(address());
        }
        try {
            files.write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process = ChildProcess.builder("node " + address(), files.output(), command())
                .directory(files.directory())
                .removeIfOrphaned(files.directory())
                .start();
    }

    private List<String> command() {
        RingShape shape = files.shape();
        List<String> command = new ArrayList<>();
        command.add(ChildProcess.java());
        command.add("-Xms" + Math.min(128, shape.heapMiB()) + "m");
        command.add("-Xmx" + shape.heapMiB() + "m");
        command.addAll(CassandraHome.jvmOptions());
        command.add("-javaagent:" + ring.home().jar("jamm-"));
        command.addAll(List.of(
                "-XX:+HeapDumpOnOutOfMemoryError",
                "-XX:HeapDumpPath=" + files.directory().resolve("log"),
                "-XX:+ExitOnOutOfMemoryError",
                "-Dcassandra.config=file://" + files.yaml(),
                "-Dcassandra.storagedir=" + files.directory(),
                "-Dcassandra.logdir=" + files.directory().resolve("log"),
                "-Dlogback.configurationFile=logback.xml",
                "-Dcassandra-foreground=yes",
                "-Dcassandra.jmx.local.port=" + jmxPort(),
                "-Djava.rmi.server.hostname=127.0.0.1",
                "-Dcassandra.skip_wait_for_gossip_to_settle=0",
                // A node that missed a schema change while it was held for down asks for it after this, not after 60 s.
                "-Dcassandra.migration_delay_ms=5000",
                "-Dcassandra.superuser_setup_delay_ms=0",
                "-Dcassandra.shutdown_announce_in_ms=100"));
        // A node that bootstraps must have learned ring and schema within this time, or it streams nothing and joins
        // all the same; the nodes of the first start have nothing to learn.
        command.addAll(
                files.bootstrap()
                        ? List.of("-Dcassandra.ring_delay_ms=8000")
                        : List.of("-Dcassandra.ring_delay_ms=1000", "-Dcassandra.consistent.rangemovement=false"));
        // The longer of this and twice the ring delay is how long it waits for a sign of life of the dead one.
        files.replaces()
                .ifPresent(dead -> command.addAll(List.of(
                        "-Dcassandra.replace_address_first_boot=" + dead, "-Dcassandra.broadcast_interval_ms=10000")));
        command.addAll(shape.extraJvm());
        command.addAll(List.of(
                "-cp", ring.home().classPath(files.configuration()), "org.apache.cassandra.service.CassandraDaemon"));
        return command;
    }

    void awaitReady(Duration timeout) {
        process().await("node " + address() + " ready for CQL", timeout, () -> {
            if (Loopback.free(address(), NodeFiles.NATIVE_PORT)) {
                return false;
            }
            try (NodeJmx jmx = jmx()) {
                if (!jmx.clusterName().equals(ring.clusterName())) {
                    throw new AddressTakenException(address());
                }
                hostId = UUID.fromString(jmx.hostId());
                return jmx.nativeTransportRunning()
                        && jmx.operationMode().toUpperCase(Locale.ROOT).equals("NORMAL");
            }
        });
    }

    /** Sees itself and all {@code others} up, as members of the ring, with one schema. */
    boolean sees(List<CassandraNode> others) {
        try (NodeJmx jmx = jmx()) {
            List<String> addresses = others.stream().map(CassandraNode::address).toList();
            return jmx.liveNodes().containsAll(addresses)
                    && jmx.ringMembers().containsAll(addresses)
                    && jmx.schemaVersions() == 1;
        }
    }

    void end() {
        closeSession();
        if (process != null) {
            process.kill();
        }
    }

    Optional<String> startupComplaint() {
        return log().lines()
                .filter(line -> line.contains("in use by another process") || line.contains("Address already in use"))
                .findFirst();
    }

    @Override
    public String toString() {
        return "node " + address();
    }

    /** Somebody else has the address or one of its ports: choose others. */
    static final class AddressTakenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        AddressTakenException(String address) {
            super("address " + address + " or one of its ports is in use by somebody else");
        }

        NotAppliedException toFailure() {
            return new NotAppliedException(
                    String.valueOf(getMessage()), "end that process, or start the ring on other addresses", this);
        }
    }
}
