package dev.hindsight.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hindsight.server.document.DocumentTree;
import dev.hindsight.server.job.Job;
import dev.hindsight.server.job.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What goes back.
 *
 * @param headers besides the content's type and length
 * @param over runs once it was sent, or cannot be
 */
record Answer(int status, String type, byte[] body, Map<String, String> headers, Runnable over) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Runnable NOTHING = () -> {};

    static Answer json(int status, JsonNode document) {
        return new Answer(status, "application/json", bytes(document), Map.of(), NOTHING);
    }

    /** A record's fields; of its lists one item after the other is taken apart, so that it is not in memory several times. */
    static Answer document(Record value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (Map.Entry<String, Object> field : DocumentTree.fieldsOf(value).entrySet()) {
                json.writeFieldName(field.getKey());
                if (field.getValue() instanceof List<?> items) {
                    json.writeStartArray();
                    for (Object item : items) {
                        json.writeTree(DocumentTree.of(item));
                    }
                    json.writeEndArray();
                } else {
                    json.writeTree(DocumentTree.of(field.getValue()));
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("a tree of plain nodes cannot be written", e);
        }
        return new Answer(200, "application/json", out.toByteArray(), Map.of(), NOTHING);
    }

    static Answer text(String type, String text) {
        return new Answer(200, type, text.getBytes(StandardCharsets.UTF_8), Map.of(), NOTHING);
    }

    static Answer problem(Problem problem) {
        return new Answer(problem.status(), "application/problem+json", bytes(problem.toJson()), Map.of(), NOTHING);
    }

    /** 202 while it is not over, with where to follow it. */
    static Answer job(Job job) {
        return new Answer(
                job.state().over() ? 200 : 202,
                "application/json",
                bytes(job.toJson()),
                Map.of("Location", "/v1/jobs/" + job.id()),
                NOTHING);
    }

    Answer with(String name, String value) {
        return new Answer(status, type, body, Map.of(name, value), over);
    }

    Answer with(Runnable onceOver) {
        return new Answer(status, type, body, headers, onceOver);
    }

    private static byte[] bytes(JsonNode document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain nodes cannot be written", e);
        }
    }
}
