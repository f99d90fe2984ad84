package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.schema.TableName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Reads mutations of {@code system_schema} as rows, and leaves what they mean to {@link SchemaChanges}. A node may log the
 * schema as a whole, or again, or late: only what differs from the state at hand is a change.
 */
final class SchemaMutation {
    /** Columns of the tables of {@code system_schema}, of all versions. */
    static final Map<String, String> TABLES = new LinkedHashMap<>();

    private static final String OPTIONS = "allow_auto_snapshot boolean, bloom_filter_fp_chance double, caching"
            + " frozen<map<text, text>>, comment text, compaction frozen<map<text, text>>, compression frozen<map<text,"
            + " text>>, memtable text, crc_check_chance double, dclocal_read_repair_chance double, default_time_to_live"
            + " int, extensions frozen<map<text, blob>>, gc_grace_seconds int, incremental_backups boolean, id uuid,"
            + " max_index_interval int, memtable_flush_period_in_ms int, min_index_interval int, read_repair_chance"
            + " double, speculative_retry text, additional_write_policy text, cdc boolean, read_repair text,"
            + " auto_repair frozen<map<text, text>>, ";

    static {
        TABLES.put(
                "keyspaces",
                "keyspace_name text PRIMARY KEY, durable_writes boolean, replication frozen<map<text, text>>");
        TABLES.put(
                "tables",
                "keyspace_name text, table_name text, " + OPTIONS
                        + "flags frozen<set<text>>, PRIMARY KEY (keyspace_name, table_name)");
        TABLES.put(
                "columns",
                "keyspace_name text, table_name text, column_name text, clustering_order text, column_name_bytes blob,"
                        + " kind text, position int, type text, PRIMARY KEY (keyspace_name, table_name, column_name)");
        TABLES.put(
                "column_masks",
                "keyspace_name text, table_name text, column_name text, function_keyspace text, function_name text,"
                        + " function_argument_types frozen<list<text>>, function_argument_values frozen<list<text>>,"
                        + " function_argument_nulls frozen<list<boolean>>, PRIMARY KEY (keyspace_name, table_name,"
                        + " column_name)");
        TABLES.put(
                "dropped_columns",
                "keyspace_name text, table_name text, column_name text, dropped_time timestamp, kind text, type text,"
                        + " PRIMARY KEY (keyspace_name, table_name, column_name)");
        TABLES.put(
                "triggers",
                "keyspace_name text, table_name text, trigger_name text, options frozen<map<text, text>>, PRIMARY KEY"
                        + " (keyspace_name, table_name, trigger_name)");
        TABLES.put(
                "views",
                "keyspace_name text, view_name text, base_table_id uuid, base_table_name text, where_clause text, "
                        + OPTIONS + "include_all_columns boolean, PRIMARY KEY (keyspace_name, view_name)");
        TABLES.put(
                "indexes",
                "keyspace_name text, table_name text, index_name text, kind text, options frozen<map<text, text>>,"
                        + " PRIMARY KEY (keyspace_name, table_name, index_name)");
        TABLES.put(
                "types",
                "keyspace_name text, type_name text, field_names frozen<list<text>>, field_types frozen<list<text>>,"
                        + " PRIMARY KEY (keyspace_name, type_name)");
        TABLES.put(
                "functions",
                "keyspace_name text, function_name text, argument_types frozen<list<text>>, argument_names"
                        + " frozen<list<text>>, body text, language text, return_type text, called_on_null_input"
                        + " boolean, PRIMARY KEY (keyspace_name, function_name, argument_types)");
        TABLES.put(
                "aggregates",
                "keyspace_name text, aggregate_name text, argument_types frozen<list<text>>, final_func text, initcond"
                        + " text, return_type text, state_func text, state_type text, PRIMARY KEY (keyspace_name,"
                        + " aggregate_name, argument_types)");
    }

    /**
     * A row of one of these tables, as a mutation has it.
     *
     * @param key its clustering values
     * @param cells by column; empty for one that is deleted
     * @param deletedAt of the row; {@link RowFormat#NO_TIMESTAMP} for none
     * @param writtenAt the greatest timestamp in it
     */
    record Row(String table, List<String> key, Map<String, Optional<byte[]>> cells, long deletedAt, long writtenAt) {
        boolean isDeletion() {
            return deletedAt != RowFormat.NO_TIMESTAMP
                    && cells.values().stream().allMatch(Optional::isEmpty);
        }

