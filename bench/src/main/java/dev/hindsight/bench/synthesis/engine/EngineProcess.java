package dev.hindsight.bench.synthesis.engine;

import dev.hindsight.bench.synthesis.data.DataSet;
import dev.hindsight.lab.ChildProcess;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.synthesis.Synthesiser;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An engine in its JVM, seen from the measuring side. One thread. */
public final class EngineProcess implements AutoCloseable {
    private static final int START_MILLIS = 120_000;
    private static final int LONGEST_JOB_MILLIS = 3_600_000;
    private static final String JVM_OPTIONS = "/dev/hindsight/oracle/jvm.options";

    private final EngineKind kind;
    private final ChildProcess process;
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    private EngineProcess(EngineKind kind, ChildProcess process, Socket socket) throws IOException {
        this.kind = kind;
        this.process = process;
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    /**
     * @param directory for its log and Cassandra's directories; made here
     * @param classPath null for this JVM's
     * @param flags of its JVM, besides those that Cassandra's classes need
     * @param synthesiser which one, for {@link EngineKind#HINDSIGHT}
     */
    public static EngineProcess start(
            EngineKind kind, Path directory, @Nullable String classPath, List<String> flags, String synthesiser) {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Files.createDirectories(directory.resolve("data"));
            List<String> command = new ArrayList<>(List.of(ChildProcess.java()));
            command.addAll(flags);
            command.addAll(jvmOptions());
            command.addAll(List.of(
                    "-XX:-UsePerfData",
                    "-Dfile.encoding=UTF-8",
                    "-Dhindsight.log.level=WARN",
                    "-Dlogback.configurationFile=" + logging(directory),
                    "-Dcassandra.config=" + configuration(kind, directory).toUri(),
                    "-Dcassandra.storagedir=" + directory,
                    "-cp",
                    absolute(classPath == null ? System.getProperty("java.class.path") : classPath),
                    EngineHost.class.getName(),
                    Integer.toString(server.getLocalPort()),
                    kind.name(),
                    synthesiser));
            ChildProcess process = ChildProcess.builder(kind.id(), directory.resolve("log"), command)
                    .directory(directory)
                    .start();
            try {
                return new EngineProcess(kind, process, accept(server, process));
            } catch (IOException | RuntimeException e) {
                process.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process has another working directory. */
    private static String absolute(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Socket accept(ServerSocket server, ChildProcess process) throws IOException {
        server.setSoTimeout(200);
        long deadline = System.nanoTime() + START_MILLIS * 1_000_000L;
        while (true) {
            try {
                Socket socket = server.accept();
                socket.setSoTimeout(LONGEST_JOB_MILLIS);
                socket.setTcpNoDelay(true);
                return socket;
            } catch (SocketTimeoutException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new NotAppliedException(
                            process.name() + " does not start:\n" + process.tail(40), "see its output above", e);
                }
            }
        }
    }

    private static List<String> jvmOptions() throws IOException {
        try (InputStream in = EngineProcess.class.getResourceAsStream(JVM_OPTIONS)) {
            if (in == null) {
                throw new IOException("no " + JVM_OPTIONS + " on the class path");
            }
            List<String> out = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\\s+")) {
                if (!line.isEmpty()) {
                    out.add(line);
                }
            }
            return out;
        }
    }

    private static Path logging(Path directory) throws IOException {
        return Files.writeString(
                directory.resolve("logback.xml"),
                "<configuration><appender name=\"out\" class=\"ch.qos.logback.core.ConsoleAppender\"><encoder>"
                        + "<pattern>%level %logger{0} %msg%n</pattern></encoder></appender>"
                        + "<root level=\"WARN\"><appender-ref ref=\"out\"/></root></configuration>\n");
    }

    /**
     * What a node has by default, but for two things: no throttle, and no early opening of outputs, for which an offline
     * compaction looks up every key past 50 MiB in all inputs, as a node's never does. {@code oa} is what both versions
     * read and write.
     */
    private static Path configuration(EngineKind kind, Path directory) throws IOException {
        return Files.write(
                directory.resolve("cassandra.yaml"),
                List.of(
                        "cluster_name: bench",
                        "partitioner: org.apache.cassandra.dht.Murmur3Partitioner",
                        "endpoint_snitch: SimpleSnitch",
                        "commitlog_sync: periodic",
                        "commitlog_sync_period: 10s",
                        "data_file_directories: ['" + directory.resolve("data") + "']",
                        "commitlog_directory: '" + directory.resolve("commitlog") + "'",
                        "hints_directory: '" + directory.resolve("hints") + "'",
                        "saved_caches_directory: '" + directory.resolve("caches") + "'",
                        "cdc_raw_directory: '" + directory.resolve("cdc") + "'",
                        "compaction_throughput: 0MiB/s",
                        "sstable_preemptive_open_interval: null",
                        "storage_compatibility_mode: " + (kind == EngineKind.CASSANDRA_6 ? "CASSANDRA_5" : "NONE")));
    }

    /** What {@link EngineKind#HINDSIGHT} can be started with. */
    public static List<String> synthesisers() {
        return SynthesiserEngine.known().stream().map(Synthesiser::name).toList();
    }

    /** @return number of rows in the SSTables made */
    public long make(DataSet data, Path inputs, long bytes, long seed) {
        return figure(ask(new Job(Job.Verb.MAKE, data, inputs, inputs, bytes, seed)), Figures.ROWS);
    }

    public Map<String, Long> merge(DataSet data, Path inputs, Path output) {
        return ask(new Job(Job.Verb.MERGE, data, inputs, output, 0, 0));
    }

    /** Both halves of the ring, each a shard. */
    public Map<String, Long> shards(DataSet data, Path inputs, Path output, boolean atOnce) {
        return ask(new Job(atOnce ? Job.Verb.SHARDS_AT_ONCE : Job.Verb.SHARDS_IN_TURN, data, inputs, output, 0, 0));
    }

    public Map<String, Long> count(DataSet data, Path output) {
        return ask(new Job(Job.Verb.COUNT, data, output, output, 0, 0));
    }

    public static long figure(Map<String, Long> figures, String name) {
        Long value = figures.get(name);
        if (value == null) {
            throw new IllegalStateException("no figure '" + name + "' in " + figures);
        }
        return value;
    }

    private Map<String, Long> ask(Job job) {
        try {
            job.write(out);
            if (!in.readBoolean()) {
                throw new PreconditionFailedException(
                        kind.id() + " cannot " + job.verb() + " " + job.data().id() + ": " + in.readUTF(),
                        "figures of a failed merge are worth nothing");
            }
            Map<String, Long> figures = new LinkedHashMap<>();
            for (int count = in.readInt(); count > 0; count--) {
                figures.put(in.readUTF(), in.readLong());
            }
            return figures;
        } catch (IOException e) {
            throw new NotAppliedException(
                    kind.id() + " ended while it was asked to " + job.verb() + " "
                            + job.data().id() + ":\n" + process.tail(40),
                    "see its output above",
                    e);
        }
    }

    /** Lets it end by itself, so that what its JVM was told to record is written. */
    @Override
    public void close() {
        try (process) {
            socket.close();
            process.awaitExit(Duration.ofSeconds(30));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
