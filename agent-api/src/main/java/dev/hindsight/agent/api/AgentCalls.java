package dev.hindsight.agent.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.UnauthorisedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.net.ssl.SSLHandshakeException;

/**
 * One agent's HTTP exchanges: tokens, waiting with an eye on progress, retries of reads, and failures brought back to
 * the type that the agent meant. Safe for several threads.
 */
final class AgentCalls {
    private static final int READ_RETRIES = 5;
    private static final Duration SOON = Duration.ofSeconds(5);

    /** What is known when no answer came. */
    enum Lost {
        /** A read, or a change that may simply be made again. */
        REPEATABLE,
        /** A change that may or may not have happened. */
        UNKNOWN
    }

    /** The agent asks to come back later. */
    private static final class RetryLater extends IOException {
        private static final long serialVersionUID = 1L;
        private final Duration delay;
        private final transient HindsightException meaning;

        RetryLater(Duration delay, HindsightException meaning) {
            super(meaning.getMessage());
            this.delay = delay;
            this.meaning = meaning;
        }
    }

    private final AgentEndpoint endpoint;
    private final HttpClient http;
    private final RetryPolicy<Object> broken;
    private final RetryPolicy<Object> busy;
    private final RetryPolicy<Object> closed;

    AgentCalls(AgentEndpoint endpoint) {
        this.endpoint = endpoint;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(endpoint.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER);
        ClientTls.context(endpoint.trust()).ifPresent(builder::sslContext);
        this.http = builder.build();
        this.broken = RetryPolicy.builder()
                .handleIf(e -> e instanceof IOException && !(e instanceof RetryLater) && !isFinal(e))
                .withMaxRetries(READ_RETRIES)
                .withBackoff(100, 3000, ChronoUnit.MILLIS)
                .withJitter(0.25)
                .build();
        this.busy = RetryPolicy.builder()
                .handle(RetryLater.class)
                .withMaxRetries(-1)
                .withMaxDuration(endpoint.stallTimeout())
                .withDelayFnOn(
                        context -> context.getLastException() instanceof RetryLater later
                                ? later.delay
                                : Duration.ofSeconds(1),
                        RetryLater.class)
                .withJitter(0.25)
                .build();
        // A connection that was kept may have been closed at the other end.
        this.closed = RetryPolicy.builder()
                .handleIf(e -> e instanceof IOException
                        && !(e instanceof RetryLater || e instanceof InterruptedIOException)
                        && !(e instanceof ConnectException || isFinal(e)))
                .withMaxRetries(1)
                .build();
    }

    String address() {
        return endpoint.address().toString();
    }