        String text(String column) {
            return cells.getOrDefault(column, Optional.empty())
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                    .orElse("");
        }

        Optional<byte[]> bytes(String column) {
            return cells.getOrDefault(column, Optional.empty());
        }

        /** A frozen list of texts. */
        List<String> texts(String column) {
            List<String> out = new ArrayList<>();
            ByteBuffer in = ByteBuffer.wrap(bytes(column).orElse(new byte[4]));
            for (int left = in.getInt(); left > 0; left--) {
                byte[] text = new byte[in.getInt()];
                in.get(text);
                out.add(new String(text, StandardCharsets.UTF_8));
            }
            return out;
        }
    }

    private final Map<UUID, String> names = new LinkedHashMap<>();
    private final TableName table;
    private final UUID tableId;

    SchemaMutation(TableName table, UUID tableId) {
        this.table = table;
        this.tableId = tableId;
        TABLES.keySet().forEach(name -> names.put(SystemMutations.idOf("system_schema", name), name));
    }

    void read(
            MutationDecoder decoder,
            Observation observed,
            SchemaVersions versions,
            int schema,
            Consumer<StreamRound.Found> into) {
        List<Row> rows = new ArrayList<>();
        boolean mine = false;
        long keyspaceDeletedAt = RowFormat.NO_TIMESTAMP;
        while (decoder.nextUpdate()) {
            String keyspace = new String(decoder.bytes, decoder.keyAt, decoder.keyLength, StandardCharsets.UTF_8);
            String name = names.getOrDefault(decoder.tableId, "");
            if (!keyspace.equals(table.keyspace()) || name.isEmpty()) {
                continue;
            }
            mine = true;
            if (name.equals("tables")) {
                keyspaceDeletedAt = decoder.deletedAt;
            }
            while (decoder.next()) {
                if (decoder.kind == RowFormat.CLUSTERING) {
                    rows.add(row(decoder, name));
                } else if (decoder.kind != RowFormat.STATIC_CLUSTERING && matters(name)) {
                    throw new UnsupportedException(
                            "a mutation of system_schema." + name + " deletes a range of keyspace " + table.keyspace(),
                            "protect the table anew: a new base with today's schema begins a new window");
                }
            }
        }
        if (mine) {
            new SchemaChanges(table, tableId, versions, schema).apply(rows, keyspaceDeletedAt, observed, into);
        }
    }

    private static boolean matters(String name) {
        return name.equals("tables")
                || name.equals("columns")
                || name.equals("dropped_columns")
                || name.equals("types");
    }

    private static Row row(MutationDecoder decoder, String name) {
        RowWalker row = decoder.row();
        long writtenAt = Math.max(row.timestamp, row.deletedAt);
        long deletedAt = row.deletedAt;
        Map<String, Optional<byte[]>> cells = new LinkedHashMap<>();
        while (row.nextColumn()) {
            writtenAt = Math.max(writtenAt, row.complex ? row.complexDeletedAt : row.cellTimestamp);
            if (!row.complex) {
                boolean deleted = (row.cellFlags & RowFormat.CELL_IS_DELETED) != 0;
                byte[] value = new byte[row.valueLength];
                System.arraycopy(row.bytes, row.valueAt, value, 0, value.length);
                cells.put(
                        decoder.layout().columns(false).column(row.column).name(),
                        deleted ? Optional.empty() : Optional.of(value));
            }
        }
        return new Row(name, texts(decoder), cells, deletedAt, writtenAt);
    }

    /** Clustering values, all of which are texts where it matters. */
    private static List<String> texts(MutationDecoder decoder) {
        List<String> out = new ArrayList<>();
        int at = decoder.clusteringAt;
        long absent = VInts.unsigned(decoder.bytes, at);
        at += VInts.length(decoder.bytes, at);
        for (int i = 0; i < decoder.values; i++) {
            if ((absent >>> 2 * i & 3) != 0) {
                out.add("");
                continue;
            }
            int length = (int) VInts.unsigned(decoder.bytes, at);
            at += VInts.length(decoder.bytes, at);
            out.add(new String(decoder.bytes, at, length, StandardCharsets.UTF_8));
            at += length;
        }
        return out;
    }
}
