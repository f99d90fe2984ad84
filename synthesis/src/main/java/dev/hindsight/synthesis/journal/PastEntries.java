package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.Clusterings;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.fetch.ScratchDirectory;

/**
 * What the updates of one partition say, taken apart and sorted by place, then by number: static rows, rows, and range
 * tombstones at where they begin. Of a partition that memory cannot hold, most lies on scratch. One thread.
 */
final class PastEntries implements AutoCloseable {
    static final int ROW = 0;
    static final int RANGE = 1;

    private static final int NUMBER_AT = 8;
    private static final int EPOCH_AT = 16;
    private static final int TYPE_AT = 20;
    private static final int HEAD_BYTES = 21;
    private static final int RANGE_HEAD_BYTES = 1 + 2 + 4 + 8 + 8;

    private final SpillSort sorted;
    private final byte[] head = new byte[HEAD_BYTES];
    private final byte[] rangeHead = new byte[HEAD_BYTES];
    private final Arena rangeTail = new Arena(1 << 8);
    private final Arena whole = new Arena(1 << 10);
    private final Arena tail = new Arena(1 << 8);
    private boolean there;

    /** @param clusterings by which places are compared; all versions of a table have the same */
    PastEntries(Clusterings clusterings, int memoryBytes, ScratchDirectory directory) {
        sorted = new SpillSort(
                (left, leftAt, right, rightAt) -> compare(clusterings, left, leftAt, right, rightAt),
                memoryBytes,
                directory,
                "places-");
    }

    private static int compare(Clusterings clusterings, byte[] left, int leftAt, byte[] right, int rightAt) {
        int order = Byte.compare(left[leftAt], right[rightAt]);
        if (order == 0 && left[leftAt] != 0) {
            order = clusterings.compare(
                    left[leftAt + 1],
                    left,
                    leftAt + HEAD_BYTES,
                    VInts.unsignedShort(left, leftAt + 2),
                    right[rightAt + 1],
                    right,
                    rightAt + HEAD_BYTES,
                    VInts.unsignedShort(right, rightAt + 2));
        }
        return order != 0
                ? order
                : Long.compare(VInts.long8(left, leftAt + NUMBER_AT), VInts.long8(right, rightAt + NUMBER_AT));
    }

    /** Adds what the coding's reader has just read. */
    void add(PastCoding coding, long number, int epoch) {
        UpdateReader reader = coding.reader;
        if (reader.hasStaticRow()) {
            put(head, RowFormat.STATIC_CLUSTERING, 0, 0, number, epoch, ROW);
            sorted.add(head, HEAD_BYTES, reader.staticRow.bytes, 1, reader.staticRow.length - 1);
        }
        if (!reader.hasBody()) {
            return;
        }
        coding.head(whole, RowFormat.NO_TIMESTAMP, 0);
        coding.noStaticRow(whole);
        whole.append(reader.body.bytes, 1, reader.body.length - 1);
        PastCoding.end(whole);
        Pieces all = new Pieces();
        all.add(1, whole.length);
        RowCursor cursor = new RowCursor(0, coding.layout, new Lane(whole.bytes, all), TokenRanges.FULL);
        cursor.nextPartition();
        int from = cursor.bodyEnd;
        long openAt = RowFormat.NO_TIMESTAMP;
        long openTime = RowFormat.NO_DELETION_TIME;
        while (cursor.next()) {
            int length = cursor.clusteringEnd - cursor.clusteringAt;
            if (cursor.kind == RowFormat.CLUSTERING) {
                put(head, RowFormat.CLUSTERING, cursor.values, length, number, epoch, ROW);
                tail.clear();
                tail.append(cursor.bytes, cursor.clusteringAt, length);
                tail.append(cursor.bytes, from, cursor.bodyEnd - from);
                sorted.add(head, HEAD_BYTES, tail.bytes, 1, tail.length - 1);
            } else {
                if (openAt != RowFormat.NO_TIMESTAMP) {
                    endRange(cursor, length, openAt, openTime);
                }
                if (RowFormat.opens(cursor.kind)) {
                    beginRange(cursor, length, number, epoch);
                }
            }
            openAt = cursor.openDeletedAt;
            openTime = cursor.openDeletionTime;
            from = cursor.bodyEnd;
        }
    }

