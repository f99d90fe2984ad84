package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.acceptance.LoggedWrites.Client;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two services on one repository and cluster, of which one is killed: the other one goes on, and each change is sealed once. */
@Tag("nightly")
class TwoServicesTest {
    private static final long SEED = Long.getLong("test.seed", System.nanoTime());
    private static final TableName TABLE = new TableName("twice", "t");
    private static final TableName THEN = new TableName("twice", "then");
    private static final TableName MIDST = new TableName("twice", "midst");
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    @Test
    void whatTwoServicesSealIsSealedOnceAndTheOneThatIsLeftGoesOn() {
        RingWithAgents source = Rings.source();
        CqlSession session = source.ring().session();
        Rows.keyspace(session, TABLE.keyspace(), 3);
        Rows.table(source.ring(), TABLE.toString());
        Service first = service("first");
        Service second = service("second");
        Hindsight.Started killed = first.start(Map.of());
        Hindsight.Started left = second.start(Map.of());
        try (var dying = killed.process();
                var living = left.process();
                LoggedWrites writes = LoggedWrites.begin(
                        session,
                        TABLE,
                        SEED,
                        Client.at(DefaultConsistencyLevel.ONE),
                        Client.at(DefaultConsistencyLevel.QUORUM))) {
            first.protect(TABLE);
            writes.await(300);
            UUID id = ProtectedTables.tableId(session, TABLE);
            Await.until("both have sealed", LONG_ENOUGH, () -> {
                List<String> writers = ProtectedTables.writers(source.captureRepository(), TABLE, id);
                return List.of(dying, living).stream()
                        .allMatch(service -> writers.stream().anyMatch(writer -> isBy(writer, service.pid())));
            });
            Instant midst = Instant.now().truncatedTo(ChronoUnit.MICROS);
            dying.kill();
            writes.await(300);
            writes.close();
            Instant then = ProtectedTables.silence();
            TableDump expected = TableDumper.asOf(then).atAll(source.ring(), TABLE);
            second.awaitSealedBeyond(TABLE, Instant.now());

            restore(second, midst, MIDST);
            restore(second, then, THEN);

            JsonNode span = second.call("GET", Service.route(TABLE) + "window?at=" + midst, 200)
                    .at("/asked/span");
            LoggedWrites.Checked checked = writes.require(
                    midst,
                    Duration.ofNanos(
                            (long) (1e9 * span.get("uncertaintySeconds").asDouble())),
                    span.get("guarantee").asText(),
                    ProtectedTables.values(session, MIDST));
            assertThat(checked.in()).as("%s", checked).isPositive();
            assertThat(checked.out()).as("%s", checked).isPositive();
            assertThat(DumpDiff.between(expected, TableDumper.asOf(then).atAll(source.ring(), THEN))
                            .describe())
                    .as("seed %d, at %s", SEED, then)
                    .isEqualTo("equal");
            ProtectedTables.Sealed sealed = ProtectedTables.requireSealedOnce(source.captureRepository(), TABLE, id);
            assertThat(sealed.records()).as("seed %d", SEED).isGreaterThan(600);
            assertThat(sealed.writers().get(sealed.writers().size() - 1))
                    .as("who went on")
                    .matches(writer -> isBy(writer, living.pid()));
            second.call("DELETE", Service.route(TABLE) + "protection", 200);
            living.terminate(Duration.ofSeconds(40));
        }
        assertThat(left.result(0).err()).doesNotContain("error:");
    }

    private static void restore(Service service, Instant at, TableName as) {
        JsonNode job = service.restore(TABLE, at, as, 202);
        JsonNode done = service.awaitJob(job.path("id").asText(), "done");
        assertThat(done.at("/result/instant").asText()).isEqualTo(at.toString());
    }

    private static boolean isBy(String writer, long pid) {
        return writer.startsWith("serve@") && writer.endsWith("/" + pid);
    }

    private Service service(String name) {
        Path own = directory.resolve(name);
        return Service.of(Rings.journal(own), own, Rings.source().tokenFile("admin"));
    }
}
