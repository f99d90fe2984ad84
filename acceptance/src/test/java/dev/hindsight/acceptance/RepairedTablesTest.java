package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.ReplicaComparison;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repair moves what some replica had logged to others that had missed it: nothing new, and the window stays whole. */
@Tag("nightly")
class RepairedTablesTest {
    private static final TableName TABLE = new TableName("repaired", "t");

    @TempDir
    Path directory;

    @Test
    void fullRepairLeavesTheWindowWhole() {
        RingWithAgents source = Rings.source();
        CassandraRing ring = source.ring();
        CqlSession session = ring.session();
        ProtectedTables tables = ProtectedTables.in(ring, Rings.journal(directory), TABLE, 3);
        tables.protect(TABLE);
        Rows.fill(session, TABLE.toString(), 0, 200, 100, ConsistencyLevel.ALL);
        CassandraNode away = ring.node(1);
        away.leaveGossip();
        try {
            Rows.fill(ring.node(0).session(), TABLE.toString(), 100, 400, 80, ConsistencyLevel.ONE);
            ring.node(2).session().execute("DELETE FROM repaired.t WHERE id = 3");
        } finally {
            away.rejoinGossip();
        }
        Instant before = ProtectedTables.silence();
        TableDump expected = TableDumper.asOf(before).atAll(ring, TABLE);
        tables.awaitSealedBeyond(TABLE, Instant.now());
        assertThat(ReplicaComparison.of(TableDumper.asOf(before), ring, TABLE).replicasEqual())
                .as("one replica missed writes")
                .isFalse();
        long records = tables.window(TABLE).get("records").asLong();

        ring.node(0).nodetool("repair", "-full", TABLE.keyspace()).orThrow();

        assertThat(ReplicaComparison.of(TableDumper.asOf(before), ring, TABLE).describe())
                .as("repaired")
                .isEqualTo("equal");
        Instant after = ProtectedTables.silence();
        tables.awaitSealedBeyond(TABLE, after);
        JsonNode window = tables.window(TABLE);
        assertThat(window.get("records").asLong())
                .as("repair writes nothing: %s", window)
                .isEqualTo(records);
        assertThat(window.get("spans")).as("%s", window).hasSize(1);
        assertThat(window.at("/spans/0/guarantee").asText()).as("%s", window).isEqualTo("ONE");
        assertThat(window.get("gaps")).as("%s", window).isEmpty();
        requireRestored(tables, ring, after, expected);
        tables.unprotect(TABLE);
    }

    private static void requireRestored(ProtectedTables tables, CassandraRing ring, Instant at, TableDump expected) {
        TableName as = new TableName(TABLE.keyspace(), "t" + at.toEpochMilli());
        tables.restore(TABLE, at, as);
        assertThat(DumpDiff.between(expected, TableDumper.asOf(at).atAll(ring, as))
                        .describe())
                .as("at %s", at)
                .isEqualTo("equal");
    }
}
