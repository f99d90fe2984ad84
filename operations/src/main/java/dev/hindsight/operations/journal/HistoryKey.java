package dev.hindsight.operations.journal;

import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.RowKey;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.journal.KeyHistory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Whose history it is, and what the journal says of the table as a whole. One thread. */
final class HistoryKey {
    private final TableEvidence table;
    private final JournalEntry newest;
    private final Map<Integer, TableDefinition> definitions = new HashMap<>();
    private final TableSchema schema;
    private final RowKey key;
    private final KeyHistory.Limits limits;

    /**
     * @param text of the key
     * @param toMicros by whose schema it is understood
     */
    HistoryKey(TableEvidence table, String text, long toMicros, KeyHistory.Limits limits) {
        this.table = table;
        this.newest = table.newest().orElseThrow();
        TableDefinition definition = definition(schemaAt(toMicros));
        this.schema = DdlSchemas.tableSchema(definition.name().keyspace(), definition.types(), definition.ddl());
        this.key = RowKey.parse(schema, text);
        this.limits = limits;
    }

    byte[] bytes() {
        return key.partition();
    }

    String text() {
        return key.text(schema);
    }

    List<String> clusteringNames() {
        return schema.clustering().stream().map(ColumnSchema::name).toList();
    }

    List<JournalEntry.SchemaVersion> schemas() {
        return newest.schemas();
    }

    List<JournalEntry.Event> events() {
        return table.journal().map(JournalView::events).orElse(List.of());
    }

    /** The version that the table had at that instant, as a restore to it has. */
    int schemaAt(long micros) {
        return newest.schemaAt(micros);
    }

    /** Whether it is of one row: all columns of the primary key are given. */
    boolean isOneRow() {
        return key.clustering().size() == schema.clustering().size();
    }

    /** Whether there is more to a row than itself: columns of the partition, at any time. */
    boolean hasStaticColumns() {
        return newest.schemas().stream()
                .map(version -> definition(version.version()))
                .anyMatch(one -> !DdlSchemas.tableSchema(one.name().keyspace(), one.types(), one.ddl())
                        .statics()
                        .isEmpty());
    }

    TableDefinition definition(int version) {
        return definitions.computeIfAbsent(version, number -> {
            JournalEntry.Definition definition = table.log().definition(newest, number);
            return new TableDefinition(table.table().name(), definition.types(), definition.ddl());
        });
    }

    /** Nothing at all, understood by that version of the schema. */
    KeyHistory empty(int version) {
        return new KeyHistory(definition(version), key.partition(), key.clustering(), limits);
    }
}
