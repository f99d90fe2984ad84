package dev.hindsight.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The one JSON document of a {@code --json} run. Every document begins with {@code type}, {@code schema} and {@code
 * exitCode}; fields are only ever added within a schema version.
 *
 * <p>Records become objects by their components, names as they are. Table names become {@code ks.table}, token ranges
 * {@code (start,end]}, instants ISO-8601 in UTC, durations seconds, enums lower case, empty optionals null.
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
        return render("error", exitCode, fields);
    }

    private static String render(String type, int exitCode, Map<String, Object> fields) {
        ObjectNode out = NODES.objectNode();
        out.put("type", type);
        out.put("schema", SCHEMA);
        out.put("exitCode", exitCode);
        fields.forEach((name, value) -> out.set(name, node(value)));
        try {
            return MAPPER.writeValueAsString(out);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain nodes cannot be written", e);
        }
    }

    static JsonNode node(@Nullable Object value) {
        if (value == null) {
            return NODES.nullNode();
        }
        if (value instanceof Optional<?> optional) {
            return node(optional.orElse(null));
        }
        if (value instanceof OptionalInt number) {
            return number.isPresent() ? NODES.numberNode(number.getAsInt()) : NODES.nullNode();
        }
        if (value instanceof OptionalLong number) {
            return number.isPresent() ? NODES.numberNode(number.getAsLong()) : NODES.nullNode();
        }
        if (value instanceof Integer || value instanceof Long) {
            return NODES.numberNode(((Number) value).longValue());
        }
        if (value instanceof Double number) {
            return NODES.numberNode(BigDecimal.valueOf(number).setScale(3, RoundingMode.HALF_UP));
        }
        if (value instanceof java.time.Duration duration) {
            return NODES.numberNode(BigDecimal.valueOf(duration.toMillis(), 3));
        }
        if (value instanceof Boolean flag) {
            return NODES.booleanNode(flag);
        }
        if (value instanceof Enum<?> constant) {
            return NODES.textNode(constant.name().toLowerCase(Locale.ROOT));
        }
        if (value instanceof Map<?, ?> map) {
            ObjectNode out = NODES.objectNode();
            map.forEach((key, inner) -> out.set(String.valueOf(key), node(inner)));
            return out;
        }
        if (value instanceof Iterable<?> items && !(value instanceof java.nio.file.Path)) {
            ArrayNode out = NODES.arrayNode();
            items.forEach(item -> out.add(node(item)));
            return out;
        }
        if (value instanceof Record && !(value instanceof TableName) && !(value instanceof TokenRange)) {
            return node(fieldsOf((Record) value));
        }
        return NODES.textNode(value.toString());
    }

    /** A record's components by name, to be the fields of a document. */
    public static Map<String, Object> fieldsOf(Record value) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            try {
                out.put(component.getName(), component.getAccessor().invoke(value));
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException(
                        "cannot read " + component.getName() + " of "
                                + value.getClass().getName(),
                        e);
            }
        }
        return out;
    }
}
