package dev.hindsight.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.server.job.Job;
import dev.hindsight.server.job.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What goes back.
 *
 * @param headers besides the content's type and length
 */
record Answer(int status, String type, byte[] body, Map<String, String> headers) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Answer json(int status, JsonNode document) {
        return new Answer(status, "application/json", bytes(document), Map.of());
    }

    static Answer text(String type, String text) {
        return new Answer(200, type, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    static Answer problem(Problem problem) {
        return new Answer(problem.status(), "application/problem+json", bytes(problem.toJson()), Map.of());
    }

    /** 202 while it is not over, with where to follow it. */
    static Answer job(Job job) {
        return new Answer(
                job.state().over() ? 200 : 202,
                "application/json",
                bytes(job.toJson()),
                Map.of("Location", "/v1/jobs/" + job.id()));
    }

    Answer with(String name, String value) {
        return new Answer(status, type, body, Map.of(name, value));
    }

    private static byte[] bytes(JsonNode document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain nodes cannot be written", e);
        }
    }
}
