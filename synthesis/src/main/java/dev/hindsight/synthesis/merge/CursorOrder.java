package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.RowCursor;
import org.jspecify.annotations.Nullable;

/**
 * Cursors sorted by where they stand, those at the same place next to each other in front. Made for merges in which the
 * cursors that were in front mostly belong to the front again: those take one comparison or two. With many cursors the
 * place is found by bisection. One thread.
 */
final class CursorOrder {
    private static final int LINEAR_STEPS = 6;

    /** Sorted from {@link #first} on; before it is room for those that are taken out and put back. */
    final RowCursor[] cursors;

    int first;
    private final int end;
    private final @Nullable Clusterings clusterings;

    private CursorOrder(int capacity, @Nullable Clusterings clusterings) {
        this.cursors = new RowCursor[capacity];
        this.clusterings = clusterings;
        this.end = capacity;
        this.first = capacity;
    }

    static CursorOrder ofPartitions(int capacity) {
        return new CursorOrder(capacity, null);
    }

    static CursorOrder ofUnfiltereds(int capacity, Clusterings clusterings) {
        return new CursorOrder(capacity, clusterings);
    }

    boolean isEmpty() {
        return first == end;
    }

    void clear() {
        first = end;
    }

    /** How many in front stand at the same place. */
    int ties() {
        int at = first + 1;
        while (at < end && cursors[at].sameAsPrevious) {
            at++;
        }
        return at - first;
    }

    /** Puts a cursor that is not in here to its place; there must be room in front. */
    void insert(RowCursor cursor) {
        RowCursor[] all = cursors;
        int to = first - 1;
        int at = first;
        for (int steps = 0; at < end; steps++) {
            if (steps == LINEAR_STEPS) {
                int place = bisect(cursor, at);
                System.arraycopy(all, at, all, to, place - at);
                to += place - at;
                at = place;
                break;
            }
            int order = compare(cursor, all[at]);
            if (order <= 0) {
                all[at].sameAsPrevious = order == 0;
                break;
            }
            do {
                all[to++] = all[at++];
            } while (at < end && all[at].sameAsPrevious);
        }
        all[to] = cursor;
        cursor.sameAsPrevious = false;
        first--;
    }

    /** The first from {@code from} on that is not before the cursor; marks it when it is at the same place. */
    private int bisect(RowCursor cursor, int from) {
        int low = from;
        int high = end;
        boolean same = false;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = compare(cursor, cursors[middle]);
            if (order <= 0) {
                high = middle;
                same = order == 0;
            } else {
                low = middle + 1;
            }
        }
        if (low < end) {
            cursors[low].sameAsPrevious = same;
        }
        return low;
    }

    int compare(RowCursor left, RowCursor right) {
        return clusterings == null
                ? RowCursor.comparePartitions(left, right)
                : RowCursor.compare(clusterings, left, right);
    }
}
