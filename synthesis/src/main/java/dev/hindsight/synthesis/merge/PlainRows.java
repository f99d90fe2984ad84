package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import java.util.Arrays;
import java.util.List;

/**
 * The way of most rows: written by one INSERT without a TTL and equal in all inputs that have them. Such a body is its
 * timestamp, which columns it has, and cells that say "the row's timestamp" and hold nothing else that counts from a base:
 * behind the timestamp all copies are the same bytes, and so is the output. Columns must be those of the output, and none of
 * them a counter or complex. Everything else is left to {@link RowMerge}, also what looks wrong.
 *
 * <p>One thread.
 */
final class PlainRows {
    private static final int NOT_PLAIN = -2;
    private static final int UNUSABLE = RowFormat.END_OF_PARTITION
            | RowFormat.IS_MARKER
            | RowFormat.HAS_TTL
            | RowFormat.HAS_DELETION
            | RowFormat.HAS_COMPLEX_DELETION
            | RowFormat.HAS_EXTENDED_FLAGS;

    /** Longer ones are not copied together with their heads. */
    private static final int COPIED_BODY = 1024;

    /** What {@link #merge} says. */
    static final int NO = 0;

    /** The row was equal everywhere, and all of it is shadowed. */
    static final int SHADOWED = 1;

    static final int WRITTEN = 2;

    private final boolean[] usable;
    private final long[] minTimestamps;
    private final int[] lengths;
    private final boolean fewColumns;
    private final long outputMinTimestamp;
    private final PartitionStatistics statistics;
    private final MergeCounts counts;
    private byte[] head = new byte[COPIED_BODY + 512];

    PlainRows(
            RowLayout output,
            List<RowLayout> inputs,
            InputColumns[] columns,
            PartitionStatistics statistics,
            MergeCounts counts) {
        ColumnLayout regulars = output.regulars();
        this.statistics = statistics;
        this.counts = counts;
        this.fewColumns = regulars.size() < 64;
        EncodingBase base = output.header().base();
        this.outputMinTimestamp = base.minTimestamp();
        this.usable = new boolean[inputs.size()];
        this.minTimestamps = new long[inputs.size()];
        for (int i = 0; i < usable.length; i++) {
            usable[i] = columns[i].identical;
            minTimestamps[i] = inputs.get(i).header().base().minTimestamp();
        }
        this.lengths = new int[regulars.size()];
        for (int i = 0; i < lengths.length; i++) {
            boolean special = regulars.isComplex(i) || regulars.isCounter(i);
            lengths[i] = special ? NOT_PLAIN : regulars.fixedLength(i);
        }
    }

    /**
     * Looks at the versions of one row; {@link #SHADOWED} and {@link #WRITTEN} when all are plain and equal.
     *
     * @param activeAt of the deletion around the row
     */
    int look(RowCursor[] cursors, int from, int count, long activeAt) {
        try {
            return lookInside(cursors, from, count, activeAt);
        } catch (IndexOutOfBoundsException e) {
            return NO;
        }
    }

    private int lookInside(RowCursor[] cursors, int from, int count, long activeAt) {
        RowCursor first = cursors[from];
        int flags = first.flags;
        if ((flags & UNUSABLE) != 0 || (flags & RowFormat.HAS_TIMESTAMP) == 0 || !usable[first.index]) {
            return NO;
        }
        byte[] bytes = first.bytes;
        int at = first.bodyAt;
        long found = VInts.unsigned(bytes, at) + minTimestamps[first.index];
        at += VInts.length(bytes, at);
        int end = first.bodyEnd;
        int length = end - at;
        if (length < 0) {
            return NO;
        }
        for (int i = from + 1; i < from + count; i++) {
            RowCursor next = cursors[i];
            byte[] others = next.bytes;
            int other = next.bodyAt;
            if (next.flags != flags
                    || !usable[next.index]
                    || VInts.unsigned(others, other) + minTimestamps[next.index] != found) {
                return NO;
            }
            other += VInts.length(others, other);
            if (next.bodyEnd - other != length || !Arrays.equals(bytes, at, end, others, other, other + length)) {
                return NO;
            }
        }
        timestamp = found;
        restAt = at;
        int has = (flags & RowFormat.HAS_ALL_COLUMNS) != 0 ? allCells(bytes, at, end) : someCells(bytes, at, end);
        if (has < 0) {
            return NO;
        }
        cells = has;
        return found <= activeAt ? SHADOWED : WRITTEN;
    }

