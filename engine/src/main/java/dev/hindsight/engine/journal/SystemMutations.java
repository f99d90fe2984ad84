package dev.hindsight.engine.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.schema.TableName;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What mutations of Cassandra's own tables say about a table: its schema, in {@code system_schema}, and that it was truncated,
 * in {@code system.local}. Both are in the same log as the table's own mutations, in their order. One thread.
 *
 * <p>Source: {@code SchemaKeyspace}, {@code SystemKeyspace.truncationAsMapEntry}, {@code TableId.forSystemTable} 5.0.9.
 */
final class SystemMutations {
    /** Commit-log position, then milliseconds. */
    private static final int TRUNCATION_BYTES = 8 + 4 + 8;

    private static final String LOCAL =
            "key text PRIMARY KEY, bootstrapped text, broadcast_address inet, broadcast_port int, cluster_name text,"
                    + " cql_version text, data_center text, gossip_generation int, host_id uuid, listen_address inet,"
                    + " listen_port int, native_protocol_version text, partitioner text, rack text, release_version"
                    + " text, rpc_address inet, rpc_port int, schema_version uuid, tokens set<text>, truncated_at"
                    + " map<uuid, blob>";

    /** Of Cassandra's own tables that matter here. */
    private static final Map<UUID, TableSchema> SCHEMAS = schemas();

    private static final UUID LOCAL_ID = idOf("system", "local");

    private final TableName table;
    private final UUID tableId;
    private final SchemaMutation schemaMutation;

    SystemMutations(TableName table, UUID tableId) {
        this.table = table;
        this.tableId = tableId;
        this.schemaMutation = new SchemaMutation(table, tableId);
    }

    private static Map<UUID, TableSchema> schemas() {
        Map<UUID, TableSchema> out = new HashMap<>();
        out.put(idOf("system", "local"), schema("system", "local", LOCAL));
        SchemaMutation.TABLES.forEach(
                (name, columns) -> out.put(idOf("system_schema", name), schema("system_schema", name, columns)));
        return Map.copyOf(out);
    }

    private static TableSchema schema(String keyspace, String name, String columns) {
        return DdlSchemas.tableSchema(
                keyspace, List.of(), "CREATE TABLE " + keyspace + "." + name + " (" + columns + ");");
    }

    static UUID idOf(String keyspace, String name) {
        return UUID.nameUUIDFromBytes((keyspace + name).getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the first update of the mutation is of a table that matters here. */
    static boolean isSystem(byte[] mutation) {
        return mutation.length > 17
                && SCHEMAS.containsKey(new UUID(VInts.long8(mutation, 1), VInts.long8(mutation, 9)));
    }

    /**
     * Gives what the mutation says about the table.
     *
     * @param schema version that the host had until then
     * @throws UnsupportedException it says something that this version cannot follow
     */
    void read(
            int logVersion,
            byte[] mutation,
            Observation observed,
            SchemaVersions versions,
            int schema,
            Consumer<StreamRound.Found> into) {
        MutationDecoder decoder = new MutationDecoder(
                SegmentVersion.of(logVersion, "of a capture"), id -> Optional.ofNullable(SCHEMAS.get(id)));
        boolean isLocal = VInts.long8(mutation, 1) == LOCAL_ID.getMostSignificantBits()
                && VInts.long8(mutation, 9) == LOCAL_ID.getLeastSignificantBits();
        try {
            decoder.start(mutation, 0, mutation.length);
            if (isLocal) {
                truncations(decoder, observed, into);
            } else {
                schemaMutation.read(decoder, observed, versions, schema, into);
            }
        } catch (UnknownSchemaException e) {
            // Columns that a later Cassandra has; they only matter where they could hide something.
            if (!isLocal || contains(mutation, "truncated_at")) {
                throw new UnsupportedException(
                        "a mutation of Cassandra's own tables is not understood, which may be about " + table + ": "
                                + e.getMessage(),
                        "use a Hindsight release that knows this Cassandra version",
                        e);
            }
        }
    }

    private void truncations(MutationDecoder decoder, Observation observed, Consumer<StreamRound.Found> into) {
        Set<String> wanted = Set.of("truncated_at");
        while (decoder.nextUpdate()) {
            while (decoder.next()) {
                RowWalker row = decoder.row();
                boolean isStatic = decoder.kind == RowFormat.STATIC_CLUSTERING;
                if (decoder.kind != RowFormat.CLUSTERING && !isStatic) {
                    continue;
                }
                while (row.nextColumn()) {
                    boolean matters = row.complex
                            && wanted.contains(decoder.layout()
                                    .columns(isStatic)
                                    .column(row.column)
                                    .name());
                    while (row.complex && row.nextCell()) {
                        if (matters && row.pathLength == 16 && row.valueLength == TRUNCATION_BYTES) {
                            truncation(decoder, row, observed, into);
                        }
                    }
                }
            }
        }
    }

    private void truncation(
            MutationDecoder decoder, RowWalker row, Observation observed, Consumer<StreamRound.Found> into) {
        UUID of = new UUID(VInts.long8(decoder.bytes, row.pathAt), VInts.long8(decoder.bytes, row.pathAt + 8));
        if (of.equals(tableId)) {
            LogPosition upTo = new LogPosition(
                    VInts.long8(decoder.bytes, row.valueAt), Math.max(0, VInts.int4(decoder.bytes, row.valueAt + 8)));
            into.accept(new StreamRound.Truncated(VInts.long8(decoder.bytes, row.valueAt + 12) * 1000, upTo, observed));
        }
    }

    private static boolean contains(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
    }
}
