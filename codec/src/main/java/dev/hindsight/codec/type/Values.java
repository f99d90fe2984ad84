package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;

/** Reads out of values of which every byte may be wrong: never beyond {@code end}. */
final class Values {
    private Values() {}

    /** {@code BYTE_ORDER}: unsigned bytes, the shorter one first when it begins the longer one. */
    static int compareBytes(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        return java.util.Arrays.compareUnsigned(
                left, leftAt, leftAt + leftLength, right, rightAt, rightAt + rightLength);
    }

    /** When at least one is empty: the empty one is first. */
    static int compareEmpty(int leftLength, int rightLength) {
        return Boolean.compare(rightLength == 0, leftLength == 0);
    }

    /** The first eight bytes such that their signed order is that of unsigned bytes. */
    static long bytesPrefix(byte[] value, int at, int length) {
        if (length >= 8) {
            return VInts.long8(value, at) ^ Long.MIN_VALUE;
        }
        long prefix = 0;
        for (int i = 0; i < length; i++) {
            prefix |= (value[at + i] & 0xffL) << (56 - 8 * i);
        }
        return prefix ^ Long.MIN_VALUE;
    }

    static void require(CassandraType type, boolean holds, int length) {
        if (!holds) {
            throw malformed(type, length);
        }
    }

    static MalformedException malformed(CassandraType type, int length) {
        return new MalformedException("a value of " + length + " bytes is none of type " + type.className());
    }

    static int int4(byte[] bytes, int at, int end) {
        if (end - at < 4) {
            throw new MalformedException("a value ends inside a length: " + (end - at) + " of 4 bytes");
        }
        return VInts.int4(bytes, at);
    }

    /** Returns {@code length} when that many bytes are there. */
    static int within(int length, int at, int end) {
        if (length < 0 || length > end - at) {
            throw new MalformedException(
                    "a value has a part of " + length + " bytes, but only " + (end - at) + " follow");
        }
        return length;
    }
}
