package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;

/**
 * Keeps of one merged partition the head, the static row, and a slice of its rows with the range tombstones that reach into
 * it. Range tombstones are cut such that what is kept is a partition by itself. One thread.
 */
final class SliceSink implements PartitionSink {
    private static final int NOTHING = -1;

    private final Arena arena;
    private final RowLayout layout;
    private final RowSlice slice;
    private final long mostBytes;

    private boolean inHead = true;
    private boolean behind;
    private int unfilteredFrom;
    /** Where the marker stands that opened before the slice what is still open; with it goes what it opened. */
    private int openedBeforeFrom = NOTHING;

    private boolean open;
    private long openAt;
    private long openTime;

    /** @param mostBytes that may be kept */
    SliceSink(Arena arena, RowLayout layout, RowSlice slice, long mostBytes) {
        this.arena = arena;
        this.layout = layout;
        this.slice = slice;
        this.mostBytes = mostBytes;
    }

    @Override
    public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {
        inHead = true;
        behind = false;
        open = false;
        openedBeforeFrom = NOTHING;
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
        arena.append(bytes, offset, length);
        if (arena.length > mostBytes) {
            throw KeyHistory.tooLarge(mostBytes);
        }
    }

    @Override
    public void endHeader() {
        inHead = false;
        unfilteredFrom = arena.length;
    }

    @Override
    public void unfiltered(
            int kind, byte[] clustering, int offset, int length, int values, long openedAt, long openedTime) {
        if (inHead) {
            throw new IllegalStateException("a row in the head of a partition");
        }
        int place = behind ? 1 : slice.place(kind, clustering, offset, values);
        if (kind == RowFormat.CLUSTERING) {
            if (place != 0) {
                arena.length = unfilteredFrom;
            }
        } else {
            if (place < 0) {
                before(kind, clustering, offset, length, values, openedAt, openedTime);
            } else if (place > 0) {
                behind(kind, clustering, offset, length, values);
            } else {
                openedBeforeFrom = NOTHING;
            }
            open = place <= 0 && RowFormat.opens(kind);
            openAt = openedAt;
            openTime = openedTime;
        }
        unfilteredFrom = arena.length;
    }

    /** What it closes does not reach the slice; what it opens may. */
    private void before(
            int kind, byte[] clustering, int offset, int length, int values, long openedAt, long openedTime) {
        arena.length = openedBeforeFrom == NOTHING ? unfilteredFrom : openedBeforeFrom;
        openedBeforeFrom = NOTHING;
        if (RowFormat.opens(kind)) {
            openedBeforeFrom = arena.length;
            int start = RowFormat.comparedToRow(kind) < 0 ? RowFormat.INCL_START_BOUND : RowFormat.EXCL_START_BOUND;
            marker(start, clustering, offset, length, values, openedAt, openedTime);
        }
    }

    /** What is open is closed, and nothing follows. */
    private void behind(int kind, byte[] clustering, int offset, int length, int values) {
        arena.length = unfilteredFrom;
        if (open) {
            int end = RowFormat.comparedToRow(kind) < 0 ? RowFormat.EXCL_END_BOUND : RowFormat.INCL_END_BOUND;
            marker(end, clustering, offset, length, values, openAt, openTime);
        }
        behind = true;
    }

    private void marker(int kind, byte[] clustering, int offset, int length, int values, long at, long time) {
        byte[] numbers = new byte[2 * VInts.MAX_LENGTH + 1];
        int p = VInts.putUnsigned(numbers, 1, at - layout.header().base().minTimestamp());
        p = VInts.putUnsigned(numbers, p, (int) (time - layout.header().base().minLocalDeletionTime()));
        arena.append(RowFormat.IS_MARKER);
        arena.append(kind);
        arena.append(values >> 8);
        arena.append(values);
        arena.append(clustering, offset, length);
        // The size of the body: of one byte, as is the number of zero that the body begins with.
        arena.append(p);
        arena.append(numbers, 0, p);
    }

    @Override
    public void add(PartitionStatistics statistics) {}

    @Override
    public void end(PartitionStatistics statistics) {}
}
