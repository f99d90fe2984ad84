package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.VInts;
import java.math.BigDecimal;
import java.math.BigInteger;

/** decimal: scale (4 bytes) and unscaled varint; by value, so 1.0 and 1.00 are equal. */
final class DecimalType extends CassandraType {
    private static final int SCALE = 4;

    @Override
    public int fixedLength() {
        return VARIABLE;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        if (leftLength == 0 || rightLength == 0) {
            return Values.compareEmpty(leftLength, rightLength);
        }
        Values.require(this, leftLength > SCALE, leftLength);
        Values.require(this, rightLength > SCALE, rightLength);
        int leftEnd = leftAt + leftLength;
        int rightEnd = rightAt + rightLength;
        if (VInts.int4(left, leftAt) == VInts.int4(right, rightAt)) {
            return VarintType.compareNumbers(left, leftAt + SCALE, leftEnd, right, rightAt + SCALE, rightEnd);
        }
        return value(left, leftAt, leftLength).compareTo(value(right, rightAt, rightLength));
    }

    private static BigDecimal value(byte[] value, int at, int length) {
        return new BigDecimal(new BigInteger(value, at + SCALE, length - SCALE), VInts.int4(value, at));
    }

    @Override
    public String className() {
        return NativeTypes.PACKAGE + "DecimalType";
    }
}
