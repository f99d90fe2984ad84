package dev.hindsight.model.retention;

import dev.hindsight.model.schema.TableName;
import java.util.Map;

/**
 * The policies of all tables: a table's own, else its keyspace's, else the default one.
 *
 * @param keyspaces by name as stored by Cassandra
 */
public record RetentionRules(
        RetentionPolicy otherwise, Map<String, RetentionPolicy> keyspaces, Map<TableName, RetentionPolicy> tables) {
    public RetentionRules {
        keyspaces = Map.copyOf(keyspaces);
        tables = Map.copyOf(tables);
    }

    /** One policy for everything. */
    public static RetentionRules of(RetentionPolicy policy) {
        return new RetentionRules(policy, Map.of(), Map.of());
    }

    public RetentionPolicy of(TableName table) {
        RetentionPolicy own = tables.get(table);
        return own != null ? own : keyspaces.getOrDefault(table.keyspace(), otherwise);
    }
}
