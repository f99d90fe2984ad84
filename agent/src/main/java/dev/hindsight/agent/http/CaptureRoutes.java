package dev.hindsight.agent.http;

import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.AgentScope;
import dev.hindsight.agent.api.CaptureRequest;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.WireNames;
import dev.hindsight.agent.capture.Capture;
import dev.hindsight.agent.http.Routes.Route;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UsageException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The calls about the capture of the commit log. */
final class CaptureRoutes {
    private final GuardedNode node;
    private final Optional<Capture> capture;

    CaptureRoutes(GuardedNode node, Optional<Capture> capture) {
        this.node = node;
        this.capture = capture;
    }

    Optional<Route> find(String method) {
        return switch (method) {
            case "GET" ->
                Optional.of(new Route(AgentScope.READ, (request, response) -> Answers.json(response, 200, status())));
            case "PUT" ->
                Optional.of(new Route(AgentScope.ADMIN, (request, response) -> {
                    CaptureRequest wanted = Routes.document(request, CaptureRequest.class, "capture fewer keyspaces");
                    want(wanted.keyspaces());
                    Answers.json(response, 200, status());
                }));
            case "DELETE" ->
                Optional.of(new Route(AgentScope.ADMIN, (request, response) -> {
                    // Where nothing is configured, nothing is captured.
                    capture.ifPresent(one -> one.want(Set.of()));
                    Answers.json(response, 200, status());
                }));
            default -> Optional.empty();
        };
    }

    private void want(Set<String> keyspaces) {
        Capture configured = capture.orElseThrow(() -> new PreconditionFailedException(
                "this agent does not capture its node's commit log",
                "add the section 'capture' to its agent.yaml, with the repository, and start it again"));
        keyspaces.forEach(WireNames::keyspace);
        if (keyspaces.isEmpty()) {
            throw new UsageException("no keyspace is named", "name at least one, or stop the capture");
        }
        configured.want(keyspaces);
    }

    private CaptureStatus status() {
        return capture.map(Capture::status)
                .orElseGet(() -> new CaptureStatus(
                        CaptureStatus.State.NOT_CONFIGURED,
                        node.hostId().orElse(AgentInfo.NEVER_SEEN),
                        Set.of(),
                        Set.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        -1,
                        0,
                        0,
                        0,
                        0,
                        List.of(),
                        Optional.empty()));
    }
}
