package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentEndpoint;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.agent.api.AgentTrust;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.HttpAgentClient;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureReader;
import dev.hindsight.repository.store.DirectoryStore;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What real nodes write arrives, from each of them, also when its agent is killed in the middle. */
class CaptureAcceptanceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
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
            agents.add(client(ring, i));
        }
        try {
            for (AgentClient agent : agents) {
                agent.setCapture(Set.of("captured"));
            }
            for (AgentClient agent : agents) {
                await(agent, status -> status.stored().contains("captured"));
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
                CaptureStatus status = await(
                        agent, now -> now.storedSeen().map(written::isBefore).orElse(false));
                assertThat(status.gaps()).isEmpty();
                assertThat(status.incarnations()).hasSize(1);
                assertThat(rows(ring, status, id, schema)).isEqualTo(expected());
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
        try (AgentClient agent = client(ring, 2)) {
            agent.setCapture(Set.of("capturekill"));
            await(agent, status -> status.stored().contains("capturekill"));
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
                CaptureStatus status = await(
                        agent, now -> now.storedSeen().map(written::isBefore).orElse(false));
                assertThat(status.gaps()).isEmpty();
                List<CaptureItem> items = items(ring, status);

                assertThat(items.stream().filter(CaptureItem.NodeStarted.class::isInstance))
                        .hasSize(kill ? 2 : 3);
                assertThat(items.stream().filter(item -> item instanceof CaptureItem.Done done && !done.clean()))
                        .hasSize(1);
            }
        } finally {
            try (AgentClient agent = client(ring, 2)) {
                agent.stopCapture();
            }
        }
    }

    private static Map<String, String> rows(RingWithAgents ring, CaptureStatus status, UUID id, TableSchema schema) {
        Map<String, String> out = new TreeMap<>();
        SegmentVersion version = SegmentVersion.V50;
        for (CaptureItem item : items(ring, status)) {
            if (item instanceof CaptureItem.Log log) {
                version = log.segmentVersion() == 7 ? SegmentVersion.V40 : SegmentVersion.V50;
            } else if (item instanceof CaptureItem.Frame frame) {
                decode(frame.mutation(), version, id, schema, out);
            }
        }
        return out;
    }

    /** Of the newest incarnation. */
    private static List<CaptureItem> items(RingWithAgents ring, CaptureStatus status) {
        List<CaptureItem> out = new ArrayList<>();
        DirectoryStore store = DirectoryStore.open(ring.captureRepository());
        Incarnation incarnation = Incarnation.parse(status.incarnations()
                        .get(status.incarnations().size() - 1)
                        .name())
                .orElseThrow();
        String previous = "";
        for (long number = 0; ; number++) {
            Optional<CaptureReader> found = CaptureReader.find(store, status.hostId(), incarnation, number);
            if (found.isEmpty()) {
                return out;
            }
            try (CaptureReader reader = found.get()) {
                if (number > 0) {
                    assertThat(reader.header().previous()).isEqualTo(previous);
                }
                for (Optional<CaptureItem> item = reader.next(); item.isPresent(); item = reader.next()) {
                    out.add(item.get());
                }
                previous = reader.seal();
            }
        }
    }

    private static void decode(
            byte[] mutation, SegmentVersion version, UUID id, TableSchema schema, Map<String, String> out) {
        MutationDecoder decoder =
                new MutationDecoder(version, table -> table.equals(id) ? Optional.of(schema) : Optional.empty());
        decoder.start(mutation, 0, mutation.length);
        try {
            while (decoder.nextUpdate()) {
                int key = ByteBuffer.wrap(mutation, decoder.keyAt, decoder.keyLength)
                        .getInt();
                while (decoder.next()) {
                    // One clustering value of fixed length, behind its header.
                    int clustering = ByteBuffer.wrap(mutation, decoder.clusteringEnd - 4, 4)
                            .getInt();
                    RowWalker row = decoder.row();
                    while (row.nextColumn()) {
                        out.put(
                                key + "/" + clustering,
                                new String(mutation, row.valueAt, row.valueLength, StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (UnknownSchemaException e) {
            // Of the node's own tables.
            return;
        }
    }

    private static CaptureStatus await(AgentClient agent, java.util.function.Predicate<CaptureStatus> until) {
        return Awaitility.await().atMost(PATIENCE).until(agent::capture, until);
    }

    private static AgentClient client(RingWithAgents ring, int index) throws IOException {
        List<String> tokens = new ArrayList<>();
        for (String scope : List.of("read", "import", "admin")) {
            tokens.add(Files.readString(ring.tokenFile(scope)).strip());
        }
        return new HttpAgentClient(new AgentEndpoint(
                URI.create(ring.agentUrl(index)),
                AgentTokens.all(tokens.get(0), tokens.get(1), tokens.get(2)),
                AgentTrust.jvm()));
    }
}