    /** A request with the weakest token that is enough; no call is made without one. */
    HttpRequest.Builder request(AgentScope scope, String path) {
        String token = endpoint.tokens()
                .of(scope)
                .orElseThrow(() -> new UnauthorisedException(
                        "agent " + address() + ": no token for scope '" + scope.text() + "' is configured here",
                        "give the agent's " + scope.text() + " token in the configuration"));
        String base = endpoint.address().toString();
        return HttpRequest.newBuilder(
                        java.net.URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path))
                .header("Authorization", "Bearer " + token);
    }

    /** Tries a read again when the connection breaks or the agent is busy. */
    <T> T retried(String what, CheckedSupplier<T> attempt) {
        try {
            return Failsafe.with(busy, broken).get(attempt);
        } catch (FailsafeException e) {
            throw meaning(what, e.getCause() == null ? e : e.getCause(), Lost.REPEATABLE);
        }
    }

    <T> T read(String what, HttpRequest request, Class<T> type) {
        return retried(what, () -> json(exchange(request, endpoint.stallTimeout(), new AtomicLong()), type));
    }

    /** A read whose answer is asked for again before long: it is not waited for. */
    <T> T readSoon(String what, HttpRequest request, Class<T> type) {
        Duration patience = endpoint.stallTimeout().compareTo(SOON) < 0 ? endpoint.stallTimeout() : SOON;
        try {
            return Failsafe.with(closed).get(() -> json(exchange(request, patience, new AtomicLong()), type));
        } catch (FailsafeException e) {
            throw meaning(what, e.getCause() == null ? e : e.getCause(), Lost.REPEATABLE);
        }
    }

    /** Sends a body, repeatedly where the connection breaks; each time with a new request that counts its own progress. */
    <T> T send(String what, Function<AtomicLong, HttpRequest> request, Class<T> type) {
        return retried(what, () -> {
            AtomicLong progress = new AtomicLong();
            return json(exchange(request.apply(progress), endpoint.stallTimeout(), progress), type);
        });
    }

    /** Never repeated, except when the agent says that it had no room to begin. */
    <T> T change(String what, HttpRequest request, Class<T> type, Lost lost, Duration patience) {
        try {
            return Failsafe.with(busy).get(() -> json(exchange(request, patience, new AtomicLong()), type));
        } catch (FailsafeException e) {
            throw meaning(what, e.getCause() == null ? e : e.getCause(), lost);
        }
    }

    /** Any answer but a success is thrown as what it means; {@code body} is used for successes only. */
    <T> HttpResponse<T> stream(HttpRequest request, HttpResponse.BodySubscriber<T> body, int success)
            throws IOException {
        AtomicLong progress = new AtomicLong();
        CompletableFuture<Refused> refused = new CompletableFuture<>();
        HttpResponse.BodyHandler<T> handler = info -> {
            if (info.statusCode() == success) {
                return new ReceivedBody<>(body, progress);
            }
            return HttpResponse.BodySubscribers.mapping(
                    new ReceivedBody<>(HttpResponse.BodySubscribers.ofByteArray(), progress), bytes -> {
                        refused.complete(new Refused(info.statusCode(), info.headers(), bytes));
                        throw new IllegalStateException("refused");
                    });
        };
        try {
            return await(http.sendAsync(request, handler), endpoint.stallTimeout(), progress);
        } catch (IOException e) {
            if (refused.isDone()) {
                Refused answer = refused.join();
                throw refusal(answer.status(), answer.headers(), answer.body());
            }
            throw e;
        }
    }

    private HttpResponse<byte[]> exchange(HttpRequest request, Duration patience, AtomicLong progress)
            throws IOException {
        HttpResponse<byte[]> response = await(
                http.sendAsync(
                        request, info -> new ReceivedBody<>(HttpResponse.BodySubscribers.ofByteArray(), progress)),
                patience,
                progress);
        if (response.statusCode() == 200) {
            return response;
        }
        throw refusal(response.statusCode(), response.headers(), response.body());
    }

    private record Refused(int status, HttpHeaders headers, byte[] body) {}

    private IOException refusal(int status, HttpHeaders headers, byte[] body) {
        HindsightException meaning = document(body).toException(address());
        if (status != 503) {
            throw meaning;
        }
        long seconds = headers.firstValueAsLong("Retry-After").orElse(1);
        return new RetryLater(Duration.ofSeconds(Math.max(1, Math.min(30, seconds))), meaning);
    }

    private static ErrorDocument document(byte[] body) {
        try {
            return AgentJson.mapper().readValue(body, ErrorDocument.class);
        } catch (IOException e) {
            String text = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8);
            return new ErrorDocument(
                    "Unsupported",
                    "answer is not an agent's: " + text,
                    "check that the address is a Hindsight agent's");
        }
    }

    private static <T> T json(HttpResponse<byte[]> response, Class<T> type) {
        try {
            return AgentJson.mapper().readValue(response.body(), type);
        } catch (JsonProcessingException e) {
            throw new dev.hindsight.model.failure.UnsupportedException(
                    "answer to " + response.request().method() + " "
                            + response.request().uri() + " is not understood: " + e.getOriginalMessage(),
                    "use the same version of agent and client",
                    e);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    /** Waits as long as bytes keep moving. */
    private static <T> T await(CompletableFuture<T> answer, Duration patience, AtomicLong progress) throws IOException {
        long seen = -1;
        while (true) {
            long now = progress.get();
            if (now == seen) {
                answer.cancel(true);
                throw new InterruptedIOException("no byte for " + patience.toSeconds() + " s");
            }
            seen = now;
            try {
                return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                continue;
            } catch (InterruptedException e) {
                answer.cancel(true);
                Thread.currentThread().interrupt();
                throw new NotAppliedException("interrupted while waiting for an agent", "start again", e);
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                throw cause instanceof IOException io ? io : new IOException(String.valueOf(cause), cause);
            }
        }
    }

    private HindsightException meaning(String what, Throwable e, Lost lost) {
        if (e instanceof RetryLater later) {
            return later.meaning;
        }
        if (e instanceof HindsightException known) {
            return known;
        }
        String text = "agent " + address() + " did not answer to " + what + ": " + describe(e);
        if (lost == Lost.REPEATABLE || neverSent(e)) {
            return new ClusterUnreachableException(
                    text, "check that the agent runs and that its port can be reached", e);
        }
        return new OutcomeUnknownException(text, "it may have happened; look before doing it again", e);
    }

    private static boolean neverSent(Throwable e) {
        return e instanceof ConnectException
                || e instanceof HttpConnectTimeoutException
                || e instanceof SSLHandshakeException
                || e.getCause() instanceof UnresolvedAddressException;
    }

    /** Trying again does not help against a certificate or a name. */
    private static boolean isFinal(Throwable e) {
        return e instanceof SSLHandshakeException || e.getCause() instanceof UnresolvedAddressException;
    }

    private static String describe(Throwable e) {
        String message = e.getMessage();
        return e.getClass().getSimpleName() + (message == null || message.isEmpty() ? "" : ": " + message);
    }
}
