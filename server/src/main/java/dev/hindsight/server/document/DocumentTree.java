package dev.hindsight.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Values as JSON. Records become objects by their components, names as they are. Table names become {@code ks.table}, token
 * ranges {@code (start,end]}, instants ISO-8601 in UTC, durations seconds, enums lower case, empty optionals null.
 */
public final class DocumentTree {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private DocumentTree() {}

    /** Any value that documents may hold; what is none of them is its text. */
    public static JsonNode of(@Nullable Object value) {
        if (value == null) {
            return NODES.nullNode();
        }
        if (value instanceof JsonNode tree) {
            return tree;
        }
        if (value instanceof Optional<?> optional) {
            return of(optional.orElse(null));
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
        if (value instanceof Duration duration) {
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
            map.forEach((key, inner) -> out.set(String.valueOf(key), of(inner)));
            return out;
        }
        if (value instanceof Iterable<?> items && !(value instanceof Path)) {
            ArrayNode out = NODES.arrayNode();
            items.forEach(item -> out.add(of(item)));
            return out;
        }
        if (value instanceof Record && !(value instanceof TableName) && !(value instanceof TokenRange)) {
            return of(fieldsOf((Record) value));
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
