package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code hindsight serve} before a real ring, killed in the middle of a restore. */
class ServeTest {
    private static final TableName TABLE = new TableName("served", "t");
    private static final TableName THEN = new TableName("served", "then");
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    private final RingWithAgents source = Rings.source();

    @Test
    void tableIsProtectedSealedAndRestoredThroughTheApiAcrossAKill() {
        CqlSession session = source.ring().session();
        Rows.keyspace(session, TABLE.keyspace(), 3);
        Rows.table(source.ring(), TABLE.toString());
        Rows.fill(session, TABLE.toString(), 0, 200, 100, ConsistencyLevel.ALL);
        Hindsight hindsight = Rings.journal(directory);
        Service service = Service.of(hindsight, directory, source.tokenFile("admin"));
        Instant then;
        TableDump expected;
        JsonNode cut;
        Hindsight.Started first = service.start(Map.of("HINDSIGHT_FAILPOINTS", "restore.staged=crash"));
        try (var process = first.process()) {
            JsonNode protect = service.protect(TABLE);
            assertThat(protect.at("/result/capturing")).as("%s", protect).hasSize(3);
            Rows.fill(session, TABLE.toString(), 100, 300, 100, ConsistencyLevel.ALL);
            session.execute("DELETE FROM served.t WHERE id = 3");
            service.awaitSealedBeyond(TABLE, Instant.now());
            then = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            expected = TableDumper.asOf(then).atAll(source.ring(), TABLE);
            service.awaitSealedBeyond(TABLE, Instant.now());
            session.execute("TRUNCATE served.t");

            assertThat(service.call("GET", Service.route(TABLE) + "window?at=" + then, 200)
                            .at("/asked/span/guarantee")
                            .asText())
                    .isEqualTo("ONE");
            cut = service.restore(TABLE, then, THEN, 202);
            assertThat(process.awaitExit(LONG_ENOUGH)).isNotZero();
        }

        Hindsight.Started second = service.start(Map.of());
        try (var process = second.process()) {
            JsonNode after = service.call("GET", "/v1/jobs/" + cut.path("id").asText(), 200);
            assertThat(after.path("state").asText()).as("%s", after).isEqualTo("cut");
            assertThat(after.at("/problem/hint").asText()).contains("the same call");
            JsonNode again = service.restore(TABLE, then, THEN, 202);
            assertThat(again.path("id")).isEqualTo(cut.path("id"));
            JsonNode done = service.awaitJob(again.path("id").asText(), "done");
            assertThat(done.path("attempt").asInt()).isEqualTo(2);
            assertThat(done.at("/result/instant").asText()).isEqualTo(then.toString());
            TableName made = TableName.parse(done.at("/result/tables/0/target").asText());
            assertThat(DumpDiff.between(expected, TableDumper.asOf(then).atAll(source.ring(), made))
                            .describe())
                    .isEqualTo("equal");
            assertThat(service.restore(TABLE, then, THEN, 200).path("id")).isEqualTo(cut.path("id"));
            assertThat(service.text("/metrics"))
                    .contains("hindsight_window_guarantee{keyspace=\"served\",table=\"t\"}")
                    .contains("hindsight_agents_not_capturing 0.0");

            service.call("DELETE", Service.route(TABLE) + "protection", 200);
            process.terminate(Duration.ofSeconds(40));
        }
        assertThat(second.result(0).err()).doesNotContain("error:").doesNotContain(service.secret());
        assertThat(hindsight.leftInScratch().stream().filter(left -> left.contains("restore-")))
                .isEmpty();
    }
}
