package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;

/** vector: as many elements as the type says, without lengths when the element's type has a fixed one. */
public final class VectorType extends CassandraType {
    private final CassandraType elements;
    private final int dimension;
    private final int fixedLength;
    private final String name;

    /** @throws MalformedException the dimension is not positive, or values would be longer than 2 GiB */
    public VectorType(CassandraType elements, int dimension) {
        if (dimension <= 0) {
            throw new MalformedException("a vector of " + dimension + " elements");
        }
        this.elements = elements;
        this.dimension = dimension;
        int each = elements.fixedLength();
        long length = each == VARIABLE ? VARIABLE : (long) each * dimension;
        if (length > Integer.MAX_VALUE) {
            throw new MalformedException("a vector of " + dimension + " elements of " + each + " bytes");
        }
        this.fixedLength = (int) length;
        this.name = className(false);
    }

    @Override
    public int fixedLength() {
        return fixedLength;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        int each = elements.fixedLength();
        if (each != VARIABLE) {
            if (elements instanceof BytesType) {
                return Values.compareBytes(left, leftAt, leftLength, right, rightAt, rightLength);
            }
            Values.require(this, leftLength >= fixedLength, leftLength);
            Values.require(this, rightLength >= fixedLength, rightLength);
            for (int i = 0; i < dimension; i++) {
                int order = elements.compare(left, leftAt + i * each, each, right, rightAt + i * each, each);
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }
        int leftEnd = leftAt + leftLength;
        int rightEnd = rightAt + rightLength;
        int leftNow = leftAt;
        int rightNow = rightAt;
        for (int i = 0; i < dimension; i++) {
            int leftSize = length(left, leftNow, leftEnd);
            int rightSize = length(right, rightNow, rightEnd);
            leftNow += VInts.size(leftSize);
            rightNow += VInts.size(rightSize);
            int order = elements.compare(
                    left,
                    leftNow,
                    Values.within(leftSize, leftNow, leftEnd),
                    right,
                    rightNow,
                    Values.within(rightSize, rightNow, rightEnd));
            if (order != 0) {
                return order;
            }
            leftNow += leftSize;
            rightNow += rightSize;
        }
        return 0;
    }

    private int length(byte[] value, int at, int end) {
        if (at >= end || VInts.length(value, at) > end - at) {
            throw new MalformedException("a value of " + name + " ends before its last element");
        }
        long length = VInts.unsigned(value, at);
        if (length < 0 || length > end - at) {
            throw new MalformedException(
                    "an element of " + name + " has " + length + " bytes, but only " + (end - at) + " follow");
        }
        return (int) length;
    }

    CassandraType elementType() {
        return elements;
    }

    int dimension() {
        return dimension;
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    String className(boolean ignoreFreezing) {
        return NativeTypes.PACKAGE + "VectorType(" + elements.className(ignoreFreezing) + " , " + dimension + ")";
    }
}
