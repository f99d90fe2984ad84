package dev.hindsight.codec.type;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The types that consist of no others: CQL's by their CQL names, and all by their class names. */
public final class NativeTypes {
    static final String PACKAGE = "org.apache.cassandra.db.marshal.";

    public static final CassandraType ASCII = bytes("AsciiType");
    public static final CassandraType BIGINT = new IntegralType(PACKAGE + "LongType", 8, true);
    public static final CassandraType BLOB = bytes("BytesType");
    public static final CassandraType BOOLEAN = new BooleanType();
    public static final CassandraType COUNTER = new CounterType();
    public static final CassandraType DATE = bytes("SimpleDateType");
    public static final CassandraType DECIMAL = new DecimalType();
    public static final CassandraType DOUBLE = new FloatingType(PACKAGE + "DoubleType", 8);
    public static final CassandraType DURATION = bytes("DurationType");
    public static final CassandraType EMPTY = new EmptyType();
    public static final CassandraType FLOAT = new FloatingType(PACKAGE + "FloatType", 4);
    public static final CassandraType INET = bytes("InetAddressType");
    public static final CassandraType INT = new IntegralType(PACKAGE + "Int32Type", 4, true);
    public static final CassandraType SMALLINT = new IntegralType(PACKAGE + "ShortType", 2, false);
    public static final CassandraType TEXT = bytes("UTF8Type");
    public static final CassandraType TIME = bytes("TimeType");
    public static final CassandraType TIMESTAMP = new IntegralType(PACKAGE + "TimestampType", 8, true);
    public static final CassandraType TIMEUUID = new UuidType(PACKAGE + "TimeUUIDType", UuidType.Order.BY_TIME);
    public static final CassandraType TINYINT = new IntegralType(PACKAGE + "ByteType", 1, false);
    public static final CassandraType UUID = new UuidType(PACKAGE + "UUIDType", UuidType.Order.BY_VERSION);
    public static final CassandraType VARINT = new VarintType();

    private static final Map<String, CassandraType> BY_CQL = Map.ofEntries(
            Map.entry("ascii", ASCII),
            Map.entry("bigint", BIGINT),
            Map.entry("blob", BLOB),
            Map.entry("boolean", BOOLEAN),
            Map.entry("counter", COUNTER),
            Map.entry("date", DATE),
            Map.entry("decimal", DECIMAL),
            Map.entry("double", DOUBLE),
            Map.entry("duration", DURATION),
            Map.entry("empty", EMPTY),
            Map.entry("float", FLOAT),
            Map.entry("inet", INET),
            Map.entry("int", INT),
            Map.entry("smallint", SMALLINT),
            Map.entry("text", TEXT),
            Map.entry("time", TIME),
            Map.entry("timestamp", TIMESTAMP),
            Map.entry("timeuuid", TIMEUUID),
            Map.entry("tinyint", TINYINT),
            Map.entry("uuid", UUID),
            Map.entry("varchar", TEXT),
            Map.entry("varint", VARINT));

    private static final Map<String, CassandraType> BY_CLASS = byClass();

    private NativeTypes() {}

    /** @param name in lower case; {@code empty} is what DESCRIBE prints for {@code EmptyType} */
    public static Optional<CassandraType> findByCqlName(String name) {
        return Optional.ofNullable(BY_CQL.get(name));
    }

    /** The shorter one where there are two. */
    static Optional<String> cqlName(CassandraType type) {
        return BY_CQL.entrySet().stream()
                .filter(one -> one.getValue().equals(type))
                .map(Map.Entry::getKey)
                .min(java.util.Comparator.comparing(String::length));
    }

    static Optional<CassandraType> findByClassName(String name) {
        return Optional.ofNullable(BY_CLASS.get(name));
    }

    private static CassandraType bytes(String name) {
        return new BytesType(PACKAGE + name, CassandraType.VARIABLE);
    }

    private static Map<String, CassandraType> byClass() {
        Map<String, CassandraType> out = new HashMap<>();
        BY_CQL.values().forEach(type -> out.put(type.className(), type));
        for (CassandraType legacy : new CassandraType[] {
            new BytesType(PACKAGE + "DateType", 8),
            new UuidType(PACKAGE + "LexicalUUIDType", UuidType.Order.LEXICAL),
            new UuidType(PACKAGE + "LegacyTimeUUIDType", UuidType.Order.BY_TIME)
        }) {
            out.put(legacy.className(), legacy);
        }
        return Map.copyOf(out);
    }
}
