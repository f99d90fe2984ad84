package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.ShortRuns;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Whether two versions of a row say the same, although their numbers count from different bases: both are walked side by
 * side, without decoding more than it takes to compare. "No" may also mean that it was not worth finding out, or that
 * something looks wrong: {@link RowMerge} is right for any rows. One thread.
 */
final class SameRows {
    private static final int NO_FLAGS = -1;

    private final boolean[] usable;
    private final RowLayout[] layouts;
    private final long[] timestamps;
    private final long[] deletionTimes;
    private final int[] ttls;
    private final ColumnLayout columns;
    private final boolean anyCounter;
    private final boolean mayThin;

    private byte[] left = new byte[0];
    private byte[] right = new byte[0];
    private int l;
    private int r;
    private int valueLength;

    /** Of the cell before: its flags, and where in both its numbers are. */
    private int lastFlags;

    private int lastLeft;
    private int lastLeftLength;
    private int lastRight;
    private int lastRightLength;

    private long timestampGap;
    private long ttlGap;
    private long timeGap;
    private long leftTimeBase;

    SameRows(RowLayout output, List<RowLayout> inputs, InputColumns[] mapped, boolean isStatic) {
        int size = inputs.size();
        this.columns = output.columns(isStatic);
        boolean counters = false;
        boolean special = false;
        for (int i = 0; i < columns.size(); i++) {
            counters |= columns.isCounter(i);
            special |= columns.isComplex(i);
        }
        for (InputColumns one : mapped) {
            special |= one.anyDropped;
        }
        this.anyCounter = counters;
        this.mayThin = !special && !counters;
        this.usable = new boolean[size];
        this.layouts = inputs.toArray(new RowLayout[0]);
        this.timestamps = new long[size];
        this.deletionTimes = new long[size];
        this.ttls = new int[size];
        for (int i = 0; i < size; i++) {
            usable[i] = inputs.get(i).columns(isStatic).isSameAs(columns) || mapped[i].identical;
            timestamps[i] = inputs.get(i).header().base().minTimestamp();
            deletionTimes[i] = inputs.get(i).header().base().minLocalDeletionTime();
            ttls[i] = inputs.get(i).header().base().minTtl();
        }
    }

