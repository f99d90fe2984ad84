package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.lab.RingWithAgents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with {@code cdc_enabled}: an agent may be away for as long as the node keeps segments, and no write is ever refused. */
@Tag("nightly")
class CdcRawRingTest {
    private static final int SPACE_MIB = 64;
    private static final int TEXT = 4_000;
    /** Twice the room that the node gives to its consumer. */
    private static final int ROWS_THERE = 2 * SPACE_MIB * (1 << 20) / TEXT;
    /** A third of it. */
    private static final int ROWS_AWAY = ROWS_THERE / 6;

    @TempDir
    Path temp;

    @Test
    void whatTheCommitLogHadWhileTheAgentWasAwayIsCapturedAndNothingFillsUp() throws Exception {
        CassandraRing one = CassandraRing.builder()
                .nodes(1)
                .withCdc()
                .yaml("commitlog_segment_size: 1MiB")
                .yaml("cdc_total_space: " + SPACE_MIB + "MiB")
                .yaml("cdc_block_writes: true")
                .start();
        try (RingWithAgents ring = RingWithAgents.start(one, temp.resolve("agents"), Rings.AGENT);
                AgentClient agent = CapturedRows.client(ring, 0)) {
            CqlSession session = one.session();
            CassandraNode node = one.node(0);
            Rows.keyspace(session, "cdcraw", 1);
            Rows.table(one, "cdcraw.t");
            one.ddl("ALTER TABLE cdcraw.t WITH cdc = true");
            agent.setCapture(Set.of("cdcraw"));
            CapturedRows.await(agent, status -> status.stored().contains("cdcraw"));

            Rows.fill(session, "cdcraw.t", 0, ROWS_THERE, TEXT, ConsistencyLevel.ALL);
            long before = newest(node.commitLogDirectory());
            ring.killAgent(0);
            Rows.fill(session, "cdcraw.t", ROWS_THERE, ROWS_THERE + ROWS_AWAY, TEXT, ConsistencyLevel.ALL);
            Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                node.nodetool("flush").orThrow();
                assertThat(oldest(node.commitLogDirectory()))
                        .as("the commit log has nothing from before the agent's absence any more")
                        .isGreaterThan(before);
            });
            ring.restartAgent(0);
            Instant back = Instant.now();
            CapturedRows.await(
                    agent, now -> now.storedSeen().map(back::isBefore).orElse(false));
            Rows.fill(
                    session,
                    "cdcraw.t",
                    ROWS_THERE + ROWS_AWAY,
                    2 * ROWS_THERE + ROWS_AWAY,
                    TEXT,
                    ConsistencyLevel.ALL);
            Instant written = Instant.now();
            CaptureStatus status = CapturedRows.await(
                    agent, now -> now.storedSeen().map(written::isBefore).orElse(false));

            assertThat(status.gaps()).isEmpty();
            UUID id = session.getMetadata()
                    .getKeyspace("cdcraw")
                    .flatMap(keyspace -> keyspace.getTable("t"))
                    .flatMap(table -> table.getId())
                    .orElseThrow();
            TableSchema schema = DdlSchemas.tableSchema(
                    "cdcraw", List.of(), "CREATE TABLE cdcraw.t" + Rows.COLUMNS + " WITH ID = " + id);
            Map<String, String> rows = CapturedRows.rows(ring, status, id, schema);
            assertThat(rows).hasSize(2 * ROWS_THERE + ROWS_AWAY);
            assertThat(rows.get((ROWS_THERE + 1) / 5 + "/" + (ROWS_THERE + 1) % 5))
                    .isEqualTo(Rows.text(ROWS_THERE + 1, TEXT));
        }
    }

    private static long newest(Path directory) {
        return ids(directory).max().orElseThrow();
    }

    private static long oldest(Path directory) {
        return ids(directory).min().orElseThrow();
    }

    private static LongStream ids(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files
                    .map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.matches("CommitLog-\\d+-\\d+\\.log"))
                    .mapToLong(name -> Long.parseLong(name.replaceAll(".*-(\\d+)\\.log", "$1")))
                    .sorted()
                    .boxed()
                    .toList()
                    .stream()
                    .mapToLong(Long::longValue);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
