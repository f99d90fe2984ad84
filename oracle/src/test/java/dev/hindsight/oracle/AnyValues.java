package dev.hindsight.oracle;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.cassandra.cql3.Duration;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.AsciiType;
import org.apache.cassandra.db.marshal.BooleanType;
import org.apache.cassandra.db.marshal.ByteType;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.marshal.DecimalType;
import org.apache.cassandra.db.marshal.DoubleType;
import org.apache.cassandra.db.marshal.DurationType;
import org.apache.cassandra.db.marshal.EmptyType;
import org.apache.cassandra.db.marshal.FloatType;
import org.apache.cassandra.db.marshal.InetAddressType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.IntegerType;
import org.apache.cassandra.db.marshal.ListType;
import org.apache.cassandra.db.marshal.LongType;
import org.apache.cassandra.db.marshal.MapType;
import org.apache.cassandra.db.marshal.SetType;
import org.apache.cassandra.db.marshal.ShortType;
import org.apache.cassandra.db.marshal.SimpleDateType;
import org.apache.cassandra.db.marshal.TimeType;
import org.apache.cassandra.db.marshal.TimeUUIDType;
import org.apache.cassandra.db.marshal.TimestampType;
import org.apache.cassandra.db.marshal.TupleType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.marshal.UUIDType;
import org.apache.cassandra.db.marshal.VectorType;
import org.apache.cassandra.serializers.CollectionSerializer;

