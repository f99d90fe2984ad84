package dev.hindsight.cli.demo;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import com.datastax.oss.driver.api.core.type.DataTypes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every row of the shop as text, with the write time of every regular column, table by table, sorted. Two dumps that are
 * equal hold the same data, whatever the rings' shapes.
 */
record ShopDump(Map<String, List<String>> tables) {
    private static final int PAGE = 500;

    ShopDump {
        tables = Map.copyOf(tables);
    }

    static ShopDump read(CqlSession session, ConsistencyLevel level) {
        Map<String, List<String>> out = new LinkedHashMap<>();
        for (String table : Shop.TABLES) {
            out.put(table, rows(session, table, level));
        }
        return new ShopDump(out);
    }

    long rows() {
        return tables.values().stream().mapToLong(List::size).sum();
    }

    /** The first row that one has and the other has not, for a message; empty when they are equal. */
    Optional<String> difference(ShopDump other) {
        for (String table : Shop.TABLES) {
            Optional<String> found = difference(
                    table, tables.getOrDefault(table, List.of()), other.tables.getOrDefault(table, List.of()));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** The same of one table's rows. */
    static Optional<String> difference(String table, List<String> ours, List<String> theirs) {
        for (int i = 0; i < Math.max(ours.size(), theirs.size()); i++) {
            String left = i < ours.size() ? ours.get(i) : "(no more rows)";
            String right = i < theirs.size() ? theirs.get(i) : "(no more rows)";
            if (!left.equals(right)) {
                return Optional.of("table " + table + ": " + left + " against " + right);
            }
        }
        return Optional.empty();
    }

    static List<String> rows(CqlSession session, String table, ConsistencyLevel level) {
        String columns = selection(session, table);
        SimpleStatement statement = SimpleStatement.newInstance(
                        "SELECT " + columns + " FROM " + Shop.KEYSPACE + "." + table)
                .setConsistencyLevel(level)
                .setPageSize(PAGE);
        List<String> out = new ArrayList<>();
        for (Row row : session.execute(statement)) {
            out.add(row.getFormattedContents());
        }
        out.sort(null);
        return List.copyOf(out);
    }

    private static String selection(CqlSession session, String table) {
        TableMetadata metadata = session.refreshSchema()
                .getKeyspace(Shop.KEYSPACE)
                .flatMap(keyspace -> keyspace.getTable(table))
                .orElseThrow(() -> new IllegalStateException("table shop." + table + " is not there"));
        List<String> parts = new ArrayList<>();
        metadata.getColumns().keySet().forEach(name -> parts.add(name.asCql(true)));
        metadata.getColumns().values().stream()
                .filter(column -> !isKey(metadata, column.getName()) && !isCounter(column))
                .forEach(column -> parts.add("WRITETIME(" + column.getName().asCql(true) + ")"));
        return parts.stream().collect(Collectors.joining(", "));
    }

    private static boolean isKey(TableMetadata table, CqlIdentifier name) {
        return table.getPrimaryKey().stream()
                .anyMatch(column -> column.getName().equals(name));
    }

    private static boolean isCounter(ColumnMetadata column) {
        return column.getType().equals(DataTypes.COUNTER);
    }
}
