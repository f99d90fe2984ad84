package dev.hindsight.synthesis;

import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableName;
import java.util.List;

/**
 * A table as its DDL says: enough to understand its SSTables without a running cluster.
 *
 * @param types {@code CREATE TYPE} statements of the keyspace, dependencies first
 * @param ddl {@code CREATE TABLE} and the ALTER statements that record dropped columns
 */
public record TableDefinition(TableName name, List<String> types, String ddl) {
    public TableDefinition {
        types = List.copyOf(types);
    }

    public static TableDefinition of(KeyspaceSchema keyspace, String table) {
        List<String> types = keyspace.elements().stream()
                .filter(element -> element.kind() == SchemaElement.Kind.TYPE)
                .map(SchemaElement::ddl)
                .toList();
        String ddl = keyspace.elements().stream()
                .filter(element -> element.kind() == SchemaElement.Kind.TABLE
                        && element.name().equals(table))
                .map(SchemaElement::ddl)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no table " + table + " in " + keyspace.name()));
        return new TableDefinition(new TableName(keyspace.name(), table), types, ddl);
    }
}
