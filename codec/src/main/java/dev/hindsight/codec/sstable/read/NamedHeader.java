package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.type.TypeNames;
import java.util.List;

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

    /**
     * The same with types.
     *
     * @throws dev.hindsight.codec.bytes.MalformedException a class name cannot be understood
     * @throws dev.hindsight.model.failure.UnsupportedException a class is not one of Cassandra's
     */
    public RowHeader toRowHeader() {
        return new RowHeader(
                base,
                TypeNames.parse(keyType),
                clusteringTypes.stream().map(TypeNames::parse).toList(),
                columns(statics, ColumnSchema.Kind.STATIC),
                columns(regulars, ColumnSchema.Kind.REGULAR));
    }

    private static List<ColumnSchema> columns(List<NamedColumn> named, ColumnSchema.Kind kind) {
        return named.stream()
                .map(column -> new ColumnSchema(column.name(), kind, TypeNames.parse(column.type()), -1))
                .toList();
    }
}
