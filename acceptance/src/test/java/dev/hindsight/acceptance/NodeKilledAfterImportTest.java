package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.RingWithAgents;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeKilledAfterImportTest {
    @TempDir
    Path directory;

    @Test
    void importedFilesAndTheNodesOwnUnflushedWritesBothSurviveItsDeath() {
        RingWithAgents source = Rings.source();
        RingWithAgents target = Rings.target();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, "nodekill", 3);
        Rows.table(source.ring(), "nodekill.t");
        Rows.fill(session, "nodekill.t", 0, 300, 50, ConsistencyLevel.ALL);
        Hindsight hindsight = new Hindsight(directory, source, Map.of("dr", target), "  workers: 1\n");
        hindsight.run("init").expect(0);
        hindsight.run("backup", "--keyspace", "nodekill").expect(0);
        hindsight
                .run(
                        "restore",
                        "--from",
                        "latest",
                        "--keyspace",
                        "nodekill",
                        "--to",
                        "dr",
                        "--replication",
                        "{'class': 'SimpleStrategy', 'replication_factor': '2'}")
                .expect(0);
        CqlSession there = target.ring().session();
        Rows.fill(there, "nodekill.t", 300, 400, 50, ConsistencyLevel.ALL);
        CassandraNode node = target.node(1);

        node.kill();
        node.restart();

        assertThat(Rows.read(node.session(), "nodekill.t", ConsistencyLevel.ONE))
                .hasSize(400);
        assertThat(Rows.all(there, "nodekill.t")).hasSize(400);
    }
}
