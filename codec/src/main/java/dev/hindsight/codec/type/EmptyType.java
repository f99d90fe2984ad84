package dev.hindsight.codec.type;

/** No bytes: the value of a COMPACT STORAGE table without value column. */
final class EmptyType extends CassandraType {
    @Override
    public int fixedLength() {
        return 0;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        return 0;
    }

    @Override
    public String className() {
        return NativeTypes.PACKAGE + "EmptyType";
    }

    @Override
    public boolean isOrderPrefixWhole() {
        return true;
    }
}
