package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A chain of backups of a real ring that does not stay the same: replicas that missed writes, repair, a node replaced, one
 * added, cleanup, one that leaves. Two replicas on three racks, so that every change of the ring moves ranges. Each restore
 * point, restored into another ring, is what was read of the source at ALL when it was made.
 */
@Tag("nightly")
class ChangingRingTest {
    private static final System.Logger LOG = System.getLogger(ChangingRingTest.class.getName());
    private static final long SEED = Long.getLong("test.seed", 20_261_124L);
    private static final String KEYSPACE = "changing";
    private static final TableName WIDE = new TableName(KEYSPACE, "t");
    private static final TableName SETS = new TableName(KEYSPACE, "s");
    private static final List<TableName> TABLES = List.of(WIDE, SETS);
    private static final int IDS = 400;

    @TempDir
    Path directory;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final TableDumper dumper = TableDumper.asOf(Instant.now());
    private final Map<String, List<TableDump>> dumps = new LinkedHashMap<>();
    private final long start = System.nanoTime();
    private RingWithAgents source;
    private CassandraRing ring;

    @BeforeEach
    void startRing() {
        source = RingWithAgents.start(
                CassandraRing.builder()
                        .nodes(3)
                        .racks("r1", "r2", "r3")
                        .evenTokens(4)
                        .withoutHintedHandoff()
                        .start(),
                directory.resolve("agents"),
                Rings.AGENT);
        ring = source.ring();
    }

    @AfterEach
    void endRing() {
        source.close();
    }

    @Test
    void everyRestorePointIsWhatTheRingHeldThenWhateverBecameOfItsNodes() {
        Rows.keyspace(session(), KEYSPACE, 2);
        Rows.table(ring, WIDE.toString());
        ring.ddl(
                "CREATE TABLE " + SETS
                        + " (p int, c int, st int static, m map<int, text>, v text, PRIMARY KEY (p, c)) WITH read_repair = 'NONE'");
        Rows.awaitTable(ring, SETS.toString());
        Rows.fill(session(), WIDE.toString(), 0, 5 * IDS, 2_000, ConsistencyLevel.ALL);
        change(2_000, ConsistencyLevel.ALL);
        hindsight().run("init").expect(0);
        JsonNode full = backup("full", "the beginning");

        without(1, 600);
        backup("incremental", "node 1 missed 600 writes");

        without(2, 300);
        for (CassandraNode node : ring.nodes()) {
            node.nodetool("repair", "-full", KEYSPACE).orThrow();
        }
        JsonNode repaired = backup("incremental", "300 more missed by node 2, then a full repair");
        ring.flush(KEYSPACE);
        ring.node(0).nodetool("repair", KEYSPACE).orThrow();
        ring.nodes().forEach(node -> node.compact(KEYSPACE));
        JsonNode rewritten = backup("incremental", "incremental repair and a compaction of everything, no writes");
        assertThat(stored(rewritten)).as("nothing was written").isLessThanOrEqualTo(stored(full) / 100);
        assertThat(stored(repaired)).as("repair copies, and adds nothing").isLessThan(stored(full) / 2);

        CassandraNode fresh = source.replace(ring.node(1));
        backup("incremental", "node 1 replaced by " + fresh + ", no writes");
        without(0, 400);
        change(400, ConsistencyLevel.ALL);
        backup("incremental", "writes after it");

        CassandraNode added = source.join("dc1", "r1", SEED);
        backup("incremental", "joined: " + added + ", no writes");
        change(400, ConsistencyLevel.ALL);
        ring.nodes().forEach(node -> node.nodetool("cleanup", KEYSPACE).orThrow());
        ring.nodes().forEach(node -> node.compact(KEYSPACE));
        without(3, 300);
        backup("incremental", "writes, cleanup, compaction, writes that the new node missed");

        source.leave(added);
        change(200, ConsistencyLevel.ALL);
        backup("incremental", "the new node left again, with what it had");

        hindsight().run("verify", "--records").expect(0);
        log("verified");
        hindsight().run("rebase").expect(0);
        log("rebased");
        requireRestored(Rings.target());
    }

    /** Through one node that is always there. */
    private CqlSession session() {
        return ring.node(ring.nodes().size() - 1).session();
    }

    /** The configuration as the ring is now. */
    private Hindsight hindsight() {
        return new Hindsight(directory, source, Map.of("dr", Rings.target()), "  workers: 2\n  shard-size: 1MiB\n");
    }

