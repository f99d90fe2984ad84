package dev.hindsight.testkit.dump;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.ColumnDefinition;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.codec.TypeCodec;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.TableName;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one table is read: the SELECT, and how its rows become a dump. The columns come from the server each time, since a
 * driver's own metadata may lag behind a schema change.
 */
final class TableReading {
    private static final int WHOLE_BYTES = 64;

    private enum Kind {
        PARTITION_KEY,
        CLUSTERING,
        STATIC,
        REGULAR
    }

    private record Column(String name, Kind kind, boolean counter, int position) {}

    private final TableName table;
    private final String readRepair;
    private final List<Column> columns;

    private TableReading(TableName table, String readRepair, List<Column> columns) {
        this.table = table;
        this.readRepair = readRepair;
        this.columns = List.copyOf(columns);
    }

    static TableReading of(CqlSession session, TableName table) {
        Map<String, Row> stored = new HashMap<>();
        for (Row row : session.execute(
                "SELECT column_name, kind, type, position FROM system_schema.columns"
                        + " WHERE keyspace_name = ? AND table_name = ?",
                table.keyspace(),
                table.table())) {
            stored.put(row.getString("column_name"), row);
        }
        if (stored.isEmpty()) {
            throw new IllegalArgumentException("no table or view " + table);
        }
        List<Column> columns = new ArrayList<>();
        // Not all stored columns are visible: COMPACT STORAGE has hidden ones.
        for (ColumnDefinition visible : session.execute(
                        SimpleStatement.newInstance("SELECT * FROM " + table.asCql() + " LIMIT 1")
                                .setConsistencyLevel(ConsistencyLevel.ONE))
                .getColumnDefinitions()) {
            String name = visible.getName().asInternal();
            Row row = Objects.requireNonNull(stored.get(name), name);
            columns.add(new Column(
                    name,
                    kind(row.getString("kind")),
                    visible.getType().equals(DataTypes.COUNTER),
                    row.getInt("position")));
        }
        columns.sort((a, b) -> a.kind() != b.kind()
                ? a.kind().compareTo(b.kind())
                : a.position() != b.position()
                        ? Integer.compare(a.position(), b.position())
                        : a.name().compareTo(b.name()));
        return new TableReading(table, readRepair(session, table), columns);
    }

    private static Kind kind(@Nullable String text) {
        return switch (String.valueOf(text)) {
            case "partition_key" -> Kind.PARTITION_KEY;
            case "clustering" -> Kind.CLUSTERING;
            case "static" -> Kind.STATIC;
            case "regular" -> Kind.REGULAR;
            default -> throw new IllegalArgumentException("unknown kind of column: " + text);
        };
    }

    private static String readRepair(CqlSession session, TableName table) {
        for (String[] source : new String[][] {{"tables", "table_name"}, {"views", "view_name"}}) {
            Row row = session.execute(
                            "SELECT read_repair FROM system_schema." + source[0] + " WHERE keyspace_name = ? AND "
                                    + source[1] + " = ?",
                            table.keyspace(),
                            table.table())
                    .one();
            if (row != null) {
                return String.valueOf(row.getString("read_repair"));
            }
        }
        throw new IllegalArgumentException("no table or view " + table);
    }

    /** The table's option: {@code BLOCKING} or {@code NONE}. */
    String readRepair() {
        return readRepair;
    }

    String select(TokenRange range) {
        String token = of(Kind.PARTITION_KEY).stream()
                .map(column -> Identifiers.quote(column.name()))
                .collect(Collectors.joining(", ", "token(", ")"));
        StringBuilder select = new StringBuilder("SELECT ").append(token);
        for (Column column : columns) {
            String name = Identifiers.quote(column.name());
            select.append(", ").append(name);
            if (hasTimes(column)) {
                select.append(", writetime(")
                        .append(name)
                        .append("), ttl(")
                        .append(name)
                        .append(')');
            }
        }
        return select.append(" FROM ")
                .append(table.asCql())
                .append(" WHERE ")
                .append(token)
                .append(" > ")
                .append(range.start())
                .append(" AND ")
                .append(token)
                .append(" <= ")
                .append(range.end())
                .toString();
    }

    private static boolean hasTimes(Column column) {
        return !column.counter() && (column.kind() == Kind.STATIC || column.kind() == Kind.REGULAR);
    }

