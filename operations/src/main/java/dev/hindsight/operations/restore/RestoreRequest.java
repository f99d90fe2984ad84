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
 * @param instant what makes of the backup an instant behind it; empty: the backup as it is
 * @param replication replication map for a keyspace that does not exist yet; empty takes the source's
 */
public record RestoreRequest(
        String from,
        Optional<String> keyspace,
        Optional<String> asKeyspace,
        List<TableName> tables,
        Optional<TableName> as,
        Optional<Map<String, String>> replication,
        Ttl ttl,
        Optional<InstantPart> instant) {
    /** Of a backup as it is. */
    public RestoreRequest(
            String from,
            Optional<String> keyspace,
            Optional<String> asKeyspace,
            List<TableName> tables,
            Optional<TableName> as,
            Optional<Map<String, String>> replication,
            Ttl ttl) {
        this(from, keyspace, asKeyspace, tables, as, replication, ttl, Optional.empty());
    }

    public enum Ttl {
        KEEP,
        FREEZE,
        DROP
    }

    public static final String LATEST = "latest";

    /** The same of one certain backup. */
    RestoreRequest withBackup(String id) {
        return new RestoreRequest(id, keyspace, asKeyspace, tables, as, replication, ttl, instant);
    }

    /** The same at an instant behind that backup. */
    public RestoreRequest at(String backup, InstantPart part) {
        return new RestoreRequest(backup, keyspace, asKeyspace, tables, as, replication, ttl, Optional.of(part));
    }
}