/** Seeded values of every type that CQL has, the odd ones (empty, extreme, null fields) often among them. */
final class AnyValues {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    private static final String[] TEXTS = {"", "a", "ab", "\u00fcn\u00ef\u2603", "it's", "\u0000", "\uD83D\uDE00", "b"};
    private static final long[] LONGS = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32, 255, -256};
    private static final double[] DOUBLES = {
        0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, 1.5
    };

    private AnyValues() {}

    /** A value as CQL would let a client bind it, empty where the type allows that. */
    static ByteBuffer value(AbstractType<?> any, Random random) {
        AbstractType<?> type = any.unwrap();
        if (type.allowsEmpty() && random.nextInt(12) == 0) {
            return EMPTY.duplicate();
        }
        return full(type, random);
    }

    /** Not empty, but for types that have only the empty value. */
    static ByteBuffer full(AbstractType<?> any, Random random) {
        AbstractType<?> type = any.unwrap();
        if (type instanceof EmptyType) {
            return EMPTY.duplicate();
        }
        ByteBuffer number = number(type, random);
        if (number != null) {
            return number;
        }
        ByteBuffer text = text(type, random);
        return text != null ? text : composed(type, random);
    }

    private static @org.jspecify.annotations.Nullable ByteBuffer number(AbstractType<?> type, Random random) {
        long number = random.nextInt(4) == 0 ? LONGS[random.nextInt(LONGS.length)] : random.nextInt(2000) - 1000;
        if (type instanceof Int32Type) {
            return Int32Type.instance.decompose((int) number);
        }
        if (type instanceof SimpleDateType) {
            return Int32Type.instance.decompose((int) (number ^ Integer.MIN_VALUE));
        }
        if (type instanceof LongType || type instanceof TimestampType) {
            return LongType.instance.decompose(number);
        }
        if (type instanceof TimeType) {
            return LongType.instance.decompose(Math.floorMod(number * 86_399_999L, 86_400_000_000_000L));
        }
        if (type instanceof ShortType) {
            return ShortType.instance.decompose((short) number);
        }
        if (type instanceof ByteType) {
            return ByteType.instance.decompose((byte) number);
        }
        if (type instanceof BooleanType) {
            return BooleanType.instance.decompose(random.nextBoolean());
        }
        double fraction = random.nextInt(4) == 0 ? DOUBLES[random.nextInt(DOUBLES.length)] : random.nextGaussian();
        if (type instanceof DoubleType) {
            return DoubleType.instance.decompose(fraction);
        }
        if (type instanceof FloatType) {
            return FloatType.instance.decompose((float) fraction);
        }
        if (type instanceof IntegerType) {
            return IntegerType.instance.decompose(integer(random));
        }
        if (type instanceof DecimalType) {
            return DecimalType.instance.decompose(new BigDecimal(integer(random), random.nextInt(20) - 10));
        }
        return null;
    }

    private static BigInteger integer(Random random) {
        BigInteger out = new BigInteger(random.nextInt(140), random);
        return random.nextBoolean() ? out : out.negate();
    }

    private static @org.jspecify.annotations.Nullable ByteBuffer text(AbstractType<?> type, Random random) {
        if (type instanceof UTF8Type) {
            return UTF8Type.instance.decompose(
                    random.nextInt(4) == 0
                            ? TEXTS[1 + random.nextInt(TEXTS.length - 1)]
                            : "t" + Long.toString(random.nextInt(1 << random.nextInt(20)), 36));
        }
        if (type instanceof AsciiType) {
            return AsciiType.instance.decompose("a" + random.nextInt(1 << random.nextInt(16)));
        }
        if (type instanceof BytesType) {
            byte[] bytes = new byte[1 + random.nextInt(random.nextInt(8) == 0 ? 300 : 12)];
            random.nextBytes(bytes);
            return ByteBuffer.wrap(bytes);
        }
        if (type instanceof InetAddressType) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            return ByteBuffer.wrap(bytes);
        }
        if (type instanceof TimeUUIDType) {
            long time = random.nextInt(3) == 0 ? random.nextInt(5) : random.nextLong();
            return UUIDType.instance.decompose(
                    new UUID(time & ~0xF000L | 0x1000L, random.nextLong() >>> 2 | 0x8000000000000000L));
        }
        if (type instanceof UUIDType) {
            long version = random.nextBoolean() ? 0x1000L : 0x4000L;
            return UUIDType.instance.decompose(
                    new UUID(random.nextLong() & ~0xF000L | version, random.nextLong() >>> 2 | 0x8000000000000000L));
        }
        return null;
    }

    private static ByteBuffer composed(AbstractType<?> type, Random random) {
        if (type instanceof DurationType) {
            int sign = random.nextBoolean() ? 1 : -1;
            return DurationType.instance.decompose(Duration.newInstance(
                    sign * random.nextInt(40),
                    sign * random.nextInt(40),
                    sign * (long) random.nextInt(Integer.MAX_VALUE)));
        }
        if (type instanceof VectorType<?> vector) {
            List<ByteBuffer> elements = new ArrayList<>();
            for (int i = 0; i < vector.dimension; i++) {
                elements.add(full(vector.elementType, random));
            }
            return vector.decomposeRaw(elements);
        }
        if (type instanceof TupleType tuple) {
            int size = random.nextInt(5) == 0 ? 1 + random.nextInt(tuple.size()) : tuple.size();
            ByteBuffer[] fields = new ByteBuffer[size];
            for (int i = 0; i < size; i++) {
                fields[i] = random.nextInt(6) == 0 ? null : value(tuple.type(i), random);
            }
            return TupleType.buildValue(fields);
        }
        if (type instanceof ListType<?> list) {
            List<ByteBuffer> elements = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                elements.add(value(list.getElementsType(), random));
            }
            return CollectionSerializer.pack(elements, elements.size());
        }
        if (type instanceof SetType<?> set) {
            TreeSet<ByteBuffer> elements = new TreeSet<>(set.getElementsType());
            for (int i = random.nextInt(4); i > 0; i--) {
                elements.add(value(set.getElementsType(), random));
            }
            return CollectionSerializer.pack(elements, elements.size());
        }
        if (type instanceof MapType<?, ?> map) {
            TreeSet<ByteBuffer> keys = new TreeSet<>(map.getKeysType());
            for (int i = random.nextInt(4); i > 0; i--) {
                keys.add(value(map.getKeysType(), random));
            }
            List<ByteBuffer> pairs = new ArrayList<>();
            for (ByteBuffer key : keys) {
                pairs.add(key);
                pairs.add(value(map.getValuesType(), random));
            }
            return CollectionSerializer.pack(pairs, keys.size());
        }
        throw new IllegalArgumentException("no values of " + type);
    }
}
