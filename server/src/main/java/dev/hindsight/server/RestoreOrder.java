package dev.hindsight.server;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A restore of protected data to an instant, as a client ordered it.
 *
 * @param keyspace all of it; exclusive with {@code table}
 * @param asKeyspace its new name
 * @param as the table's new name
 * @param to name of a configured target; empty: the protected cluster itself
 * @param replication for a keyspace that does not exist yet
 * @param ttl keep, freeze or drop; empty: as configured
 */
public record RestoreOrder(
        Optional<String> keyspace,
        Optional<String> asKeyspace,
        Optional<TableName> table,
        Optional<TableName> as,
        Optional<String> to,
        Optional<Map<String, String>> replication,
        Optional<String> ttl,
        Instant at) {}
