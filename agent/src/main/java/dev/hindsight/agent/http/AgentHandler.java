package dev.hindsight.agent.http;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.api.ErrorDocument;
import dev.hindsight.agent.capture.Capture;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.receive.Imports;
import dev.hindsight.agent.snapshot.Snapshots;
import dev.hindsight.agent.stream.StreamGate;
import dev.hindsight.agent.stream.Throttle;
import dev.hindsight.http.BearerTokens;
import dev.hindsight.http.HttpListener;
import dev.hindsight.http.PathParts;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UnauthorisedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every request: token, route, scope, call, answer. Nothing of the path is looked at before the token is known, so that
 * without one all paths look alike.
 */
public final class AgentHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(AgentHandler.class);
    private static final int THREADS_BESIDE_STREAMS = 16;

    private final BearerTokens<AgentScope> tokens;
    private final Routes routes;

    AgentHandler(BearerTokens<AgentScope> tokens, Routes routes) {
        this.tokens = tokens;
        this.routes = routes;
    }

    /** A listener, not started, that answers an agent's calls. */
    public static HttpListener listener(
            AgentConfig config,
            GuardedNode node,
            Snapshots snapshots,
            Imports imports,
            Optional<Capture> capture,
            Throttle throttle,
            Duration idle) {
        StreamGate gate = new StreamGate(config.limits().streams());
        return new HttpListener(
                config.listen(),
                "'listen' of agent.yaml",
                config.limits().streams() + THREADS_BESIDE_STREAMS,
                idle,
                new AgentHandler(
                        new BearerTokens<>(config.tokens()),
                        new Routes(node, config, snapshots, imports, capture, throttle, gate)),
                AgentHandler::refused);
    }

    /** What Jetty does not let through to the calls. */
    private static boolean refused(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        try {
            Answers.json(
                    response,
                    status,
                    new ErrorDocument(
                            status < 500 ? "Usage" : "NotApplied",
                            "the request was refused with status " + status,
                            "use a client of this agent's version"));
            callback.succeeded();
        } catch (IOException e) {
            callback.failed(e);
        }
        return true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        try {
            answer(request, response);
            callback.succeeded();
        } catch (HindsightException e) {
            refuse(request, response, callback, e);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("request failed method={} cause={}", request.getMethod(), e.toString());
            refuse(
                    request,
                    response,
                    callback,
                    new NotAppliedException(
                            "the agent met an I/O error: " + e, "see the agent's log and the node's disks", e));
        } catch (RuntimeException e) {
            LOG.error("request failed method={}", request.getMethod(), e);
            refuse(
                    request,
                    response,
                    callback,
                    new NotAppliedException("the agent failed: " + e, "see the agent's log", e));
        }
        return true;
    }

    private void answer(Request request, Response response) throws IOException {
        Set<AgentScope> held = tokens.scopes(request.getHeaders().get(HttpHeader.AUTHORIZATION));
        if (held.isEmpty()) {
            LOG.debug("request without a valid token from={}", Request.getRemoteAddr(request));
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
            Answers.json(
                    response,
                    401,
                    ErrorDocument.of(new UnauthorisedException(
                            "no valid token was sent", "use a token of this agent's agent.yaml")));
            return;
        }
        Optional<Routes.Route> route = routes.find(
                request.getMethod(), PathParts.of(request.getHttpURI().getPath()));
        if (route.isEmpty()) {
            throw new NotFoundException("there is no such call", "use a client of this agent's version");
        }
        AgentScope wanted = route.get().scope();
        if (held.stream().noneMatch(scope -> scope.allows(wanted))) {
            throw new UnauthorisedException(
                    "the token sent is not of scope '" + wanted.text() + "'",
                    "use the agent's " + wanted.text() + " token");
        }
        route.get().action().run(request, response);
    }

    /** An answer that has begun cannot be taken back: the connection is broken instead. */
    private static void refuse(Request request, Response response, Callback callback, HindsightException failure) {
        if (response.isCommitted()) {
            LOG.info("answer cut off method={} cause={}", request.getMethod(), failure.getMessage());
            callback.failed(failure);
            return;
        }
        try {
            response.reset();
            Answers.failure(response, failure);
            callback.succeeded();
        } catch (IOException e) {
            callback.failed(e);
        }
    }
}
