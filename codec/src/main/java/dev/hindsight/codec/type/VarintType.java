package dev.hindsight.codec.type;

/** varint: two's complement of any length, perhaps with more sign bytes than needed. */
final class VarintType extends CassandraType {
    @Override
    public int fixedLength() {
        return VARIABLE;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        if (leftLength == 0 || rightLength == 0) {
            return Values.compareEmpty(leftLength, rightLength);
        }
        return compareNumbers(left, leftAt, leftAt + leftLength, right, rightAt, rightAt + rightLength);
    }

    /** Of non-empty numbers. */
    static int compareNumbers(byte[] left, int leftAt, int leftEnd, byte[] right, int rightAt, int rightEnd) {
        boolean negative = left[leftAt] < 0;
        if (negative != right[rightAt] < 0) {
            return negative ? -1 : 1;
        }
        byte sign = (byte) (negative ? -1 : 0);
        int leftFrom = afterSign(left, leftAt, leftEnd, sign);
        int rightFrom = afterSign(right, rightAt, rightEnd, sign);
        int longer = Integer.compare(leftEnd - leftFrom, rightEnd - rightFrom);
        if (longer != 0) {
            return negative ? -longer : longer;
        }
        return Values.compareBytes(left, leftFrom, leftEnd - leftFrom, right, rightFrom, rightEnd - rightFrom);
    }

    private static int afterSign(byte[] bytes, int from, int end, byte sign) {
        int at = from;
        while (at < end && bytes[at] == sign) {
            at++;
        }
        return at;
    }

    @Override
    public String className() {
        return NativeTypes.PACKAGE + "IntegerType";
    }
}
