package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.RowCursor;
import java.util.List;

/**
 * Cursors sorted by the partitions that they stand at. Tokens are kept in an array of their own and the place of a cursor is
 * found by counting those before it: which replica has the next partition cannot be foreseen, and a wrong guess of the
 * processor costs more than many comparisons. One thread.
 */
final class PartitionOrder {
    /** More are searched by bisection. */
    private static final int COUNTED = 32;

    /** Those that stand at the first partition, filled by {@link #takeFirst}. */
    final RowCursor[] taken;

    private final RowCursor[] cursors;

    /** Sorted, as the next two, from {@link #first} on. */
    private final long[] tokens;

    /** Indexes of cursors. */
    private final int[] inputs;

    /** Whether it is the same partition as the one before. */
    private final boolean[] same;

    private final int end;
    private int first;

    /** @param cursors each with its place in this list as {@link RowCursor#index} */
    PartitionOrder(List<RowCursor> cursors) {
        this.end = cursors.size();
        this.first = end;
        this.cursors = cursors.toArray(new RowCursor[0]);
        this.taken = new RowCursor[end];
        this.tokens = new long[end];
        this.inputs = new int[end];
        this.same = new boolean[end];
    }

    boolean isEmpty() {
        return first == end;
    }

    /** Takes all that stand at the first partition out and puts them into {@link #taken}; gives how many. */
    int takeFirst() {
        int from = first;
        int at = from;
        do {
            taken[at - from] = cursors[inputs[at]];
            at++;
        } while (at < end && same[at]);
        first = at;
        return at - from;
    }

    /** Puts a cursor to its place: before those at the same partition. */
    void insert(RowCursor cursor) {
        long token = cursor.token;
        int at = placeOf(token);
        boolean nextIsSame = false;
        while (at < end && tokens[at] == token) {
            int order = RowCursor.comparePartitions(cursor, cursors[inputs[at]]);
            if (order <= 0) {
                nextIsSame = order == 0;
                break;
            }
            do {
                at++;
            } while (at < end && same[at]);
        }
        if (at < end) {
            same[at] = nextIsSame;
        }
        int before = at - first;
        System.arraycopy(tokens, first, tokens, first - 1, before);
        System.arraycopy(inputs, first, inputs, first - 1, before);
        System.arraycopy(same, first, same, first - 1, before);
        first--;
        tokens[at - 1] = token;
        inputs[at - 1] = cursor.index;
        same[at - 1] = false;
    }

    /** The first that is not before the token. */
    private int placeOf(long token) {
        int low = first;
        int high = end;
        while (high - low > COUNTED) {
            int middle = (low + high) >>> 1;
            if (tokens[middle] < token) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int before = 0;
        for (int i = low; i < high; i++) {
            before += tokens[i] < token ? 1 : 0;
        }
        return low + before;
    }
}
