package dev.hindsight.oracle;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.cassandra.cql3.FieldIdentifier;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.AsciiType;
import org.apache.cassandra.db.marshal.BooleanType;
import org.apache.cassandra.db.marshal.ByteArrayAccessor;
import org.apache.cassandra.db.marshal.ByteType;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.marshal.CompositeType;
import org.apache.cassandra.db.marshal.DateType;
import org.apache.cassandra.db.marshal.DecimalType;
import org.apache.cassandra.db.marshal.DoubleType;
import org.apache.cassandra.db.marshal.DurationType;
import org.apache.cassandra.db.marshal.EmptyType;
import org.apache.cassandra.db.marshal.FloatType;
import org.apache.cassandra.db.marshal.InetAddressType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.IntegerType;
import org.apache.cassandra.db.marshal.LexicalUUIDType;
import org.apache.cassandra.db.marshal.ListType;
import org.apache.cassandra.db.marshal.LongType;
import org.apache.cassandra.db.marshal.MapType;
import org.apache.cassandra.db.marshal.ReversedType;
import org.apache.cassandra.db.marshal.SetType;
import org.apache.cassandra.db.marshal.ShortType;
import org.apache.cassandra.db.marshal.SimpleDateType;
import org.apache.cassandra.db.marshal.TimeType;
import org.apache.cassandra.db.marshal.TimeUUIDType;
import org.apache.cassandra.db.marshal.TimestampType;
import org.apache.cassandra.db.marshal.TupleType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.db.marshal.UUIDType;
import org.apache.cassandra.db.marshal.UserType;
import org.apache.cassandra.db.marshal.VectorType;
import org.apache.cassandra.serializers.CollectionSerializer;
import org.jspecify.annotations.Nullable;

/** Types of Cassandra and valid values of them, with many that are nearly equal or at an edge. */
final class RandomTypes {
    static final List<AbstractType<?>> NATIVES = List.of(
            AsciiType.instance,
            BooleanType.instance,
            BytesType.instance,
            ByteType.instance,
            DateType.instance,
            DecimalType.instance,
            DoubleType.instance,
            DurationType.instance,
            FloatType.instance,
            InetAddressType.instance,
            Int32Type.instance,
            IntegerType.instance,
            LexicalUUIDType.instance,
            LongType.instance,
            ShortType.instance,
            SimpleDateType.instance,
            TimestampType.instance,
            TimeType.instance,
            TimeUUIDType.instance,
            UTF8Type.instance,
            UUIDType.instance,
            EmptyType.instance);

    private final Random random;

    RandomTypes(Random random) {
        this.random = random;
    }

    /** Any type of a column or of a partition key. */
    AbstractType<?> type() {
        switch (random.nextInt(6)) {
            case 0:
                return ReversedType.getInstance(inner(2));
            case 1:
                return CompositeType.getInstance(List.of(inner(1), inner(2), inner(0)));
            case 2:
                AbstractType<?> type = inner(3);
                return type.isFreezable() ? type.unfreeze() : type;
            default:
                return inner(3);
        }
    }

