package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Values as CQL literals, for people and for statements: {@code 'it''s'}, {@code 12}, {@code 0xcafe}, {@code
 * '2026-11-22T10:42:07.123Z'}, {@code [1, 2]}, {@code {'a': 1}}, {@code {street: 'x', zip: null}}, {@code (1, 'a')}. What is
 * none of its type, which hostile or very old bytes may be, is shown as hex. No state.
 *
 * <p>Source: {@code CQL3Type}, {@code TypeSerializer.toCQLLiteral} 5.0.9.
 */
public final class CqlText {
    private static final int SHARD = 32;
    private static final long DATE_ZERO = 1L << 31;

    private static final Pattern PLAIN_NAME = Pattern.compile("[a-z][a-z0-9_]*");

    private CqlText() {}

    /** Of a value, or of a cell path. */
    public static String of(CassandraType type, byte[] bytes, int at, int length) {
        try {
            return text(type, bytes, at, length);
        } catch (MalformedException | DateTimeException | ArithmeticException | UnknownHostException e) {
            return hex(bytes, at, length);
        }
    }

    /** Of the partition key: a literal for each of its columns. */
    public static List<String> ofKey(CassandraType keyType, byte[] key) {
        if (!(keyType instanceof CompositeType composite)) {
            return List.of(of(keyType, key, 0, key.length));
        }
        List<String> out = new ArrayList<>();
        int at = 0;
        for (CassandraType type : composite.types()) {
            if (key.length - at < 3 || VInts.unsignedShort(key, at) > key.length - at - 3) {
                return List.of(hex(key, 0, key.length));
            }
            int length = VInts.unsignedShort(key, at);
            out.add(of(type, key, at + 2, length));
            at += 2 + length + 1;
        }
        return out;
    }

    private static String hex(byte[] bytes, int at, int length) {
        return "0x" + HexFormat.of().formatHex(bytes, at, at + length);
    }

    /** In single quotes, those inside doubled. */
    public static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String text(CassandraType type, byte[] bytes, int at, int length) throws UnknownHostException {
        if (type instanceof ReversedType reversed) {
            return text(reversed.base(), bytes, at, length);
        }
        if (type instanceof CollectionType collection) {
            return collection(collection, bytes, at, length);
        }
        if (type instanceof UserType user) {
            return fields(user.fieldNames(), user.fieldTypes(), bytes, at, length);
        }
        if (type instanceof TupleType tuple) {
            return fields(List.of(), tuple.fieldTypes(), bytes, at, length);
        }
        if (type instanceof VectorType vector) {
            return vector(vector, bytes, at, length);
        }
        return nativeText(type, bytes, at, length);
    }

