package dev.hindsight.bench;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.bench.ProtectFigures.Loader;
import dev.hindsight.bench.ProtectFigures.Phase;
import dev.hindsight.bench.ProtectFigures.Restore;
import dev.hindsight.bench.ProtectFigures.Sealing;
import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.ring.BenchSite;
import dev.hindsight.bench.ring.LagProbe;
import dev.hindsight.bench.ring.RowUpdates;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.TableContent;
import dev.hindsight.bench.ring.VerbRuns;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.ChildProcess;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The steps of {@link ProtectBench} on a loaded ring, in this order, and what each cost. One thread. */
final class ProtectRun {
    private static final TableName TABLE = new TableName(RingOptions.KEYSPACE, RingOptions.TABLE);
    private static final String LOAD = RingOptions.KEYSPACE + ".load";
    private static final TableName RESTORED = new TableName(RingOptions.KEYSPACE, "restored");
    private static final TableName LOADED = new TableName(RingOptions.KEYSPACE, "loaded");
    private static final Duration LONG = Duration.ofMinutes(3);
    /** More than the ring's sync period: so long after its acknowledgement a write is readable, and has its instant, at most. */
    private static final Duration READABLE = Duration.ofSeconds(2);

    private static final Duration SERVICE_STOP = Duration.ofSeconds(40);
    private static final int PROBES_A_SECOND = 100;
    private static final int AT_A_TIME = 128;

    private final BenchSite site;
    private final VerbRuns verbs;
    private final Path place;
    private final SampleRows sample;
    private final int rowSize;
    private final long seed;
    private final Consumer<String> say;
    private final CqlSession session;
    private final List<Phase> phases = new ArrayList<>();
    private Optional<LagProbe.Lags> lags = Optional.empty();
    private Optional<Sealing> sealing = Optional.empty();
    private Optional<Restore> restore = Optional.empty();
    private Optional<Loader> loader = Optional.empty();

