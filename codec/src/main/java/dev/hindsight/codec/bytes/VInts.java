package dev.hindsight.codec.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Cassandra's variable-length integers and big-endian numbers in a byte array. An unsigned vint has as many leading one bits
 * in its first byte as there are bytes after it; a signed one is the zig-zag of it. Readers trust the caller that the
 * bytes are there ({@link Window#require}); an array's end throws {@link IndexOutOfBoundsException}.
 *
 * <p>Source: {@code org.apache.cassandra.utils.vint.VIntCoding} 5.0.9.
 */
public final class VInts {
    /** No vint is longer. */
    public static final int MAX_LENGTH = 9;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private VInts() {}

    /** Bytes of the vint that starts at {@code at}. */
    public static int length(byte[] bytes, int at) {
        int first = bytes[at];
        return first >= 0 ? 1 : 1 + Integer.numberOfLeadingZeros(~(first << 24));
    }

    public static long unsigned(byte[] bytes, int at) {
        int first = bytes[at];
        if (first >= 0) {
            return first;
        }
        int extra = Integer.numberOfLeadingZeros(~(first << 24));
        if (at >= bytes.length - 8) {
            return unsignedAtEnd(bytes, at, first, extra);
        }
        long behind = (long) LONG.get(bytes, at + 1) >>> (64 - 8 * extra);
        return (long) (first & (0xff >> extra)) << 8 * extra | behind;
    }

    /** Where eight bytes cannot be read at once. */
    private static long unsignedAtEnd(byte[] bytes, int at, int first, int extra) {
        long value = first & (0xff >> extra);
        for (int i = 1; i <= extra; i++) {
            value = value << 8 | (bytes[at + i] & 0xff);
        }
        return value;
    }

    public static long signed(byte[] bytes, int at) {
        long value = unsigned(bytes, at);
        return (value >>> 1) ^ -(value & 1);
    }

    /** Bytes that {@link #putUnsigned} takes. */
    public static int size(long value) {
        return (639 - Long.numberOfLeadingZeros(value | 1) * 9) >> 6;
    }

    /** Writes and returns the position behind. */
    public static int putUnsigned(byte[] bytes, int at, long value) {
        int size = size(value);
        if (size == 1) {
            bytes[at] = (byte) value;
            return at + 1;
        }
        long rest = value;
        for (int i = size - 1; i > 0; i--) {
            bytes[at + i] = (byte) rest;
            rest >>>= 8;
        }
        bytes[at] = size == 9 ? (byte) 0xff : (byte) (rest | ~(0xff >> (size - 1)));
        return at + size;
    }

    /** As {@link #putUnsigned}, where up to eight bytes behind it may be overwritten: no loop then. */
    public static int putUnsignedAhead(byte[] bytes, int at, long value) {
        int size = size(value);
        if (size == MAX_LENGTH) {
            return putUnsigned(bytes, at, value);
        }
        long extra = size - 1L;
        long marked = value | (~(0xffL >> extra) & 0xff) << 8 * extra;
        putLong8(bytes, at, marked << (56 - 8 * extra));
        return at + size;
    }

    public static int putSigned(byte[] bytes, int at, long value) {
        return putUnsigned(bytes, at, (value << 1) ^ (value >> 63));
    }

    public static long long8(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    public static int int4(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    public static int unsignedShort(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    public static void putLong8(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    public static void putInt4(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    public static void putShort2(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }
}