    private static String nativeText(CassandraType type, byte[] bytes, int at, int length) throws UnknownHostException {
        String name = type.className();
        String simple = name.substring(name.lastIndexOf('.') + 1);
        if (length == 0) {
            return simple.equals("BytesType") ? "0x" : "''";
        }
        switch (simple) {
            case "UTF8Type":
            case "AsciiType":
                return quoted(new String(bytes, at, length, StandardCharsets.UTF_8));
            case "Int32Type":
                return Integer.toString((int) number(bytes, at, length, 4));
            case "LongType":
                return Long.toString(number(bytes, at, length, 8));
            case "ShortType":
                return Short.toString((short) number(bytes, at, length, 2));
            case "ByteType":
                return Byte.toString((byte) number(bytes, at, length, 1));
            case "TimestampType":
            case "DateType":
                return quoted(Instant.ofEpochMilli(number(bytes, at, length, 8)).toString());
            case "BooleanType":
                return Boolean.toString(number(bytes, at, length, 1) != 0);
            case "CounterColumnType":
                return Long.toString(counter(bytes, at, length));
            case "SimpleDateType":
                return quoted(LocalDate.ofEpochDay((number(bytes, at, length, 4) & 0xffff_ffffL) - DATE_ZERO)
                        .toString());
            case "TimeType":
                return quoted(
                        DateTimeFormatter.ISO_LOCAL_TIME.format(LocalTime.ofNanoOfDay(number(bytes, at, length, 8))));
            case "DoubleType":
                return Double.toString(Double.longBitsToDouble(number(bytes, at, length, 8)));
            case "FloatType":
                return Float.toString(Float.intBitsToFloat((int) number(bytes, at, length, 4)));
            case "DecimalType":
                require(length > 4, type, length);
                return decimal(new BigInteger(bytes, at + 4, length - 4), VInts.int4(bytes, at));
            case "IntegerType":
                return new BigInteger(bytes, at, length).toString();
            case "DurationType":
                return duration(bytes, at, length);
            case "InetAddressType":
                return quoted(InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + length))
                        .getHostAddress());
            case "UUIDType":
            case "TimeUUIDType":
            case "LexicalUUIDType":
            case "LegacyTimeUUIDType":
                require(length == 16, type, length);
                return new UUID(VInts.long8(bytes, at), VInts.long8(bytes, at + 8)).toString();
            default:
                return hex(bytes, at, length);
        }
    }

    /** Not {@code toPlainString}: a scale may be two thousand million. */
    private static String decimal(BigInteger unscaled, int scale) {
        return new BigDecimal(unscaled, scale).toString();
    }

    private static long number(byte[] bytes, int at, int length, int wanted) {
        if (length != wanted) {
            throw new MalformedException("a number of " + length + " bytes where " + wanted + " are expected");
        }
        long value = bytes[at];
        for (int i = 1; i < length; i++) {
            value = value << 8 | (bytes[at + i] & 0xff);
        }
        return value;
    }

    private static void require(boolean holds, CassandraType type, int length) {
        Values.require(type, holds, length);
    }

    /** The sum of a context's shards; see {@code CounterContext.total}. */
    private static long counter(byte[] bytes, int at, int length) {
        int shards = 2 + 2 * Math.abs((short) number(bytes, at, Math.min(2, length), 2));
        if (shards > length || (length - shards) % SHARD != 0) {
            throw new MalformedException("a counter of " + length + " bytes");
        }
        long total = 0;
        for (int i = shards; i < length; i += SHARD) {
            total += VInts.long8(bytes, at + i + SHARD - 8);
        }
        return total;
    }

    private static String duration(byte[] bytes, int at, int length) {
        long[] parts = new long[3];
        int p = at;
        for (int i = 0; i < 3; i++) {
            if (p >= at + length || VInts.length(bytes, p) > at + length - p) {
                throw new MalformedException("a duration of " + length + " bytes");
            }
            parts[i] = VInts.signed(bytes, p);
            p += VInts.length(bytes, p);
        }
        boolean negative = parts[0] < 0 || parts[1] < 0 || parts[2] < 0;
        String text = (parts[0] == 0 ? "" : Math.abs(parts[0]) + "mo")
                + (parts[1] == 0 ? "" : Math.abs(parts[1]) + "d")
                + (parts[2] == 0 ? "" : Math.abs(parts[2]) + "ns");
        return (negative ? "-" : "") + (text.isEmpty() ? "0ns" : text);
    }

    private static String collection(CollectionType type, byte[] bytes, int at, int length)
            throws UnknownHostException {
        int end = at + length;
        int count = Values.int4(bytes, at, end);
        int each = type.isMap() ? 2 : 1;
        if (count < 0 || count > (end - at) / 4 / each) {
            throw new MalformedException("a collection of " + count + " elements in " + length + " bytes");
        }
        List<String> parts = new ArrayList<>();
        int p = at + 4;
        for (int i = 0; i < count * each; i++) {
            int size = Values.within(Values.int4(bytes, p, end), p + 4, end);
            parts.add(text(type.partType(i), bytes, p + 4, size));
            p += 4 + size;
        }
        return type.assembled(parts);
    }

    private static String fields(List<String> names, List<CassandraType> types, byte[] bytes, int at, int length)
            throws UnknownHostException {
        int end = at + length;
        int p = at;
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            String value = "null";
            if (p < end) {
                int size = Values.int4(bytes, p, end);
                p += 4;
                if (size >= 0) {
                    value = text(types.get(i), bytes, p, Values.within(size, p, end));
                    p += size;
                }
            }
            parts.add(names.isEmpty() ? value : name(names.get(i)) + ": " + value);
        }
        String all = String.join(", ", parts);
        return names.isEmpty() ? "(" + all + ")" : "{" + all + "}";
    }

    /** In double quotes where it must be. */
    public static String name(String name) {
        return PLAIN_NAME.matcher(name).matches() ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String vector(VectorType type, byte[] bytes, int at, int length) throws UnknownHostException {
        int end = at + length;
        int p = at;
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < type.dimension(); i++) {
            int size = type.elementType().fixedLength();
            if (size < 0) {
                if (p >= end || VInts.length(bytes, p) > end - p) {
                    throw new MalformedException("a vector ends before its last element");
                }
                long told = VInts.unsigned(bytes, p);
                p += VInts.length(bytes, p);
                size = told < 0 || told > Integer.MAX_VALUE ? -1 : (int) told;
            }
            parts.add(text(type.elementType(), bytes, p, Values.within(size, p, end)));
            p += size;
        }
        return "[" + String.join(", ", parts) + "]";
    }
}
