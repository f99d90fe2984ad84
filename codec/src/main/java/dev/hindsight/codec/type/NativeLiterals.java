package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Literals of the types that consist of no others. Which kinds of literal go with which type is as in Cassandra. No state.
 *
 * <p>Source: {@code Constants.Literal.testAssignment} and the types' {@code fromString} 5.0.9.
 */
final class NativeLiterals {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Pattern FLOAT = Pattern.compile("-?[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?");
    private static final Pattern NOT_A_NUMBER = Pattern.compile("-?(nan|infinity)", Pattern.CASE_INSENSITIVE);
    private static final Pattern UUID_SHAPE = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final long DAYS = 1L << 32;

    /** More digits than any column needs; arithmetic on more would take long. */
    private static final int MOST_DIGITS = 100_000;

    private NativeLiterals() {}

    /** @param text without its quotes */
    static byte[] ofString(CassandraType type, String text) {
        try {
            switch (simpleName(type)) {
                case "UTF8Type":
                    return text.getBytes(StandardCharsets.UTF_8);
                case "AsciiType":
                    if (text.chars().anyMatch(c -> c > 127)) {
                        throw wrong(type, CqlText.quoted(text), "only ASCII characters");
                    }
                    return text.getBytes(StandardCharsets.US_ASCII);
                case "InetAddressType":
                    return text.isEmpty() ? new byte[0] : inet(type, text);
                case "SimpleDateType":
                    return date(type, text);
                case "TimeType":
                    return long8(TimeLiterals.time(text));
                case "TimestampType":
                case "DateType":
                    return text.isEmpty() ? new byte[0] : long8(TimeLiterals.timestamp(text));
                default:
                    throw wrong(type, CqlText.quoted(text), "no quotes");
            }
        } catch (DateTimeException | ArithmeticException e) {
            throw new MalformedException(CqlText.quoted(text) + " is no " + CqlTypeNames.of(type), e);
        }
    }

    /** @param word not empty; of letters, digits and signs */
    static byte[] ofWord(CassandraType type, String word) {
        try {
            return word(type, word);
        } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
            throw new MalformedException(word + " is no " + CqlTypeNames.of(type), e);
        }
    }

    private static byte[] word(CassandraType type, String word) {
        switch (simpleName(type)) {
            case "Int32Type":
                return ByteBuffer.allocate(4)
                        .putInt(Integer.parseInt(integer(type, word)))
                        .array();
            case "LongType":
                return long8(Long.parseLong(integer(type, word)));
            case "ShortType":
                return ByteBuffer.allocate(2)
                        .putShort(Short.parseShort(integer(type, word)))
                        .array();
            case "ByteType":
                return new byte[] {Byte.parseByte(integer(type, word))};
            case "IntegerType":
                return new BigInteger(integer(type, word)).toByteArray();
            case "DecimalType":
                return decimal(number(type, word));
            case "DoubleType":
                return long8(Double.doubleToLongBits(Double.parseDouble(floating(type, word))));
            case "FloatType":
                return ByteBuffer.allocate(4)
                        .putFloat(Float.parseFloat(floating(type, word)))
                        .array();
            case "BooleanType":
                return bool(type, word);
            case "UUIDType":
            case "TimeUUIDType":
            case "LexicalUUIDType":
            case "LegacyTimeUUIDType":
                return uuid(type, word);
            case "BytesType":
                return blob(type, word);
            case "SimpleDateType":
                return date(type, integer(type, word));
            case "TimeType":
                return long8(TimeLiterals.time(integer(type, word)));
            case "TimestampType":
            case "DateType":
                return long8(TimeLiterals.timestamp(integer(type, word)));
            case "UTF8Type":
            case "AsciiType":
            case "InetAddressType":
                throw wrong(type, word, "single quotes around it");
            default:
                throw new MalformedException("a " + CqlTypeNames.of(type) + " cannot be in a key");
        }
    }

    private static String simpleName(CassandraType type) {
        String name = type.className();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static MalformedException wrong(CassandraType type, String what, String expected) {
        return new MalformedException(what + " is no " + CqlTypeNames.of(type) + ", which has " + expected);
    }

    private static String integer(CassandraType type, String word) {
        if (!INTEGER.matcher(word).matches() || word.length() > MOST_DIGITS) {
            throw wrong(type, word, "digits only");
        }
        return word;
    }

    private static String number(CassandraType type, String word) {
        if (!FLOAT.matcher(word).matches() || word.length() > MOST_DIGITS) {
            throw wrong(type, word, "digits");
        }
        return word;
    }

    private static String floating(CassandraType type, String word) {
        if (!NOT_A_NUMBER.matcher(word).matches()) {
            return number(type, word);
        }
        String lower = word.toLowerCase(Locale.ROOT);
        return lower.endsWith("nan") ? "NaN" : lower.replace("infinity", "Infinity");
    }

    private static byte[] decimal(String word) {
        BigDecimal value = new BigDecimal(word);
        byte[] unscaled = value.unscaledValue().toByteArray();
        return ByteBuffer.allocate(4 + unscaled.length)
                .putInt(value.scale())
                .put(unscaled)
                .array();
    }

    private static byte[] bool(CassandraType type, String word) {
        boolean yes = word.equalsIgnoreCase("true");
        if (!yes && !word.equalsIgnoreCase("false")) {
            throw wrong(type, word, "true or false");
        }
        return new byte[] {(byte) (yes ? 1 : 0)};
    }

    private static byte[] uuid(CassandraType type, String word) {
        if (!UUID_SHAPE.matcher(word).matches()) {
            throw wrong(type, word, "8-4-4-4-12 hexadecimal digits");
        }
        UUID value = UUID.fromString(word);
        if (simpleName(type).equals("TimeUUIDType") && value.version() != 1) {
            throw wrong(type, word, "version 1");
        }
        return ByteBuffer.allocate(16)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array();
    }

    private static byte[] blob(CassandraType type, String word) {
        if (!word.matches("0[xX]([0-9a-fA-F]{2})*")) {
            throw wrong(type, word, "0x and pairs of hexadecimal digits");
        }
        return HexFormat.of().parseHex(word.substring(2));
    }

    /** Only what is an address: a name would be looked up. */
    private static byte[] inet(CassandraType type, String text) {
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            throw wrong(type, CqlText.quoted(text), "an address like '10.1.2.3' or '2001:db8::42'");
        }
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new MalformedException(CqlText.quoted(text) + " is no " + CqlTypeNames.of(type), e);
        }
    }

    private static byte[] date(CassandraType type, String text) {
        long days;
        if (INTEGER.matcher(text).matches()) {
            days = Long.parseLong(text);
        } else {
            try {
                days = LocalDate.parse(text).toEpochDay() + DAYS / 2;
            } catch (DateTimeParseException e) {
                throw new MalformedException(CqlText.quoted(text) + " is no date like '2026-11-23'", e);
            }
        }
        if (days < 0 || days >= DAYS) {
            throw wrong(type, text, "days from -5877641-06-23 to +5881580-07-11");
        }
        return ByteBuffer.allocate(4).putInt((int) days).array();
    }

    private static byte[] long8(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }
}
