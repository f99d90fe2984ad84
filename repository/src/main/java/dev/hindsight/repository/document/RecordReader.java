package dev.hindsight.repository.document;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRange;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads one document: what a record needs must be there, not null and of the right type; fields that it does not know
 * are passed over. Every failure names the object and the field. One document, one reader, one thread.
 */
final class RecordReader {
    /** Thrown and caught in here: what is wrong with the value at hand, without the field's path. */
    private static final class WrongValue extends Exception {
        private static final long serialVersionUID = 1L;

        WrongValue(String message) {
            super(message, null, false, false);
        }
    }

    private final JsonParser in;
    private final String object;

    RecordReader(JsonParser in, String object) {
        this.in = in;
        this.object = object;
    }

    /** The record at the parser's current {@code START_OBJECT}. */
    Object read(Class<?> type, String path) throws IOException {
        expect(JsonToken.START_OBJECT, path);
        RecordShape shape = RecordShape.of(type);
        @Nullable Object[] values = new @Nullable Object[shape.fields().size()];
        while (in.nextToken() != JsonToken.END_OBJECT) {
            int position = shape.positionOf(in.currentName());
            in.nextToken();
            if (position < 0) {
                in.skipChildren();
            } else {
                RecordShape.Field field = shape.fields().get(position);
                values[position] = readField(field, below(path, field.name()));
            }
        }
        Object[] complete = complete(shape, values, path);
        try {
            return shape.create(complete);
        } catch (IllegalArgumentException e) {
            throw corrupt(path, firstLine(e.getMessage()), e);
        }
    }

    private Object[] complete(RecordShape shape, @Nullable Object[] values, String path) {
        Object[] complete = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            RecordShape.Field field = shape.fields().get(i);
            Object value = values[i];
            if (value != null) {
                complete[i] = value;
            } else if (field.optional()) {
                complete[i] = Optional.empty();
            } else {
                throw corrupt(below(path, field.name()), "is missing", null);
            }
        }
        return complete;
    }

    private Object readField(RecordShape.Field field, String path) throws IOException {
        if (field.optional()) {
            return Optional.of(readValue(parameter(field.type(), 0), path, field.token()));
        }
        return readValue(field.type(), path, field.token());
    }

    private Object readValue(Type type, String path, boolean token) throws IOException {
        if (type instanceof ParameterizedType parameterized) {
            return parameterized.getRawType() == Map.class ? readMap(path) : readList(parameterized, path, token);
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isRecord() && raw != TokenRange.class) {
            return read(raw, path);
        }
        try {
            return readScalar(raw, token);
        } catch (WrongValue e) {
            throw corrupt(path, String.valueOf(e.getMessage()), null);
        } catch (JsonProcessingException | IllegalArgumentException | DateTimeException e) {
            throw corrupt(path, "is '" + shortened(in.getText()) + "': " + firstLine(e.getMessage()), e);
        }
    }

    private Object readScalar(Class<?> type, boolean token) throws IOException, WrongValue {
        if (type == String.class) {
            return text();
        } else if (type == UUID.class) {
            return uuid(text());
        } else if (type == Instant.class) {
            return instant(text());
        } else if (type == TokenRange.class) {
            return TokenRange.parse(text());
        } else if (type.isEnum()) {
            return constant(type, text());
        } else if ((type == long.class || type == Long.class) && token) {
            return Long.valueOf(text());
        } else if (type == long.class || type == Long.class) {
            return integer().getLongValue();
        } else if (type == int.class || type == Integer.class) {
            return integer().getIntValue();
        } else if (type == boolean.class || type == Boolean.class) {
            return flag();
        }
        throw new IllegalStateException("no stored form for " + type);
    }

    private List<Object> readList(ParameterizedType type, String path, boolean token) throws IOException {
        expect(JsonToken.START_ARRAY, path);
        List<Object> out = new ArrayList<>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            out.add(readValue(parameter(type, 0), path + "[" + out.size() + "]", token));
        }
        return out;
    }

    private Map<String, String> readMap(String path) throws IOException {
        expect(JsonToken.START_OBJECT, path);
        Map<String, String> out = new TreeMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String key = in.currentName();
            in.nextToken();
            out.put(key, (String) readValue(String.class, path + "[" + shortened(key) + "]", false));
        }
        return out;
    }

    private String text() throws IOException, WrongValue {
        requireToken(JsonToken.VALUE_STRING, "a text");
        return in.getText();
    }

    private JsonParser integer() throws IOException, WrongValue {
        requireToken(JsonToken.VALUE_NUMBER_INT, "a whole number");
        return in;
    }

    private Boolean flag() throws IOException, WrongValue {
        if (in.currentToken() == JsonToken.VALUE_FALSE) {
            return Boolean.FALSE;
        }
        requireToken(JsonToken.VALUE_TRUE, "true or false");
        return Boolean.TRUE;
    }

    private void requireToken(JsonToken token, String wanted) throws IOException, WrongValue {
        if (in.currentToken() != token) {
            throw new WrongValue("is " + describe() + ", expected " + wanted);
        }
    }

    private void expect(JsonToken token, String path) throws IOException {
        if (in.currentToken() != token) {
            String wanted = token == JsonToken.START_OBJECT ? "an object" : "a list";
            throw corrupt(path, "is " + describe() + ", expected " + wanted, null);
        }
    }

    private String describe() throws IOException {
        JsonToken token = in.currentToken();
        if (token == JsonToken.VALUE_STRING) {
            return "the text '" + shortened(in.getText()) + "'";
        }
        return token == null ? "cut off" : "'" + shortened(in.getText()) + "'";
    }

    private static UUID uuid(String text) throws WrongValue {
        UUID id = UUID.fromString(text);
        if (!id.toString().equalsIgnoreCase(text)) {
            throw new WrongValue("is '" + shortened(text) + "', expected a UUID");
        }
        return id;
    }

    private static Instant instant(String text) throws WrongValue {
        if (!text.endsWith("Z")) {
            throw new WrongValue("is '" + shortened(text) + "', expected an instant in UTC (...Z)");
        }
        return Instant.parse(text);
    }

    private static Object constant(Class<?> type, String text) throws WrongValue {
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(text)) {
                return constant;
            }
        }
        throw new WrongValue("is '" + shortened(text) + "', expected one of " + List.of(type.getEnumConstants()));
    }

    private CorruptException corrupt(String path, String what, @Nullable Exception cause) {
        String field = path.isEmpty() ? "the document" : "field " + path;
        return new CorruptException(
                "object " + object + ": " + field + " " + what,
                "run 'hindsight verify' to see all that is damaged",
                cause);
    }

    private static Type parameter(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    private static String below(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String shortened(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "..." : text;
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "not understood" : message.split("\n", 2)[0];
    }
}
