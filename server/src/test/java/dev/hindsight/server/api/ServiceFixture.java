package dev.hindsight.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.ListenAddress;
import dev.hindsight.server.FakeBackend;
import dev.hindsight.server.MovingClock;
import dev.hindsight.server.ServeSettings;
import dev.hindsight.server.Service;
import dev.hindsight.server.base.BaseTimes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.awaitility.Awaitility;

/** A service on a free port before a {@link FakeBackend}, and a client. */
final class ServiceFixture implements AutoCloseable {
    static final String READ = "token-that-only-reads";
    static final String HISTORY = "token-that-sees-rows-too";
    static final String ADMIN = "token-that-does-it-all";
    private static final ObjectMapper JSON = new ObjectMapper();

    final MovingClock clock = new MovingClock(FakeBackend.NOW);
    final FakeBackend backend = new FakeBackend(clock);
    private final Service service;
    private final HttpClient client = HttpClient.newHttpClient();

    ServiceFixture(Path state) {
        service = Service.start(settings(state), backend, clock, new Random(7));
    }

    static ServeSettings settings(Path state) {
        return new ServeSettings(
                new ListenAddress("127.0.0.1", 0, Optional.empty()),
                List.of(
                        new BearerTokens.Token<>(ApiScope.READ, READ),
                        new BearerTokens.Token<>(ApiScope.HISTORY, HISTORY),
                        new BearerTokens.Token<>(ApiScope.ADMIN, ADMIN)),
                state,
                Duration.ofMillis(20),
                Duration.ofMillis(40),
                Duration.ofMillis(20),
                BaseTimes.parse(List.of("1d")),
                Duration.ofSeconds(2));
    }

    URI address() {
        return service.address();
    }

    HttpResponse<String> call(String token, String method, String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address().resolve(path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .timeout(Duration.ofSeconds(20));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        headers.forEach(request::header);
        try {
            return send(request.build());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A server closes a connection behind a request whose body it refused to read; the client may have taken it again by then. */
    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("received no bytes")) {
                throw e;
            }
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    HttpResponse<String> call(String method, String path, String body) {
        return call(ADMIN, method, path, body, Map.of());
    }

    HttpResponse<String> get(String path) {
        return call("GET", path, "");
    }

    static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(answer.body(), e);
        }
    }

    JsonNode awaitJob(String id, String state) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> json(get("/v1/jobs/" + id)),
                        job -> job.path("state").asText().equals(state));
    }

    @Override
    public void close() {
        service.close();
    }
}