    private static void put(byte[] head, int kind, int values, int length, long number, int epoch, int type) {
        head[0] = (byte) (kind == RowFormat.STATIC_CLUSTERING ? 0 : 1);
        head[1] = (byte) kind;
        VInts.putShort2(head, 2, values);
        VInts.putInt4(head, 4, length);
        VInts.putLong8(head, NUMBER_AT, number);
        VInts.putInt4(head, EPOCH_AT, epoch);
        head[TYPE_AT] = (byte) type;
    }

    private void beginRange(RowCursor cursor, int length, long number, int epoch) {
        int kind = RowFormat.comparedToRow(cursor.kind) < 0 ? RowFormat.INCL_START_BOUND : RowFormat.EXCL_START_BOUND;
        put(rangeHead, kind, cursor.values, length, number, epoch, RANGE);
        rangeTail.clear();
        rangeTail.append(cursor.bytes, cursor.clusteringAt, length);
    }

    /** Of the range that was begun last: ranges of one update do not overlap. */
    private void endRange(RowCursor cursor, int length, long at, long time) {
        int kind = RowFormat.comparedToRow(cursor.kind) < 0 ? RowFormat.EXCL_END_BOUND : RowFormat.INCL_END_BOUND;
        byte[] end = new byte[RANGE_HEAD_BYTES];
        end[0] = (byte) kind;
        VInts.putShort2(end, 1, cursor.values);
        VInts.putInt4(end, 3, length);
        VInts.putLong8(end, 7, at);
        VInts.putLong8(end, 15, time);
        rangeTail.append(end, 0, RANGE_HEAD_BYTES);
        rangeTail.append(cursor.bytes, cursor.clusteringAt, length);
        sorted.add(rangeHead, HEAD_BYTES, rangeTail.bytes, 1, rangeTail.length - 1);
    }

    /** Goes to the next one; all are added by then. */
    boolean next() {
        there = sorted.next();
        return there;
    }

    /** Whether one is at hand. */
    boolean isThere() {
        return there;
    }

    byte[] bytes() {
        return sorted.bytes;
    }

    int kind() {
        return sorted.bytes[sorted.at + 1];
    }

    boolean isStatic() {
        return sorted.bytes[sorted.at] == 0;
    }

    int values() {
        return VInts.unsignedShort(sorted.bytes, sorted.at + 2);
    }

    int clusteringAt() {
        return sorted.at + HEAD_BYTES;
    }

    int clusteringLength() {
        return VInts.int4(sorted.bytes, sorted.at + 4);
    }

    long number() {
        return VInts.long8(sorted.bytes, sorted.at + NUMBER_AT);
    }

    int epoch() {
        return VInts.int4(sorted.bytes, sorted.at + EPOCH_AT);
    }

    boolean isRange() {
        return sorted.bytes[sorted.at + TYPE_AT] == RANGE;
    }

    /** Of a row: where it begins, with its flags. */
    int rowAt() {
        return clusteringAt() + clusteringLength();
    }

    int rowLength() {
        return sorted.at + sorted.length - rowAt();
    }

    /** A copy of the range at hand. */
    PastRange range() {
        byte[] from = sorted.bytes;
        int p = clusteringAt() + clusteringLength();
        int length = VInts.int4(from, p + 3);
        byte[] end = new byte[length];
        System.arraycopy(from, p + RANGE_HEAD_BYTES, end, 0, length);
        return new PastRange(
                number(),
                epoch(),
                from[p],
                VInts.unsignedShort(from, p + 1),
                end,
                VInts.long8(from, p + 7),
                VInts.long8(from, p + 15));
    }

    void clear() {
        sorted.clear();
        there = false;
    }

    @Override
    public void close() {
        sorted.close();
    }
}
