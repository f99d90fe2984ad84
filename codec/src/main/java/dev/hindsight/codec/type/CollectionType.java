package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import java.util.List;

/** list, set and map. Frozen: one value, count and elements with lengths of four bytes. Not frozen: a cell per element. */
public final class CollectionType extends CassandraType {
    enum Kind {
        LIST("ListType"),
        SET("SetType"),
        MAP("MapType");

        private final String simpleName;

        Kind(String simpleName) {
            this.simpleName = simpleName;
        }
    }

    static final String FROZEN = NativeTypes.PACKAGE + "FrozenType(";

    private final Kind kind;
    private final CassandraType keys;
    private final CassandraType values;
    private final boolean multiCell;
    private final String name;

    private CollectionType(Kind kind, CassandraType keys, CassandraType values, boolean multiCell) {
        this.kind = kind;
        this.keys = keys;
        this.values = values;
        this.multiCell = multiCell;
        this.name = className(false);
    }

    /** Not frozen; {@link #freeze} makes it so. */
    public static CollectionType list(CassandraType elements) {
        return new CollectionType(Kind.LIST, NativeTypes.TIMEUUID, elements, true);
    }

    public static CollectionType set(CassandraType elements) {
        return new CollectionType(Kind.SET, elements, NativeTypes.EMPTY, true);
    }

    public static CollectionType map(CassandraType keys, CassandraType values) {
        return new CollectionType(Kind.MAP, keys, values, true);
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
        int leftEnd = leftAt + leftLength;
        int rightEnd = rightAt + rightLength;
        int leftCount = count(left, leftAt, leftEnd);
        int rightCount = count(right, rightAt, rightEnd);
        int parts = Math.min(leftCount, rightCount) * (kind == Kind.MAP ? 2 : 1);
        int leftNow = leftAt + 4;
        int rightNow = rightAt + 4;
        for (int i = 0; i < parts; i++) {
            int leftSize = Values.within(Values.int4(left, leftNow, leftEnd), leftNow + 4, leftEnd);
            int rightSize = Values.within(Values.int4(right, rightNow, rightEnd), rightNow + 4, rightEnd);
            int order = part(i).compare(left, leftNow + 4, leftSize, right, rightNow + 4, rightSize);
            if (order != 0) {
                return order;
            }
            leftNow += 4 + leftSize;
            rightNow += 4 + rightSize;
        }
        return Integer.compare(leftCount, rightCount);
    }

    private CassandraType part(int i) {
        return kind == Kind.SET || kind == Kind.MAP && (i & 1) == 0 ? keys : values;
    }

    /** Each element has at least its length, so no count can be more than a quarter of the bytes. */
    private int count(byte[] value, int at, int end) {
        int count = Values.int4(value, at, end);
        if (count < 0 || count > (end - at) / 4) {
            throw new MalformedException(
                    "a " + name + " of " + (end - at) + " bytes says that it has " + count + " elements");
        }
        return count;
    }

    @Override
    public String className() {
        return name;
    }

    @Override
    String className(boolean ignoreFreezing) {
        boolean frozenInside = ignoreFreezing || !multiCell;
        String inner = kind == Kind.MAP
                ? keys.className(frozenInside) + "," + values.className(frozenInside)
                : part(0).className(frozenInside);
        String plain = NativeTypes.PACKAGE + kind.simpleName + "(" + inner + ")";
        return multiCell || ignoreFreezing ? plain : FROZEN + plain + ")";
    }

    @Override
    public boolean isMultiCell() {
        return multiCell;
    }

    @Override
    public CassandraType pathType() {
        return multiCell ? keys : super.pathType();
    }

    /** What the elements, or the values of a map, are. */
    public CassandraType elementType() {
        return kind == Kind.SET ? keys : values;
    }

    boolean isMap() {
        return kind == Kind.MAP;
    }

    /** Of the n-th part of a frozen value, or of a path and its value in turn. */
    CassandraType partType(int n) {
        return part(n);
    }

    /**
     * A CQL literal.
     *
     * @param parts literals of the elements; of a map, of key and value in turn
     */
    public String assembled(List<String> parts) {
        if (kind == Kind.LIST) {
            return "[" + String.join(", ", parts) + "]";
        }
        if (kind == Kind.SET) {
            return "{" + String.join(", ", parts) + "}";
        }
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i + 1 < parts.size(); i += 2) {
            out.append(i == 0 ? "" : ", ").append(parts.get(i)).append(": ").append(parts.get(i + 1));
        }
        return out.append('}').toString();
    }

    /** Whether a cell's path is a part of the literal. */
    public boolean showsPaths() {
        return kind != Kind.LIST;
    }

    /** Whether a cell's value is. */
    public boolean showsValues() {
        return kind != Kind.SET;
    }

    @Override
    public CassandraType freeze() {
        return multiCell ? new CollectionType(kind, keys.freeze(), values.freeze(), false) : this;
    }

    @Override
    public CassandraType expandUserTypes() {
        return new CollectionType(kind, keys.expandUserTypes(), values.expandUserTypes(), multiCell);
    }
}
