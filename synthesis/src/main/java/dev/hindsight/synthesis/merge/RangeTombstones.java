package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;

/**
 * Which range tombstone is open in the merged partition, from those that are open in its inputs. One thread.
 *
 * <p>Source: {@code RangeTombstoneMarker.Merger} 5.0.9.
 */
final class RangeTombstones {
    private final long[] openAt;
    private final long[] openTime;
    private long partitionAt;
    private long partitionTime;
    private boolean anyMarker;

    /** Open in the merged partition; {@link RowFormat#NO_TIMESTAMP} for none. */
    long mergedAt;

    long mergedTime;

    /** Around rows: the open one, else the partition's. */
    long activeAt;

    long activeTime;

    RangeTombstones(int inputs) {
        this.openAt = new long[inputs];
        this.openTime = new long[inputs];
        java.util.Arrays.fill(openAt, RowFormat.NO_TIMESTAMP);
    }

    void begin(long deletedAt, long deletionTime) {
        partitionAt = deletedAt;
        partitionTime = deletionTime;
        if (anyMarker) {
            java.util.Arrays.fill(openAt, RowFormat.NO_TIMESTAMP);
            anyMarker = false;
        }
        mergedAt = RowFormat.NO_TIMESTAMP;
        mergedTime = RowFormat.NO_DELETION_TIME;
        activeAt = deletedAt;
        activeTime = deletionTime;
    }

    /** Passes the markers at one place; gives whether what is open in the merged partition is another one now. */
    boolean pass(RowCursor[] cursors, int from, int count) {
        anyMarker = true;
        for (int i = from; i < from + count; i++) {
            RowCursor cursor = cursors[i];
            openAt[cursor.index] = cursor.openDeletedAt;
            openTime[cursor.index] = cursor.openDeletionTime;
        }
        long at = RowFormat.NO_TIMESTAMP;
        long time = RowFormat.NO_DELETION_TIME;
        for (int i = 0; i < openAt.length; i++) {
            if (openAt[i] != RowFormat.NO_TIMESTAMP
                    && (at == RowFormat.NO_TIMESTAMP
                            || Reconciliation.deletionSupersedes(openAt[i], openTime[i], at, time))) {
                at = openAt[i];
                time = openTime[i];
            }
        }
        if (!Reconciliation.deletionSupersedes(at, time, partitionAt, partitionTime)) {
            at = RowFormat.NO_TIMESTAMP;
            time = RowFormat.NO_DELETION_TIME;
        }
        boolean changed = at != mergedAt || time != mergedTime;
        mergedAt = at;
        mergedTime = time;
        activeAt = at == RowFormat.NO_TIMESTAMP ? partitionAt : at;
        activeTime = at == RowFormat.NO_TIMESTAMP ? partitionTime : time;
        return changed;
    }
}
