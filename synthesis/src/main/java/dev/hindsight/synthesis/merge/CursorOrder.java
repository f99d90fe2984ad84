package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;

/**
 * Cursors sorted by the unfiltereds that they stand at, those at the same place next to each other. Made for merges in which
 * the cursors that were in front mostly belong to the front again: together they take one comparison, alone one or two.
 * With many cursors the place is found by bisection. One thread.
 */
final class CursorOrder {
    private static final int LINEAR_STEPS = 6;

    /** Sorted from {@link #first} on; before it is room for those that are taken out and put back. */
    final RowCursor[] cursors;

    int first;
    private final int end;
    private final Clusterings clusterings;

    CursorOrder(int capacity, Clusterings clusterings) {
        this.cursors = new RowCursor[capacity];
        this.clusterings = clusterings;
        this.end = capacity;
        this.first = capacity;
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

    /** The first {@code count} were moved on: puts those that still stand at something to their new places. */
    void putBack(int count) {
        if (standTogether(count)) {
            return;
        }
        int from = first;
        first = from + count;
        for (int i = first - 1; i >= from; i--) {
            if (cursors[i].kind != RowCursor.NONE) {
                insert(cursors[i]);
            }
        }
    }

    /** Whether the first {@code count}, which stood together, do so again and still before all others: nothing is to be done. */
    private boolean standTogether(int count) {
        RowCursor[] all = cursors;
        int from = first;
        RowCursor one = all[from];
        long prefix = one.orderPrefix;
        if (!clusterings.prefixDecides() || !isPrefixedRow(one)) {
            return false;
        }
        int behind = from + count;
        for (int i = from + 1; i < behind; i++) {
            if (!isPrefixedRow(all[i]) || all[i].orderPrefix != prefix) {
                return false;
            }
        }
        return behind == end || all[behind].hasOrderPrefix && prefix < all[behind].orderPrefix;
    }

    private static boolean isPrefixedRow(RowCursor cursor) {
        return cursor.kind == RowFormat.CLUSTERING && cursor.hasOrderPrefix;
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
            int order = RowCursor.compare(clusterings, cursor, all[at]);
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
            int order = RowCursor.compare(clusterings, cursor, cursors[middle]);
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
}
