package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.VInts;

/** float and double, in the order of {@link Double#compare}: -0.0 before 0.0, all NaNs equal and last. */
final class FloatingType extends CassandraType {
    private final String name;
    private final int bytes;

    FloatingType(String name, int bytes) {
        this.name = name;
        this.bytes = bytes;
    }

    @Override
    public int fixedLength() {
        return bytes;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        if (leftLength == 0 || rightLength == 0) {
            return Values.compareEmpty(leftLength, rightLength);
        }
        return Double.compare(value(left, leftAt, leftLength), value(right, rightAt, rightLength));
    }

    /** A float is the same number as a double, in the same order. */
    private double value(byte[] value, int at, int length) {
        Values.require(this, length >= bytes, length);
        return bytes == 8
                ? Double.longBitsToDouble(VInts.long8(value, at))
                : Float.intBitsToFloat(VInts.int4(value, at));
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    public boolean isOrderPrefixWhole() {
        return true;
    }

    /** Bits of a negative number run backwards; those of NaNs are made one by {@link Double#doubleToLongBits}. */
    @Override
    public long orderPrefix(byte[] value, int at, int length) {
        if (length == 0) {
            return Long.MIN_VALUE;
        }
        long bits = Double.doubleToLongBits(value(value, at, length));
        return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }
}
