package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import java.util.List;
import java.util.stream.Collectors;

/** Several values in one: a partition key of several columns. Per value: length (2 bytes), bytes, end of component (1). */
public final class CompositeType extends CassandraType {
    private static final int STATIC_MARKER = 0xffff;

    private final List<CassandraType> types;
    private final String name;

    public CompositeType(List<CassandraType> types) {
        this.types = List.copyOf(types);
        this.name = types.stream()
                .map(CassandraType::className)
                .collect(Collectors.joining(",", NativeTypes.PACKAGE + "CompositeType(", ")"));
    }

    /** In order. */
    public List<CassandraType> types() {
        return types;
    }

    @Override
    public int fixedLength() {
        return VARIABLE;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        if (leftLength == 0 || rightLength == 0) {
            return Values.compareEmpty(leftLength, rightLength);
        }
        boolean leftStatic = isStatic(left, leftAt, leftLength);
        boolean rightStatic = isStatic(right, rightAt, rightLength);
        if (leftStatic != rightStatic) {
            return leftStatic ? -1 : 1;
        }
        int leftEnd = leftAt + leftLength;
        int rightEnd = rightAt + rightLength;
        int leftNow = leftAt + (leftStatic ? 2 : 0);
        int rightNow = rightAt + (leftStatic ? 2 : 0);
        for (int i = 0; leftNow < leftEnd && rightNow < rightEnd; i++) {
            if (i == types.size()) {
                throw new MalformedException("a value of " + name + " has more than " + i + " components");
            }
            int leftSize = component(left, leftNow, leftEnd);
            int rightSize = component(right, rightNow, rightEnd);
            int order = types.get(i).compare(left, leftNow + 2, leftSize, right, rightNow + 2, rightSize);
            if (order != 0) {
                return order;
            }
            leftNow += 2 + leftSize + 1;
            rightNow += 2 + rightSize + 1;
            int ends = left[leftNow - 1] - right[rightNow - 1];
            if (ends != 0) {
                return ends;
            }
        }
        return leftNow < leftEnd ? 1 : rightNow < rightEnd ? -1 : 0;
    }

    private static boolean isStatic(byte[] value, int at, int length) {
        return length >= 2 && VInts.unsignedShort(value, at) == STATIC_MARKER;
    }

    /** Length of the component that begins here; its end-of-component byte is there as well. */
    private int component(byte[] value, int at, int end) {
        if (end - at < 3 || VInts.unsignedShort(value, at) > end - at - 3) {
            throw new MalformedException("a value of " + name + " ends inside a component");
        }
        return VInts.unsignedShort(value, at);
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    public CassandraType expandUserTypes() {
        return new CompositeType(
                types.stream().map(CassandraType::expandUserTypes).toList());
    }
}
