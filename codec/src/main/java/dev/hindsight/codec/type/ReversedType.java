package dev.hindsight.codec.type;

/** A clustering column in descending order. */
public final class ReversedType extends CassandraType {
    private final CassandraType base;
    private final String name;

    public ReversedType(CassandraType base) {
        this.base = base;
        this.name = NativeTypes.PACKAGE + "ReversedType(" + base.className() + ")";
    }

    /** What is reversed. */
    public CassandraType base() {
        return base;
    }

    @Override
    public int fixedLength() {
        return base.fixedLength();
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        return base.compare(right, rightAt, rightLength, left, leftAt, leftLength);
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    public boolean isCounter() {
        return base.isCounter();
    }

    @Override
    public boolean isReversed() {
        return true;
    }

    @Override
    public boolean isOrderPrefixWhole() {
        return base.isOrderPrefixWhole();
    }

    @Override
    public long orderPrefix(byte[] value, int at, int length) {
        return ~base.orderPrefix(value, at, length);
    }

    @Override
    public CassandraType expandUserTypes() {
        return new ReversedType(base.expandUserTypes());
    }
}
