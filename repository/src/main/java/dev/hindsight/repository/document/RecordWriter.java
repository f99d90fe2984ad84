package dev.hindsight.repository.document;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.hindsight.model.ring.TokenRange;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Writes a record as a JSON object: fields in record order, maps by key, an empty optional left out. */
final class RecordWriter {
    private RecordWriter() {}

    static void write(JsonGenerator out, Record document) throws IOException {
        RecordShape shape = RecordShape.of(document.getClass());
        out.writeStartObject();
        for (RecordShape.Field field : shape.fields()) {
            Object value = shape.valueOf(field, document);
            if (value instanceof Optional<?> optional) {
                if (optional.isEmpty()) {
                    continue;
                }
                value = optional.get();
            }
            out.writeFieldName(field.name());
            writeValue(out, value, field.token());
        }
        out.writeEndObject();
    }

    private static void writeValue(JsonGenerator out, Object value, boolean token) throws IOException {
        if (value instanceof String
                || value instanceof UUID
                || value instanceof TokenRange
                || value instanceof Instant) {
            out.writeString(value.toString());
        } else if (value instanceof Enum<?> constant) {
            out.writeString(constant.name());
        } else if (value instanceof Long number && token) {
            out.writeString(number.toString());
        } else if (value instanceof Long number) {
            out.writeNumber(number.longValue());
        } else if (value instanceof Integer number) {
            out.writeNumber(number.intValue());
        } else if (value instanceof Boolean flag) {
            out.writeBoolean(flag);
        } else if (value instanceof List<?> list) {
            out.writeStartArray();
            for (Object element : list) {
                writeValue(out, element, token);
            }
            out.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            out.writeStartObject();
            for (Map.Entry<?, ?> entry : new TreeMap<>(map).entrySet()) {
                out.writeStringField((String) entry.getKey(), (String) entry.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof Record nested) {
            write(out, nested);
        } else {
            throw new IllegalStateException("no stored form for " + value.getClass());
        }
    }
}
