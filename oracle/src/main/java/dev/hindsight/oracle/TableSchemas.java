package dev.hindsight.oracle;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.synthesis.TableDefinition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.antlr.runtime.RecognitionException;
import org.apache.cassandra.cql3.CQLFragmentParser;
import org.apache.cassandra.cql3.CQLStatement;
import org.apache.cassandra.cql3.ColumnIdentifier;
import org.apache.cassandra.cql3.CqlParser;
import org.apache.cassandra.cql3.statements.schema.AlterSchemaStatement;
import org.apache.cassandra.cql3.statements.schema.AlterTableStatement;
import org.apache.cassandra.cql3.statements.schema.CreateTableStatement;
import org.apache.cassandra.cql3.statements.schema.CreateTypeStatement;
import org.apache.cassandra.exceptions.CassandraException;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.DroppedColumn;
import org.apache.cassandra.schema.KeyspaceMetadata;
import org.apache.cassandra.schema.KeyspaceParams;
import org.apache.cassandra.schema.Keyspaces;
import org.apache.cassandra.schema.TableMetadata;

/**
 * Makes Cassandra's table metadata from DDL, as a pure function: statements are applied to an empty schema value, so
 * tables of several clusters with equal names never meet. Includes dropped columns with their drop times.
 */
final class TableSchemas {
    private static final String IDENTIFIER = "(?:\\w+|\"(?:[^\"]|\"\")+\")";

    /** Options that name what a node has by its own configuration or class path; files do not depend on them. */
    private static final List<String> NODE_OPTIONS = List.of("memtable", "compaction", "cdc");

    /** As DESCRIBE WITH INTERNALS prints it. */
    private static final Pattern DROP = Pattern.compile(
            "ALTER\\s+TABLE\\s+(?<keyspace>" + IDENTIFIER + ")\\.(?<table>" + IDENTIFIER + ")\\s+DROP\\s+(?<column>"
                    + IDENTIFIER + ")\\s+USING\\s+TIMESTAMP\\s+(?<time>-?\\d+)",
            Pattern.CASE_INSENSITIVE);

    private TableSchemas() {}

    /**
     * @throws UnsupportedException the DDL has something that Cassandra 5.0 refuses; names the table
     */
    static TableMetadata parse(TableDefinition definition) {
        String keyspace = definition.name().keyspace();
        try {
            Keyspaces schema = Keyspaces.of(KeyspaceMetadata.create(keyspace, KeyspaceParams.simple(1)));
            for (String type : definition.types()) {
                schema = applyAll(schema, CqlScript.statements(type));
            }
            schema = applyAll(schema, CqlScript.statements(definition.ddl()));
            KeyspaceMetadata made = schema.getNullable(keyspace);
            TableMetadata table = made == null
                    ? null
                    : made.getTableNullable(definition.name().table());
            if (table == null) {
                throw new UnsupportedException(
                        "the DDL of " + definition.name() + " does not create that table: " + definition.ddl(),
                        "compare the names in the stored schema with those asked for");
            }
            return table;
        } catch (RecognitionException | CassandraException | IllegalArgumentException | IllegalStateException e) {
            throw new UnsupportedException(
                    "the DDL of " + definition.name() + " cannot be understood: " + e.getMessage(),
                    "Cassandra 5.0 has to accept this DDL: " + definition.ddl(),
                    e);
        }
    }

    /**
     * The target's metadata with which also the source's files can be read: its dropped columns are those of the source.
     * What is in a column that does not exist any more is left out also when a client's clock wrote it after the drop.
     *
     * @throws IllegalArgumentException the two differ in more than names
     */
    static TableMetadata forReading(TableMetadata source, TableMetadata target) {
        if (!shape(source).equals(shape(target))) {
            throw new IllegalArgumentException("source and target table differ in more than their names: "
                    + shape(source) + " and " + shape(target));
        }
        Map<ByteBuffer, DroppedColumn> dropped = new HashMap<>();
        source.droppedColumns.forEach((column, drop) -> dropped.put(
                column, target.getColumn(column) == null ? new DroppedColumn(drop.column, Long.MAX_VALUE) : drop));
        return target.unbuild().droppedColumns(dropped).build();
    }

    /** In the order of names: that of the metadata depends on the history of the table. */
    private static String shape(TableMetadata table) {
        StringBuilder out = new StringBuilder();
        List<ColumnMetadata> columns = new ArrayList<>(table.columns());
        columns.sort(Comparator.comparing(column -> column.name));
        for (ColumnMetadata column : columns) {
            out.append(column.name.toCQLString())
                    .append(' ')
                    .append(column.type.asCQL3Type())
                    .append(' ')
                    .append(column.kind)
                    .append(column.isPrimaryKeyColumn() ? " " + column.position() : "")
                    .append(column.isReversedType() ? " DESC" : "")
                    .append("; ");
        }
        return out.toString();
    }

    private static Keyspaces applyAll(Keyspaces schema, List<String> statements) throws RecognitionException {
        Keyspaces out = schema;
        for (String text : statements) {
            Matcher drop = DROP.matcher(text);
            out = drop.matches() ? dropped(out, drop) : statement(text).apply(out);
        }
        return out;
    }

    /**
     * Cassandra's own way to apply a DROP looks for dependent indexes in an open table store, which does not exist here.
     */
    private static Keyspaces dropped(Keyspaces schema, Matcher drop) {
        KeyspaceMetadata keyspace = schema.getNullable(name(drop.group("keyspace")));
        TableMetadata table = keyspace == null ? null : keyspace.getTableNullable(name(drop.group("table")));
        ColumnMetadata column =
                table == null ? null : table.getColumn(ColumnIdentifier.getInterned(name(drop.group("column")), true));
        if (keyspace == null || table == null || column == null || column.isPrimaryKeyColumn()) {
            throw new IllegalArgumentException("there is no such column to drop: " + drop.group());
        }
        TableMetadata without = table.unbuild()
                .removeRegularOrStaticColumn(column.name)
                .recordColumnDrop(column, Long.parseLong(drop.group("time")))
                .build();
        return schema.withAddedOrUpdated(keyspace.withSwapped(keyspace.tables.withSwapped(without)));
    }

    /** Quoted names are taken as they are, others are case-insensitive. */
    private static String name(String identifier) {
        return identifier.startsWith("\"") ? Identifiers.unquote(identifier) : identifier.toLowerCase(Locale.ROOT);
    }

    private static AlterSchemaStatement statement(String text) throws RecognitionException {
        CQLStatement.Raw raw = CQLFragmentParser.parseAnyUnhandled(CqlParser::query, text);
        // Names in stored DDL are qualified, so no session state is needed to resolve them.
        if (raw instanceof CreateTypeStatement.Raw type) {
            return type.prepare(null);
        }
        if (raw instanceof CreateTableStatement.Raw table) {
            NODE_OPTIONS.forEach(table.attrs::removeProperty);
            return table.prepare(null);
        }
        if (raw instanceof AlterTableStatement.Raw alter) {
            return alter.prepare(null);
        }
        throw new IllegalArgumentException("only CREATE TYPE, CREATE TABLE and ALTER TABLE are expected, not: " + text);
    }
}
