package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.ColumnNames;
import dev.hindsight.model.schema.DdlStatement;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.RestorePlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * A keyspace at an instant: types and tables as the journals have them, all else (indexes, views, functions, options of
 * tables that were altered since) as its base has it. One thread.
 */
final class SchemaThen {
    private final List<String> notes;
    private KeyspaceSchema schema;

    /**
     * @param base as the base has it
     * @param notes gets what is left out
     */
    SchemaThen(KeyspaceSchema base, List<String> notes) {
        this.schema = base;
        this.notes = notes;
    }

    KeyspaceSchema schema() {
        return schema;
    }

    /** With a table, and the types, as they were. */
    void add(TableName table, RestorePlan.Schema then) {
        List<SchemaElement> types = then.types().stream()
                .map(ddl -> new SchemaElement(
                        SchemaElement.Kind.TYPE, DdlStatement.parse(ddl).name(), "", ddl))
                .toList();
        Set<String> columns = ColumnNames.ofTable(then.ddl());
        List<SchemaElement> elements = new ArrayList<>(types);
        for (SchemaElement element : schema.elements()) {
            boolean replaced = element.kind() == SchemaElement.Kind.TYPE
                    && types.stream().anyMatch(type -> type.name().equals(element.name()));
            boolean own = element.table().equals(table.table());
            if (element.kind() == SchemaElement.Kind.TABLE && element.name().equals(table.table())) {
                elements.add(new SchemaElement(element.kind(), element.name(), element.table(), then.ddl()));
            } else if (own && element.kind() == SchemaElement.Kind.INDEX && !hasAll(columns, element)) {
                notes.add("index " + element.name() + " of the base is left out: table " + table
                        + " did not have its column then");
            } else if (!replaced) {
                elements.add(element);
            }
        }
        elements.sort(Comparator.comparing(SchemaElement::kind));
        schema = new KeyspaceSchema(
                schema.name(), schema.replication(), schema.durableWrites(), elements, schema.tables());
    }

    private static boolean hasAll(Set<String> columns, SchemaElement index) {
        return columns.containsAll(ColumnNames.ofIndex(index.ddl()));
    }

    /** Without the tables that there were not. */
    void only(Set<String> tables) {
        schema = new KeyspaceSchema(
                schema.name(),
                schema.replication(),
                schema.durableWrites(),
                schema.elements().stream()
                        .filter(element -> switch (element.kind()) {
                            case TABLE -> tables.contains(element.name());
                            case INDEX, VIEW -> tables.contains(element.table());
                            case TYPE, FUNCTION, AGGREGATE -> true;
                        })
                        .toList(),
                schema.tables().stream()
                        .filter(facts -> tables.contains(facts.name().table()))
                        .toList());
    }
}
