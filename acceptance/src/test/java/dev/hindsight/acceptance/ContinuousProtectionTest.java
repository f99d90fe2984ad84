package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.ColumnDefinition;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of a real ring, protected, written to, and brought back to instants at which they were read at ALL. */
class ContinuousProtectionTest {
    private static final String KEYSPACE = "timeless";
    private static final TableName TABLE = new TableName(KEYSPACE, "t");
    private static final TableName COUNTERS = new TableName(KEYSPACE, "n");
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());

    @TempDir
    Path directory;

    private final Map<Instant, Map<TableName, TableDump>> dumps = new LinkedHashMap<>();
    private final Random random = new Random(SEED);
    private RingWithAgents source;
    private CqlSession session;
    private Hindsight hindsight;

    @BeforeEach
    void repository() {
        source = Rings.source();
        session = source.ring().session();
        hindsight = Rings.journal(directory);
    }

    @Test
    void everyInstantIsWhatTheRingHeldThen() {
        CassandraRing ring = source.ring();
        Rows.keyspace(session, KEYSPACE, 3);
        session.execute("CREATE TABLE timeless.t (id int, c int, s text static, v text, m map<text, int>, l list<int>, "
                + "u set<int>, PRIMARY KEY (id, c)) WITH CLUSTERING ORDER BY (c DESC) AND read_repair = 'NONE'");
        session.execute("CREATE TABLE timeless.n (id int PRIMARY KEY, hits counter) WITH read_repair = 'NONE'");
        session.execute("CREATE TABLE timeless.open (id int PRIMARY KEY, v text)");
        Rows.awaitTable(ring, TABLE.toString());
        Rows.awaitTable(ring, COUNTERS.toString());
        writes(300);
        run("INSERT INTO timeless.t (id, c, v) VALUES (100, 1, 'first')");

        JsonNode begun = hindsight
                .run("--json", "protect", TABLE.toString(), COUNTERS.toString())
                .expect(0)
                .json();
        assertThat(begun.get("capturing")).hasSize(3);
        note();
        assertThat(window(TABLE).get("spans"))
                .as("%s, journal %s", window(TABLE), begun)
                .isNotEmpty();
        for (int round = 0; round < 3; round++) {
            writes(150);
            run("UPDATE timeless.t SET v = 'round " + round + "', m['a'] = " + round + " WHERE id = 100 AND c = 1");
            if (round == 1) {
                source.killAgent(1);
                writes(60);
                ring.node(2).flush(KEYSPACE);
                source.restartAgent(1);
                writes(60);
            }
            note();
        }
        // Behind a silence, so that it cannot be numbered before what it is older than.
        run("UPDATE timeless.t USING TIMESTAMP 1 SET v = 'too old' WHERE id = 100 AND c = 1");
        run("DELETE m FROM timeless.t WHERE id = 100 AND c = 1");
        run("INSERT INTO timeless.t (id, c, v) VALUES (100, 1, 'mortal') USING TTL 86400");
        run("DELETE FROM timeless.t WHERE id = 100 AND c > 0");
        run("UPDATE timeless.t SET v = 'again' WHERE id = 100 AND c = 1");
        session.execute("ALTER TABLE timeless.t ADD w text");
        session.execute("UPDATE timeless.t SET w = 'added', v = 'and this' WHERE id = 3 AND c = 3");
        run("UPDATE timeless.t SET w = 'w' WHERE id = 100 AND c = 1");
        note();
        session.execute("ALTER TABLE timeless.t DROP v");
        writesOf("w", 10);
        run("DELETE FROM timeless.t WHERE id = 100 AND c = 1");
        run("UPDATE timeless.t SET w = 'x' WHERE id = 100 AND c = 1");
        writesOf("w", 40);
        note();
        session.execute("TRUNCATE timeless.t");
        session.execute("INSERT INTO timeless.t (id, c, w) VALUES (1, 1, 'after')");
        note();

        int number = 0;
        for (Instant instant : dumps.keySet()) {
            number++;
            JsonNode window = window(TABLE, "--at", instant.toString());
            assertThat(window.at("/asked/span/guarantee").asText())
                    .as("seed %d: %s", SEED, window)
                    .isEqualTo("ONE");
            requireRestored(instant, TABLE, "t" + number);
            if (number % 3 == 1) {
                requireRestored(instant, COUNTERS, "n" + number);
            }
            requireLastVersions(instant, number % 2 == 0 ? 7 : 100, "t" + number);
        }
        requireToldHistory();
        requireEachVersionToFollowTheOneBefore(random.nextInt(40));
        hindsight
                .run("restore", "--table", TABLE.toString(), "--as", "timeless.never", "--at", "2020-01-01T00:00:00Z")
                .expect(5);
        Instant first = dumps.keySet().iterator().next();
        assertThat(hindsight
                        .run("window", TABLE.toString(), "--at", first.toString())
                        .expect(0)
                        .out())
                .contains("every write acknowledged at ONE is in it");
        requireEstimate();
        hindsight.run("unprotect", TABLE.toString()).expect(0);
        hindsight.run("unprotect", COUNTERS.toString()).expect(0);
    }

    /** What protection asks of the store in a month, by what the agents put in the last minutes. */
    private void requireEstimate() {
        JsonNode findings = hindsight.run("--json", "doctor").json().get("findings");
        List<String> told = new ArrayList<>();
        findings.forEach(one ->
                told.add(one.get("subject").asText() + ": " + one.get("detail").asText()));
        assertThat(told)
                .as("seed %d", SEED)
                .anyMatch(one -> one.matches("a month: about [1-9][0-9,.]* objects, [1-9][0-9,.]* requests, "
                        + "[1-9][0-9.]* ?[KMG]iB \\(as the agents' newest captures show: .* 2 protected tables, .*"
                        + "an idle table every 600 s; .*"));
    }

    /** Any shape of write, at ALL, many to few partitions; some with timestamps of an hour ago and ahead. */
    private void writes(int count) {
        writesOf("v", count);
        for (int i = 0; i < count / 5; i++) {
            run("UPDATE timeless.n SET hits = hits + " + (random.nextInt(9) - 4) + " WHERE id = " + random.nextInt(20));
            run("INSERT INTO timeless.open (id, v) VALUES (" + i + ", 'not protected')");
        }
    }

    private void writesOf(String column, int count) {
        for (int i = 0; i < count; i++) {
            String where = " WHERE id = " + random.nextInt(40);
            String row = where + " AND c = " + random.nextInt(8);
            long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            String using = switch (random.nextInt(8)) {
                case 0 -> " USING TIMESTAMP " + (now - 3_600_000_000L + i);
                case 1 -> " USING TTL 86400";
                default -> "";
            };
            String element = "'" + (char) ('a' + random.nextInt(5)) + "'";
            run(
                    switch (random.nextInt(14)) {
                        case 0 -> "DELETE FROM timeless.t" + row;
                        case 1 -> "DELETE FROM timeless.t" + where + " AND c > " + random.nextInt(8);
                        case 2 -> "DELETE FROM timeless.t" + where;
                        case 3 -> "UPDATE timeless.t" + using + " SET s = '" + i + "'" + where;
                        case 4 -> "UPDATE timeless.t SET m[" + element + "] = " + i + row;
                        case 5 -> "DELETE m[" + element + "] FROM timeless.t" + row;
                        case 6 -> "UPDATE timeless.t SET m = {" + element + ": " + i + "}" + row;
                        case 7 -> "UPDATE timeless.t SET l = l + [" + i + "]" + row;
                        case 8 -> "UPDATE timeless.t SET u = u + {" + random.nextInt(9) + "}" + row;
                        case 9 -> "DELETE " + column + " FROM timeless.t" + row;
                        case 10 ->
                            "BEGIN BATCH UPDATE timeless.t SET " + column + " = 'b" + i + "' WHERE id = 7 AND c = "
                                    + random.nextInt(8)
                                    + "; UPDATE timeless.open SET v = 'batch' WHERE id = 7; APPLY BATCH";
                        case 11 -> "INSERT INTO timeless.t (id, c) VALUES (" + random.nextInt(40) + ", 9)";
                        default ->
                            "UPDATE timeless.t" + using + " SET " + column + " = '" + Rows.text(i, random.nextInt(60))
                                    + "'" + row;
                    });
        }
    }

    private void run(String statement) {
        session.execute(SimpleStatement.newInstance(statement).setConsistencyLevel(ConsistencyLevel.ALL));
    }

    /** Reads the tables while nobody writes, and names an instant of that silence. */
    private void note() {
        awaitSealedBeyond(Instant.now());
        Instant silence = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        TableDumper dumper = TableDumper.asOf(silence);
        dumps.put(
                silence,
                Map.of(TABLE, dumper.atAll(source.ring(), TABLE), COUNTERS, dumper.atAll(source.ring(), COUNTERS)));
        awaitSealedBeyond(Instant.now());
    }

    private void awaitSealedBeyond(Instant instant) {
        for (TableName table : List.of(TABLE, COUNTERS)) {
            Await.until(
                    table + " is sealed beyond " + instant,
                    LONG_ENOUGH,
                    () -> !window(table).path("sealedUpTo").isMissingNode()
                            && Instant.parse(window(table).get("sealedUpTo").asText())
                                    .isAfter(instant),
                    () -> window(table).toString());
        }
    }

    private JsonNode window(TableName table, String... options) {
        return hindsight
                .run(Stream.concat(Stream.of("--json", "window", table.toString()), Stream.of(options))
                        .toArray(String[]::new))
                .expect(0)
                .json();
    }

    private JsonNode history(String key, String... options) {
        return hindsight
                .run(Stream.concat(Stream.of("--json", "history", TABLE.toString(), "--key", key), Stream.of(options))
                        .toArray(String[]::new))
                .expect(0)
                .json();
    }

    private void requireToldHistory() {
        List<String> versions = new ArrayList<>();
        JsonNode history = history("id = 100 AND c = 1");
        for (JsonNode entry : history.get("entries")) {
            JsonNode row = entry.at("/rows/0");
            StringBuilder version = new StringBuilder(entry.get("kind").asText());
            entry.path("operations").forEach(one -> version.append(' ').append(one.asText()));
            row.path("changed")
                    .forEach(column -> version.append(' ')
                            .append(column.asText())
                            .append(' ')
                            .append(row.at("/before/" + column.asText() + "/value")
                                    .asText("-"))
                            .append(" > ")
                            .append(row.at("/after/" + column.asText() + "/value")
                                    .asText("-")));
            // An agent was killed, and any may be slow for a moment: that lowers the guarantee, and is told.
            if (!entry.get("kind").asText().equals("weaker")) {
                versions.add(version.toString());
            }
        }
        assertThat(versions)
                .as("%s", history)
                .containsExactly(
                        "change update v 'first' > 'round 0' m - > {'a': 0}",
                        "change update v 'round 0' > 'round 1' m {'a': 0} > {'a': 1}",
                        "change update v 'round 1' > 'round 2' m {'a': 1} > {'a': 2}",
                        "change update",
                        "change delete_columns m {'a': 2} > -",
                        "change insert v 'round 2' > 'mortal'",
                        "change delete_range v 'mortal' > -",
                        "change update v - > 'again'",
                        "change update w - > 'w'",
                        "schema drop_column v 'again' > -",
                        "change delete_row w 'w' > -",
                        "change update w - > 'x'",
                        "truncate truncate w 'x' > -");
        assertThat(hindsight
                        .run("history", TABLE.toString(), "--key", "id=100 AND c=1", "--limit", "3")
                        .expect(0)
                        .out())
                .contains("the oldest 10 are not shown", "DELETE ROW", "w  'w' -> null", "w  null -> 'x'", "TRUNCATE");
        hindsight
                .run("history", TABLE.toString(), "--key", "100", "--from", "2020-01-01T00:00:00Z")
                .expect(5);
        hindsight.run("history", TABLE.toString(), "--key", "c=1").expect(2);
    }

    /** What the rows were before each version is what the version before left. */
    private void requireEachVersionToFollowTheOneBefore(int id) {
        JsonNode history = history(String.valueOf(id), "--limit", "100000");
        Map<String, JsonNode> rows = new HashMap<>();
        history.get("rowsBefore").forEach(row -> rows.put(name(row), row.get("values")));
        for (JsonNode entry : history.get("entries")) {
            for (JsonNode row : entry.path("rows")) {
                assertThat(Optional.ofNullable(rows.remove(name(row))).map(JsonNode::toString))
                        .as("seed %d, row %s in %s", SEED, row, entry)
                        .isEqualTo(
                                row.get("existed").asBoolean()
                                        ? Optional.of(row.get("before").toString())
                                        : Optional.empty());
                if (row.get("exists").asBoolean()) {
                    rows.put(name(row), row.get("after"));
                }
            }
        }
        Map<String, JsonNode> after = new HashMap<>();
        history.get("rowsAfter").forEach(row -> after.put(name(row), row.get("values")));
        assertThat(rows).as("seed %d, id %d", SEED, id).isEqualTo(after);
    }

    private static String name(JsonNode row) {
        return row.get("isStatic").asBoolean()
                ? "static"
                : row.at("/clustering/c").asText();
    }

    /** What a history ends with is what was restored, by what a client reads of it. */
    private void requireLastVersions(Instant instant, int id, String restored) {
        Map<String, String> told = new TreeMap<>();
        for (JsonNode row : history(String.valueOf(id), "--to", instant.toString(), "--limit", "1")
                .get("rowsAfter")) {
            Map<String, String> values = new TreeMap<>();
            row.get("values")
                    .properties()
                    .forEach(value -> values.put(
                            value.getKey(),
                            value.getValue().get("value").asText().replace(" ", "")));
            told.put(name(row), values.toString());
        }
        Map<String, String> read = new TreeMap<>();
        for (Row row :
                session.execute(SimpleStatement.newInstance("SELECT * FROM timeless." + restored + " WHERE id = " + id)
                        .setConsistencyLevel(ConsistencyLevel.ALL))) {
            Map<String, String> values = new TreeMap<>();
            for (ColumnDefinition column : row.getColumnDefinitions()) {
                String name = column.getName().asInternal();
                Object value = row.getObject(column.getName());
                if (value == null || List.of("id", "c").contains(name)) {
                    continue;
                }
                String literal = session.getContext()
                        .getCodecRegistry()
                        .codecFor(column.getType())
                        .format(value)
                        .replace(" ", "");
                boolean empty = literal.equals("{}") || literal.equals("[]");
                if (name.equals("s")) {
                    read.put("static", Map.of("s", literal).toString());
                } else if (!empty) {
                    values.put(name, literal);
                }
            }
            if (!row.isNull("c")) {
                read.put(String.valueOf(row.getInt("c")), values.toString());
            }
        }
        assertThat(told).as("seed %d, id %d at %s", SEED, id, instant).isEqualTo(read);
    }

    private void requireRestored(Instant instant, TableName table, String as) {
        JsonNode report = hindsight
                .run(
                        "--json",
                        "restore",
                        "--table",
                        table.toString(),
                        "--as",
                        KEYSPACE + "." + as,
                        "--at",
                        instant.toString())
                .expect(0)
                .json();
        assertThat(report.get("instant").asText()).isEqualTo(instant.toString());
        TableName restored = new TableName(KEYSPACE, as);
        TableDump expected = Optional.ofNullable(dumps.get(instant))
                .flatMap(of -> Optional.ofNullable(of.get(table)))
                .orElseThrow();
        TableDumper dumper = TableDumper.asOf(instant);
        assertThat(DumpDiff.between(expected, dumper.atAll(source.ring(), restored))
                        .describe())
                .as("%s at %s, seed %d: %s", table, instant, SEED, report)
                .isEqualTo("equal");
        for (CassandraNode node : source.ring().nodes()) {
            assertThat(DumpDiff.between(
                                    expected.within(TableDumper.ownedBy(node, KEYSPACE)),
                                    dumper.ofReplica(source.ring(), node, restored))
                            .describe())
                    .as("%s at %s on %s alone, seed %d", table, instant, node, SEED)
                    .isEqualTo("equal");
        }
    }
}
