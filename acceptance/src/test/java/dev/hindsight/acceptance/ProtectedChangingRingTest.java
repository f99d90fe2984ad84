package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.acceptance.LoggedWrites.Client;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A protected table whose replicas change while clients write: a node joins, another one dies and is replaced. Two replicas
 * on three racks, so that either moves ranges. The service, once it is told of the new node's agent, has it capture, and takes
 * the base with which the window opens again.
 */
@Tag("nightly")
class ProtectedChangingRingTest {
    private static final System.Logger LOG = System.getLogger(ProtectedChangingRingTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());
    private static final TableName TABLE = new TableName("moving", "t");
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(4);
    /** More than an instant is off by. */
    private static final Duration LEAD = Duration.ofSeconds(2);

    @TempDir
    Path directory;

    private final long start = System.nanoTime();
    private RingWithAgents source;
    private CassandraRing ring;
    private ProtectedTables tables;
    private LoggedWrites writes;
    private int restored;
    private int configured;

    @BeforeEach
    void startRing() {
        ring = CassandraRing.builder()
                .nodes(3)
                .racks("r1", "r2", "r3")
                .evenTokens(4)
                .yaml("write_request_timeout: 3s")
                .start();
        source = RingWithAgents.start(ring, directory.resolve("agents"), Rings.AGENT);
        Hindsight first = hindsight();
        first.run("init").expect(0);
        tables = ProtectedTables.in(ring, first, TABLE, 2);
        tables.protect(TABLE);
        log("protected");
        writes = LoggedWrites.begin(
                ring.session(),
                TABLE,
                SEED,
                Client.at(DefaultConsistencyLevel.ONE),
                Client.at(DefaultConsistencyLevel.ONE),
                Client.at(DefaultConsistencyLevel.QUORUM));
    }

    @AfterEach
    void endRing() {
        if (writes != null) {
            writes.close();
        }
        source.close();
    }

    @Test
    void theWindowClosesWhenReplicasChangeAndTheServiceOpensItAgain() {
        requireMidst();

        CassandraNode added = source.join("dc1", "r1", SEED);
        log("joined: " + added);
        Instant joined = changed();
        tables = openedAgain(added);
        requireClosed(joined);
        requireMidst();
        requireSilence();

        CassandraNode fresh = source.replace(ring.node(1));
        log("replaced by " + fresh);
        Instant replaced = changed();
        tables = openedAgain(fresh);
        requireClosed(replaced);
        writes.silently(
                () -> writes.forgetLost(ProtectedTables.silence(), ProtectedTables.values(ring.session(), TABLE)));
        requireMidst();
        requireSilence();
        writes.close();
        ProtectedTables.requireSealedOnce(
                source.captureRepository(), TABLE, ProtectedTables.tableId(ring.session(), TABLE));
    }

    /** With the agents of the nodes as they are now. */
    private Hindsight hindsight() {
        configured++;
        return new Hindsight(
                directory.resolve("operator" + configured),
                "repository: {directory: \"" + source.captureRepository() + "\"}\n",
                source,
                Map.of(),
                "  workers: 1\n");
    }

    /** An instant at which the new replicas have a part of what was written before they came, and of that no log. */
    private Instant changed() {
        writes.await(100, LEAD);
        Instant out = now();
        writes.await(100, LEAD);
        return out;
    }

    /** By the service alone, which knows of the new node's agent. */
    private ProtectedTables openedAgain(CassandraNode fresh) {
        Hindsight hindsight = hindsight();
        Service service = Service.of(hindsight, directory.resolve("operator" + configured), source.tokenFile("admin"));
        Hindsight.Started started = service.start(Map.of());
        try (var process = started.process()) {
            Instant from = Instant.now();
            Await.until(
                    "the window is open again",
                    LONG_ENOUGH,
                    () -> isOpenSince(service.call("GET", Service.route(TABLE) + "window", 200), from),
                    () -> service.text(Service.route(TABLE) + "window") + service.text("/v1/jobs"));
            log("open again");
            assertThat(service.text("/v1/jobs")).contains("RING_CHANGED").contains(fresh.address());
            process.terminate(Duration.ofSeconds(40));
        }
        started.result(0);
        return new ProtectedTables(hindsight, ring.session(), new TableName(TABLE.keyspace(), "pulse"));
    }

    private static boolean isOpenSince(JsonNode window, Instant from) {
        JsonNode spans = window.get("spans");
        JsonNode last = spans.path(spans.size() - 1);
        return last.path("guarantee").asText().equals("ONE")
                && Instant.parse(last.get("from").asText()).isAfter(from)
                && Instant.parse(last.get("to").asText())
                        .isAfter(Instant.parse(last.get("from").asText()).plus(LEAD));
    }

    private void requireClosed(Instant at) {
        tables.refused(TABLE, at);
        JsonNode window = tables.window(TABLE);
        assertThat(window.get("notes").toString())
                .as("seed %d: %s", SEED, window)
                .contains("who replicates the table changed");
    }

    /** An instant between writes holds every one that was acknowledged before. */
    private void requireMidst() {
        writes.await(200, LEAD);
        Instant at = now();
        writes.await(200, LEAD);
        tables.awaitSealedBeyond(TABLE, Instant.now());
        requireGuarantee(at);
        LoggedWrites.Checked checked = tables.requireExact(writes, TABLE, at, next());
        log(at + ": " + checked);
        assertThat(checked.in()).as("%s", checked).isPositive();
        assertThat(checked.out()).as("%s", checked).isPositive();
    }

    private void requireSilence() {
        record Silence(Instant at, TableDump dump) {}
        Silence silence = writes.silently(() -> {
            Instant at = ProtectedTables.silence();
            TableDump dump = TableDumper.asOf(at).atAll(ring, TABLE);
            ProtectedTables.silence();
            return new Silence(at, dump);
        });
        tables.awaitSealedBeyond(TABLE, Instant.now());
        requireGuarantee(silence.at());
        TableName as = next();
        tables.restore(TABLE, silence.at(), as);
        assertThat(DumpDiff.between(
                                silence.dump(), TableDumper.asOf(silence.at()).atAll(ring, as))
                        .describe())
                .as("seed %d, at %s", SEED, silence.at())
                .isEqualTo("equal");
        log("equal at " + silence.at());
    }

    private void requireGuarantee(Instant at) {
        JsonNode asked = tables.asked(TABLE, at);
        assertThat(asked.at("/asked/span/guarantee").asText())
                .as("seed %d, at %s: %s", SEED, at, asked)
                .isEqualTo("ONE");
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    private TableName next() {
        restored++;
        return new TableName(TABLE.keyspace(), "t" + restored);
    }

    private void log(String what) {
        LOG.log(
                System.Logger.Level.INFO,
                "seed {0}, {1} s: {2}",
                SEED,
                (System.nanoTime() - start) / 1_000_000_000,
                what);
    }
}
