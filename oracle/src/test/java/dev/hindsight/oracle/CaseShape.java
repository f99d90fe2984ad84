package dev.hindsight.oracle;

import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;

/**
 * A table through its life: what its DDL is at each of a few moments ("generations"), between which columns and fields of
 * types were added, dropped and added again.
 *
 * @param options of the table at each generation, after {@code WITH ID = ...}; begin with {@code " AND "} or are empty
 */
record CaseShape(
        String keyspace, String table, List<UserTypeShape> types, List<ColumnShape> columns, List<String> options) {
    /**
     * A user type, whose fields only ever get more.
     *
     * @param name as CQL writes it, perhaps in quotes
     */
    record UserTypeShape(String name, List<FieldShape> fields) {}

    /** @param since generation */
    record FieldShape(String name, String type, int since) {}

    enum Kind {
        PARTITION,
        CLUSTERING,
        CLUSTERING_DESC,
        STATIC,
        REGULAR
    }

    /**
     * There in generations {@code [since, until)} and again from {@code again} on.
     *
     * @param droppedAt microseconds, when {@code until} is a generation
     */
    record ColumnShape(String name, Kind kind, String type, int since, int until, int again, long droppedAt) {
        static final int NEVER = 99;

        static ColumnShape always(String name, Kind kind, String type) {
            return new ColumnShape(name, kind, type, 0, NEVER, NEVER, 0);
        }

        boolean isKey() {
            return kind != Kind.STATIC && kind != Kind.REGULAR;
        }

        boolean isThere(int generation) {
            return generation >= since && generation < until || generation >= again;
        }

        boolean wasDropped(int generation) {
            return generation >= until;
        }
    }

    private static final String ID = "5bc52802-de25-35ed-aeab-188eecebb0aa";

    int generations() {
        return options.size();
    }

    int last() {
        return options.size() - 1;
    }

    CaseShape named(String otherKeyspace, String otherTable) {
        return new CaseShape(otherKeyspace, otherTable, types, columns, options);
    }

    CaseShape without(ColumnShape column) {
        return new CaseShape(
                keyspace,
                table,
                types,
                columns.stream().filter(other -> other != column).toList(),
                options);
    }

    CaseShape withOptions(List<String> other) {
        return new CaseShape(keyspace, table, types, columns, other);
    }

    /** As DESCRIBE WITH INTERNALS shows it in that generation. */
    TableDefinition definition(int generation) {
        return definition(generation, true);
    }

    /** Without a memory of dropped columns, as a new table has it. */
    TableDefinition fresh() {
        return definition(last(), false);
    }

    private TableDefinition definition(int generation, boolean drops) {
        List<String> lines = new ArrayList<>();
        StringBuilder after = new StringBuilder();
        String name = Identifiers.quote(keyspace) + "." + Identifiers.quote(table);
        for (ColumnShape column : columns) {
            boolean dropped = drops && column.wasDropped(generation);
            if (!dropped && !column.isThere(generation)) {
                continue;
            }
            String of = Identifiers.quote(column.name());
            String suffix = column.kind() == Kind.STATIC ? " static" : "";
            lines.add(
                    of + " " + (dropped && !column.isThere(generation) ? droppedType(column) : column.type()) + suffix);
            if (dropped) {
                after.append("\nALTER TABLE ")
                        .append(name)
                        .append(" DROP ")
                        .append(of)
                        .append(" USING TIMESTAMP ")
                        .append(column.droppedAt())
                        .append(';');
                if (column.isThere(generation)) {
                    after.append("\nALTER TABLE ")
                            .append(name)
                            .append(" ADD ")
                            .append(of)
                            .append(' ')
                            .append(column.type())
                            .append(suffix)
                            .append(';');
                }
            }
        }
        lines.add("PRIMARY KEY ((" + names(Kind.PARTITION) + ")"
                + (clustering().isEmpty() ? "" : ", " + names(Kind.CLUSTERING, Kind.CLUSTERING_DESC)) + ")");
        String order = clustering().isEmpty()
                ? ""
                : " AND CLUSTERING ORDER BY ("
                        + clustering().stream()
                                .map(column -> Identifiers.quote(column.name())
                                        + (column.kind() == Kind.CLUSTERING_DESC ? " DESC" : " ASC"))
                                .collect(Collectors.joining(", "))
                        + ")";
        return new TableDefinition(
                new TableName(keyspace, table),
                types(generation),
                "CREATE TABLE " + name + " (\n    " + String.join(",\n    ", lines) + "\n) WITH ID = " + ID + order
                        + options.get(generation) + ";" + after);
    }

    private List<ColumnShape> clustering() {
        return columns.stream()
                .filter(column -> column.kind() == Kind.CLUSTERING || column.kind() == Kind.CLUSTERING_DESC)
                .toList();
    }

    private String names(Kind... kinds) {
        return columns.stream()
                .filter(column -> List.of(kinds).contains(column.kind()))
                .map(column -> Identifiers.quote(column.name()))
                .collect(Collectors.joining(", "));
    }

    private List<String> types(int generation) {
        return types.stream()
                .map(type -> "CREATE TYPE " + Identifiers.quote(keyspace) + "." + type.name() + " ("
                        + type.fields().stream()
                                .filter(field -> field.since() <= generation)
                                .map(field -> Identifiers.quote(field.name()) + " " + field.type())
                                .collect(Collectors.joining(", "))
                        + ");")
                .toList();
    }

    /** What the schema tables keep of a dropped column: user types as tuples. */
    private String droppedType(ColumnShape column) {
        TableMetadata before = TableSchemas.parse(definition(column.until() - 1));
        ColumnMetadata known = before.getColumn(ByteBufferUtil.bytes(column.name()));
        return known.type.expandUserTypes().asCQL3Type().toString();
    }
}
