package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.type.CassandraType;
import java.util.List;
import java.util.function.Function;

/**
 * The serialization header as Statistics.db holds it: types by their class names.
 *
 * <p>Source: {@code SerializationHeader.Component} 5.0.9.
 */
public record NamedHeader(
        EncodingBase base,
        String keyType,
        List<String> clusteringTypes,
        List<NamedColumn> statics,
        List<NamedColumn> regulars) {
    public record NamedColumn(String name, String type) {}

    public NamedHeader {
        clusteringTypes = List.copyOf(clusteringTypes);
        statics = List.copyOf(statics);
        regulars = List.copyOf(regulars);
    }

    /** @param types parses a class name */
    public RowHeader toRowHeader(Function<String, CassandraType> types) {
        return new RowHeader(
                base,
                types.apply(keyType),
                clusteringTypes.stream().map(types).toList(),
                columns(statics, ColumnSchema.Kind.STATIC, types),
                columns(regulars, ColumnSchema.Kind.REGULAR, types));
    }

    private static List<ColumnSchema> columns(
            List<NamedColumn> named, ColumnSchema.Kind kind, Function<String, CassandraType> types) {
        return named.stream()
                .map(column -> new ColumnSchema(column.name(), kind, types.apply(column.type()), -1))
                .toList();
    }
}
