package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.lab.Await;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Map;

/** {@code hindsight serve} as an operator runs it, with its API. No bases are scheduled. */
final class Service {
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = freePort();
    private final Hindsight hindsight;
    private final Path token;

    private Service(Hindsight hindsight, Path token) {
        this.hindsight = hindsight;
        this.token = token;
    }

    /** Starts nothing yet; adds its section to the configuration in {@code directory}. */
    static Service of(Hindsight hindsight, Path directory, Path token) {
        Service made = new Service(hindsight, token);
        try {
            Files.writeString(
                    directory.resolve("hindsight.yaml"),
                    "serve:\n  listen: {port: " + made.port + "}\n  tokens: {test: {scope: admin, token: {file: \""
                            + token + "\"}}}\n  bases: [off]\n",
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return made;
    }

    /** Returns when it is ready. */
    Hindsight.Started start(Map<String, String> environment) {
        Hindsight.Started started = hindsight.start(environment, "serve");
        started.process().awaitOutput("hindsight serves on", LONG_ENOUGH);
        Await.until(
                "the service is ready",
                LONG_ENOUGH,
                () -> send("GET", "/v1/health", "", Map.of()).statusCode() == 200);
        return started;
    }

    static String route(TableName table) {
        return "/v1/tables/" + table.keyspace() + "/" + table.table() + "/";
    }

    /** Returns when it is done. */
    JsonNode protect(TableName table) {
        return awaitJob(call("PUT", route(table) + "protection", 202).path("id").asText(), "done");
    }

    /** The same call again is one with the same name for what it makes. */
    JsonNode restore(TableName table, Instant at, TableName as, int status) {
        return json(
                send(
                        "POST",
                        "/v1/restores",
                        "{\"table\": \"" + table + "\", \"as\": \"" + as + "\", \"at\": \"" + at + "\"}",
                        Map.of("Idempotency-Key", as.toString())),
                status);
    }

    /** What is sealed without that anybody asks for it. */
    void awaitSealedBeyond(TableName table, Instant instant) {
        Await.until(
                table + " is sealed beyond " + instant,
                LONG_ENOUGH,
                () -> {
                    JsonNode upTo = call("GET", route(table) + "window", 200).path("sealedUpTo");
                    return upTo.isTextual() && Instant.parse(upTo.asText()).isAfter(instant);
                },
                () -> send("GET", route(table) + "window", "", Map.of()).body());
    }

    JsonNode awaitJob(String id, String state) {
        Await.until(
                "job " + id + " is " + state,
                LONG_ENOUGH,
                () -> call("GET", "/v1/jobs/" + id, 200).path("state").asText().equals(state),
                () -> call("GET", "/v1/jobs/" + id, 200).toPrettyString());
        return call("GET", "/v1/jobs/" + id, 200);
    }

    JsonNode call(String method, String path, int status) {
        return json(send(method, path, "", Map.of()), status);
    }

    private static JsonNode json(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode())
                .as("%s: %s", answer.request(), answer.body())
                .isEqualTo(status);
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(answer.body(), e);
        }
    }

    String text(String path) {
        return send("GET", path, "", Map.of()).body();
    }

    private HttpResponse<String> send(String method, String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Authorization", "Bearer " + secret())
                .timeout(Duration.ofSeconds(30));
        headers.forEach(request::header);
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String secret() {
        try {
            return Files.readString(token).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