    /** Writes that one node does not get. */
    private void without(int index, int writes) {
        CassandraNode away = ring.node(index);
        away.leaveGossip();
        CassandraNode other = ring.node((index + 1) % ring.nodes().size());
        change(other.session(), writes, ConsistencyLevel.ONE);
        away.rejoinGossip();
    }

    private void change(int writes, ConsistencyLevel level) {
        change(session(), writes, level);
    }

    private void change(CqlSession session, int writes, ConsistencyLevel level) {
        for (int i = 0; i < writes; i++) {
            session.execute(SimpleStatement.newInstance(statement()).setConsistencyLevel(level));
            if (random.nextInt(500) == 0) {
                ring.flush(KEYSPACE);
            }
        }
    }

    private String statement() {
        int id = random.nextInt(IDS);
        int c = random.nextInt(5);
        String text = "'" + Rows.text(random.nextInt(), 40) + "'";
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> "INSERT INTO changing.t (id, c, v) VALUES (" + id + ", " + c + ", " + text + ")";
            case 3 -> "DELETE FROM changing.t WHERE id = " + id + " AND c = " + c;
            case 4 -> "DELETE FROM changing.t WHERE id = " + id;
            case 5 -> "DELETE FROM changing.t WHERE id = " + id + " AND c > " + c;
            case 6 -> "UPDATE changing.s SET m[" + c + "] = " + text + " WHERE p = " + id + " AND c = " + c;
            case 7 ->
                "UPDATE changing.s SET m = {" + c + ": " + text + "}, v = " + text + " WHERE p = " + id + " AND c = "
                        + c;
            case 8 -> "DELETE m[" + c + "] FROM changing.s WHERE p = " + id + " AND c = " + c;
            case 9 -> "UPDATE changing.s SET st = " + c + " WHERE p = " + id;
            case 10 -> "INSERT INTO changing.s (p, c, v) VALUES (" + id + ", " + c + ", " + text + ") USING TTL 864000";
            default -> "DELETE FROM changing.s WHERE p = " + id;
        };
    }

    private JsonNode backup(String kind, String what) {
        JsonNode made = hindsight()
                .run("--json", "backup", "--keyspace", KEYSPACE)
                .expect(0)
                .json();
        JsonNode backup = made.get("backup");
        List<TableDump> read = new ArrayList<>();
        TABLES.forEach(table -> read.add(dumper.atAll(session(), table)));
        dumps.put(backup.get("id").asText(), read);
        JsonNode totals = backup.get("totals");
        log(String.format(
                Locale.ROOT,
                "%s: %s in %.1f s, on replicas %d, fetched %d, compared %d, stored %d bytes, redundant %d partitions %d rows %s",
                what,
                backup.get("kind").asText(),
                made.get("seconds").asDouble(),
                totals.get("replicaDataBytes").asLong(),
                totals.get("fetchedBytes").asLong(),
                made.get("repositoryBytesRead").asLong(),
                totals.get("storedBytes").asLong(),
                made.get("redundantPartitions").asLong(),
                made.get("redundantRows").asLong(),
                made.get("tables")));
        assertThat(backup.get("kind").asText()).as("%s: %s", what, made).isEqualTo(kind);
        assertThat(backup.get("state").asText()).as("%s: %s", what, made).isEqualTo("complete");
        return made;
    }

    private void requireRestored(RingWithAgents target) {
        int number = 0;
        for (Map.Entry<String, List<TableDump>> point : dumps.entrySet()) {
            String as = KEYSPACE + ++number;
            hindsight()
                    .run(
                            "restore",
                            "--from",
                            point.getKey(),
                            "--keyspace",
                            KEYSPACE,
                            "--as-keyspace",
                            as,
                            "--to",
                            "dr",
                            "--replication",
                            "{'class': 'NetworkTopologyStrategy', 'dc1': '2'}")
                    .expect(0);
            for (TableDump expected : point.getValue()) {
                TableName restored = new TableName(as, expected.table().table());
                assertThat(DumpDiff.between(expected, dumper.atAll(target.ring(), restored))
                                .describe())
                        .as("seed %d, %s of backup %d, %s", SEED, expected.table(), number, point.getKey())
                        .isEqualTo("equal");
            }
            target.ring().ddl("DROP KEYSPACE " + as);
        }
        log(number + " restore points restored and compared");
    }

    private static long stored(JsonNode made) {
        return made.get("backup").get("totals").get("storedBytes").asLong();
    }

    private void log(String what) {
        LOG.log(System.Logger.Level.INFO, "{0} s: {1}", (System.nanoTime() - start) / 1_000_000_000, what);
    }
}
