package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data that come past the commit log end the window of their table until the next base; what a ring does by itself does not. */
class DataFromOutsideTest {
    private static final String KEYSPACE = "outside";
    private static final TableName TABLE = new TableName(KEYSPACE, "t");
    private static final TableName OTHER = new TableName(KEYSPACE, "other");
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);
    private static final int MOST_BASES = 3;

    @TempDir
    Path directory;

    private RingWithAgents source;
    private CqlSession session;
    private Hindsight hindsight;
    private ProtectedTables tables;

    @BeforeEach
    void protectTable() {
        source = Rings.source();
        CassandraRing ring = source.ring();
        session = ring.session();
        hindsight = Rings.journal(directory);
        tables = ProtectedTables.in(ring, hindsight, TABLE, 3);
        Rows.table(ring, OTHER.toString());
        Rows.fill(session, OTHER.toString(), 1000, 1100, 40, ConsistencyLevel.ALL);
        ring.nodes().forEach(node -> node.flush(KEYSPACE));
        tables.protect(TABLE);
    }

    @Test
    void whatIsInNoLogEndsTheWindowAndRepairsAndCompactionsDoNot() throws IOException {
        CassandraRing ring = source.ring();

        whatTheRingDoesByItself();

        // Of the node's own, and of just now: only how it comes tells it from a flush.
        Instant before = longBefore();
        Path files = copyOfOther(ring.node(0), "import/outside/t");
        ring.node(0)
                .nodetool("import", KEYSPACE, TABLE.table(), files.toString())
                .orThrow();
        requireEnded("nodetool import", before);
        takeBase();

        before = longBefore();
        ring.node(0).sstableloader(copyOfOther(ring.node(1), "load/outside/t")).orThrow();
        requireEnded("sstableloader", before);
        takeBase();

        before = longBefore();
        session.execute("ALTER KEYSPACE " + KEYSPACE + " WITH durable_writes = false");
        Rows.fill(session, TABLE.toString(), 0, 50, 10, ConsistencyLevel.ALL);
        requireEnded("durable_writes = false", before);
        session.execute("ALTER KEYSPACE " + KEYSPACE + " WITH durable_writes = true");
        takeBase();

        Rows.fill(session, TABLE.toString(), 0, 20, 10, ConsistencyLevel.ALL);
        Instant after = ProtectedTables.silence();
        tables.awaitSealedBeyond(TABLE, after);
        TableName as = new TableName(KEYSPACE, "then");
        tables.restore(TABLE, after, as);
        assertThat(ProtectedTables.values(session, as)).hasSize(700).isEqualTo(ProtectedTables.values(session, TABLE));
        JsonNode window = tables.window(TABLE);
        assertThat(outside(window)).as("%s", window).isEmpty();
        // A killed agent may weaken the guarantee of a while, and so cut a span.
        Set<String> bases = new HashSet<>();
        window.get("spans").forEach(span -> bases.add(span.get("base").asText()));
        assertThat(bases).as("from each base to the next gap: %s", window).hasSizeGreaterThanOrEqualTo(4);
        // All of it was long enough ago for everything else to have been told.
        assertThat(causes(window)).as("%s", window).hasSize(2);
        tables.unprotect(TABLE);
    }

    /** Of data from outside; an agent that was killed may leave others. */
    private static Set<String> causes(JsonNode window) {
        Set<String> out = new HashSet<>();
        window.get("gaps").forEach(gap -> out.add(gap.get("cause").asText()));
        out.removeIf(cause -> !cause.contains("SSTables"));
        return out;
    }

    private void whatTheRingDoesByItself() {
        CassandraRing ring = source.ring();
        Rows.fill(session, TABLE.toString(), 0, 200, 100, ConsistencyLevel.ALL);
        CassandraNode away = ring.node(1);
        away.leaveGossip();
        try {
            Rows.fill(ring.node(0).session(), TABLE.toString(), 100, 400, 80, ConsistencyLevel.ONE);
        } finally {
            away.rejoinGossip();
        }
        ring.node(0).nodetool("repair", "-full", KEYSPACE, TABLE.table()).orThrow();
        // An agent that is killed before it has asked what a stream was for has to take it for one from outside.
        ring.node(1).nodetool("scrub", "--no-snapshot", KEYSPACE, TABLE.table()).orThrow();
        ProtectedTables.silence();
        source.killAgent(2);
        Rows.fill(session, TABLE.toString(), 400, 500, 80, ConsistencyLevel.ALL);
        ring.nodes().forEach(node -> {
            node.flush(KEYSPACE);
            node.compact(KEYSPACE, TABLE.table());
        });
        Rows.fill(session, TABLE.toString(), 500, 600, 80, ConsistencyLevel.ALL);
        ring.node(2).flush(KEYSPACE);
        source.restartAgent(2);
    }

    /** What comes is told with more than a second to spare. */
    private static Instant longBefore() {
        Instant out = ProtectedTables.silence();
        Instant passed = ProtectedTables.silence();
        assertThat(passed).isAfter(out.plusSeconds(1));
        return out;
    }

    private void requireEnded(String cause, Instant before) {
        Await.until(
                "the window has ended by " + cause,
                LONG_ENOUGH,
                () -> tables.window(TABLE).get("notes").toString().contains(cause),
                () -> tables.window(TABLE).toString());
        Instant after = ProtectedTables.silence();
        tables.awaitSealedBeyond(TABLE, after);
        JsonNode window = tables.asked(TABLE, after);
        JsonNode asked = window.get("asked");
        assertThat(asked.get("span").isNull()).as("%s", window).isTrue();
        Instant last = Instant.parse(asked.get("before").asText());
        assertThat(last).as("%s", window).isBetween(before, after);
        assertThat(tables.refused(TABLE, after)).contains(last.toString());
        assertThat(tables.asked(TABLE, before).at("/asked/span/base").isTextual())
                .as("%s", window)
                .isTrue();
    }

    /** When all that came is surely in it, which on a busy machine may be told later than at first. */
    private void takeBase() {
        JsonNode window = tables.window(TABLE);
        for (int bases = 0; bases < MOST_BASES && !outside(window).isEmpty(); bases++) {
            Instant end = Instant.EPOCH;
            for (JsonNode gap : window.get("gaps")) {
                Instant to = Instant.parse(gap.get("to").asText());
                end = to.isAfter(end) ? to : end;
            }
            Instant last = end;
            Await.until("the files are still", LONG_ENOUGH, () -> Instant.now().isAfter(last));
            hindsight.run("backup", "--table", TABLE.toString()).expect(0);
            window = tables.window(TABLE);
        }
        assertThat(outside(window)).as("%s", window).isEmpty();
    }

    /** Of the notes; others may tell why an agent that was killed counts for nothing for a while. */
    private static List<String> outside(JsonNode window) {
        List<String> out = new ArrayList<>();
        window.get("notes").forEach(note -> out.add(note.asText()));
        out.removeIf(note -> !note.contains("in no log came"));
        return out;
    }

    /** Each directory as import and loader want it: its end is keyspace and table. */
    private Path copyOfOther(CassandraNode node, String to) throws IOException {
        Path into = Files.createDirectories(directory.resolve(to));
        int number = 0;
        for (Path data : node.dataFiles(KEYSPACE, OTHER.table())) {
            number++;
            String name = String.valueOf(data.getFileName());
            String sstable = name.substring(0, name.length() - "Data.db".length());
            List<String> parts = List.of(sstable.split("-", -1));
            try (Stream<Path> files = Files.list(data.getParent())) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    String component = String.valueOf(file.getFileName());
                    if (component.startsWith(sstable)) {
                        Files.copy(
                                file,
                                into.resolve(parts.get(0) + "-" + number + "-" + parts.get(2) + "-"
                                        + component.substring(sstable.length())));
                    }
                }
            }
        }
        return into;
    }
}
