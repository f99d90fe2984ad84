package dev.hindsight.server.api;

import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.HttpListener;
import dev.hindsight.http.ListenAddress;
import dev.hindsight.http.PathParts;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.server.job.Problem;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every request: token, route, scope, call, answer. Of the path nothing but {@code /v1/health} is looked at before the token
 * is known, so that without one all others look alike.
 */
public final class ApiHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
    private static final int THREADS = 24;
    private static final int LARGEST_BODY = 64 << 10;
    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final Duration SENDING = Duration.ofMinutes(5);

    private final BearerTokens<ApiScope> tokens;
    private final List<Route> routes;
    private final ServiceMetrics metrics;
    private final Duration sending;

    /** @param sending how long the client may take for an answer: whoever reads slowly keeps it in memory */
    ApiHandler(BearerTokens<ApiScope> tokens, List<Route> routes, ServiceMetrics metrics, Duration sending) {
        this.tokens = tokens;
        this.routes = List.copyOf(routes);
        this.metrics = metrics;
        this.sending = sending;
    }

    /** A listener, not started. */
    public static HttpListener listener(
            ListenAddress address, BearerTokens<ApiScope> tokens, Routes routes, ServiceMetrics metrics) {
        return new HttpListener(
                address,
                "'serve.listen' of hindsight.yaml",
                THREADS,
                IDLE,
                new ApiHandler(tokens, routes.all(), metrics, SENDING),
                ApiHandler::refused);
    }

    /** What Jetty does not let through. */
    private static boolean refused(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        write(
                response,
                callback,
                Answer.problem(new Problem(
                        status < 500 ? "Usage" : "NotApplied",
                        status,
                        "the request was refused with status " + status,
                        "see /v1/openapi.yaml",
                        status >= 500,
                        Optional.empty(),
                        Optional.empty())));
        return true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Answer answer;
        try {
            answer = answer(request);
        } catch (AbsentThingException e) {
            answer = refused(404, e.what());
        } catch (HindsightException e) {
            metrics.error("api", e);
            answer = Answer.problem(Problem.of(e));
        } catch (IOException e) {
            LOG.debug("request not read cause={}", e.toString());
            callback.failed(e);
            return true;
        } catch (RuntimeException e) {
            LOG.error("call failed unexpectedly method={}", request.getMethod(), e);
            answer = Answer.problem(Problem.unexpected(e));
        }
        send(request, response, callback, answer);
        return true;
    }

    private void send(Request request, Response response, Callback callback, Answer answer) {
        EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
        Scheduler.Task end = request.getComponents()
                .getScheduler()
                .schedule(
                        () -> client.close(new TimeoutException("the answer was not read in " + sending)),
                        sending.toMillis(),
                        TimeUnit.MILLISECONDS);
        write(response, Callback.from(callback, end::cancel), answer);
    }

    private Answer answer(Request request) throws IOException {
        List<String> parts = PathParts.of(request.getHttpURI().getPath());
        Optional<Route> open = routes.stream()
                .filter(route -> route.scope().isEmpty()
                        && route.method().equals(request.getMethod())
                        && route.match(parts).isPresent())
                .findFirst();
        if (open.isPresent()) {
            return answer(request, open.get(), Map.of());
        }
        Set<ApiScope> held = tokens.scopes(request.getHeaders().get(HttpHeader.AUTHORIZATION));
        if (held.isEmpty()) {
            LOG.debug("request without a valid token from={}", Request.getRemoteAddr(request));
            return Answer.problem(problem(
                            401,
                            new UnauthorisedException(
                                    "no valid token was sent",
                                    "send 'Authorization: Bearer TOKEN' with one of 'serve.tokens'")))
                    .with("WWW-Authenticate", "Bearer");
        }
        List<Route> there =
                routes.stream().filter(route -> route.match(parts).isPresent()).toList();
        if (there.isEmpty()) {
            return refused(404, new NotFoundException("there is no such call", "see /v1/openapi.yaml"));
        }
        Optional<Route> route = there.stream()
                .filter(one -> one.method().equals(request.getMethod()))
                .findFirst();
        if (route.isEmpty()) {
            String allowed = there.stream().map(Route::method).sorted().collect(Collectors.joining(", "));
            return Answer.problem(
                            problem(405, new UsageException("this call takes " + allowed, "see /v1/openapi.yaml")))
                    .with("Allow", allowed);
        }
        ApiScope wanted = route.get().scope().orElseThrow();
        if (held.stream().noneMatch(scope -> scope.allows(wanted))) {
            return refused(
                    403,
                    new UnauthorisedException(
                            "the token sent is not of scope '" + wanted.text() + "'",
                            "use one of scope " + wanted.text()));
        }
        return answer(request, route.get(), route.get().match(parts).orElseThrow());
    }

    private static Answer answer(Request request, Route route, Map<String, String> path) throws IOException {
        Map<String, String> query = query(request, route);
        Optional<byte[]> body = body(request, route);
        if (body.isEmpty()) {
            return Answer.problem(problem(
                    413, new UsageException("the body is above " + LARGEST_BODY + " bytes", "see /v1/openapi.yaml")));
        }
        return route.action()
                .apply(new Call(
                        path, query, Optional.ofNullable(request.getHeaders().get("Idempotency-Key")), body.get()));
    }

    /** What only this service can have refused. */
    private Answer refused(int status, HindsightException failure) {
        metrics.error("api", failure);
        return Answer.problem(problem(status, failure));
    }

    private static Problem problem(int status, HindsightException failure) {
        Problem of = Problem.of(failure);
        return new Problem(of.type(), status, of.message(), of.hint(), of.retryable(), of.before(), of.after());
    }

    private static Map<String, String> query(Request request, Route route) {
        Map<String, String> query = new HashMap<>();
        Fields fields = fields(request);
        for (String name : fields.getNames()) {
            if (!route.query().contains(name)) {
                throw new UsageException(
                        "this call knows no query parameter '" + name + "'",
                        route.query().isEmpty() ? "leave it out" : "it knows " + route.query());
            }
            query.put(name, fields.getValue(name));
        }
        return query;
    }

    private static Fields fields(Request request) {
        try {
            return Request.extractQueryParameters(request);
        } catch (IllegalArgumentException | IllegalStateException | HttpException.RuntimeException e) {
            throw new UsageException("the query is not percent-encoded correctly", "encode it as UTF-8", e);
        }
    }

    /** Empty: it is too large. Nobody without a token, and no GET, can make a thread wait for one that does not come. */
    private static Optional<byte[]> body(Request request, Route route) throws IOException {
        if (route.scope().isPresent() && request.getLength() > LARGEST_BODY) {
            return Optional.empty();
        }
        if (route.scope().isEmpty() || route.method().equals("GET")) {
            return Optional.of(new byte[0]);
        }
        try (InputStream in = Content.Source.asInputStream(request)) {
            // Into a buffer: the other readNBytes asks for no more bytes in the end, and Jetty's stream waits for some.
            byte[] bytes = new byte[LARGEST_BODY + 1];
            int length = in.readNBytes(bytes, 0, bytes.length);
            return length > LARGEST_BODY ? Optional.empty() : Optional.of(Arrays.copyOf(bytes, length));
        }
    }

    private static void write(Response response, Callback callback, Answer answer) {
        response.setStatus(answer.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.type());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        response.write(true, ByteBuffer.wrap(answer.body()), Callback.from(callback, answer.over()));
    }
}
