package dev.hindsight.operations.backup;

import dev.hindsight.model.schema.TableName;
import java.util.Set;

/** What to back up; both empty means every keyspace but Cassandra's own. */
public record BackupRequest(Set<String> keyspaces, Set<TableName> tables) {
    public BackupRequest {
        keyspaces = Set.copyOf(keyspaces);
        tables = Set.copyOf(tables);
    }

    public boolean everything() {
        return keyspaces.isEmpty() && tables.isEmpty();
    }
}
