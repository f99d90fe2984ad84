package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.failure.UnsupportedException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.ByteArrayAccessor;
import org.apache.cassandra.db.marshal.CollectionType;
import org.apache.cassandra.db.marshal.CounterColumnType;
import org.apache.cassandra.db.marshal.ReversedType;
import org.apache.cassandra.db.marshal.TypeParser;
import org.apache.cassandra.db.marshal.UserType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our types against Cassandra's own. */
class TypesTest {
    private final long seed = Long.getLong("test.seed", 20261122L);
    private final Random random = new Random(seed);
    private final RandomTypes types = new RandomTypes(random);

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @Test
    void nativeTypesAgreeWithCassandra() {
        for (AbstractType<?> type : RandomTypes.NATIVES) {
            assertSame(type, 400);
            assertSame(ReversedType.getInstance(type), 200);
        }
    }

    @Test
    void composedTypesAgreeWithCassandra() {
        for (int i = 0; i < 400; i++) {
            assertSame(types.type(), 25);
        }
    }

    @Test
    void countersAreNamedAndNotCompared() {
        CassandraType counter = TypeNames.parse(CounterColumnType.instance.toString());

        assertThat(counter.isCounter()).isTrue();
        assertThat(counter.fixedLength()).isEqualTo(CassandraType.VARIABLE);
        assertThatThrownBy(() -> counter.compare(new byte[1], 0, 1, new byte[1], 0, 1))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void classNamesOfOlderDaysAreUnderstood() {
        assertThat(TypeNames.parse("Int32Type(reversed=true)"))
                .hasToString("org.apache.cassandra.db.marshal.ReversedType(org.apache.cassandra.db.marshal.Int32Type)");
        assertThat(TypeNames.parse(" MapType( UTF8Type , FrozenType(ListType(LongType)) ) "))
                .hasToString(TypeParser.parse("MapType(UTF8Type,FrozenType(ListType(LongType)))")
                        .toString());
    }

    @Test
    void typesThatNoTableOfCqlHasAreRefusedByName() {
        for (String name : List.of(
                "org.apache.cassandra.db.marshal.DynamicCompositeType(a=>org.apache.cassandra.db.marshal.BytesType)",
                "com.example.OurType",
                "org.apache.cassandra.db.marshal.ColumnToCollectionType(6c:org.apache.cassandra.db.marshal.ListType)")) {
            assertThatThrownBy(() -> TypeNames.parse(name))
                    .isInstanceOf(UnsupportedException.class)
                    .hasMessageContaining(name.substring(0, 11));
        }
    }

    @Test
    void damagedClassNamesAreMalformed() {
        String deep = "FrozenType(".repeat(50_000) + "Int32Type" + ")".repeat(50_000);
        for (String name : List.of(
                "",
                "(",
                "ListType",
                "ListType(",
                "ListType()",
                "ListType(Int32Type,Int32Type)",
                "Int32Type)",
                deep,
                "VectorType(Int32Type)",
                "VectorType(Int32Type, x)",
                "VectorType(LongType, 2147483647)",
                "VectorType(LongType, 0)",
                "UserType(ks)",
                "UserType(ks,zz)",
                "UserType(ks,61,62)",
                "CompositeType()")) {
            assertThatThrownBy(() -> TypeNames.parse(name)).isInstanceOf(MalformedException.class);
        }
        for (int i = 0; i < 3000; i++) {
            StringBuilder name = new StringBuilder(types.type().toString());
            for (int change = random.nextInt(3); change >= 0; change--) {
                name.setCharAt(random.nextInt(name.length()), "(),:aT1 ".charAt(random.nextInt(8)));
            }
            try {
                CassandraType type = TypeNames.parse(name.toString());
                assertThat(TypeNames.parse(type.className())).isEqualTo(type);
            } catch (MalformedException | UnsupportedException e) {
                // What is asked for: one of these two.
            }
        }
    }

    private void assertSame(AbstractType<?> theirs, int values) {
        String what = theirs + ", -Dtest.seed=" + seed;
        CassandraType ours = TypeNames.parse(theirs.toString());
        AbstractType<?> parsed = TypeParser.parse(theirs.toString());
        assertThat(ours.className()).as(what).isEqualTo(parsed.toString());
        assertThat(ours.fixedLength()).as(what).isEqualTo(theirs.valueLengthIfFixed());
        assertThat(ours.isMultiCell()).as(what).isEqualTo(theirs.isMultiCell());
        assertThat(ours.isReversed()).as(what).isEqualTo(theirs.isReversed());
        assertThat(ours.isCounter()).as(what).isFalse();
        assertThat(ours.freeze()).as(what).hasToString(parsed.freeze().toString());
        assertThat(ours.expandUserTypes())
                .as(what)
                .hasToString(parsed.expandUserTypes().toString());
        if (theirs.isMultiCell()) {
            assertThat(ours.pathType()).as(what).hasToString(paths(parsed).toString());
            assertThat(ours.cellValueFixedLength()).as(what).isEqualTo(parsed.valueLengthIfFixed());
        }
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < values; i++) {
            all.add(types.value(theirs));
        }
        for (int i = 0; i < values * 8; i++) {
            byte[] left = all.get(random.nextInt(values));
            byte[] right = all.get(random.nextInt(values));
            assertSameOrder(what, theirs, ours, left, right);
            assertNoHarm(what, theirs, ours, damaged(left), random.nextBoolean() ? damaged(right) : right);
        }
    }

