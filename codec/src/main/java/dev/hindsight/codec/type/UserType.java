package dev.hindsight.codec.type;

import java.util.List;

/**
 * A user-defined type. Frozen: coded as a tuple. Not frozen: a cell per field, its path the field's position.
 */
public final class UserType extends CassandraType {
    /**
     * One field.
     *
     * @param nameHex the name's bytes
     */
    record Field(String nameHex, CassandraType type) {}

    private final String keyspace;
    private final String nameHex;
    private final List<Field> fields;
    private final CassandraType[] types;
    private final boolean multiCell;
    private final String className;

    UserType(String keyspace, String nameHex, List<Field> fields, boolean multiCell) {
        this.keyspace = keyspace;
        this.nameHex = nameHex;
        this.fields = List.copyOf(fields);
        this.types = fields.stream().map(Field::type).toArray(CassandraType[]::new);
        this.multiCell = multiCell;
        this.className = className(false);
    }

    /**
     * Not frozen; {@link #freeze} makes it so.
     *
     * @param fieldNames as many as types
     */
    public static UserType of(String keyspace, String name, List<String> fieldNames, List<CassandraType> fieldTypes) {
        List<Field> fields = new java.util.ArrayList<>();
        for (int i = 0; i < fieldNames.size(); i++) {
            fields.add(new Field(hex(fieldNames.get(i)), fieldTypes.get(i)));
        }
        return new UserType(keyspace, hex(name), fields, true);
    }

    private static String hex(String name) {
        return java.util.HexFormat.of().formatHex(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public int fixedLength() {
        return VARIABLE;
    }

    @Override
    public int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength) {
        return TupleType.compare(types, left, leftAt, leftLength, right, rightAt, rightLength);
    }

    @Override
    public String className() {
        return className;
    }

    @Override
    String className(boolean ignoreFreezing) {
        StringBuilder out = new StringBuilder();
        boolean says = !multiCell && !ignoreFreezing;
        if (says) {
            out.append(CollectionType.FROZEN);
        }
        out.append(NativeTypes.PACKAGE)
                .append("UserType(")
                .append(keyspace)
                .append(',')
                .append(nameHex);
        for (Field field : fields) {
            out.append(',')
                    .append(field.nameHex())
                    .append(':')
                    .append(field.type().className(ignoreFreezing || !multiCell));
        }
        return out.append(says ? "))" : ")").toString();
    }

    @Override
    public boolean isMultiCell() {
        return multiCell;
    }

    @Override
    public CassandraType pathType() {
        return multiCell ? NativeTypes.SMALLINT : super.pathType();
    }

    /** Without its keyspace. */
    String name() {
        return new String(java.util.HexFormat.of().parseHex(nameHex), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** In the order of the fields' positions. */
    public List<String> fieldNames() {
        return fields.stream()
                .map(field -> new String(
                        java.util.HexFormat.of().parseHex(field.nameHex()), java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    public List<CassandraType> fieldTypes() {
        return List.of(types);
    }

    /** Whether a field is a collection or user-defined type with cells of its own, which only a frozen one may have. */
    public boolean hasMultiCellField() {
        return fields.stream().anyMatch(field -> field.type().isMultiCell());
    }

    @Override
    public CassandraType freeze() {
        return multiCell ? new UserType(keyspace, nameHex, fields, false) : this;
    }

    @Override
    public CassandraType expandUserTypes() {
        return new TupleType(
                fields.stream().map(field -> field.type().expandUserTypes()).toList());
    }
}
