package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.engine.journal.SchemaMutation.Row;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What rows of {@code system_schema} change in the state of a keyspace: columns that were added and dropped, types, tables that
 * came and went. Options of tables are passed over: they do not say how rows are coded. What is not understood stops sealing,
 * since to go on would be to guess.
 */
final class SchemaChanges {
    private static final String HINT = "protect the table anew: a new base with today's schema begins a new window";

    private static final String UNDURABLE =
            "the keyspace was given durable_writes = false: its writes are in no log until that is true again";

    private final TableName table;
    private final UUID tableId;
    private final SchemaVersions versions;
    private final int from;
    private final Map<String, String> types;
    private final Map<UUID, String> tables;
    private final Map<UUID, TableSchema> schemas;

    /** @param from version that the host had until now */
    SchemaChanges(TableName table, UUID tableId, SchemaVersions versions, int from) {
        this.table = table;
        this.tableId = tableId;
        this.versions = versions;
        this.from = from;
        SchemaVersions.Version version = versions.get(from);
        this.types = new LinkedHashMap<>(version.state().typesByName());
        this.tables = new LinkedHashMap<>(version.state().tables());
        this.schemas = version.tables();
    }

    void apply(List<Row> rows, long keyspaceDeletedAt, Observation observed, Consumer<StreamRound.Found> into) {
        long newest = rows.stream().mapToLong(Row::writtenAt).max().orElse(keyspaceDeletedAt);
        if (keyspaceDeletedAt != RowFormat.NO_TIMESTAMP) {
            into.accept(new StreamRound.Dropped("its keyspace was dropped", keyspaceDeletedAt, observed));
            return;
        }
        for (Row row : of(rows, "keyspaces")) {
            row.bytes("durable_writes")
                    .filter(bytes -> bytes[0] == 0)
                    .ifPresent(bytes -> into.accept(new StreamRound.Unlogged(UNDURABLE, observed)));
        }
        for (Row row : rows) {
            if (row.table().equals("tables") && row.key().get(0).equals(table.table())) {
                own(row, observed, into);
            }
        }
        of(rows, "types").forEach(this::type);
        of(rows, "tables").forEach(row -> neighbour(row, rows));
        for (Map.Entry<UUID, TableSchema> one : schemas.entrySet()) {
            if (tables.containsKey(one.getKey())) {
                columns(one.getKey(), one.getValue(), rows);
            }
        }
        SchemaState state = new SchemaState(ordered(types), tables);
        if (!state.equals(versions.get(from).state())) {
            into.accept(new StreamRound.NewSchema(versions.of(state, from, newest), newest, observed));
        }
    }

    private static List<Row> of(List<Row> rows, String table) {
        return rows.stream().filter(row -> row.table().equals(table)).toList();
    }

    private void own(Row row, Observation observed, Consumer<StreamRound.Found> into) {
        if (row.isDeletion()) {
            into.accept(new StreamRound.Dropped("it was dropped", row.deletedAt(), observed));
            return;
        }
        row.bytes("id")
                .map(SchemaChanges::uuid)
                .filter(id -> !id.equals(tableId))
                .ifPresent(id -> into.accept(new StreamRound.Dropped(
                        "a table of id " + id + " has its name now", row.writtenAt(), observed)));
    }

    private static UUID uuid(byte[] bytes) {
        return new UUID(VInts.long8(bytes, 0), VInts.long8(bytes, 8));
    }

