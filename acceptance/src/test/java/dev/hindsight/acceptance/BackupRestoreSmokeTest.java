package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import dev.hindsight.lab.RingWithAgents;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupRestoreSmokeTest {
    @TempDir
    Path directory;

    @Test
    void rowsComeBackUnderAnotherNameAndInAnotherRing() {
        RingWithAgents source = Rings.source();
        RingWithAgents target = Rings.target();
        CqlSession session = source.ring().session();
        session.execute("CREATE KEYSPACE smoke WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}");
        session.execute("CREATE TABLE smoke.t (id int, c int, v text, PRIMARY KEY (id, c))");
        Rows.awaitTable(source.ring(), "smoke.t");
        PreparedStatement insert = session.prepare("INSERT INTO smoke.t (id, c, v) VALUES (?, ?, ?)");
        for (int i = 0; i < 500; i++) {
            session.execute(insert.bind(i / 5, i % 5, "value " + i));
        }
        Hindsight hindsight = new Hindsight(directory, source, Map.of("dr", target), "  workers: 2\n");
        hindsight.run("init").expect(0);

        hindsight.run("backup", "--keyspace", "smoke").expect(0);

        hindsight
                .run("restore", "--from", "latest", "--table", "smoke.t", "--as", "smoke.t2")
                .expect(0);
        assertThat(rows(session, "smoke.t2")).isEqualTo(500);
        hindsight
                .run(
                        "restore",
                        "--from",
                        "latest",
                        "--keyspace",
                        "smoke",
                        "--to",
                        "dr",
                        "--replication",
                        "{'class': 'NetworkTopologyStrategy', 'dc1': '2'}")
                .expect(0);
        assertThat(rows(target.ring().session(), "smoke.t")).isEqualTo(500);
        hindsight.run("verify").expect(0);
        assertThat(hindsight.leftInScratch()).isEmpty();
    }

    private static long rows(CqlSession session, String table) {
        return session.execute("SELECT id FROM " + table).all().size();
    }
}