    /** Whether all are known to be the same. */
    boolean areSame(RowCursor[] cursors, int from, int count) {
        RowCursor first = cursors[from];
        if (!usable[first.index]) {
            return false;
        }
        for (int i = from + 1; i < from + count; i++) {
            RowCursor next = cursors[i];
            if (!usable[next.index]
                    || next.flags != first.flags
                    || next.extendedFlags != first.extendedFlags
                    || !same(first, next)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Leaves out versions that say the same as an earlier one: what remains merges to the same row, unless it would stand
     * alone. Where order among equals could matter (paths that differ only in bytes, counters, dropped columns, shadowable
     * deletions), it is all of them or one.
     *
     * @param into receives what remains
     * @return how many
     */
    int distinct(RowCursor[] cursors, int from, int count, RowCursor[] into) {
        boolean thin = mayThin;
        for (int i = from; i < from + count; i++) {
            thin &= usable[cursors[i].index] && cursors[i].extendedFlags == 0;
        }
        if (!thin) {
            System.arraycopy(cursors, from, into, 0, count);
            return areSame(cursors, from, count) ? 1 : count;
        }
        int kept = 0;
        for (int i = from; i < from + count; i++) {
            RowCursor next = cursors[i];
            int k = 0;
            while (k < kept && !(next.flags == into[k].flags && same(into[k], next))) {
                k++;
            }
            if (k == kept) {
                into[kept++] = next;
            }
        }
        return kept;
    }

    private boolean same(RowCursor one, RowCursor other) {
        if (!anyCounter && layouts[one.index].hasBaseOf(layouts[other.index])) {
            return Arrays.equals(one.bytes, one.bodyAt, one.bodyEnd, other.bytes, other.bodyAt, other.bodyEnd);
        }
        left = one.bytes;
        right = other.bytes;
        l = one.bodyAt;
        r = other.bodyAt;
        timestampGap = timestamps[other.index] - timestamps[one.index];
        timeGap = deletionTimes[other.index] - deletionTimes[one.index];
        leftTimeBase = deletionTimes[one.index];
        ttlGap = (long) ttls[other.index] - ttls[one.index];
        lastFlags = NO_FLAGS;
        try {
            return sameBody(one.flags, one.bodyEnd) && l == one.bodyEnd && r == other.bodyEnd;
        } catch (IndexOutOfBoundsException | MalformedException e) {
            return false;
        }
    }

    private boolean sameBody(int flags, int end) {
        if ((flags & RowFormat.HAS_TIMESTAMP) != 0 && !sameNumber(timestampGap)) {
            return false;
        }
        if ((flags & RowFormat.HAS_TTL) != 0 && !(sameNumber(ttlGap) && sameTime())) {
            return false;
        }
        if ((flags & RowFormat.HAS_DELETION) != 0 && !(sameNumber(timestampGap) && sameTime())) {
            return false;
        }
        int size = columns.size();
        long missing = 0;
        if ((flags & RowFormat.HAS_ALL_COLUMNS) == 0) {
            missing = VInts.unsigned(left, l);
            if (!sameNumber(0) || size >= 64) {
                return false;
            }
        }
        boolean deletions = (flags & RowFormat.HAS_COMPLEX_DELETION) != 0;
        for (int i = 0; i < size; i++) {
            if (i < 64 && (missing >>> i & 1) != 0) {
                continue;
            }
            if (!columns.isComplex(i)) {
                if (l >= end || !sameCell(columns.fixedLength(i), false, columns.isCounter(i))) {
                    return false;
                }
            } else if (!sameComplex(columns.fixedLength(i), deletions, end)) {
                return false;
            }
        }
        return true;
    }

    private boolean sameComplex(int length, boolean deletions, int end) {
        if (deletions && !(sameNumber(timestampGap) && sameTime())) {
            return false;
        }
        long count = VInts.unsigned(left, l);
        if (!sameNumber(0)) {
            return false;
        }
        for (long i = count; i > 0; i--) {
            if (l >= end || !sameCell(length, true, false)) {
                return false;
            }
        }
        return count >= 0;
    }

    private boolean sameCell(int fixedLength, boolean hasPath, boolean counter) {
        int flags = left[l++];
        if (flags != right[r++]) {
            return false;
        }
        if (!sameNumbers(flags)) {
            return false;
        }
        if (hasPath && !sameValue(-1)) {
            return false;
        }
        if ((flags & RowFormat.CELL_HAS_EMPTY_VALUE) != 0) {
            return true;
        }
        if (!sameValue(fixedLength)) {
            return false;
        }
        // Local shards are summed, even with themselves.
        return !counter
                || (flags & RowFormat.CELL_IS_DELETED) != 0
                || !CounterContexts.hasLegacyShards(left, l - valueLength, valueLength);
    }

    /** Timestamp, deletion time and TTL. Cells of one write have the same ones: then bytes that were equal before are so again. */
    private boolean sameNumbers(int flags) {
        if (flags == lastFlags
                && ShortRuns.equal(left, l, left, lastLeft, lastLeftLength)
                && ShortRuns.equal(right, r, right, lastRight, lastRightLength)) {
            l += lastLeftLength;
            r += lastRightLength;
            return true;
        }
        int leftAt = l;
        int rightAt = r;
        if ((flags & RowFormat.CELL_USES_ROW_TIMESTAMP) == 0 && !sameNumber(timestampGap)) {
            return false;
        }
        if ((flags & RowFormat.CELL_USES_ROW_TTL) == 0
                && (flags & (RowFormat.CELL_IS_DELETED | RowFormat.CELL_IS_EXPIRING)) != 0) {
            if (!sameTime()) {
                return false;
            }
            if ((flags & RowFormat.CELL_IS_EXPIRING) != 0 && !sameNumber(ttlGap)) {
                return false;
            }
        }
        lastFlags = flags;
        lastLeft = leftAt;
        lastLeftLength = l - leftAt;
        lastRight = rightAt;
        lastRightLength = r - rightAt;
        return true;
    }

    private boolean sameValue(int fixedLength) {
        long length = fixedLength;
        if (length < 0) {
            length = VInts.unsigned(left, l);
            if (!sameNumber(0)) {
                return false;
            }
        }
        if (length < 0 || length > left.length - l || length > right.length - r) {
            return false;
        }
        int bytes = (int) length;
        boolean equal = bytes <= ShortRuns.MAX_LENGTH
                ? ShortRuns.equal(left, l, right, r, bytes)
                : Arrays.equals(left, l, l + bytes, right, r, r + bytes);
        if (!equal) {
            return false;
        }
        l += bytes;
        r += bytes;
        valueLength = bytes;
        return true;
    }

    /** {@code gap}: the right base less the left one. */
    private boolean sameNumber(long gap) {
        long a = VInts.unsigned(left, l);
        long b = VInts.unsigned(right, r);
        l += VInts.length(left, l);
        r += VInts.length(right, r);
        return a == b + gap;
    }

    /** Only times that mean the same in all versions: overflows do not. */
    private boolean sameTime() {
        long a = VInts.unsigned(left, l);
        return sameNumber(timeGap) && a + leftTimeBase >= 0 && a >= 0;
    }
}
