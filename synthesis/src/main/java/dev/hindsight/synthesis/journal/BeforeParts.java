package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.synthesis.fetch.ScratchDirectory;

/**
 * Takes what one partition's rows were, row by row, and tells it record by record: rows of one record are put together to
 * parts. One thread.
 */
final class BeforeParts implements AutoCloseable {
    private static final int HEAD_BYTES = 8 + 4 + 4;

    private final SpillSort sorted;
    private final int partBytes;
    private final byte[] head = new byte[HEAD_BYTES];
    private final Arena part = new Arena(1 << 10);

    /** @param partBytes after which a part ends */
    BeforeParts(int memoryBytes, int partBytes, ScratchDirectory directory) {
        this.partBytes = partBytes;
        sorted = new SpillSort(
                (left, leftAt, right, rightAt) -> Long.compare(VInts.long8(left, leftAt), VInts.long8(right, rightAt)),
                memoryBytes,
                directory,
                "before-");
    }

    /** @param state a partition of one row, or of what would delete it; rows of one record come in their order */
    void add(long number, PastCoding coding, Arena state) {
        RowCursor cursor = PastCoding.cursor(0, coding.layout, state);
        cursor.nextPartition();
        int from = 1 + PastCoding.KEY_BYTES;
        VInts.putLong8(head, 0, number);
        VInts.putInt4(head, 8, coding.version);
        VInts.putInt4(head, 12, cursor.bodyEnd - from);
        // Without the end marker, which comes behind the last row of a part.
        sorted.add(head, HEAD_BYTES, state.bytes, from, state.length - 1 - from);
    }

    /** Tells all, and is empty again. */
    void tell(byte[] key, int keyLength, long token, BeforeSink sink) {
        if (sorted.isEmpty()) {
            return;
        }
        long number = 0;
        int version = 0;
        boolean open = false;
        while (sorted.next()) {
            byte[] from = sorted.bytes;
            int at = sorted.at;
            long next = VInts.long8(from, at);
            if (open && (next != number || part.length > partBytes)) {
                end(key, keyLength, token, number, version, sink);
                open = false;
            }
            number = next;
            version = VInts.int4(from, at + 8);
            int headLength = VInts.int4(from, at + 12);
            int skipped = HEAD_BYTES;
            if (!open) {
                part.clear();
            } else {
                skipped += headLength;
            }
            part.append(from, at + skipped, sorted.length - skipped);
            open = true;
        }
        if (open) {
            end(key, keyLength, token, number, version, sink);
        }
        sorted.clear();
    }

    private void end(byte[] key, int keyLength, long token, long number, int version, BeforeSink sink) {
        part.append(RowFormat.END_OF_PARTITION);
        sink.part(key, keyLength, token, number, version, part.bytes, 1, part.length - 1);
    }

    @Override
    public void close() {
        sorted.close();
    }
}
