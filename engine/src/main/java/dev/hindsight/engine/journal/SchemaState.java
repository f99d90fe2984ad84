package dev.hindsight.engine.journal;

import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.document.JournalEntry.Definition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a keyspace's types and tables are, as DDL. Equal states have equal texts, whatever way led to them.
 *
 * @param typesByName CREATE TYPE statements, dependencies first
 * @param tables by id: CREATE TABLE and what was altered
 */
record SchemaState(Map<String, String> typesByName, Map<UUID, String> tables) {
    SchemaState {
        typesByName = new LinkedHashMap<>(typesByName);
        tables = new LinkedHashMap<>(tables);
    }

    static SchemaState of(String keyspace, UUID tableId, Definition definition) {
        Map<String, String> types = new LinkedHashMap<>();
        for (String type : definition.types()) {
            types.put(
                    type.substring(0, type.indexOf('(')).replaceAll("\\s+", " ").trim(), type);
        }
        Map<UUID, String> tables = new LinkedHashMap<>();
        tables.put(tableId, definition.ddl());
        for (String neighbour : definition.neighbours()) {
            UUID id = DdlSchemas.findTableId(neighbour)
                    .orElseThrow(() -> new UnsupportedException(
                            "a table of keyspace " + keyspace + " has no id in its DDL: " + neighbour,
                            "take the schema with DESCRIBE ... WITH INTERNALS"));
            tables.put(id, neighbour);
        }
        return new SchemaState(types, tables);
    }

    List<String> types() {
        return List.copyOf(typesByName.values());
    }

    Definition definition(UUID tableId, int number) {
        List<String> neighbours = new ArrayList<>();
        String ddl = "";
        for (Map.Entry<UUID, String> table : tables.entrySet()) {
            if (table.getKey().equals(tableId)) {
                ddl = table.getValue();
            } else {
                neighbours.add(table.getValue());
            }
        }
        return new Definition(number, types(), ddl, neighbours);
    }
}
