package dev.hindsight.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.server.document.DocumentTree;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one JSON document of a {@code --json} run. Every document begins with {@code type}, {@code schema} and {@code
 * exitCode}; fields are only ever added within a schema version.
 *
 * <p>Values become JSON as {@link DocumentTree} says.
 */
public final class JsonDocument {
    public static final int SCHEMA = 1;

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private JsonDocument() {}

    public static String of(Outcome outcome) {
        return render(outcome.type(), outcome.exitCode().code(), outcome.document());
    }

    /** The document of a verb that failed; it takes the place of the verb's own on stdout. */
    public static String of(Throwable error, String message, String hint, int exitCode) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("error", error.getClass().getSimpleName());
        fields.put("message", message);
        fields.put("hint", hint);
        fields.put("retryable", error instanceof HindsightException known && known.retryable());
        if (error instanceof TimeNotRestorableException time) {
            time.nearestBefore().ifPresent(at -> fields.put("nearestBefore", at));
            time.nearestAfter().ifPresent(at -> fields.put("nearestAfter", at));
        }
        return render("error", exitCode, fields);
    }

    private static String render(String type, int exitCode, Map<String, Object> fields) {
        ObjectNode out = NODES.objectNode();
        out.put("type", type);
        out.put("schema", SCHEMA);
        out.put("exitCode", exitCode);
        fields.forEach((name, value) -> out.set(name, DocumentTree.of(value)));
        try {
            return MAPPER.writeValueAsString(out);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain nodes cannot be written", e);
        }
    }
}
