package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.ColumnSchema;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.apache.cassandra.db.ClusteringPrefix;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.ColumnData;
import org.apache.cassandra.db.rows.ComplexColumnData;
import org.apache.cassandra.db.rows.RangeTombstoneMarker;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.utils.ByteBufferUtil;

/** A mutation as lines of text, from Cassandra's object and from our decoder: everything that it says, in its order. */
final class MutationText {
    private MutationText() {}

    static void of(Mutation mutation, List<String> out) {
        for (PartitionUpdate update : mutation.getPartitionUpdates()) {
            out.add("update " + update.metadata().id.asUUID() + " "
                    + ByteBufferUtil.bytesToHex(update.partitionKey().getKey())
                    + deletion(update.partitionLevelDeletion()));
            try (UnfilteredRowIterator iterator = update.unfilteredIterator()) {
                if (!iterator.staticRow().isEmpty()) {
                    row(iterator.staticRow(), out);
                }
                while (iterator.hasNext()) {
                    Unfiltered unfiltered = iterator.next();
                    if (unfiltered.isRow()) {
                        row((Row) unfiltered, out);
                    } else {
                        marker((RangeTombstoneMarker) unfiltered, out);
                    }
                }
            }
        }
    }

    private static void row(Row row, List<String> out) {
        StringBuilder line = new StringBuilder(row.isStatic() ? "static" : "row" + clustering(row.clustering()));
        if (!row.primaryKeyLivenessInfo().isEmpty()) {
            line.append(live(
                    row.primaryKeyLivenessInfo().timestamp(),
                    row.primaryKeyLivenessInfo().ttl(),
                    row.primaryKeyLivenessInfo().localExpirationTime()));
        }
        line.append(deletion(row.deletion().time()));
        out.add(line.append(row.deletion().isShadowable() ? " shadowable" : "").toString());
        for (ColumnData data : row) {
            if (data instanceof ComplexColumnData complex) {
                if (!complex.complexDeletion().isLive()) {
                    out.add(" " + data.column().name + deletion(complex.complexDeletion()));
                }
                complex.forEach(cell -> out.add(cell(cell)));
            } else {
                out.add(cell((Cell<?>) data));
            }
        }
    }

    private static String cell(Cell<?> cell) {
        return " " + cell.column().name
                + (cell.path() == null
                        ? ""
                        : "[" + ByteBufferUtil.bytesToHex(cell.path().get(0)) + "]")
                + live(cell.timestamp(), cell.ttl(), cell.localDeletionTime())
                + " = " + ByteBufferUtil.bytesToHex(cell.buffer());
    }

    private static void marker(RangeTombstoneMarker marker, List<String> out) {
        out.add("marker " + marker.clustering().kind().ordinal() + clustering(marker.clustering()) + " closes"
                + (marker.isClose(false) ? deletion(marker.closeDeletionTime(false)) : "") + " opens"
                + (marker.isOpen(false) ? deletion(marker.openDeletionTime(false)) : ""));
    }

    private static String clustering(ClusteringPrefix<?> clustering) {
        StringBuilder out = new StringBuilder();
        for (ByteBuffer value : clustering.getBufferArray()) {
            out.append(' ').append(value == null ? "null" : "x" + ByteBufferUtil.bytesToHex(value));
        }
        return out.toString();
    }

    private static String deletion(DeletionTime time) {
        return time.isLive() ? "" : " deleted " + time.markedForDeleteAt() + "/" + time.localDeletionTime();
    }

    private static String live(long timestamp, int ttl, long expiry) {
        return " @" + timestamp + "/" + ttl + "/" + expiry;
    }

    /** The decoder was started. */
    static void of(MutationDecoder decoder, List<String> out) {
        while (decoder.nextUpdate()) {
            out.add("update " + decoder.tableId + " "
                    + HexFormat.of().formatHex(decoder.bytes, decoder.keyAt, decoder.keyAt + decoder.keyLength)
                    + deletion(decoder.deletedAt, decoder.deletionTime));
            while (decoder.next()) {
                if (decoder.kind == RowFormat.CLUSTERING || decoder.kind == RowFormat.STATIC_CLUSTERING) {
                    row(decoder, out);
                } else {
                    out.add("marker " + decoder.kind + clustering(decoder) + " closes"
                            + deletion(decoder.closedDeletedAt, decoder.closedDeletionTime) + " opens"
                            + deletion(decoder.openDeletedAt, decoder.openDeletionTime));
                }
            }
        }
    }

    private static void row(MutationDecoder decoder, List<String> out) {
        RowWalker row = decoder.row();
        boolean isStatic = decoder.kind == RowFormat.STATIC_CLUSTERING;
        int before = out.size();
        String live = row.timestamp == RowFormat.NO_TIMESTAMP ? "" : live(row.timestamp, row.ttl, row.expiry);
        String deleted = deletion(row.deletedAt, row.deletionTime) + (row.shadowable ? " shadowable" : "");
        out.add((isStatic ? "static" : "row" + clustering(decoder)) + live + deleted);
        while (row.nextColumn()) {
            ColumnSchema column = decoder.layout().columns(isStatic).column(row.column);
            long droppedAt = decoder.droppedAt(column);
            if (row.complex) {
                if (row.complexDeletedAt > droppedAt) {
                    out.add(" " + column.name() + deletion(row.complexDeletedAt, row.complexDeletionTime));
                }
                while (row.nextCell()) {
                    cell(decoder, column, droppedAt, out);
                }
            } else {
                cell(decoder, column, droppedAt, out);
            }
        }
        if (out.size() == before + 1 && live.isEmpty() && deleted.isEmpty()) {
            // Cassandra does not give rows that have nothing but data of dropped columns.
            out.remove(before);
        }
    }

    private static void cell(MutationDecoder decoder, ColumnSchema column, long droppedAt, List<String> out) {
        RowWalker row = decoder.row();
        if (row.cellTimestamp <= droppedAt) {
            return;
        }
        out.add(" " + column.name() + (row.complex ? "[" + hex(decoder.bytes, row.pathAt, row.pathLength) + "]" : "")
                + live(row.cellTimestamp, row.cellTtl, row.cellDeletionTime) + " = "
                + hex(decoder.bytes, row.valueAt, row.valueLength));
    }

    private static String clustering(MutationDecoder decoder) {
        StringBuilder out = new StringBuilder();
        int at = decoder.clusteringAt;
        long header = 0;
        for (int i = 0; i < decoder.values; i++) {
            if (i % 32 == 0) {
                header = VInts.unsigned(decoder.bytes, at);
                at += VInts.length(decoder.bytes, at);
            }
            long absent = header >>> 2 * (i % 32) & 3;
            int length = 0;
            if (absent == 0) {
                length = decoder.layout().clusterings().type(i).fixedLength();
                if (length < 0) {
                    length = (int) VInts.unsigned(decoder.bytes, at);
                    at += VInts.length(decoder.bytes, at);
                }
            }
            out.append(' ').append((absent & 2) != 0 ? "null" : "x" + hex(decoder.bytes, at, length));
            at += length;
        }
        return out.toString();
    }

    private static String deletion(long deletedAt, long deletionTime) {
        return deletedAt == RowFormat.NO_TIMESTAMP ? "" : " deleted " + deletedAt + "/" + deletionTime;
    }

    private static String hex(byte[] bytes, int at, int length) {
        return HexFormat.of().formatHex(bytes, at, at + length);
    }
}
