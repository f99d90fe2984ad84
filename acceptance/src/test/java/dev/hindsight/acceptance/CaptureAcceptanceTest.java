package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.repository.journal.CaptureItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What real nodes write arrives, from each of them, also when its agent is killed in the middle. */
class CaptureAcceptanceTest {
    private static final int ROWS = 600;

    @Test
    void everyWriteArrivesFromEveryReplicaAlsoWhenItsAgentIsKilled() throws Exception {
        RingWithAgents ring = Rings.source();
        CqlSession session = ring.ring().session();
        Rows.keyspace(session, "captured", 3);
        Rows.table(ring.ring(), "captured.t");
        UUID id = session.getMetadata()
                .getKeyspace("captured")
                .flatMap(keyspace -> keyspace.getTable("t"))
                .flatMap(table -> table.getId())
                .orElseThrow();
        List<AgentClient> agents = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            agents.add(CapturedRows.client(ring, i));
        }
        try {
            for (AgentClient agent : agents) {
                agent.setCapture(Set.of("captured"));
            }
            for (AgentClient agent : agents) {
                CapturedRows.await(agent, status -> status.stored().contains("captured"));
            }
            Rows.fill(session, "captured.t", 0, ROWS / 3, 300, ConsistencyLevel.ALL);
            ring.killAgent(1);
            Rows.fill(session, "captured.t", ROWS / 3, 2 * ROWS / 3, 300, ConsistencyLevel.ALL);
            ring.ring().flush("captured");
            ring.restartAgent(1);
            Rows.fill(session, "captured.t", 2 * ROWS / 3, ROWS, 300, ConsistencyLevel.ALL);
            Instant written = Instant.now();

            TableSchema schema = DdlSchemas.tableSchema(
                    "captured", List.of(), "CREATE TABLE captured.t" + Rows.COLUMNS + " WITH ID = " + id);
            for (AgentClient agent : agents) {
                CaptureStatus status = CapturedRows.await(
                        agent, now -> now.storedSeen().map(written::isBefore).orElse(false));
                assertThat(status.gaps()).isEmpty();
                assertThat(status.incarnations()).hasSize(1);
                assertThat(CapturedRows.rows(ring, status, id, schema)).isEqualTo(expected());
            }
        } finally {
            for (AgentClient agent : agents) {
                agent.stopCapture();
                agent.close();
            }
        }
    }

    private static Map<String, String> expected() {
        Map<String, String> out = new TreeMap<>();
        for (int i = 0; i < ROWS; i++) {
            out.put(i / 5 + "/" + i % 5, Rows.text(i, 300));
        }
        return out;
    }

    /** A killed node loses what it had not made readable; a stopped one nothing. Which it was is in its captures. */
    @Test
    void howANodeEndedIsInItsCaptures() throws Exception {
        RingWithAgents ring = Rings.source();
        CqlSession session = ring.ring().session();
        Rows.keyspace(session, "capturekill", 3);
        Rows.table(ring.ring(), "capturekill.t");
        try (AgentClient agent = CapturedRows.client(ring, 2)) {
            agent.setCapture(Set.of("capturekill"));
            CapturedRows.await(agent, status -> status.stored().contains("capturekill"));
            for (boolean kill : new boolean[] {true, false}) {
                Rows.fill(session, "capturekill.t", 0, 200, 100, ConsistencyLevel.ALL);
                if (kill) {
                    ring.node(2).kill();
                } else {
                    ring.node(2).stop();
                }
                ring.node(2).restart();
                Rows.fill(session, "capturekill.t", 200, 300, 100, ConsistencyLevel.ALL);
                Instant written = Instant.now();
                CaptureStatus status = CapturedRows.await(
                        agent, now -> now.storedSeen().map(written::isBefore).orElse(false));
                assertThat(status.gaps()).isEmpty();
                List<CaptureItem> items = CapturedRows.items(ring, status);

                assertThat(items.stream().filter(CaptureItem.NodeStarted.class::isInstance))
                        .hasSize(kill ? 2 : 3);
                assertThat(items.stream().filter(item -> item instanceof CaptureItem.Done done && !done.clean()))
                        .hasSize(1);
            }
        } finally {
            try (AgentClient agent = CapturedRows.client(ring, 2)) {
                agent.stopCapture();
            }
        }
    }
}
