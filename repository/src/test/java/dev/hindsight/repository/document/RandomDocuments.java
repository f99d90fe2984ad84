package dev.hindsight.repository.document;

import dev.hindsight.model.ring.TokenRange;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/** Documents with all fields at random, with a liking for the ends of every type and for nasty texts. */
final class RandomDocuments {
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "\"",
            "\\",
            "\n}\n",
            ",\n  \"seal\" : \"sha256:0\"\n}\n",
            "../../etc/passwd",
            "caf\u00e9 \u4e2d\u6587 \ud83d\ude00",
            "\u0000\u0001\u001f\u007f\u0085\u2028\ufeff",
            "it's; DROP TABLE x; --",
            "null",
            "</script>",
            "x".repeat(5000));
    private static final List<Long> LONGS = List.of(
            0L, 1L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 53, (1L << 53) + 1, (long) Integer.MAX_VALUE + 1);

    private final Random random;

    RandomDocuments(long seed) {
        this.random = new Random(seed);
    }

    Record next(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = value(components[i].getGenericType(), components[i].getName());
        }
        try {
            return (Record) type.getConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + ": " + e, e);
        }
    }

    private Object value(Type type, String name) {
        if (type instanceof ParameterizedType parameterized) {
            Type element = parameterized.getActualTypeArguments()[0];
            if (parameterized.getRawType() == Optional.class) {
                return random.nextBoolean() ? Optional.empty() : Optional.of(value(element, name));
            }
            return parameterized.getRawType() == Map.class ? map() : list(element, name);
        }
        if (name.equals("format")) {
            return 1;
        } else if (type == int.class || type == Integer.class) {
            return random.nextInt(3) == 0 ? Integer.MIN_VALUE : random.nextInt();
        } else if (type == long.class || type == Long.class) {
            return number(name.equals("sizeBytes"));
        } else if (type == boolean.class || type == Boolean.class) {
            return random.nextBoolean();
        } else if (type == String.class) {
            return text(List.of("key", "digest", "keyspace", "table").contains(name));
        } else if (type == UUID.class) {
            return new UUID(random.nextLong(), random.nextLong());
        } else if (type == Instant.class) {
            return Instant.ofEpochSecond(
                    random.nextInt() * 10L, random.nextBoolean() ? 0 : random.nextInt(1_000_000_000));
        } else if (type == TokenRange.class) {
            return range();
        }
        Class<?> raw = (Class<?>) type;
        return raw.isEnum() ? raw.getEnumConstants()[random.nextInt(raw.getEnumConstants().length)] : next(raw);
    }

    private List<Object> list(Type element, String name) {
        List<Object> out = new ArrayList<>();
        for (int left = random.nextInt(4); left > 0; left--) {
            out.add(value(element, name));
        }
        return out;
    }

    private Map<String, String> map() {
        Map<String, String> out = new TreeMap<>();
        for (int left = random.nextInt(4); left > 0; left--) {
            out.put(text(false), text(false));
        }
        return out;
    }

    private long number(boolean positive) {
        long any = random.nextBoolean() ? LONGS.get(random.nextInt(LONGS.size())) : random.nextLong();
        return positive ? any & Long.MAX_VALUE : any;
    }

    private String text(boolean nonEmpty) {
        String text = TEXTS.get(random.nextInt(TEXTS.size()));
        return nonEmpty ? "x" + text : text;
    }

    private TokenRange range() {
        long a = random.nextInt(4) == 0 ? Long.MIN_VALUE : random.nextLong();
        long b = random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextLong();
        return a == b ? TokenRange.FULL : new TokenRange(Math.min(a, b), Math.max(a, b));
    }
}
