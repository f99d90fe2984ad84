package dev.hindsight.operations.backup;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The tables that a request means, in name order, with the keyspaces they are in. */
record Selection(List<KeyspaceSchema> keyspaces, List<TableFacts> tables) {
    /**
     * @throws NotFoundException a named keyspace or table is not in the schema
     */
    static Selection of(BackupRequest request, List<KeyspaceSchema> schema) {
        TreeMap<TableName, TableFacts> chosen = new TreeMap<>();
        List<KeyspaceSchema> keyspaces = new ArrayList<>();
        for (String name : request.keyspaces()) {
            KeyspaceSchema keyspace = find(schema, name);
            keyspace.tables().forEach(facts -> chosen.put(facts.name(), facts));
        }
        for (TableName name : request.tables()) {
            KeyspaceSchema keyspace = find(schema, name.keyspace());
            TableFacts facts = keyspace.find(name.table())
                    .orElseThrow(() -> new NotFoundException(
                            "table " + name + " does not exist; keyspace " + name.keyspace() + " has "
                                    + keyspace.tables().stream()
                                            .map(table -> table.name().table())
                                            .collect(Collectors.joining(", ")),
                            "names are taken as stored: case counts"));
            chosen.put(name, facts);
        }
        if (request.everything()) {
            schema.forEach(keyspace -> keyspace.tables().forEach(facts -> chosen.put(facts.name(), facts)));
        }
        for (KeyspaceSchema keyspace : schema) {
            boolean named = request.everything() || request.keyspaces().contains(keyspace.name());
            if (named
                    || chosen.keySet().stream()
                            .anyMatch(table -> table.keyspace().equals(keyspace.name()))) {
                keyspaces.add(keyspace);
            }
        }
        if (chosen.isEmpty()) {
            throw new UsageException("there is no table to back up", "create one, or name other keyspaces");
        }
        return new Selection(List.copyOf(keyspaces), List.copyOf(chosen.values()));
    }

    KeyspaceSchema keyspaceOf(TableName table) {
        return find(keyspaces, table.keyspace());
    }

    private static KeyspaceSchema find(List<KeyspaceSchema> schema, String name) {
        Optional<KeyspaceSchema> found =
                schema.stream().filter(keyspace -> keyspace.name().equals(name)).findFirst();
        return found.orElseThrow(() -> new NotFoundException(
                "keyspace " + name + " does not exist; there are "
                        + schema.stream().map(KeyspaceSchema::name).collect(Collectors.joining(", ")),
                "names are taken as stored: case counts; Cassandra's own keyspaces are not backed up"));
    }
}
