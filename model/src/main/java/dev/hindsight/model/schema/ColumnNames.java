package dev.hindsight.model.schema;

import java.util.List;
import java.util.Set;

/** Names of columns, as stored, in DDL. Pure. */
public final class ColumnNames {
    private ColumnNames() {}

    /**
     * The columns that a table has.
     *
     * @param ddl its {@code CREATE TABLE}, and the ALTER TABLE statements that record dropped columns
     */
    public static Set<String> ofTable(String ddl) {
        return TableShape.of(DdlStatement.split(ddl).stream()
                        .map(DdlStatement::parse)
                        .toList())
                .columns()
                .keySet();
    }

    /**
     * The columns that an index is on; none where it does not say.
     *
     * @param ddl {@code CREATE INDEX}; a column may stand in {@code keys(...)} and its like
     */
    public static List<String> ofIndex(String ddl) {
        return DdlStatement.parse(ddl).items().stream()
                .flatMap(item -> item.stream().filter(CqlToken::isName).reduce((first, second) -> second).stream())
                .map(CqlToken::name)
                .toList();
    }
}