    private long timestamp;
    private int restAt;
    private int cells;

    private int allCells(byte[] bytes, int from, int end) {
        int at = from;
        for (int length : lengths) {
            at = cell(bytes, at, end, length);
            if (at < 0) {
                return -1;
            }
        }
        return at == end ? lengths.length : -1;
    }

    private int someCells(byte[] bytes, int from, int end) {
        if (!fewColumns || from >= end) {
            return -1;
        }
        long missing = VInts.unsigned(bytes, from);
        int at = from + VInts.length(bytes, from);
        if (missing >>> lengths.length != 0) {
            return -1;
        }
        int has = 0;
        for (int i = 0; i < lengths.length; i++) {
            if ((missing >>> i & 1) == 0) {
                at = cell(bytes, at, end, lengths[i]);
                if (at < 0) {
                    return -1;
                }
                has++;
            }
        }
        return at == end ? has : -1;
    }

    /** Where the plain cell at {@code at} ends, -1 when it is none. */
    private static int cell(byte[] bytes, int at, int end, int fixedLength) {
        if (at >= end) {
            return -1;
        }
        int flags = bytes[at];
        if (flags == RowFormat.CELL_USES_ROW_TIMESTAMP) {
            if (fixedLength >= 0) {
                return fixedLength <= end - at - 1 ? at + 1 + fixedLength : -1;
            }
            if (fixedLength == NOT_PLAIN || at + 1 >= end) {
                return -1;
            }
            int first = bytes[at + 1];
            if (first >= 0) {
                return first <= end - at - 2 ? at + 2 + first : -1;
            }
            int vint = VInts.length(bytes, at + 1);
            if (vint > end - at - 1) {
                return -1;
            }
            long length = VInts.unsigned(bytes, at + 1);
            return length >= 0 && length <= end - at - 1 - vint ? at + 1 + vint + (int) length : -1;
        }
        boolean empty = flags == (RowFormat.CELL_USES_ROW_TIMESTAMP | RowFormat.CELL_HAS_EMPTY_VALUE);
        return empty && fixedLength != NOT_PLAIN ? at + 1 : -1;
    }

    /**
     * Writes the row that was {@link #look}ed at and found to stay.
     *
     * @param place whose clustering values are written
     */
    void write(RowCursor row, RowCursor place, PartitionSink sink) {
        PartitionStatistics sums = statistics;
        sums.timestamp(timestamp);
        sums.ttl(RowFormat.NO_TTL);
        sums.localDeletionTime(RowFormat.NO_DELETION_TIME);
        sums.rows++;
        sums.cells += cells;
        sums.columnsSet += cells;
        counts.rows++;
        counts.plainRows++;
        int clusteringLength = place.clusteringEnd - place.clusteringAt;
        int restLength = row.bodyEnd - restAt;
        byte[] out = head;
        if (out.length < clusteringLength + COPIED_BODY + 64) {
            out = new byte[clusteringLength + COPIED_BODY + 512];
            head = out;
        }
        long delta = timestamp - outputMinTimestamp;
        out[0] = (byte) row.flags;
        System.arraycopy(place.bytes, place.clusteringAt, out, 1, clusteringLength);
        int p = VInts.putUnsigned(out, 1 + clusteringLength, 1 + VInts.size(delta) + restLength);
        out[p++] = 0;
        p = VInts.putUnsigned(out, p, delta);
        if (restLength <= COPIED_BODY) {
            System.arraycopy(row.bytes, restAt, out, p, restLength);
            sink.append(out, 0, p + restLength);
        } else {
            sink.append(out, 0, p);
            sink.append(row.bytes, restAt, restLength);
        }
    }
}
