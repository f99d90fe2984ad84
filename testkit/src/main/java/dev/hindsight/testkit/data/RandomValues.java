package dev.hindsight.testkit.data;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.data.CqlDuration;
import com.datastax.oss.driver.api.core.data.CqlVector;
import com.datastax.oss.driver.api.core.data.TupleValue;
import com.datastax.oss.driver.api.core.data.UdtValue;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.ListType;
import com.datastax.oss.driver.api.core.type.MapType;
import com.datastax.oss.driver.api.core.type.SetType;
import com.datastax.oss.driver.api.core.type.TupleType;
import com.datastax.oss.driver.api.core.type.UserDefinedType;
import com.datastax.oss.driver.api.core.type.VectorType;
import com.datastax.oss.driver.api.core.type.codec.TypeCodec;
import com.datastax.oss.protocol.internal.ProtocolConstants;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Random values of any CQL type, extremes and empty ones more often than chance would have them. One thread. */
final class RandomValues {
    private static final Set<Integer> MAY_BE_EMPTY = Set.of(
            ProtocolConstants.DataType.BIGINT,
            ProtocolConstants.DataType.BOOLEAN,
            ProtocolConstants.DataType.DECIMAL,
            ProtocolConstants.DataType.DOUBLE,
            ProtocolConstants.DataType.FLOAT,
            ProtocolConstants.DataType.INT,
            ProtocolConstants.DataType.TIMESTAMP,
            ProtocolConstants.DataType.UUID,
            ProtocolConstants.DataType.VARINT);
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "A",
            "'",
            "\"",
            "\\",
            "\n\t",
            "\u0000",
            "\u00e9",
            "\u65e5\u672c\u8a9e",
            "\ud83d\ude00",
            "null",
            "; DROP",
            "%s{}");

    private final CqlSession session;

    RandomValues(CqlSession session) {
        this.session = session;
    }

    /** The bytes of a value for an ordinary column, sometimes the empty value that old clients could write. */
    ByteBuffer cell(DataType type, Random random) {
        if (MAY_BE_EMPTY.contains(type.getProtocolCode()) && random.nextInt(40) == 0) {
            return ByteBuffer.allocate(0);
        }
        return bytes(type, random);
    }

    /** The bytes of a value that is not empty unless the type is text or blob. */
    ByteBuffer bytes(DataType type, Random random) {
        return encode(type, value(type, random));
    }

    /** A partition key's only component must not be empty. */
    ByteBuffer keyBytes(DataType type, Random random) {
        ByteBuffer bytes = bytes(type, random);
        while (!bytes.hasRemaining()) {
            bytes = bytes(type, random);
        }
        return bytes;
    }

    ByteBuffer encode(DataType type, Object value) {
        TypeCodec<Object> codec = session.getContext().getCodecRegistry().codecFor(type);
        return Objects.requireNonNull(codec.encode(value, session.getContext().getProtocolVersion()));
    }

    private Object value(DataType type, Random random) {
        return switch (type.getProtocolCode()) {
            case ProtocolConstants.DataType.ASCII -> random.nextInt(6) == 0 ? "" : "ascii-" + random.nextInt(500);
            case ProtocolConstants.DataType.VARCHAR -> text(random);
            case ProtocolConstants.DataType.BIGINT, ProtocolConstants.DataType.COUNTER ->
                extreme(random, random.nextLong(), Long.MIN_VALUE, Long.MAX_VALUE, 0L);
            case ProtocolConstants.DataType.BLOB -> blob(random, random.nextInt(5) == 0 ? 0 : random.nextInt(200));
            case ProtocolConstants.DataType.BOOLEAN -> random.nextBoolean();
            case ProtocolConstants.DataType.DATE -> LocalDate.ofEpochDay(random.nextInt(200_000) - 100_000);
            case ProtocolConstants.DataType.DECIMAL -> new BigDecimal(integer(random), random.nextInt(60) - 30);
            case ProtocolConstants.DataType.DOUBLE ->
                extreme(random, random.nextGaussian() * 1e6, -0.0d, Double.MAX_VALUE, Double.NEGATIVE_INFINITY);
            case ProtocolConstants.DataType.DURATION ->
                CqlDuration.newInstance(random.nextInt(40), random.nextInt(400), random.nextInt(1_000_000_000) * 1000L);
            case ProtocolConstants.DataType.FLOAT ->
                extreme(random, random.nextFloat(), -0.0f, Float.MIN_VALUE, Float.POSITIVE_INFINITY);
            case ProtocolConstants.DataType.INET -> address(random);
            case ProtocolConstants.DataType.INT ->
                extreme(random, random.nextInt(), Integer.MIN_VALUE, Integer.MAX_VALUE, 0);
            case ProtocolConstants.DataType.SMALLINT -> (short) random.nextInt();
            case ProtocolConstants.DataType.TIME ->
                LocalTime.ofNanoOfDay(random.nextInt(86_400) * 1_000_000_000L + random.nextInt(1_000_000_000));
            case ProtocolConstants.DataType.TIMESTAMP ->
                Instant.ofEpochMilli(extreme(random, random.nextInt() * 1000L, 0L, -1L, 4_102_444_800_000L));
            case ProtocolConstants.DataType.TIMEUUID -> timeUuid(random);
            case ProtocolConstants.DataType.TINYINT -> (byte) random.nextInt();
            case ProtocolConstants.DataType.UUID ->
                new UUID(random.nextLong() & ~0xf000L | 0x4000L, random.nextLong() >>> 2 | 0x8000000000000000L);
            case ProtocolConstants.DataType.VARINT -> integer(random);
            default -> composed(type, random);
        };
    }

    private Object composed(DataType type, Random random) {
        int size = random.nextInt(4);
        if (type instanceof ListType list) {
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                values.add(value(list.getElementType(), random));
            }
            return values;
        }
        if (type instanceof SetType set) {
            Set<Object> values = new LinkedHashSet<>();
            for (int i = 0; i < size; i++) {
                values.add(value(set.getElementType(), random));
            }
            return values;
        }
        if (type instanceof MapType map) {
            Map<Object, Object> values = new LinkedHashMap<>();
            for (int i = 0; i < size; i++) {
                values.put(value(map.getKeyType(), random), value(map.getValueType(), random));
            }
            return values;
        }
        if (type instanceof VectorType vector) {
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < vector.getDimensions(); i++) {
                values.add(finite(value(vector.getElementType(), random)));
            }
            return CqlVector.newInstance(values);
        }
        if (type instanceof UserDefinedType user) {
            UdtValue value = user.newValue();
            for (int i = 0; i < user.getFieldTypes().size(); i++) {
                value = value.setBytesUnsafe(i, part(user.getFieldTypes().get(i), random));
            }
            return value;
        }
        if (type instanceof TupleType tuple) {
            TupleValue value = tuple.newValue();
            for (int i = 0; i < tuple.getComponentTypes().size(); i++) {
                value = value.setBytesUnsafe(i, part(tuple.getComponentTypes().get(i), random));
            }
            return value;
        }
        throw new IllegalArgumentException("no random values of type " + type);
    }

    private @Nullable ByteBuffer part(DataType type, Random random) {
        return random.nextInt(6) == 0 ? null : bytes(type, random);
    }

    // Indexes on vectors refuse infinite components.
    private static Object finite(Object value) {
        return value instanceof Float number && (number.isInfinite() || number == 0f) ? (Object) 0.5f : value;
    }

    @SafeVarargs
    private static <T> T extreme(Random random, T ordinary, T... extremes) {
        return random.nextInt(5) == 0 ? extremes[random.nextInt(extremes.length)] : ordinary;
    }

    private static String text(Random random) {
        if (random.nextInt(3) == 0) {
            return TEXTS.get(random.nextInt(TEXTS.size()));
        }
        StringBuilder out = new StringBuilder();
        int length = random.nextInt(60);
        for (int i = 0; i < length; i++) {
            out.append((char) ('a' + random.nextInt(26)));
        }
        return out.toString();
    }

    static ByteBuffer blob(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static BigInteger integer(Random random) {
        return extreme(random, new BigInteger(random.nextInt(150) + 1, random), BigInteger.ZERO, BigInteger.ONE)
                .multiply(random.nextBoolean() ? BigInteger.ONE : BigInteger.ONE.negate());
    }

    private static InetAddress address(Random random) {
        byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static UUID timeUuid(Random random) {
        long time = 0x01ed_0000_0000_0000L + random.nextInt(1_000_000);
        long most = time << 32 | (time & 0xffff_0000_0000L) >>> 16 | 0x1000L | (time >>> 48) & 0xfffL;
        return new UUID(most, random.nextLong() >>> 2 | 0x8000000000000000L);
    }
}
