package dev.hindsight.codec.schema;

import dev.hindsight.codec.type.CassandraType;

/**
 * One column.
 *
 * @param name its bytes are UTF-8 for every table made by CQL
 * @param position within the partition key or the clustering; -1 for others
 */
public record ColumnSchema(String name, Kind kind, CassandraType type, int position) {
    public enum Kind {
        PARTITION_KEY,
        CLUSTERING,
        STATIC,
        REGULAR
    }

    public boolean isStatic() {
        return kind == Kind.STATIC;
    }
}
