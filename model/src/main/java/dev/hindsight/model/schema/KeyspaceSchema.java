package dev.hindsight.model.schema;

import dev.hindsight.model.ring.Replication;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One keyspace with all its elements, as read in one schema version.
 *
 * @param elements in creation order: types (dependencies first), functions, aggregates, tables, indexes, views
 * @param tables facts of every table in {@code elements}; views are not tables here
 */
public record KeyspaceSchema(
        String name,
        Map<String, String> replication,
        boolean durableWrites,
        List<SchemaElement> elements,
        List<TableFacts> tables) {
    public KeyspaceSchema {
        replication = Map.copyOf(replication);
        elements = List.copyOf(elements);
        tables = List.copyOf(tables);
    }

    public Replication parsedReplication() {
        return Replication.parse(replication);
    }

    public Optional<TableFacts> find(String table) {
        return tables.stream()
                .filter(facts -> facts.name().table().equals(table))
                .findFirst();
    }
}
