package dev.hindsight.cli.verb;

import dev.hindsight.model.schema.TableName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code keyspace.table}, either part quoted as in CQL where it must be. */
final class TableNameConverter implements ITypeConverter<TableName> {
    @Override
    public TableName convert(String value) {
        try {
            return TableName.parse(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
