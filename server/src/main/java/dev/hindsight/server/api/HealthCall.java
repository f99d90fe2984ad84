package dev.hindsight.server.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.hindsight.model.failure.NotAppliedException;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code GET /v1/health}: ready, or why not. */
public final class HealthCall {
    private final Supplier<Optional<String>> problem;

    /** @param problem why the service is not ready; empty when it is. Tells nothing that a stranger must not know */
    public HealthCall(Supplier<Optional<String>> problem) {
        this.problem = problem;
    }

    Answer health(Call call) {
        Optional<String> why = problem.get();
        if (why.isPresent()) {
            throw new NotAppliedException("not ready: " + why.get(), "see the service's log");
        }
        return Answer.json(200, JsonNodeFactory.instance.objectNode().put("status", "ready"));
    }
}
