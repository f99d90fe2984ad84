package dev.hindsight.codec.sstable;

import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.type.CassandraType;
import java.util.List;

/**
 * Cassandra's {@code SerializationHeader}: how the rows of one SSTable or mutation are coded.
 *
 * @param clusteringTypes in order
 * @param statics columns that occur, in the order of their bits
 * @param regulars the same
 */
public record RowHeader(
        EncodingBase base,
        CassandraType keyType,
        List<CassandraType> clusteringTypes,
        List<ColumnSchema> statics,
        List<ColumnSchema> regulars) {
    public RowHeader {
        clusteringTypes = List.copyOf(clusteringTypes);
        statics = List.copyOf(statics);
        regulars = List.copyOf(regulars);
    }
}
