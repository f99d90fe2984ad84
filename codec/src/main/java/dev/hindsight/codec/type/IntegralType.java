package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.VInts;

/**
 * Two's complement numbers of a usual length: bigint, int, smallint, tinyint, timestamp. As Cassandra does, the length of
 * smallint and tinyint is not taken for granted: their values have a length before them.
 */
final class IntegralType extends CassandraType {
    private final String name;
    private final int bytes;
    private final boolean fixed;

    IntegralType(String name, int bytes, boolean fixed) {
        this.name = name;
        this.bytes = bytes;
        this.fixed = fixed;
    }

    @Override
    public int fixedLength() {
        return fixed ? bytes : VARIABLE;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        if (leftLength == 8 && rightLength == 8) {
            return Long.compare(VInts.long8(left, leftAt), VInts.long8(right, rightAt));
        }
        if (leftLength == 4 && rightLength == 4) {
            return Integer.compare(VInts.int4(left, leftAt), VInts.int4(right, rightAt));
        }
        if (leftLength == 0 || rightLength == 0) {
            Values.require(this, fixed, 0);
            return Values.compareEmpty(leftLength, rightLength);
        }
        if (left[leftAt] != right[rightAt]) {
            return left[leftAt] - right[rightAt];
        }
        // Cassandra's ByteType looks at nothing else.
        return bytes == 1 ? 0 : Values.compareBytes(left, leftAt, leftLength, right, rightAt, rightLength);
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    public boolean isOrderPrefixWhole() {
        return fixed;
    }

    @Override
    public boolean isSignedLong() {
        return fixed && bytes == 8;
    }

    @Override
    public long orderPrefix(byte[] value, int at, int length) {
        if (length == 4 && bytes == 4) {
            return (long) VInts.int4(value, at) << 32;
        }
        if (length == 0) {
            return Long.MIN_VALUE;
        }
        // The first byte is signed, the others are not: the whole number as a signed one, shorter ones filled up.
        return Values.bytesPrefix(value, at, bytes == 1 ? 1 : length) ^ Long.MIN_VALUE;
    }
}
