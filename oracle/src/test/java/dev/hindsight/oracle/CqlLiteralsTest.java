package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.RowKey;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.codec.type.CqlLiterals;
import dev.hindsight.codec.type.CqlText;
import dev.hindsight.codec.type.TypeNames;
import dev.hindsight.model.failure.UsageException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.cassandra.cql3.CQLFragmentParser;
import org.apache.cassandra.cql3.ColumnIdentifier;
import org.apache.cassandra.cql3.ColumnSpecification;
import org.apache.cassandra.cql3.CqlParser;
import org.apache.cassandra.cql3.QueryOptions;
import org.apache.cassandra.cql3.Term;
import org.apache.cassandra.db.marshal.AbstractType;
import org.apache.cassandra.db.marshal.AsciiType;
import org.apache.cassandra.db.marshal.BytesType;
import org.apache.cassandra.db.marshal.CompositeType;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.marshal.TimestampType;
import org.apache.cassandra.db.marshal.UTF8Type;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Literals are read as Cassandra's own terms, and what {@link CqlText} writes is read back. */
class CqlLiteralsTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final int CASES = Integer.getInteger("test.cases", 15_000);

    private final Random random = new Random(SEED);
    private final RandomTypes types = new RandomTypes(random);

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    /** What Cassandra makes of it; empty when it refuses. */
    private static Optional<byte[]> byCassandra(AbstractType<?> type, String literal) {
        try {
            Term.Raw raw = CQLFragmentParser.parseAny(CqlParser::term, literal, "term");
            ColumnSpecification column =
                    new ColumnSpecification("ks", "t", new ColumnIdentifier("c", true), type.unwrap());
            return Optional.ofNullable(raw.prepare("ks", column).bindAndGet(QueryOptions.DEFAULT))
                    .map(ByteBufferUtil::getArray);
        } catch (RuntimeException e) {
            // Some wrong ones it does not refuse but stumbles over.
            return Optional.empty();
        }
    }

    private static Optional<byte[]> byUs(AbstractType<?> type, String literal) {
        try {
            return Optional.of(CqlLiterals.parse(TypeNames.parse(type.toString()), literal));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    private static boolean canBeInAKey(AbstractType<?> type) {
        String name = type.toString();
        return !(type instanceof CompositeType)
                && !name.contains("Duration")
                && !name.contains(".DateType")
                && !name.contains("LexicalUUID")
                && !name.contains("EmptyType");
    }

    @Test
    void anyValueIsReadAsCassandraReadsItsLiteral() {
        int read = 0;
        int same = 0;
        for (int i = 0; i < CASES; i++) {
            AbstractType<?> type = types.inner(3);
            if (!canBeInAKey(type)) {
                continue;
            }
            byte[] value = types.value(type);
            CassandraType ours = TypeNames.parse(type.toString());
            String literal = CqlText.of(ours, value, 0, value.length);
            Optional<byte[]> expected = byCassandra(type, literal);
            // Bytes that are none of its type are shown as hex, which Cassandra takes for tuples as if they were blobs.
            boolean shown = !literal.startsWith("0x") || type instanceof BytesType;
            if (expected.isPresent() && shown && !isAmbiguous(ours, literal)) {
                read++;
                assertThat(byUs(type, literal))
                        .as("seed %d, %s of %s", SEED, literal, type)
                        .hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(expected.get()));
                same += Arrays.equals(expected.get(), value) ? 1 : 0;
            }
            String broken = broken(literal);
            Optional<byte[]> brokenByUs = byUs(type, broken);
            Optional<byte[]> brokenByCassandra = byCassandra(type, broken);
            if (brokenByUs.isPresent() && brokenByCassandra.isPresent()) {
                assertThat(brokenByUs.get())
                        .as("seed %d, %s of %s", SEED, broken, type)
                        .isEqualTo(brokenByCassandra.get());
            }
        }
        assertThat(read).isGreaterThan(CASES / 3);
        assertThat(same).as("values that come back as they were").isGreaterThan(read / 2);
    }

    @Test
    void valuesOfNativeTypesComeBack() {
        for (AbstractType<?> type : RandomTypes.NATIVES) {
            CassandraType ours = TypeNames.parse(type.toString());
            for (int i = 0; canBeInAKey(type) && i < 500; i++) {
                byte[] value = types.value(type);
                String literal = CqlText.of(ours, value, 0, value.length);
                if (value.length == 0 || literal.startsWith("0x") && !(type instanceof BytesType)) {
                    continue;
                }
                Optional<byte[]> back = byUs(type, literal);
                boolean isText = type.equals(AsciiType.instance) || type.equals(UTF8Type.instance);
                assertThat(back.isPresent() || isText)
                        .as("seed %d, %s of %s", SEED, literal, type)
                        .isTrue();
                // Other bytes only where several are one value: a number with leading zeros, a boolean of 2, a wrong
                // text.
                back.filter(bytes -> !isText && !Arrays.equals(bytes, value)).ifPresent(bytes -> {
                    assertThat(type.compare(ByteBuffer.wrap(value), ByteBuffer.wrap(bytes)))
                            .as("seed %d, %s of %s", SEED, literal, type)
                            .isZero();
                    assertThat(CqlText.of(ours, bytes, 0, bytes.length)).isEqualTo(literal);
                });
            }
        }
    }

    /** Cassandra takes any one of elements that compare equal. */
    private static boolean isAmbiguous(CassandraType type, String literal) {
        try {
            CqlLiterals.parse(type, literal);
            return false;
        } catch (MalformedException e) {
            return String.valueOf(e.getMessage()).endsWith(" twice");
        }
    }

    private String broken(String literal) {
        int at = random.nextInt(literal.length() + 1);
        String some = "'{}[](),:; 0x-+.eEaZT\"$";
        char c = some.charAt(random.nextInt(some.length()));
        return random.nextBoolean() && at < literal.length()
                ? literal.substring(0, at) + literal.substring(at + 1)
                : literal.substring(0, at) + c + literal.substring(at);
    }

    @Test
    void timestampsAreReadInAllFormsThatNameTheirZone() {
        for (String form : List.of(
                "'2026-11-23T10:42:07Z'",
                "'2026-11-23T10:42:07.123Z'",
                "'2026-11-23T10:42:07.123456+01:00'",
                "'2026-11-23 10:42:07+0100'",
                "'2026-11-23 10:42+01'",
                "'2026-11-23 10:42:07.5 Z'",
                "'2026-11-23T10:42 UTC'",
                "'2026-1-3 1:2:3Z'",
                "'2026-11-23Z'",
                "'2026-11-23+0530'",
                "-1234567",
                "'1767225600123'")) {
            assertThat(byUs(TimestampType.instance, form))
                    .as(form)
                    .hasValueSatisfying(bytes -> assertThat(bytes)
                            .isEqualTo(byCassandra(TimestampType.instance, form).orElseThrow()));
        }
        assertThatThrownBy(() -> CqlLiterals.parse(TypeNames.parse("TimestampType"), "'2026-11-23 10:42'"))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("no zone");
    }

    @Test
    void aKeyIsWrittenAsBehindWhereOrAsItsOnlyValue() {
        TableSchema text = table("CREATE TABLE ks.t (id text PRIMARY KEY, v int);");
        byte[] alice = "alice".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (String form : List.of("alice", "'alice'", "$$alice$$", "id='alice'", " ID = 'alice' ; ")) {
            assertThat(RowKey.parse(text, form).partition()).as(form).isEqualTo(alice);
        }
        assertThat(RowKey.parse(text, "a = b").partition()).hasSize(5);

        TableSchema wide = table("CREATE TABLE ks.t (a int, \"B\" text, c timestamp, d frozen<list<int>>, v int,"
                + " PRIMARY KEY ((a, \"B\"), c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC);");
        CompositeType composite = CompositeType.getInstance(List.of(Int32Type.instance, UTF8Type.instance));
        RowKey key = RowKey.parse(wide, "\"B\" = 'it''s' and a=-7 AND c='2026-11-23T10:42:07Z'");
        assertThat(key.partition()).isEqualTo(ByteBufferUtil.getArray(composite.decompose(-7, "it's")));
        assertThat(key.clustering()).hasSize(1);
        assertThat(key.text(wide)).isEqualTo("a = -7 AND \"B\" = 'it''s' AND c = '2026-11-23T10:42:07Z'");
        assertThat(RowKey.parse(wide, key.text(wide) + " AND d = [1, 2]").clustering())
                .hasSize(2);
    }

    @Test
    void whatIsNoKeyIsRefusedWithWhatTheKeyIs() {
        TableSchema wide =
                table("CREATE TABLE ks.t (a int, b date, c uuid, d int, v int, PRIMARY KEY ((a, b), c, d));");
        String shown = "the partition key is (a int, b date), and of one row also (c uuid, d int);"
                + " write --key \"a=7 AND b='2026-11-23'\"";
        for (List<String> refused : List.of(
                List.of("7", "each has to be named"),
                List.of("a=7", "column b of the partition key has no value"),
                List.of("a=7 AND b='2026-11-23' AND d=1", "clustering column d has a value, but c before it has none"),
                List.of("a=7 AND b='2026-11-23' AND v=1", "no column v"),
                List.of("a='7' AND b='2026-11-23'", "a: '7' is no int, which has no quotes"),
                List.of("a=7 AND b='2026-13-23'", "b: '2026-13-23' is no date"),
                List.of("a=7 AND a=8", "a has two values"),
                List.of("a=7 OR b=1", "AND is expected where [OR b=1] stands"),
                List.of("a=7 AND b=", "a date is expected where nothing stands"),
                List.of("a=null AND b=1", "null is no int"),
                List.of("a=99999999999 AND b=1", "99999999999 is no int"),
                List.of("a>7", "each has to be named"))) {
            assertThatThrownBy(() -> RowKey.parse(wide, refused.get(0)))
                    .as(refused.get(0))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(refused.get(1))
                    .satisfies(e -> assertThat(((UsageException) e).hint()).isEqualTo(shown));
        }
    }

    private static TableSchema table(String ddl) {
        return DdlSchemas.tableSchema("ks", List.of(), ddl);
    }
}
