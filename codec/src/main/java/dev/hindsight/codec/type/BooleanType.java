package dev.hindsight.codec.type;

/** boolean: everything but zero is true. */
final class BooleanType extends CassandraType {
    @Override
    public int fixedLength() {
        return 1;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        if (leftLength == 0 || rightLength == 0) {
            return Values.compareEmpty(leftLength, rightLength);
        }
        return Boolean.compare(left[leftAt] != 0, right[rightAt] != 0);
    }

    @Override
    public String className() {
        return NativeTypes.PACKAGE + "BooleanType";
    }

    @Override
    public boolean isOrderPrefixWhole() {
        return true;
    }

    @Override
    public long orderPrefix(byte[] value, int at, int length) {
        return length == 0 ? Long.MIN_VALUE : value[at] == 0 ? 0 : 1;
    }
}
