package dev.hindsight.oracle;

import dev.hindsight.oracle.HistoryModel.Kind;
import dev.hindsight.oracle.HistoryModel.Write;
import dev.hindsight.synthesis.TableDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.net.MessagingService;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.utils.ByteBufferUtil;

/** What writes are to Cassandra: updates of one partition each, as they stand in a commit log. One thread. */
final class HistoryUpdates {
    private final IntFunction<TableDefinition> definitions;
    private final Map<Integer, TableMetadata> tables = new HashMap<>();

    /** @param definitions of the table, by version of the schema */
    HistoryUpdates(IntFunction<TableDefinition> definitions) {
        this.definitions = definitions;
    }

    private TableMetadata table(int schema) {
        return tables.computeIfAbsent(schema, version -> TableSchemas.parse(definitions.apply(version)));
    }

    /** As a node logs it. */
    byte[] of(Write write, double second, int schema) {
        TableMetadata table = table(schema);
        long now = HistoryWorld.seconds(second);
        ByteBuffer key = ByteBufferUtil.bytes(write.key());
        PartitionUpdate update;
        if (write.kind() == Kind.DELETE_PARTITION) {
            update = PartitionUpdate.fullPartitionDelete(table, key, write.micros(), now);
        } else if (write.kind() == Kind.DELETE_RANGE) {
            int[] range = write.rows().orElseThrow();
            PartitionUpdate.SimpleBuilder builder = PartitionUpdate.simpleBuilder(table, write.key())
                    .timestamp(write.micros())
                    .nowInSec(now);
            builder.addRangeTombstone()
                    .start(range[0])
                    .end(range[1])
                    .inclStart()
                    .inclEnd();
            update = builder.build();
        } else {
            update = PartitionUpdate.singleRowUpdate(table, key, row(table, write, now));
        }
        return serialised(update);
    }

    private static byte[] serialised(PartitionUpdate update) {
        try (DataOutputBuffer out = new DataOutputBuffer()) {
            PartitionUpdate.serializer.serialize(update, out, MessagingService.VERSION_50);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Row row(TableMetadata table, Write write, long now) {
        Row.Builder builder = BTreeRow.unsortedBuilder();
        builder.newRow(
                write.kind() == Kind.STATIC
                        ? Clustering.STATIC_CLUSTERING
                        : Clustering.make(ByteBufferUtil.bytes(write.rows().orElseThrow()[0])));
        boolean mortal = write.expiresSecond() != HistoryModel.NEVER;
        int ttl = mortal ? (int) (write.expiresSecond() - now) : 0;
        if (write.kind() == Kind.INSERT) {
            builder.addPrimaryKeyLivenessInfo(LivenessInfo.create(write.micros(), ttl, now));
        }
        if (write.kind() == Kind.DELETE_ROW) {
            builder.addRowDeletion(Row.Deletion.regular(DeletionTime.build(write.micros(), now)));
        }
        write.values().forEach((name, value) -> {
            ColumnMetadata column = table.getColumn(ByteBufferUtil.bytes(name));
            builder.addCell(value.map(literal -> {
                        ByteBuffer bytes = column.type.fromString(literal.replace("'", ""));
                        return mortal
                                ? BufferCell.expiring(column, write.micros(), ttl, now, bytes)
                                : BufferCell.live(column, write.micros(), bytes);
                    })
                    .orElseGet(() -> BufferCell.tombstone(column, write.micros(), now)));
        });
        return builder.build();
    }
}
