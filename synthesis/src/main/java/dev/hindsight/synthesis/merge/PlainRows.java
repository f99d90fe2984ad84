package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.ShortRuns;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
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

    /** No position. */
    private static final int NOWHERE = -1;

    private static final int UNUSABLE = RowFormat.END_OF_PARTITION
            | RowFormat.IS_MARKER
            | RowFormat.HAS_TTL
            | RowFormat.HAS_DELETION
            | RowFormat.HAS_COMPLEX_DELETION
            | RowFormat.HAS_EXTENDED_FLAGS;

    /** What {@link #look} says: not that way. */
    static final int NO = 0;

    /** The row was equal everywhere, and all of it is shadowed. */
    static final int SHADOWED = 1;

    /** It was equal everywhere and stays. */
    static final int STAYS = 2;

    /** Flags, two sizes, a timestamp, and what is overwritten behind it. */
    private static final int NUMBERS = 1 + VInts.MAX_LENGTH + 1 + VInts.MAX_LENGTH + 8;

    private final boolean[] usable;
    private final long[] minTimestamps;
    private final int[] lengths;
    private final boolean fewColumns;
    private final long outputMinTimestamp;
    private final PartitionStatistics statistics;
    private final MergeCounts counts;
    private byte[] head = new byte[256];

    private long timestamp;
    private int restAt;
    private int cells;

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
     * Looks at the versions of one row; {@link #SHADOWED} and {@link #STAYS} when all are plain and equal.
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
        if ((flags & (UNUSABLE | RowFormat.HAS_TIMESTAMP)) != RowFormat.HAS_TIMESTAMP || !usable[first.index]) {
            return NO;
        }
        byte[] bytes = first.bytes;
        int at = first.bodyAt;
        long found = VInts.unsigned(bytes, at) + minTimestamps[first.index];
        at += VInts.length(bytes, at);
        int length = first.bodyEnd - at;
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
            if (next.bodyEnd - other != length || !equal(bytes, at, others, other, length)) {
                return NO;
            }
        }
        timestamp = found;
        restAt = at;
        int has = (flags & RowFormat.HAS_ALL_COLUMNS) != 0
                ? allCells(bytes, at, first.bodyEnd)
                : someCells(bytes, at, first.bodyEnd);
        if (has < 0) {
            return NO;
        }
        cells = has;
        return found <= activeAt ? SHADOWED : STAYS;
    }

    private static boolean equal(byte[] left, int leftAt, byte[] right, int rightAt, int length) {
        return length <= ShortRuns.MAX_LENGTH
                ? ShortRuns.equal(left, leftAt, right, rightAt, length)
                : Arrays.equals(left, leftAt, leftAt + length, right, rightAt, rightAt + length);
    }

    private int allCells(byte[] bytes, int from, int end) {
        int at = from;
        for (int length : lengths) {
            at = cell(bytes, at, length);
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
                at = cell(bytes, at, lengths[i]);
                if (at < 0) {
                    return -1;
                }
                has++;
            }
        }
        return at == end ? has : -1;
    }

    /**
     * Where the plain cell at {@code at} ends; {@link #NOWHERE} when it is none. May be behind the row's end: as no cell ends
     * before it starts, it is enough to look at where the last one ends.
     */
    private static int cell(byte[] bytes, int at, int fixedLength) {
        int flags = bytes[at];
        if (flags == RowFormat.CELL_USES_ROW_TIMESTAMP) {
            if (fixedLength >= 0) {
                return at + 1 + fixedLength;
            }
            int first = bytes[at + 1];
            if (first >= 0 && fixedLength != NOT_PLAIN) {
                return at + 2 + first;
            }
            return fixedLength == NOT_PLAIN ? NOWHERE : longCell(bytes, at + 1);
        }
        boolean empty = flags == (RowFormat.CELL_USES_ROW_TIMESTAMP | RowFormat.CELL_HAS_EMPTY_VALUE);
        return empty && fixedLength != NOT_PLAIN ? at + 1 : NOWHERE;
    }

    private static int longCell(byte[] bytes, int lengthAt) {
        long length = VInts.unsigned(bytes, lengthAt);
        int at = lengthAt + VInts.length(bytes, lengthAt);
        return length >= 0 && length <= bytes.length - at ? at + (int) length : NOWHERE;
    }

    /** Bytes that the row will not exceed. */
    int mostBytes(RowCursor row, RowCursor place) {
        return NUMBERS + place.clusteringEnd - place.clusteringAt + row.bodyEnd - restAt;
    }

    /**
     * Writes the row that was {@link #look}ed at and found to stay. There must be room for {@link #mostBytes}.
     *
     * @param place whose clustering values are written
     */
    void write(RowCursor row, RowCursor place, RowBatch batch) {
        count();
        byte[] out = batch.bytes;
        int start = batch.length;
        int rest = putHead(row, place, out, start);
        int restLength = row.bodyEnd - restAt;
        copy(row.bytes, restAt, out, rest, restLength);
        int clusteringAt = start + 1;
        batch.end(clusteringAt, clusteringAt + place.clusteringEnd - place.clusteringAt, rest + restLength);
    }

    /** As {@link #write}, of any length, and without a copy in between. */
    void writeLong(RowCursor row, RowCursor place, PartitionSink sink) {
        count();
        int most = NUMBERS + place.clusteringEnd - place.clusteringAt;
        if (head.length < most) {
            head = new byte[2 * most];
        }
        sink.append(head, 0, putHead(row, place, head, 0));
        sink.append(row.bytes, restAt, row.bodyEnd - restAt);
    }

    private void count() {
        PartitionStatistics sums = statistics;
        sums.timestamp(timestamp);
        sums.ttl(RowFormat.NO_TTL);
        sums.localDeletionTime(RowFormat.NO_DELETION_TIME);
        sums.rows++;
        sums.cells += cells;
        sums.columnsSet += cells;
        counts.rows++;
        counts.plainRows++;
    }

    /** Everything up to the timestamp. Gives where it ends. */
    private int putHead(RowCursor row, RowCursor place, byte[] out, int at) {
        int clusteringLength = place.clusteringEnd - place.clusteringAt;
        out[at] = (byte) row.flags;
        copy(place.bytes, place.clusteringAt, out, at + 1, clusteringLength);
        long delta = timestamp - outputMinTimestamp;
        int p = VInts.putUnsignedAhead(out, at + 1 + clusteringLength, 1 + VInts.size(delta) + row.bodyEnd - restAt);
        out[p] = 0;
        return VInts.putUnsignedAhead(out, p + 1, delta);
    }

    private static void copy(byte[] from, int fromAt, byte[] to, int toAt, int length) {
        if (length <= ShortRuns.MAX_LENGTH) {
            ShortRuns.copy(from, fromAt, to, toAt, length);
        } else {
            System.arraycopy(from, fromAt, to, toAt, length);
        }
    }
}
