package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.lab.Await;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDump;
import dev.hindsight.testkit.dump.TableDumper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code hindsight serve} as an operator runs it, before a real ring, killed in the middle of a restore. */
class ServeTest {
    private static final TableName TABLE = new TableName("served", "t");
    private static final String ROUTE = "/v1/tables/served/t/";
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = freePort();
    private final RingWithAgents source = Rings.source();

    @Test
    void tableIsProtectedSealedAndRestoredThroughTheApiAcrossAKill() throws IOException {
        CqlSession session = source.ring().session();
        Rows.keyspace(session, TABLE.keyspace(), 3);
        Rows.table(source.ring(), TABLE.toString());
        Rows.fill(session, TABLE.toString(), 0, 200, 100, ConsistencyLevel.ALL);
        Hindsight hindsight = Rings.journal(directory);
        configure();
        Instant then;
        TableDump expected;
        JsonNode cut;
        Hindsight.Started first = serve(hindsight, Map.of("HINDSIGHT_FAILPOINTS", "restore.staged=crash"));
        try (var process = first.process()) {
            JsonNode begun = call("PUT", ROUTE + "protection", "", 202);
            JsonNode protect = awaitJob(begun.path("id").asText(), "done");
            assertThat(protect.at("/result/capturing")).as("%s", protect).hasSize(3);
            Rows.fill(session, TABLE.toString(), 100, 300, 100, ConsistencyLevel.ALL);
            session.execute("DELETE FROM served.t WHERE id = 3");
            awaitSealedBeyond(Instant.now());
            then = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            expected = TableDumper.asOf(then).atAll(source.ring(), TABLE);
            awaitSealedBeyond(Instant.now());
            session.execute("TRUNCATE served.t");

            assertThat(call("GET", ROUTE + "window?at=" + then, "", 200)
                            .at("/asked/span/guarantee")
                            .asText())
                    .isEqualTo("ONE");
            cut = restore(then, 202);
            assertThat(process.awaitExit(LONG_ENOUGH)).isNotZero();
        }

        Hindsight.Started second = serve(hindsight, Map.of());
        try (var process = second.process()) {
            JsonNode after = call("GET", "/v1/jobs/" + cut.path("id").asText(), "", 200);
            assertThat(after.path("state").asText()).as("%s", after).isEqualTo("cut");
            assertThat(after.at("/problem/hint").asText()).contains("the same call");
            JsonNode again = restore(then, 202);
            assertThat(again.path("id")).isEqualTo(cut.path("id"));
            JsonNode done = awaitJob(again.path("id").asText(), "done");
            assertThat(done.path("attempt").asInt()).isEqualTo(2);
            assertThat(done.at("/result/instant").asText()).isEqualTo(then.toString());
            TableName made = TableName.parse(done.at("/result/tables/0/target").asText());
            assertThat(DumpDiff.between(expected, TableDumper.asOf(then).atAll(source.ring(), made))
                            .describe())
                    .isEqualTo("equal");
            assertThat(restore(then, 200).path("id")).isEqualTo(cut.path("id"));
            assertThat(text("/metrics"))
                    .contains("hindsight_window_guarantee{keyspace=\"served\",table=\"t\"}")
                    .contains("hindsight_agents_not_capturing 0.0");

            call("DELETE", ROUTE + "protection", "", 200);
            process.terminate(Duration.ofSeconds(40));
        }
        assertThat(second.result(0).err()).doesNotContain("error:").doesNotContain(token());
        assertThat(hindsight.leftInScratch().stream().filter(left -> left.contains("restore-")))
                .isEmpty();
    }

    private void configure() throws IOException {
        Files.writeString(
                directory.resolve("hindsight.yaml"),
                "serve:\n  listen: {port: " + port + "}\n  tokens: {test: {scope: admin, token: {file: \""
                        + source.tokenFile("admin") + "\"}}}\n  bases: [off]\n",
                StandardOpenOption.APPEND);
    }

    private Hindsight.Started serve(Hindsight hindsight, Map<String, String> environment) {
        Hindsight.Started started = hindsight.start(environment, "serve");
        started.process().awaitOutput("hindsight serves on", LONG_ENOUGH);
        Await.until(
                "the service is ready",
                LONG_ENOUGH,
                () -> send("GET", "/v1/health", "").statusCode() == 200);
        return started;
    }

    private JsonNode restore(Instant at, int status) {
        return call(
                "POST",
                "/v1/restores",
                "{\"table\": \"" + TABLE + "\", \"as\": \"served.then\", \"at\": \"" + at + "\"}",
                status);
    }

    private void awaitSealedBeyond(Instant instant) {
        Await.until("sealed beyond " + instant, LONG_ENOUGH, () -> {
            JsonNode upTo = call("GET", ROUTE + "window", "", 200).path("sealedUpTo");
            return upTo.isTextual() && Instant.parse(upTo.asText()).isAfter(instant);
        });
    }

    private JsonNode awaitJob(String id, String state) {
        Await.until(
                "job " + id + " is " + state,
                LONG_ENOUGH,
                () -> call("GET", "/v1/jobs/" + id, "", 200)
                        .path("state")
                        .asText()
                        .equals(state),
                () -> call("GET", "/v1/jobs/" + id, "", 200).toPrettyString());
        return call("GET", "/v1/jobs/" + id, "", 200);
    }

    private JsonNode call(String method, String path, String body, int status) {
        HttpResponse<String> answer = send(method, path, body);
        assertThat(answer.statusCode())
                .as("%s %s: %s", method, path, answer.body())
                .isEqualTo(status);
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(answer.body(), e);
        }
    }

    private String text(String path) {
        return send("GET", path, "").body();
    }

    private HttpResponse<String> send(String method, String path, String body) {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .header("Authorization", "Bearer " + token())
                            .header("Idempotency-Key", "the-accident")
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String token() throws IOException {
        return Files.readString(source.tokenFile("admin")).strip();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
