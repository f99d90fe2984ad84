package dev.hindsight.operations.backup;

import dev.hindsight.model.schema.TableName;
import java.util.Set;

/**
 * What to back up, and on what; keyspaces and tables both empty means every keyspace but Cassandra's own.
 *
 * @param afresh from snapshots taken now, whatever a run that died has left to go on with
 */
public record BackupRequest(Set<String> keyspaces, Set<TableName> tables, Kind kind, boolean afresh) {
    public enum Kind {
        /** Incremental where there is something to build on and no delete can be lost, else full. */
        AUTO,
        /** Everything, on nothing: a new chain begins. */
        FULL,
        /** As {@link #AUTO}, but nothing is done when there is nothing to build on. */
        INCREMENTAL
    }

    public BackupRequest {
        keyspaces = Set.copyOf(keyspaces);
        tables = Set.copyOf(tables);
    }

    public BackupRequest(Set<String> keyspaces, Set<TableName> tables, Kind kind) {
        this(keyspaces, tables, kind, false);
    }

    public BackupRequest(Set<String> keyspaces, Set<TableName> tables) {
        this(keyspaces, tables, Kind.AUTO);
    }

    public boolean everything() {
        return keyspaces.isEmpty() && tables.isEmpty();
    }
}