    private static AbstractType<?> paths(AbstractType<?> type) {
        return type instanceof CollectionType<?> collection
                ? collection.nameComparator()
                : ((UserType) type).nameComparator();
    }

    private void assertSameOrder(String what, AbstractType<?> theirs, CassandraType ours, byte[] left, byte[] right) {
        String values = what + " " + HexFormat.of().formatHex(left) + " and "
                + HexFormat.of().formatHex(right);
        int expected = Integer.signum(compare(theirs, left, right));
        assertThat(Integer.signum(compare(ours, left, right))).as(values).isEqualTo(expected);
        int prefixes = Long.compare(ours.orderPrefix(left, 0, left.length), ours.orderPrefix(right, 0, right.length));
        boolean whole = ours.isOrderPrefixWhole() && left.length > 0 && right.length > 0;
        if (whole || prefixes != 0) {
            assertThat(prefixes).as("prefix of " + values).isEqualTo(expected);
        }
    }

    /** Of damaged values: nothing but the one exception, and no other order than Cassandra's where that has one. */
    private void assertNoHarm(String what, AbstractType<?> theirs, CassandraType ours, byte[] left, byte[] right) {
        int order;
        try {
            order = compare(ours, left, right);
        } catch (MalformedException e) {
            return;
        }
        int expected;
        try {
            expected = compare(theirs, left, right);
        } catch (RuntimeException | AssertionError e) {
            return;
        }
        assertThat(Integer.signum(order))
                .as(what + " " + HexFormat.of().formatHex(left) + " and "
                        + HexFormat.of().formatHex(right))
                .isEqualTo(Integer.signum(expected));
    }

    private static int compare(AbstractType<?> type, byte[] left, byte[] right) {
        return type.compare(left, ByteArrayAccessor.instance, right, ByteArrayAccessor.instance);
    }

    /** Somewhere inside of larger arrays, so that reading beyond the value shows. */
    private int compare(CassandraType type, byte[] left, byte[] right) {
        int before = random.nextInt(3);
        int behind = random.nextInt(3);
        byte[] leftAround = random.nextBoolean() ? new byte[before + left.length + 20] : new byte[before + left.length];
        System.arraycopy(left, 0, leftAround, before, left.length);
        byte[] rightAround = new byte[behind + right.length + before];
        System.arraycopy(right, 0, rightAround, behind, right.length);
        return type.compare(leftAround, before, left.length, rightAround, behind, right.length);
    }

    private byte[] damaged(byte[] value) {
        byte[] out = value.clone();
        if (random.nextInt(3) == 0) {
            out = java.util.Arrays.copyOf(out, random.nextInt(out.length + 3));
        }
        for (int i = random.nextInt(3); i > 0 && out.length > 0; i--) {
            out[random.nextInt(out.length)] = (byte) random.nextInt();
        }
        return out;
    }
}