    private void type(Row row) {
        String name = "CREATE TYPE " + Identifiers.quote(table.keyspace()) + "."
                + Identifiers.quote(row.key().get(0));
        String known = types.keySet().stream()
                .filter(one -> plain(one).equals(plain(name)))
                .findFirst()
                .orElse(name);
        if (row.isDeletion()) {
            types.remove(known);
            return;
        }
        List<String> names = row.texts("field_names");
        List<String> fieldTypes = row.texts("field_types");
        if (names.isEmpty() || names.size() != fieldTypes.size()) {
            return;
        }
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            fields.append(i == 0 ? "" : ", ")
                    .append(Identifiers.quote(names.get(i)))
                    .append(' ')
                    .append(fieldTypes.get(i));
        }
        String statement = name + " (" + fields + ");";
        if (!plain(types.getOrDefault(known, "")).equals(plain(statement))) {
            types.put(known, statement);
        }
    }

    /** Without what may be written in several ways. */
    private static String plain(String statement) {
        return statement.replaceAll("[\\s\";]", "").toLowerCase(Locale.ROOT);
    }

    /** Dependencies first: a statement stands behind those whose types it names. */
    private static Map<String, String> ordered(Map<String, String> types) {
        Map<String, String> out = new LinkedHashMap<>();
        Map<String, String> left = new LinkedHashMap<>(types);
        while (!left.isEmpty()) {
            String next = left.keySet().stream()
                    .filter(one -> left.keySet().stream()
                            .noneMatch(other -> !other.equals(one) && names(types.getOrDefault(one, ""), other)))
                    .findFirst()
                    .orElse(left.keySet().iterator().next());
            out.put(next, types.getOrDefault(next, ""));
            left.remove(next);
        }
        return out;
    }

    private static boolean names(String statement, String create) {
        String type = plain(create.substring(create.lastIndexOf('.') + 1).replace("CREATE TYPE", ""));
        String body = statement.substring(Math.max(0, statement.indexOf('('))).toLowerCase(Locale.ROOT);
        return Stream.of(body.split("[^A-Za-z0-9_]+")).anyMatch(word -> word.equals(type));
    }

    private void neighbour(Row row, List<Row> rows) {
        String name = row.key().get(0);
        if (name.equals(table.table())) {
            return;
        }
        if (row.isDeletion()) {
            schemas.forEach((id, schema) -> {
                if (schema.table().equals(name)) {
                    tables.remove(id);
                }
            });
            return;
        }
        row.bytes("id")
                .map(SchemaChanges::uuid)
                .filter(id -> !tables.containsKey(id))
                .ifPresent(id -> {
                    List<Row> columns = of(rows, "columns").stream()
                            .filter(one -> one.key().get(0).equals(name) && !one.isDeletion())
                            .toList();
                    tables.put(id, create(name, id, columns));
                });
    }

    private String create(String name, UUID id, List<Row> columns) {
        List<String> items = new ArrayList<>();
        for (Row column : columns) {
            items.add(Identifiers.quote(column.key().get(1)) + " " + column.text("type")
                    + (column.text("kind").equals("static") ? " static" : ""));
        }
        List<Row> clustering = keys(columns, "clustering");
        String partition = names(keys(columns, "partition_key"));
        items.add("PRIMARY KEY ((" + partition + ")" + (clustering.isEmpty() ? "" : ", " + names(clustering)) + ")");
        String order = clustering.isEmpty()
                ? ""
                : " AND CLUSTERING ORDER BY ("
                        + clustering.stream()
                                .map(one -> Identifiers.quote(one.key().get(1)) + " "
                                        + (one.text("clustering_order").equals("desc") ? "DESC" : "ASC"))
                                .collect(Collectors.joining(", "))
                        + ")";
        return "CREATE TABLE " + quoted(name) + " (" + String.join(", ", items) + ") WITH ID = " + id + order + ";\n";
    }

    private String quoted(String name) {
        return Identifiers.quote(table.keyspace()) + "." + Identifiers.quote(name);
    }

    private static List<Row> keys(List<Row> columns, String kind) {
        return columns.stream()
                .filter(one -> one.text("kind").equals(kind))
                .sorted(Comparator.comparingInt(one ->
                        one.bytes("position").map(bytes -> VInts.int4(bytes, 0)).orElse(0)))
                .toList();
    }

    private static String names(List<Row> columns) {
        return columns.stream().map(one -> Identifiers.quote(one.key().get(1))).collect(Collectors.joining(", "));
    }

    private void columns(UUID id, TableSchema schema, List<Row> rows) {
        StringBuilder altered = new StringBuilder();
        Map<String, ColumnSchema> live = new LinkedHashMap<>();
        Stream.concat(schema.regulars().stream(), schema.statics().stream())
                .forEach(column -> live.put(column.name(), column));
        for (Row row : rows) {
            boolean ofIt = row.key().size() == 2 && row.key().get(0).equals(schema.table());
            if (ofIt && row.table().equals("dropped_columns") && !row.isDeletion()) {
                drop(schema, row, live, altered);
            }
        }
        for (Row row : rows) {
            boolean ofIt = row.key().size() == 2 && row.key().get(0).equals(schema.table());
            if (ofIt && row.table().equals("columns")) {
                column(schema, row, rows, live, altered);
            }
        }
        if (altered.length() > 0) {
            String ddl = tables.getOrDefault(id, "");
            tables.put(id, ddl + (ddl.endsWith("\n") ? "" : "\n") + altered);
        }
    }

    private void drop(TableSchema schema, Row row, Map<String, ColumnSchema> live, StringBuilder altered) {
        String name = row.key().get(1);
        long droppedAt =
                row.bytes("dropped_time").map(bytes -> VInts.long8(bytes, 0)).orElse(0L) * 1000;
        DroppedColumn known = schema.dropped().get(name);
        // Cassandra keeps milliseconds of this, DESCRIBE may have printed microseconds.
        if (known != null && known.droppedAtMicros() >= droppedAt) {
            return;
        }
        String alter = "ALTER TABLE " + quoted(schema.table());
        if (live.remove(name) == null) {
            altered.append(alter)
                    .append(" ADD ")
                    .append(Identifiers.quote(name))
                    .append(' ')
                    .append(row.text("type"))
                    .append(row.text("kind").equals("static") ? " static" : "")
                    .append(";\n");
        }
        altered.append(alter)
                .append(" DROP ")
                .append(Identifiers.quote(name))
                .append(" USING TIMESTAMP ")
                .append(droppedAt)
                .append(";\n");
    }

    private void column(
            TableSchema schema, Row row, List<Row> rows, Map<String, ColumnSchema> live, StringBuilder altered) {
        String name = row.key().get(1);
        boolean isKey = Stream.concat(schema.partitionKey().stream(), schema.clustering().stream())
                .anyMatch(column -> column.name().equals(name));
        if (row.isDeletion()) {
            boolean tableGoes = of(rows, "tables").stream()
                    .anyMatch(one -> one.key().get(0).equals(schema.table()) && one.isDeletion());
            if (isKey && !tableGoes) {
                throw new UnsupportedException(
                        "column " + name + " of the primary key of " + schema.keyspace() + "." + schema.table()
                                + " was renamed, which the journal cannot follow",
                        HINT);
            }
            return;
        }
        String kind = row.text("kind");
        if (isKey || live.containsKey(name) || !kind.equals("regular") && !kind.equals("static")) {
            if (!isKey && !live.containsKey(name) && !kind.isEmpty()) {
                throw new UnsupportedException(
                        "the primary key of " + schema.keyspace() + "." + schema.table() + " has a new name, " + name
                                + ", which the journal cannot follow",
                        HINT);
            }
            return;
        }
        DroppedColumn dropped = schema.dropped().get(name);
        if (dropped != null && row.writtenAt() <= dropped.droppedAtMicros()) {
            // From before it was dropped: some node told the schema late.
            return;
        }
        altered.append("ALTER TABLE ")
                .append(quoted(schema.table()))
                .append(" ADD ")
                .append(Identifiers.quote(name))
                .append(' ')
                .append(row.text("type"))
                .append(kind.equals("static") ? " static" : "")
                .append(";\n");
    }
}