    ProtectRun(
            BenchSite site,
            VerbRuns verbs,
            Path place,
            SampleRows sample,
            int rowSize,
            long seed,
            Consumer<String> say) {
        this.site = site;
        this.verbs = verbs;
        this.place = place;
        this.sample = sample;
        this.rowSize = rowSize;
        this.seed = seed;
        this.say = say;
        this.session = site.ring().session();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The same load with the capture off and on, in turn: off on, on off, off on. One of each before, to warm up. */
    void capture(int pairs, long rows) {
        site.ring().ddl(SampleRows.createTable(LOAD));
        PreparedStatement insert = session.prepare("INSERT INTO " + LOAD + " (id, c, v) VALUES (?, ?, ?)");
        phase(insert, false, rows);
        phase(insert, true, rows);
        // A pair begins with what the one before ended with: what drifts hits both alike.
        for (int i = 0; i < pairs; i++) {
            phases.add(phase(insert, i % 2 == 1, rows));
            phases.add(phase(insert, i % 2 == 0, rows));
        }
        site.ring().ddl("DROP TABLE " + LOAD);
    }

    private Phase phase(PreparedStatement insert, boolean capturing, long rows) {
        say.accept("write " + rows + " rows with the capture " + (capturing ? "on" : "off"));
        if (capturing) {
            site.capture(RingOptions.KEYSPACE);
        } else {
            site.stopCapture();
        }
        site.ring().flush(RingOptions.KEYSPACE);
        long began = System.nanoTime();
        long captured = capturedBytes();
        double nodes = site.nodeCpuSeconds();
        double agents = site.agentCpuSeconds();
        write(insert, rows);
        site.ring().flush(RingOptions.KEYSPACE);
        if (capturing) {
            site.awaitCaptured(Instant.now());
        }
        // All of the same length, so that what the processes do by themselves is in all of them.
        Duration length = Duration.ofSeconds(5 + rows / 2000);
        Await.until("the end of the phase", LONG, () -> System.nanoTime() - began > length.toNanos());
        return new Phase(
                capturing,
                rows,
                capturedBytes() - captured,
                site.nodeCpuSeconds() - nodes,
                site.agentCpuSeconds() - agents);
    }

    private void write(PreparedStatement insert, long rows) {
        SplittableRandom random = new SplittableRandom(seed);
        char[] text = new char[rowSize];
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (long row = 0; row < rows; row++) {
            sent.add(session.executeAsync(insert.bind(
                                    (int) (row / SampleRows.ROWS_PER_PARTITION),
                                    (int) (row % SampleRows.ROWS_PER_PARTITION),
                                    SampleRows.fill(text, random))
                            .setConsistencyLevel(ConsistencyLevel.ALL))
                    .toCompletableFuture());
            if (sent.size() == AT_A_TIME || row == rows - 1) {
                CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
                sent.clear();
            }
        }
    }

    private long capturedBytes() {
        return bytes(site.repository().resolve("captures"));
    }

    private static long bytes(Path directory) {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            long sum = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void protect() {
        say.accept("protect");
        verbs.run("init");
        verbs.run("protect", TABLE.toString());
    }

    /** With the service sealing as it does by default. */
    void lag(int probes) throws IOException {
        say.accept(probes + " probes, with the service running");
        LagProbe probe = new LagProbe(TABLE, tableId(), site.repository());
        try (ChildProcess service = verbs.start("serve")) {
            service.awaitOutput("hindsight serves on", LONG);
            probe.write(session, probes, PROBES_A_SECOND, rowSize);
            Instant written = Instant.now().plus(READABLE);
            site.awaitCaptured(written);
            awaitSealedBeyond(written, "--no-seal");
            service.terminate(SERVICE_STOP);
        }
        lags = Optional.of(probe.lags());
    }

    private UUID tableId() {
        return session.getMetadata()
                .getKeyspace(TABLE.keyspace())
                .flatMap(keyspace -> keyspace.getTable(TABLE.table()))
                .flatMap(table -> table.getId())
                .orElseThrow();
    }

    private void awaitSealedBeyond(Instant instant, String... options) {
        Await.until("sealed beyond " + instant, LONG, () -> {
            JsonNode upTo = window(options).document().path("sealedUpTo");
            return upTo.isTextual() && Instant.parse(upTo.asText()).isAfter(instant);
        });
    }

    private VerbRuns.Run window(String... options) {
        return verbs.run(Stream.concat(Stream.of("window", TABLE.toString()), Stream.of(options))
                .toArray(String[]::new));
    }

    /** Seals updates of a share of the rows, and restores the table to an instant behind them. */
    void restore(double updated) {
        say.accept("update " + Math.round(100 * updated) + " % of the rows");
        long captured = capturedBytes();
        long records = window().document().get("records").asLong();
        long rows = new RowUpdates(session, TABLE.toString(), sample.rows(), rowSize, updated, seed + 1).round();
        Instant at = Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.MILLIS);
        site.awaitCaptured(at);
        captured = capturedBytes() - captured;
        say.accept("seal");
        VerbRuns.Run seal = window();
        VerbRuns.Run idle = window();
        sealing = Optional.of(new Sealing(
                rows, captured, seal.document().get("records").asLong() - records, seal.used(), idle.used()));
        awaitSealedBeyond(at);
        say.accept("restore to " + at);
        String[] command = {"restore", "--table", TABLE.toString(), "--as", RESTORED.toString(), "--at", at.toString()};
        JsonNode plan = verbs.run(Stream.concat(Stream.of(command), Stream.of("--dry-run"))
                        .toArray(String[]::new))
                .document();
        VerbRuns.Run run = verbs.run(command);
        site.ring().flush(RingOptions.KEYSPACE);
        RingOptions.require(
                "the content of the restored table",
                TableContent.read(session, RESTORED.toString()),
                TableContent.read(session, TABLE.toString()));
        restore = Optional.of(new Restore(
                plan.required("bytesToDownload").asLong(),
                plan.at("/tables/0/records/bytes").asLong(),
                dataBytes(RESTORED),
                run.used()));
    }

    private long dataBytes(TableName table) {
        long sum = 0;
        for (Path file : site.ring().node(0).dataFiles(table.keyspace(), table.table())) {
            try {
                sum += Files.size(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return sum;
    }

    /** The whole table of one node, compacted into one SSTable, into an empty one. */
    void load() throws IOException {
        CassandraNode node = site.ring().node(0);
        node.flush(TABLE.keyspace());
        node.compact(TABLE.keyspace(), TABLE.table());
        Path from = Files.createDirectories(
                place.resolve("loader").resolve(LOADED.keyspace()).resolve(LOADED.table()));
        // What was compacted is deleted a moment later.
        Await.until(
                "one SSTable of " + TABLE,
                LONG,
                () -> node.dataFiles(TABLE.keyspace(), TABLE.table()).size() == 1);
        Path data = node.dataFiles(TABLE.keyspace(), TABLE.table()).get(0);
        String name = String.valueOf(data.getFileName());
        String components = name.substring(0, name.lastIndexOf('-') + 1);
        try (Stream<Path> files = Files.list(data.resolveSibling(""))) {
            for (Path file : files.toList()) {
                String component = String.valueOf(file.getFileName());
                if (component.startsWith(components)) {
                    Files.createLink(from.resolve(component), file);
                }
            }
        }
        site.ring().ddl(SampleRows.createTable(LOADED.toString()));
        say.accept("sstableloader");
        double nodes = site.nodeCpuSeconds();
        long began = System.nanoTime();
        node.sstableloader(from).orThrow();
        double wall = (System.nanoTime() - began) / 1e9;
        loader = Optional.of(new Loader(dataBytes(TABLE), wall, site.nodeCpuSeconds() - nodes));
        RingOptions.require(
                "the content of the loaded table",
                TableContent.read(session, LOADED.toString()),
                TableContent.read(session, TABLE.toString()));
    }

    ProtectFigures figures(Machine machine, double loadAverageAtEnd, String log) {
        return new ProtectFigures(
                machine,
                loadAverageAtEnd,
                sample,
                log,
                phases,
                lags.orElseThrow(),
                sealing.orElseThrow(),
                restore.orElseThrow(),
                loader.orElseThrow());
    }
}
