package dev.hindsight.agent.http;

import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.failure.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every request: token, route, scope, call, answer. Nothing of the path is looked at before the token is known, so that
 * without one all paths look alike.
 */
final class AgentHandler extends Handler.Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(AgentHandler.class);

    private final TokenCheck tokens;
    private final Routes routes;

    AgentHandler(TokenCheck tokens, Routes routes) {
        this.tokens = tokens;
        this.routes = routes;
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
                    dev.hindsight.agent.api.ErrorDocument.of(new UnauthorisedException(
                            "no valid token was sent", "use a token of this agent's agent.yaml")));
            return;
        }
        Optional<Routes.Route> route =
                routes.find(request.getMethod(), parts(request.getHttpURI().getPath()));
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

    /** Decoded segments of the raw path; a decoded slash stays inside its segment, where the name check refuses it. */
    private static List<String> parts(@Nullable String rawPath) {
        List<String> out = new ArrayList<>();
        if (rawPath == null || !rawPath.startsWith("/")) {
            return out;
        }
        for (String segment : rawPath.substring(1).split("/", -1)) {
            out.add(decoded(segment));
        }
        return out;
    }

    private static String decoded(String segment) {
        byte[] bytes = segment.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[bytes.length];
        int n = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                out[n++] = bytes[i];
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new UsageException("a path part is not percent-encoded correctly", "encode it as UTF-8");
            }
            out[n++] = (byte) (high << 4 | low);
            i += 2;
        }
        return new String(out, 0, n, StandardCharsets.UTF_8);
    }
}
