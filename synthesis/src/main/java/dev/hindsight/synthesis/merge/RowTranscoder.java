package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.schema.DroppedColumn;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.type.CassandraType;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Codes rows anew, one by one and as they are: with the columns, types and base of another layout, and with the sizes that
 * an SSTable has and a mutation has not. Nothing is reconciled and nothing expires; only cells of dropped columns are left
 * out, as Cassandra does when it reads. The row lies in {@link #bytes} from {@link #start} to {@link #end} until the next.
 *
 * <p>Values of which a merge looks at the bytes (paths, counters) are looked at here, while it is known whose they are. One
 * thread.
 */
public final class RowTranscoder {
    private final RowLayout output;
    private final Map<String, DroppedColumn> dropped;
    private final PartitionStatistics statistics = new PartitionStatistics();
    private final RowOutput out;
    private @Nullable ColumnLayout statics;
    private @Nullable ColumnLayout regulars;
    private @Nullable InputColumns staticColumns;
    private @Nullable InputColumns regularColumns;
    private long latest;

    /** @param dropped by name */
    public RowTranscoder(RowLayout output, Map<String, DroppedColumn> dropped) {
        this.output = output;
        this.dropped = dropped;
        MergeRules keepAll = MergeRules.of(new PurgePolicy.KeepTombstones(), new TtlPolicy.Keep(), 0, false);
        this.out = new RowOutput(output, keepAll, statistics, new MergeCounts());
    }

    /**
     * The rows that come are of this layout.
     *
     * @throws MalformedException it has a column that the table neither has nor ever had
     * @throws dev.hindsight.model.failure.UnsupportedException a column has changed its kind of type
     */
    public void begin(RowLayout input) {
        if (statics != input.statics()) {
            staticColumns = new InputColumns(input.statics(), output.statics(), dropped);
            statics = input.statics();
        }
        if (regulars != input.regulars()) {
            regularColumns = new InputColumns(input.regulars(), output.regulars(), dropped);
            regulars = input.regulars();
        }
        latest = Long.MIN_VALUE;
    }

    /**
     * Codes a row of which nothing but its head was read; false when nothing is left of it.
     *
     * @throws MalformedException it cannot be a row
     */
    public boolean row(RowWalker row, boolean isStatic, byte[] clustering, int clusteringAt, int clusteringLength) {
        InputColumns columns = isStatic ? staticColumns : regularColumns;
        if (columns == null) {
            throw new IllegalStateException("not begun");
        }
        out.begin(isStatic, clusteringLength);
        out.liveness(row.timestamp, row.ttl, row.expiry);
        if (row.ttl != RowFormat.NO_TTL) {
            latest = Math.max(latest, row.expiry);
        }
        if (row.deletedAt != RowFormat.NO_TIMESTAMP) {
            latest = Math.max(latest, row.deletionTime);
            out.deletion(row.deletedAt, row.deletionTime, row.shadowable);
        }
        while (row.nextColumn()) {
            int column = columns.target[row.column];
            if (column == InputColumns.GONE) {
                continue;
            }
            long droppedAt = columns.droppedAt[row.column];
            if (row.complex) {
                complex(row, column, droppedAt);
            } else if (row.cellTimestamp > droppedAt) {
                seen(row.cellDeletionTime);
                out.cell(
                        column,
                        row.cellTimestamp,
                        row.cellTtl,
                        row.cellDeletionTime,
                        row.bytes,
                        row.valueAt,
                        row.valueLength);
            }
        }
        statistics.clear();
        if (out.isEmpty()) {
            return false;
        }
        out.finish(clustering, clusteringAt, clusteringLength);
        statistics.clear();
        return true;
    }

    private void complex(RowWalker row, int column, long droppedAt) {
        boolean deleted = row.complexDeletedAt > droppedAt && row.complexDeletedAt != RowFormat.NO_TIMESTAMP;
        if (deleted) {
            latest = Math.max(latest, row.complexDeletionTime);
        }
        out.beginComplex(column, deleted ? row.complexDeletedAt : RowFormat.NO_TIMESTAMP, row.complexDeletionTime);
        CassandraType paths = row.pathType();
        while (row.nextCell()) {
            if (paths != null) {
                paths.compare(row.bytes, row.pathAt, row.pathLength, row.bytes, row.pathAt, row.pathLength);
            }
            if (row.cellTimestamp > droppedAt) {
                seen(row.cellDeletionTime);
                out.complexCell(
                        row.cellTimestamp,
                        row.cellTtl,
                        row.cellDeletionTime,
                        row.bytes,
                        row.pathAt,
                        row.pathLength,
                        row.valueAt,
                        row.valueLength);
            }
        }
        out.endComplex();
    }

    private void seen(long time) {
        if (time != RowFormat.NO_DELETION_TIME) {
            latest = Math.max(latest, time);
        }
    }

    /** A static row without anything, as partitions have it where the layout has static columns. */
    public void emptyStaticRow() {
        out.begin(true, 0);
        out.finish(new byte[0], 0, 0);
        statistics.clear();
    }

    /** The latest expiry or deletion time in the rows since {@link #begin}; {@code Long.MIN_VALUE} when there was none. */
    public long latestDeletionTime() {
        return latest;
    }

    public byte[] bytes() {
        return out.bytes;
    }

    public int start() {
        return out.start;
    }

    public int end() {
        return out.end;
    }
}