    /** Frozen. */
    AbstractType<?> inner(int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return NATIVES.get(random.nextInt(NATIVES.size() - 1));
        }
        switch (random.nextInt(6)) {
            case 0:
                return ListType.getInstance(inner(depth - 1), false);
            case 1:
                return SetType.getInstance(inner(depth - 1), false);
            case 2:
                return MapType.getInstance(inner(depth - 1), inner(depth - 1), false);
            case 3:
                return new TupleType(inners(depth));
            case 4:
                return VectorType.getInstance(inner(depth - 1), 1 + random.nextInt(4));
            default:
                List<AbstractType<?>> types = inners(depth);
                List<FieldIdentifier> names = new ArrayList<>();
                for (int i = 0; i < types.size(); i++) {
                    names.add(FieldIdentifier.forUnquoted("f" + i));
                }
                return new UserType("ks", ByteBuffer.wrap("Ü t".getBytes(StandardCharsets.UTF_8)), names, types, false);
        }
    }

    private List<AbstractType<?>> inners(int depth) {
        List<AbstractType<?>> types = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            types.add(inner(depth - 1));
        }
        return types;
    }

    byte[] value(AbstractType<?> type) {
        AbstractType<?> base = type.unwrap();
        if (base.allowsEmpty() && random.nextInt(20) == 0) {
            return new byte[0];
        }
        if (base instanceof CompositeType composite) {
            byte[][] parts = composite.types.stream().map(this::value).toArray(byte[][]::new);
            return CompositeType.build(ByteArrayAccessor.instance, parts);
        }
        if (base instanceof TupleType tuple) {
            return tuple(tuple);
        }
        if (base instanceof ListType<?> list) {
            return collection(list.getElementsType(), null);
        }
        if (base instanceof SetType<?> set) {
            return collection(set.getElementsType(), null);
        }
        if (base instanceof MapType<?, ?> map) {
            return collection(map.getKeysType(), map.getValuesType());
        }
        if (base instanceof VectorType<?> vector) {
            return vector(vector);
        }
        return plain(base);
    }

    private byte[] tuple(TupleType tuple) {
        int fields = random.nextInt(5) == 0 ? random.nextInt(tuple.size() + 1) : tuple.size();
        byte[][] parts = new byte[fields][];
        for (int i = 0; i < fields; i++) {
            parts[i] = random.nextInt(4) == 0 ? null : value(tuple.type(i));
        }
        return TupleType.buildValue(ByteArrayAccessor.instance, parts);
    }

    private byte[] collection(AbstractType<?> keys, @Nullable AbstractType<?> values) {
        List<byte[]> parts = new ArrayList<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            parts.add(value(keys));
            if (values != null) {
                parts.add(value(values));
            }
        }
        return CollectionSerializer.pack(parts, ByteArrayAccessor.instance, count);
    }

    private byte[] vector(VectorType<?> vector) {
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i < vector.dimension; i++) {
            byte[] part = value(vector.elementType);
            while (part.length == 0 && vector.elementType.isValueLengthFixed()) {
                part = value(vector.elementType);
            }
            parts.add(part);
        }
        // Cassandra refuses to make vectors of some null elements that it would read; so what it makes is by hand.
        ByteBuffer out = ByteBuffer.allocate(
                parts.stream().mapToInt(part -> part.length + 5).sum());
        for (byte[] part : parts) {
            if (!vector.elementType.isValueLengthFixed()) {
                org.apache.cassandra.utils.vint.VIntCoding.writeUnsignedVInt32(part.length, out);
            }
            out.put(part);
        }
        byte[] value = new byte[out.position()];
        out.flip().get(value);
        return value;
    }

    private byte[] plain(AbstractType<?> type) {
        if (type == EmptyType.instance) {
            return new byte[0];
        }
        if (type == TimeUUIDType.instance) {
            byte[] uuid = bytes(16);
            uuid[6] = (byte) (0x10 | uuid[6] & 0xf);
            return uuid;
        }
        if (type == UUIDType.instance) {
            byte[] uuid = bytes(16);
            int[] versions = {1, 4, 7, 0, 15};
            uuid[6] = (byte) (versions[random.nextInt(versions.length)] << 4 | uuid[6] & 0xf);
            return uuid;
        }
        if (type == DoubleType.instance) {
            return ByteBuffer.allocate(8).putLong(doubleBits()).array();
        }
        if (type == FloatType.instance) {
            return ByteBuffer.allocate(4).putInt(floatBits()).array();
        }
        if (type == DecimalType.instance) {
            BigDecimal value = new BigDecimal(new BigInteger(number()), random.nextInt(9) - 4);
            return bytes(DecimalType.instance.decompose(
                    random.nextBoolean() ? value : value.setScale(value.scale() + random.nextInt(5))));
        }
        if (type == IntegerType.instance) {
            return number();
        }
        if (type == ShortType.instance) {
            return bytes(2);
        }
        if (type == ByteType.instance) {
            return bytes(1);
        }
        if (type == SimpleDateType.instance) {
            return bytes(4);
        }
        if (type == TimeType.instance) {
            return bytes(8);
        }
        if (type == InetAddressType.instance) {
            return bytes(random.nextBoolean() ? 4 : 16);
        }
        if (type.isValueLengthFixed()) {
            return bytes(type.valueLengthIfFixed());
        }
        return bytes(random.nextInt(3) == 0 ? random.nextInt(20) : random.nextInt(4));
    }

    /** Few different bytes, so that values have common beginnings and all edges. */
    private byte[] bytes(int length) {
        byte[] edges = {0, 1, -1, 127, -128, 0x30};
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = random.nextInt(3) > 0 ? edges[random.nextInt(edges.length)] : (byte) random.nextInt();
        }
        return out;
    }

    private byte[] number() {
        return bytes(1 + random.nextInt(random.nextInt(5) == 0 ? 30 : 4));
    }

    private long doubleBits() {
        double[] edges = {
            0, -0.0, 1, -1, Double.MIN_VALUE, -Double.MIN_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
        };
        switch (random.nextInt(4)) {
            case 0:
                return Double.doubleToRawLongBits(edges[random.nextInt(edges.length)]);
            case 1:
                return 0x7ff0000000000000L | random.nextLong() & 0x800fffffffffffffL;
            default:
                return random.nextLong();
        }
    }

    private int floatBits() {
        float[] edges = {0, -0.0f, 1, -1, Float.MIN_VALUE, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        switch (random.nextInt(4)) {
            case 0:
                return Float.floatToRawIntBits(edges[random.nextInt(edges.length)]);
            case 1:
                return 0x7f800000 | random.nextInt() & 0x807fffff;
            default:
                return random.nextInt();
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] out = new byte[buffer.remaining()];
        buffer.duplicate().get(out);
        return out;
    }
}
