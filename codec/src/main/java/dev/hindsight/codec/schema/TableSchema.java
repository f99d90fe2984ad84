package dev.hindsight.codec.schema;

import dev.hindsight.codec.type.CassandraType;
import java.util.List;
import java.util.Map;

/**
 * What a table's SSTables and mutations are decoded with.
 *
 * @param partitionKeyType a CompositeType when there are several columns
 * @param clustering in order, types reversed where DESC
 * @param statics as Cassandra orders them in rows: {@link ColumnOrder}
 * @param regulars the same
 * @param dropped by name; also when a column of that name exists again
 * @param compression options of the DDL's {@code compression = {...}}, class without package,
 *     {@code chunk_length_in_kb} always there; empty when off
 */
public record TableSchema(
        String keyspace,
        String table,
        CassandraType partitionKeyType,
        List<ColumnSchema> partitionKey,
        List<ColumnSchema> clustering,
        List<ColumnSchema> statics,
        List<ColumnSchema> regulars,
        Map<String, DroppedColumn> dropped,
        boolean counter,
        double bloomFilterFpChance,
        int minIndexInterval,
        Map<String, String> compression) {
    public TableSchema {
        partitionKey = List.copyOf(partitionKey);
        clustering = List.copyOf(clustering);
        statics = List.copyOf(statics);
        regulars = List.copyOf(regulars);
        dropped = Map.copyOf(dropped);
        compression = Map.copyOf(compression);
    }
}
