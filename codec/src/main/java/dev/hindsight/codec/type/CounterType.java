package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;

/** counter: its values are counter contexts, which have no order. */
final class CounterType extends CassandraType {
    @Override
    public int fixedLength() {
        return VARIABLE;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        throw new MalformedException("counters stand where values need an order");
    }

    @Override
    public String className() {
        return NativeTypes.PACKAGE + "CounterColumnType";
    }

    @Override
    public boolean isCounter() {
        return true;
    }
}
