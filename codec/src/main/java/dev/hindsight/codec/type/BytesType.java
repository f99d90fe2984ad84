package dev.hindsight.codec.type;

/** All types that are compared as unsigned bytes: blob, text, ascii, inet, date, time, duration, the legacy DateType. */
final class BytesType extends CassandraType {
    private final String name;
    private final int fixedLength;

    BytesType(String name, int fixedLength) {
        this.name = name;
        this.fixedLength = fixedLength;
    }

    @Override
    public int fixedLength() {
        return fixedLength;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        return Values.compareBytes(left, leftAt, leftLength, right, rightAt, rightLength);
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    public boolean isOrderPrefixWhole() {
        return fixedLength == 8;
    }

    @Override
    public long orderPrefix(byte[] value, int at, int length) {
        return Values.bytesPrefix(value, at, length);
    }
}
