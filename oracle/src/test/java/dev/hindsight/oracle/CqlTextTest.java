package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.CqlText;
import dev.hindsight.codec.type.TypeNames;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.AsciiType;
import org.apache.cassandra.db.marshal.BooleanType;
import org.apache.cassandra.db.marshal.ByteType;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.marshal.DecimalType;
import org.apache.cassandra.db.marshal.DoubleType;
import org.apache.cassandra.db.marshal.DurationType;
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
import org.apache.cassandra.utils.ByteBufferUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** CQL literals: Cassandra reads them back to the same value, or writes the same itself. */
class CqlTextTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);

    private static final List<AbstractType<?>> NATIVES = List.of(
            AsciiType.instance,
            BooleanType.instance,
            ByteType.instance,
            BytesType.instance,
            DecimalType.instance,
            DoubleType.instance,
            DurationType.instance,
            FloatType.instance,
            InetAddressType.instance,
            Int32Type.instance,
            IntegerType.instance,
            LongType.instance,
            ShortType.instance,
            SimpleDateType.instance,
            TimeType.instance,
            TimeUUIDType.instance,
            TimestampType.instance,
            UTF8Type.instance,
            UUIDType.instance);

    private final Random random = new Random(SEED);

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    private static String text(AbstractType<?> type, ByteBuffer value) {
        CassandraType ours = TypeNames.parse(type.toString());
        byte[] bytes = ByteBufferUtil.getArray(value);
        return CqlText.of(ours, bytes, 0, bytes.length);
    }

    @Test
    void cassandraReadsTheLiteralsOfNativeTypesBack() {
        for (AbstractType<?> type : NATIVES) {
            for (String sample : samples(type)) {
                ByteBuffer value = type.fromString(sample);
                String literal = text(type, value);
                String plain = literal.startsWith("'")
                        ? literal.substring(1, literal.length() - 1).replace("''", "'")
                        : type instanceof BytesType ? literal.substring(2) : literal;
                assertThat(type.fromString(plain))
                        .as(type + " " + sample + " as " + literal)
                        .isEqualTo(value);
            }
        }
    }

    private List<String> samples(AbstractType<?> type) {
        if (type instanceof BooleanType) {
            return List.of("true", "false");
        }
        if (type instanceof UUIDType) {
            return List.of(new java.util.UUID(random.nextLong(), random.nextLong() & 0xffff_ffff_ffff_0fffL | 0x4000)
                    .toString()
                    .replaceFirst("-....-....-", "-4abc-8def-"));
        }
        if (type instanceof TimeUUIDType) {
            return List.of("bb2c7239-4b1a-11f8-b9b1-5164004417c5");
        }
        if (type instanceof InetAddressType) {
            return List.of("10.1.2.3", "::1", "2001:db8::42");
        }
        if (type instanceof DurationType) {
            return List.of("1mo2d3ns", "-12mo", "5d", "89h4m48s", "0ns");
        }
        if (type instanceof SimpleDateType) {
            return List.of("1970-01-01", "2026-11-23", "1492-10-12", "-2015-06-07");
        }
        if (type instanceof TimeType) {
            return List.of("00:00:00", "13:14:15.123456789", "23:59:59.999999999");
        }
        if (type instanceof TimestampType) {
            return List.of("0", "1767225600123", "-12345", "32503680000000");
        }
        if (type instanceof BytesType) {
            return List.of("00ff", "cafe");
        }
        if (type instanceof AsciiType || type instanceof UTF8Type) {
            return List.of("it's", "a", "''", "0x12");
        }
        if (type instanceof FloatType || type instanceof DoubleType) {
            return List.of("0", "-0.0", "1.5", "3.4E10", "NaN", "-Infinity");
        }
        if (type instanceof DecimalType) {
            return List.of("0", "12.50", "-1E+400", "0.000000000000000001");
        }
        return List.of("0", "-1", "127", "-128", "42");
    }

    @Test
    void whatIsMadeOfOthersIsWrittenAsCassandraWritesIt() {
        ByteBuffer one = Int32Type.instance.decompose(1);
        ByteBuffer two = Int32Type.instance.decompose(-2);
        ByteBuffer text = UTF8Type.instance.decompose("it's");
        same(
                ListType.getInstance(Int32Type.instance, false),
                ListType.getInstance(Int32Type.instance, false).decompose(List.of(1, -2)));
        same(
                SetType.getInstance(UTF8Type.instance, false),
                SetType.getInstance(UTF8Type.instance, false).decompose(java.util.Set.of("it's")));
        same(
                MapType.getInstance(UTF8Type.instance, Int32Type.instance, false),
                MapType.getInstance(UTF8Type.instance, Int32Type.instance, false)
                        .decompose(java.util.Map.of("k", 7)));
        TupleType tuple = new TupleType(List.of(Int32Type.instance, UTF8Type.instance, Int32Type.instance));
        same(tuple, TupleType.buildValue(new ByteBuffer[] {one, text, null}));
        same(
                VectorType.getInstance(Int32Type.instance, 2),
                VectorType.getInstance(Int32Type.instance, 2).decomposeRaw(List.of(one, two)));
    }

    private static void same(AbstractType<?> type, ByteBuffer value) {
        assertThat(text(type, value)).isEqualTo(type.asCQL3Type().toCQLLiteral(value.duplicate()));
    }

    @Test
    void whatIsNoValueIsShownAsHex() {
        assertThat(text(Int32Type.instance, ByteBuffer.wrap(new byte[] {1, 2, 3})))
                .isEqualTo("0x010203");
        assertThat(text(ListType.getInstance(Int32Type.instance, false), ByteBuffer.wrap(new byte[] {0x7f, 0, 0, 0})))
                .isEqualTo("0x7f000000");
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            AbstractType<?> type = i % 3 == 0
                    ? new TupleType(List.of(DecimalType.instance, DurationType.instance))
                    : i % 3 == 1
                            ? MapType.getInstance(UTF8Type.instance, TimestampType.instance, false)
                            : NATIVES.get(random.nextInt(NATIVES.size()));
            assertThat(text(type, ByteBuffer.wrap(bytes))).isNotEmpty();
        }
    }
}
