package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhatComesBackTest {
    @TempDir
    Path directory;

    private RingWithAgents source;
    private CqlSession session;

    @BeforeEach
    void rings() {
        source = Rings.source();
        session = source.ring().session();
    }

    @Test
    void dataOfANodeThatNoLongerOwnsTheRangeStaysGone() {
        Rows.keyspace(session, "stale", 3);
        session.execute("CREATE TABLE stale.t" + Rows.COLUMNS + " WITH gc_grace_seconds = 0");
        Rows.awaitTable(source.ring(), "stale.t");
        Rows.fill(session, "stale.t", 0, 200, 40, ConsistencyLevel.ALL);
        source.ring().flush("stale");
        session.execute("ALTER KEYSPACE stale WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}");
        for (int id = 0; id < 20; id++) {
            session.execute("DELETE FROM stale.t WHERE id = " + id);
        }
        source.ring().flush("stale");
        source.ring().nodes().forEach(node -> node.compact("stale"));
        List<String> expected = Rows.all(session, "stale.t");
        Hindsight hindsight = hindsight("  workers: 1\n");

        hindsight.run("backup", "--keyspace", "stale").expect(0);
        hindsight
                .run("restore", "--from", "latest", "--table", "stale.t", "--as", "stale.back")
                .expect(0);

        assertThat(expected).hasSize(100);
        assertThat(Rows.all(session, "stale.back")).isEqualTo(expected);
    }

    @Test
    void aDroppedTableComesBackUnderItsNameWithANewIdAndAnExistingOneIsRefused() {
        Rows.keyspace(session, "dropped", 3);
        Rows.table(source.ring(), "dropped.t");
        session.execute("CREATE INDEX by_v ON dropped.t (v)");
        Rows.fill(session, "dropped.t", 0, 200, 40, ConsistencyLevel.ALL);
        List<String> expected = Rows.all(session, "dropped.t");
        UUID before = tableId("dropped", "t");
        Hindsight hindsight = hindsight("  workers: 1\n");
        hindsight.run("backup", "--keyspace", "dropped").expect(0);

        Hindsight.Result refused = hindsight.run("restore", "--from", "latest", "--table", "dropped.t");
        assertThat(refused.exitCode()).isEqualTo(7);
        assertThat(refused.err()).contains("dropped.t").contains("holds data").contains("--as");
        session.execute("DROP TABLE dropped.t");
        hindsight.run("restore", "--from", "latest", "--table", "dropped.t").expect(0);

        assertThat(Rows.all(session, "dropped.t")).isEqualTo(expected);
        assertThat(tableId("dropped", "t")).isNotEqualTo(before);
        assertThat(session.execute("SELECT id FROM dropped.t WHERE v = '" + Rows.text(7, 40) + "'")
                        .all())
                .hasSize(1);
    }

    @Test
    void aSingleNodeTakesWhatThreeReplicasHeldAndAViewThatItDoesNotAllowIsReported() {
        Rows.keyspace(session, "viewed", 3);
        Rows.table(source.ring(), "viewed.t");
        session.execute("CREATE MATERIALIZED VIEW viewed.by_c AS SELECT id, c, v FROM viewed.t"
                + " WHERE id IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, id)");
        Rows.fill(session, "viewed.t", 0, 100, 40, ConsistencyLevel.ALL);
        CassandraRing withoutViews = CassandraRing.builder()
                .nodes(1)
                .yaml("materialized_views_enabled: false")
                .start();
        try (RingWithAgents single = RingWithAgents.start(withoutViews, directory.resolve("single"), Rings.AGENT)) {
            Hindsight hindsight = new Hindsight(directory, source, Map.of("single", single), "  workers: 1\n");
            hindsight.run("init").expect(0);
            hindsight.run("backup", "--keyspace", "viewed").expect(0);

            Hindsight.Result restored = hindsight.run(
                    "restore",
                    "--from",
                    "latest",
                    "--keyspace",
                    "viewed",
                    "--to",
                    "single",
                    "--replication",
                    "{'class': 'SimpleStrategy', 'replication_factor': '1'}");

            restored.expect(3);
            assertThat(restored.out() + restored.err()).contains("by_c");
            assertThat(Rows.all(withoutViews.session(), "viewed.t")).isEqualTo(Rows.all(session, "viewed.t"));
        }
    }

    @Test
    void everyRecordIsStoredOnceAndProductionIsReadOnce() {
        Rows.keyspace(session, "once", 3);
        Rows.table(source.ring(), "once.t");
        Rows.fill(session, "once.t", 0, 12_000, 400, ConsistencyLevel.ALL);
        source.ring().flush("once");
        Hindsight hindsight = hindsight("  workers: 2\n  shard-size: 6MiB\n");
        JsonNode plan = hindsight
                .run("--json", "backup", "--keyspace", "once", "--dry-run")
                .expect(0)
                .json();
        assertThat(hindsight.repository().resolve("data")).doesNotExist();

        hindsight.run("backup", "--keyspace", "once").expect(0);

        JsonNode totals = hindsight
                .run("--json", "show", "latest")
                .expect(0)
                .json()
                .get("backup")
                .get("totals");
        long replicas = totals.get("replicaDataBytes").asLong();
        assertThat(plan.get("shards").asInt()).isGreaterThan(1);
        assertThat((double) totals.get("storedDataBytes").asLong() / replicas).isLessThanOrEqualTo(0.36);
        assertThat((double) totals.get("fetchedDataBytes").asLong()
                        / totals.get("ownedDataBytes").asLong())
                .isLessThanOrEqualTo(1.1);
        assertThat(totals.get("rows").asLong()).isEqualTo(12_000);
        assertThat(hindsight.leftInScratch()).isEmpty();
        for (CassandraNode node : source.ring().nodes()) {
            assertThat(node.nodetool("listsnapshots").orThrow()).doesNotContain("hindsight-");
        }
    }

    @Test
    void ttlsAreKeptFrozenOrDropped() {
        Rows.keyspace(session, "ttls", 3);
        Rows.table(source.ring(), "ttls.t");
        session.execute("INSERT INTO ttls.t (id, c, v) VALUES (1, 1, 'short') USING TTL 5");
        session.execute("INSERT INTO ttls.t (id, c, v) VALUES (2, 1, 'long') USING TTL 5000");
        session.execute("INSERT INTO ttls.t (id, c, v) VALUES (3, 1, 'ever')");
        Hindsight hindsight = hindsight("  workers: 1\n");
        hindsight.run("backup", "--keyspace", "ttls").expect(0);
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> session.execute("SELECT v FROM ttls.t WHERE id = 1")
                        .all()
                        .isEmpty());

        JsonNode plan = hindsight
                .run("--json", "restore", "--from", "latest", "--table", "ttls.t", "--as", "ttls.keep", "--dry-run")
                .expect(0)
                .json();
        restore(hindsight, "keep");
        restore(hindsight, "freeze");
        restore(hindsight, "drop");

        assertThat(plan.get("tables").get(0).get("rowsExpiredSince").asLong()).isEqualTo(1);
        assertThat(values("ttls.keep")).containsExactly("ever", "long");
        assertThat(values("ttls.freeze")).contains("ever", "long");
        assertThat(values("ttls.drop")).containsExactly("ever", "long", "short");
        assertThat(session.execute("SELECT ttl(v) FROM ttls.\"drop\" WHERE id = 2")
                        .one()
                        .isNull(0))
                .isTrue();
        assertThat(session.execute("SELECT ttl(v) FROM ttls.keep WHERE id = 2")
                        .one()
                        .getInt(0))
                .isBetween(1, 4999);
    }

    private void restore(Hindsight hindsight, String ttl) {
        hindsight
                .run("restore", "--from", "latest", "--table", "ttls.t", "--as", "ttls." + ttl, "--ttl", ttl)
                .expect(0);
    }

    private List<String> values(String table) {
        return session.execute("SELECT v FROM " + table.replace("ttls.drop", "ttls.\"drop\"")).all().stream()
                .map(row -> row.getString(0))
                .sorted()
                .toList();
    }

    private UUID tableId(String keyspace, String table) {
        return session.execute("SELECT id FROM system_schema.tables WHERE keyspace_name = '" + keyspace
                        + "' AND table_name = '" + table + "'")
                .one()
                .getUuid(0);
    }

    private Hindsight hindsight(String backup) {
        Hindsight hindsight = new Hindsight(directory, source, Map.of(), backup);
        hindsight.run("init").expect(0);
        return hindsight;
    }
}
