package dev.hindsight.codec.type;

import java.util.List;
import java.util.stream.Collectors;

/** tuple: fields with lengths of four bytes, negative for null; trailing fields may be missing. */
public final class TupleType extends CassandraType {
    private final List<CassandraType> types;
    private final CassandraType[] fields;
    private final String name;

    public TupleType(List<CassandraType> types) {
        this.types = types.stream().map(CassandraType::freeze).toList();
        this.fields = this.types.toArray(CassandraType[]::new);
        this.name = this.types.stream()
                .map(type -> type.className(true))
                .collect(Collectors.joining(",", NativeTypes.PACKAGE + "TupleType(", ")"));
    }

    @Override
    public int fixedLength() {
        return VARIABLE;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        return compare(fields, left, leftAt, leftLength, right, rightAt, rightLength);
    }

    /** Null is before everything; what is missing counts as null. Bytes behind the last field only decide by being there. */
    static int compare(
            CassandraType[] fields,
            byte[] left,
            int leftAt,
            int leftLength,
            byte[] right,
            int rightAt,
            int rightLength) {
        if (leftLength == 0 || rightLength == 0) {
            return Values.compareEmpty(leftLength, rightLength);
        }
        int leftEnd = leftAt + leftLength;
        int rightEnd = rightAt + rightLength;
        int leftNow = leftAt;
        int rightNow = rightAt;
        for (int i = 0; i < fields.length && leftNow < leftEnd && rightNow < rightEnd; i++) {
            int leftSize = Values.int4(left, leftNow, leftEnd);
            int rightSize = Values.int4(right, rightNow, rightEnd);
            leftNow += 4;
            rightNow += 4;
            if (leftSize < 0 || rightSize < 0) {
                if (leftSize >= 0 || rightSize >= 0) {
                    return leftSize < 0 ? -1 : 1;
                }
                continue;
            }
            Values.within(leftSize, leftNow, leftEnd);
            Values.within(rightSize, rightNow, rightEnd);
            int order = fields[i].compare(left, leftNow, leftSize, right, rightNow, rightSize);
            if (order != 0) {
                return order;
            }
            leftNow += leftSize;
            rightNow += rightSize;
        }
        boolean leftNulls = onlyNulls(left, leftNow, leftEnd);
        boolean rightNulls = onlyNulls(right, rightNow, rightEnd);
        if (leftNulls && rightNulls) {
            return 0;
        }
        if (leftNow == leftEnd) {
            return rightNulls ? 0 : -1;
        }
        return leftNulls ? 0 : 1;
    }

    private static boolean onlyNulls(byte[] value, int from, int end) {
        for (int at = from; at < end; at += 4) {
            if (Values.int4(value, at, end) >= 0) {
                return false;
            }
        }
        return true;
    }

    List<CassandraType> fieldTypes() {
        return types;
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    public CassandraType expandUserTypes() {
        return new TupleType(types.stream().map(CassandraType::expandUserTypes).toList());
    }
}
