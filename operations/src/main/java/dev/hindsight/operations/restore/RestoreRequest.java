package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.TableName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to restore, from which backup, under which names.
 *
 * @param from a backup id, or {@code latest}
 * @param keyspace all tables of it; exclusive with {@code tables}
 * @param asKeyspace the keyspace's new name
 * @param tables single tables
 * @param as new name for the table, when exactly one is given
 * @param replication replication map for a keyspace that does not exist yet; empty takes the source's
 */
public record RestoreRequest(
        String from,
        Optional<String> keyspace,
        Optional<String> asKeyspace,
        List<TableName> tables,
        Optional<TableName> as,
        Optional<Map<String, String>> replication,
        Ttl ttl) {
    public enum Ttl {
        KEEP,
        FREEZE,
        DROP
    }

    public static final String LATEST = "latest";

    /** The same of one certain backup. */
    RestoreRequest withBackup(String id) {
        return new RestoreRequest(id, keyspace, asKeyspace, tables, as, replication, ttl);
    }
}
