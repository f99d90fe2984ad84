package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
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
import dev.hindsight.testkit.store.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes and agents that end while clients write, on a ring with hints whose captures go into a bucket. Of two tables one has
 * three replicas, the other one has one, so that nobody else has what a killed node had not made readable.
 */
@Tag("nightly")
class FailingNodesTest {
    private static final System.Logger LOG = System.getLogger(FailingNodesTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());
    private static final TableName TABLE = new TableName("failing", "t");
    private static final TableName ALONE = new TableName("failing_alone", "t");
    private static final List<TableName> BOTH = List.of(TABLE, ALONE);
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);
    /** More than an instant is off by. */
    private static final Duration LEAD = Duration.ofSeconds(2);

    private static final int HINTED = 7;

    @TempDir
    Path directory;

    private final Map<TableName, LoggedWrites> writes = new HashMap<>();
    private final long start = System.nanoTime();
    private RingWithAgents source;
    private CassandraRing ring;
    private ProtectedTables tables;
    private Path objects;
    private int restored;

    /** An instant at which nobody wrote, and what the tables held then. */
    private record Silence(Instant at, Map<TableName, TableDump> dumps, Map<TableName, Map<String, String>> values) {}

    @BeforeEach
    void protectTables() throws IOException {
        S3Server server = S3Server.shared();
        String bucket = server.newBucket();
        objects = server.files(bucket).resolve("failing");
        String repository = "{url: \"s3://" + bucket + "/failing\", s3: {endpoint: \"" + server.endpoint()
                + "\", access-key: {file: \"" + secret("access", S3Server.KEYS.accessKey())
                + "\"}, secret-key: {file: \"" + secret("secret", S3Server.KEYS.secretKey()) + "\"}}}";
        ring = CassandraRing.builder()
                .nodes(3)
                .racks("r1", "r2", "r3")
                .evenTokens(4)
                .yaml("write_request_timeout: 3s")
                .yaml("hints_flush_period: 500ms")
                .start();
        source = RingWithAgents.start(ring, directory.resolve("agents"), Rings.AGENT, repository);
        Hindsight hindsight = new Hindsight(
                directory.resolve("operator"), "repository: " + repository + "\n", source, Map.of(), "  workers: 1\n");
        hindsight.run("init").expect(0);
        tables = ProtectedTables.in(ring, hindsight, TABLE, 3);
        Rows.keyspace(ring.session(), ALONE.keyspace(), 1);
        Rows.table(ring, ALONE.toString());
        log("ring is there");
        tables.protect(TABLE, ALONE);
        log("protected");
    }

    @AfterEach
    void endRing() {
        writes.values().forEach(LoggedWrites::close);
        if (source != null) {
            source.close();
        }
    }

    @Test
    void whatTheWindowClaimsHoldsWhateverEndedMeanwhile() {
        CqlSession session = ring.session();
        writes.put(
                TABLE,
                LoggedWrites.begin(
                        session,
                        TABLE,
                        SEED,
                        Client.at(DefaultConsistencyLevel.ONE),
                        Client.at(DefaultConsistencyLevel.ONE),
                        Client.at(DefaultConsistencyLevel.QUORUM)));
        writes.put(
                ALONE,
                LoggedWrites.begin(
                        session,
                        ALONE,
                        SEED,
                        Client.at(DefaultConsistencyLevel.ONE),
                        Client.at(DefaultConsistencyLevel.ONE)));
        writes.values().forEach(one -> one.await(200, LEAD));
        Instant before = now();
        seal();

        CassandraNode hinted = ring.node(1);
        hinted.stop();
        log(hinted + " stopped");
        session.execute(SimpleStatement.newInstance("INSERT INTO " + tables.pulse() + " (id, c) VALUES (?, 1)", HINTED)
                .setConsistencyLevel(ConsistencyLevel.QUORUM));
        Instant nodeStopped = afterWrites(200);
        hinted.restart();
        log("restarted");
        seal();
        source.killAgent(0);
        Instant agentKilled = afterWrites(200);
        source.restartAgent(0);
        log("agent restarted");
        awaitHints(hinted);
        log("hints are there");
        afterWrites(100);
        Silence whole = note();
        seal();

        CassandraNode killed = ring.node(2);
        afterWrites(200);
        killed.kill();
        Instant dead = now();
        Instant stillDead = afterWrites(200);
        killed.restart();
        log(killed + " restarted");
        seal();
        afterWrites(100);
        Silence weaker = note();
        afterWrites(50);
        tables.hindsight()
                .run("backup", "--table", TABLE.toString(), "--table", ALONE.toString())
                .expect(0);
        afterWrites(200);
        Silence again = note();
        log("written");
        writes.values().forEach(LoggedWrites::close);
        seal();

        Instant gap = requireOneGap(killed, dead, stillDead);
        Instant base = requireWindows(gap);
        for (TableName table : BOTH) {
            requireGuarantee(table, "ONE", before);
            requireExact(table, before);
            requireExactOrShown(table, nodeStopped);
            requireExactOrShown(table, agentKilled);
            requireEqual(table, "ONE", whole);
        }
        Instant last = gap.minus(1, ChronoUnit.MICROS);
        requireGuarantee(ALONE, "ONE", last);
        requireExact(ALONE, last);
        for (Instant at : List.of(gap, dead, weaker.at())) {
            assertThat(tables.refused(ALONE, at)).as("seed %d", SEED).contains(last.toString());
        }
        forgetLost(weaker);
        requireGuarantee(TABLE, "QUORUM", stillDead);
        requireExact(TABLE, stillDead);
        requireEqual(TABLE, "QUORUM", weaker);
        for (TableName table : BOTH) {
            requireExact(table, base);
            requireEqual(table, "ONE", again);
            ProtectedTables.requireSealedOnce(objects, table, ProtectedTables.tableId(session, table));
        }
    }

    /** As somebody does all the time: an instant is off by as much as the widest one that is sealed together with it. */
    private void seal() {
        Instant upTo = Instant.now();
        for (TableName table : BOTH) {
            tables.awaitSealedBeyond(table, upTo);
        }
        log("sealed up to " + upTo);
    }

    private void log(String what) {
        LOG.log(
                System.Logger.Level.INFO,
                "seed {0}, {1} s: {2}",
                SEED,
                (System.nanoTime() - start) / 1_000_000_000,
                what);
    }

    /** So many more to each of the tables. */
    private Instant afterWrites(int more) {
        writes.values().forEach(one -> one.await(more));
        return now();
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** The node has been given what it missed, as it says itself. */
    private void awaitHints(CassandraNode node) {
        SimpleStatement own = SimpleStatement.newInstance("SELECT c FROM " + tables.pulse() + " WHERE id = ?", HINTED)
                .setConsistencyLevel(ConsistencyLevel.ONE);
        Await.until(
                "hints to " + node,
                LONG_ENOUGH,
                () -> node.session().execute(own).one() != null);
    }

    private Silence note() {
        return writes(TABLE)
                .silently(() -> writes(ALONE).silently(() -> {
                    Instant at = ProtectedTables.silence();
                    Map<TableName, TableDump> dumps = new HashMap<>();
                    Map<TableName, Map<String, String>> values = new HashMap<>();
                    for (TableName table : BOTH) {
                        dumps.put(table, TableDumper.asOf(at).atAll(ring, table));
                        values.put(table, ProtectedTables.values(ring.session(), table));
                    }
                    ProtectedTables.silence();
                    return new Silence(at, dumps, values);
                }));
    }

    /** Of the node alone that was killed, and around its end; what its agent last saw before is where it begins. */
    private Instant requireOneGap(CassandraNode killed, Instant dead, Instant stillDead) {
        Instant from = Instant.MAX;
        for (TableName table : BOTH) {
            JsonNode window = tables.window(table);
            assertThat(window.get("notes"))
                    .as("seed %d: %s", SEED, window)
                    .allMatch(note -> note.asText().contains("counts for nothing from"));
            assertThat(window.get("gaps")).as("seed %d: %s", SEED, window).hasSize(1);
            JsonNode gap = window.at("/gaps/0");
            assertThat(gap.get("host").asText()).isEqualTo(killed.hostId().toString());
            assertThat(gap.get("cause").asText()).contains("the node stopped without");
            from = Instant.parse(gap.get("from").asText());
            assertThat(from).as("seed %d: %s", SEED, gap).isBefore(dead);
            assertThat(Instant.parse(gap.get("to").asText()))
                    .as("seed %d: %s", SEED, gap)
                    .isAfter(stillDead);
        }
        return from;
    }

    /**
     * Where there are other replicas the gap makes the guarantee weaker, else it ends the window; both to the next base.
     *
     * @return the first instant of that base
     */
    private Instant requireWindows(Instant gap) {
        JsonNode replicated = tables.window(TABLE).get("spans");
        JsonNode alone = tables.window(ALONE).get("spans");
        JsonNode newest = alone.get(alone.size() - 1);
        Instant base = Instant.parse(newest.get("from").asText());
        assertThat(newest.get("guarantee").asText()).as("%s", alone).isEqualTo("ONE");
        assertThat(reaching(alone, gap, base)).as("seed %d: %s", SEED, alone).isEmpty();
        assertThat(reaching(replicated, gap, base))
                .as("seed %d: %s", SEED, replicated)
                .isNotEmpty()
                .allMatch(span -> !span.get("guarantee").asText().equals("ONE"));
        requireCauses(tables.window(TABLE), gap);
        requireCauses(tables.window(ALONE), gap);
        return base;
    }

    /** What is weaker, or missing, before the one gap is said in a note. */
    private static void requireCauses(JsonNode window, Instant gap) {
        boolean sure = reaching(window.get("spans"), Instant.MIN, gap).stream()
                .allMatch(span -> span.get("guarantee").asText().equals("ONE"));
        assertThat(sure || !window.get("notes").isEmpty())
                .as("seed %d: %s", SEED, window)
                .isTrue();
    }

    /** Spans with instants from one on and before the other. */
    private static List<JsonNode> reaching(JsonNode spans, Instant from, Instant to) {
        List<JsonNode> out = new ArrayList<>();
        for (JsonNode span : spans) {
            if (!Instant.parse(span.get("to").asText()).isBefore(from)
                    && Instant.parse(span.get("from").asText()).isBefore(to)) {
                out.add(span);
            }
        }
        return out;
    }

    /** While an agent is away, and where a seal cuts what it saw at once then, less may be claimed, or nothing. */
    private void requireExactOrShown(TableName table, Instant at) {
        if (tables.asked(table, at).at("/asked/span").isObject()) {
            requireExact(table, at);
        } else {
            tables.refused(table, at);
            log(table + " at " + at + " cannot be restored");
        }
    }

    private void requireExact(TableName table, Instant... instants) {
        for (Instant at : instants) {
            LoggedWrites.Checked checked = tables.requireExact(writes(table), table, at, next(table));
            log(table + " at " + at + ": " + checked);
            assertThat(checked.in()).as("%s at %s: %s", table, at, checked).isPositive();
            assertThat(checked.out()).as("%s at %s: %s", table, at, checked).isPositive();
        }
    }

    private void requireEqual(TableName table, String guarantee, Silence silence) {
        requireGuarantee(table, guarantee, silence.at());
        TableName as = next(table);
        tables.restore(table, silence.at(), as);
        TableDumper dumper = TableDumper.asOf(silence.at());
        assertThat(DumpDiff.between(Objects.requireNonNull(silence.dumps().get(table)), dumper.atAll(ring, as))
                        .describe())
                .as("seed %d, %s at %s", SEED, table, silence.at())
                .isEqualTo("equal");
    }

    private void requireGuarantee(TableName table, String guarantee, Instant at) {
        JsonNode asked = tables.asked(table, at);
        assertThat(asked.at("/asked/span/guarantee").asText())
                .as("seed %d, %s at %s: %s", SEED, table, at, asked)
                .isEqualTo(guarantee);
    }

    /** What nobody has any more is in no base. */
    private void forgetLost(Silence read) {
        for (TableName table : BOTH) {
            int lost = writes(table)
                    .forgetLost(read.at(), Objects.requireNonNull(read.values().get(table)));
            log(table + " lost " + lost + " acknowledged writes");
        }
    }

    private LoggedWrites writes(TableName table) {
        return Objects.requireNonNull(writes.get(table));
    }

    private TableName next(TableName table) {
        restored++;
        return new TableName(table.keyspace(), "t" + restored);
    }

    private Path secret(String name, String value) throws IOException {
        Path file = Files.createFile(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, value);
    }
}