    private List<Column> of(Kind kind) {
        return columns.stream().filter(column -> column.kind() == kind).toList();
    }

    /** Partitions while their rows arrive. */
    static final class Gathering {
        private final Map<String, Long> tokens = new HashMap<>();
        private final Map<String, String> readableKeys = new HashMap<>();
        private final Map<String, Map<String, Map<String, String>>> rows = new HashMap<>();

        Map<String, TableDump.Partition> partitions() {
            Map<String, TableDump.Partition> partitions = new HashMap<>();
            rows.forEach((key, content) -> partitions.put(
                    key,
                    new TableDump.Partition(
                            Objects.requireNonNull(tokens.get(key)),
                            Objects.requireNonNull(readableKeys.get(key)),
                            content)));
            return partitions;
        }
    }

    void add(Row row, long asOfSeconds, Gathering into) {
        List<String> key = new ArrayList<>();
        List<String> readableKey = new ArrayList<>();
        List<String> clustering = new ArrayList<>();
        Map<String, String> statics = new LinkedHashMap<>();
        Map<String, String> regulars = new LinkedHashMap<>();
        boolean rowExists = of(Kind.CLUSTERING).isEmpty();
        int index = 1;
        for (Column column : columns) {
            ByteBuffer value = row.getBytesUnsafe(index);
            switch (column.kind()) {
                case PARTITION_KEY -> {
                    key.add(hex(Objects.requireNonNull(value)));
                    readableKey.add(readable(row, index));
                }
                case CLUSTERING -> {
                    rowExists |= value != null;
                    clustering.add(value == null ? "null" : hex(value) + readable(row, index));
                }
                case STATIC, REGULAR -> {
                    if (value != null) {
                        (column.kind() == Kind.STATIC ? statics : regulars)
                                .put(column.name(), cell(row, index, column, value, asOfSeconds));
                    }
                }
            }
            index += hasTimes(column) ? 3 : 1;
        }
        String keyText = String.join(":", key);
        into.tokens.put(keyText, row.getLong(0));
        into.readableKeys.put(keyText, "(" + String.join(", ", readableKey) + ")");
        Map<String, Map<String, String>> rows = into.rows.computeIfAbsent(keyText, any -> new LinkedHashMap<>());
        if (!statics.isEmpty()) {
            rows.put(TableDump.STATIC, statics);
        }
        if (rowExists && rows.put("(" + String.join(", ", clustering) + ")", regulars) != null) {
            throw new IllegalStateException("row " + clustering + " of partition " + readableKey + " came twice");
        }
    }

    private String cell(Row row, int index, Column column, ByteBuffer value, long asOfSeconds) {
        String text = digest(value) + readable(row, index);
        if (!hasTimes(column)) {
            return text;
        }
        Object written = row.getObject(index + 1);
        Object left = row.getObject(index + 2);
        return text + " @" + written + (hasExpiry(left) ? " !" + expiry(left, asOfSeconds) : "");
    }

    private static boolean hasExpiry(@Nullable Object left) {
        return left instanceof List<?> list ? list.stream().anyMatch(Objects::nonNull) : left != null;
    }

    private static String expiry(@Nullable Object left, long asOfSeconds) {
        if (left instanceof List<?> list) {
            return list.stream().map(one -> expiry(one, asOfSeconds)).collect(Collectors.joining(", ", "[", "]"));
        }
        return left == null ? "-" : Long.toString(asOfSeconds + ((Number) left).longValue());
    }

    private static String digest(ByteBuffer value) {
        if (value.remaining() <= WHOLE_BYTES) {
            return hex(value);
        }
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(value.duplicate());
            return value.remaining() + " bytes " + HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    /** {@code =<CQL literal>} for short values; a function of the bytes, so it adds nothing to what is compared. */
    private static String readable(Row row, int index) {
        ByteBuffer value = row.getBytesUnsafe(index);
        if (value == null || value.remaining() == 0 || value.remaining() > WHOLE_BYTES) {
            return "";
        }
        try {
            TypeCodec<Object> codec = row.codecRegistry().codecFor(row.getType(index));
            return "=" + codec.format(codec.decode(value, row.protocolVersion()));
        } catch (RuntimeException e) {
            return "";
        }
    }
}
