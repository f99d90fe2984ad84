package dev.hindsight.synthesis.fingerprint;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.row.RowWalker;

/**
 * Writes partitions as one coding that every equal content has, whatever its SSTable's encoding base, header and chunks were:
 * absolute times, columns by the hash of their names. A row that an INSERT without TTL left, which is most of them, goes
 * in as the bytes of its cells, since they count from no base.
 *
 * <pre>
 *   partition  0x50 keyLength:4 key deletedAt:8 deletionTime:8
 *   static row 0x53 body                                      ; only when it is not empty
 *   row        0x52 clusteringLength:4 clustering body
 *   plain row  0x51 clusteringLength:4 clustering timestamp:8 columns:8 cellsLength:4 cells
 *   marker     0x4d kind:1 values:4 clusteringLength:4 clustering openDeletedAt:8 openDeletionTime:8
 *   body       has:1 [timestamp:8] [ttl:4 expiry:8] [deletedAt:8 deletionTime:8] column*
 *   column     0x01 name:8 cell  |  0x02 name:8 deletedAt:8 deletionTime:8 (0x03 pathLength:4 path cell)*
 *   cell       timestamp:8 deletionTime:8 ttl:4 valueLength:4 value
 * </pre>
 *
 * FORMAT.md, Fingerprints, says what each number is. One thread.
 */
final class CanonicalContent {
    private static final int PARTITION = 0x50;
    private static final int STATIC_ROW = 0x53;
    private static final int ROW = 0x52;
    private static final int PLAIN_ROW = 0x51;
    private static final int MARKER = 0x4d;
    private static final int SIMPLE = 0x01;
    private static final int COMPLEX = 0x02;
    private static final int COMPLEX_CELL = 0x03;

    private static final int HAS_LIVENESS = 1;
    private static final int HAS_TTL = 2;
    private static final int HAS_DELETION = 4;
    private static final int IS_SHADOWABLE = 8;

    private static final int NOT_PLAIN = RowFormat.END_OF_PARTITION
            | RowFormat.IS_MARKER
            | RowFormat.HAS_TTL
            | RowFormat.HAS_DELETION
            | RowFormat.HAS_COMPLEX_DELETION
            | RowFormat.HAS_EXTENDED_FLAGS;

    private static final int EMPTY_PLAIN_CELL = RowFormat.CELL_USES_ROW_TIMESTAMP | RowFormat.CELL_HAS_EMPTY_VALUE;

    private final ContentHash hash;
    private final RowWalker walker;
    private final long minTimestamp;
    private final long[] staticNames;
    private final long[] regularNames;

    /** Of regular columns, {@link #UNUSABLE} for those whose cells are never plain. */
    private final int[] fixedLengths;

    private static final int UNUSABLE = -2;
    private static final int NONE = -1;

    private long lastMissing = NONE;
    private long lastColumns;
    private boolean lastKnown;

    /** @param layout of the bytes that rows are given in */
    CanonicalContent(ContentHash hash, RowLayout layout) {
        this.hash = hash;
        this.walker = new RowWalker(layout);
        this.minTimestamp = layout.header().base().minTimestamp();
        this.staticNames = names(layout.statics());
        this.regularNames = names(layout.regulars());
        ColumnLayout regulars = layout.regulars();
        this.fixedLengths = new int[regulars.size()];
        for (int i = 0; i < fixedLengths.length; i++) {
            fixedLengths[i] =
                    regulars.isComplex(i) || regulars.isCounter(i) ? UNUSABLE : Math.max(NONE, regulars.fixedLength(i));
        }
    }

    private static long[] names(ColumnLayout columns) {
        long[] out = new long[columns.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = ContentHash.of(columns.column(i).name());
        }
        return out;
    }

    void partition(byte[] key, int keyLength, long deletedAt, long deletionTime) {
        hash.byte1(PARTITION);
        hash.int4(keyLength);
        hash.bytes(key, 0, keyLength);
        hash.long8(deletedAt);
        hash.long8(deletedAt == RowFormat.NO_TIMESTAMP ? RowFormat.NO_DELETION_TIME : deletionTime);
    }

    /** @param from where the static row's flags are */
    void staticRow(byte[] bytes, int from, int end) {
        int flags = bytes[from] & 0xff;
        int extended = bytes[from + 1] & 0xff;
        int body = body(bytes, from + 2);
        walker.start(true, flags, extended, bytes, body, end);
        boolean any = walker.timestamp != RowFormat.NO_TIMESTAMP || walker.deletedAt != RowFormat.NO_TIMESTAMP;
        boolean column = walker.nextColumn();
        if (any || column) {
            hash.byte1(STATIC_ROW);
            head();
            columns(staticNames, column);
        }
    }

    /** @param from where the row's flags are, with the clustering right behind them */
    void row(byte[] bytes, int from, int end, int clusteringLength) {
        int flags = bytes[from] & 0xff;
        boolean extends_ = (flags & RowFormat.HAS_EXTENDED_FLAGS) != 0;
        int clusteringAt = from + (extends_ ? 2 : 1);
        int body = body(bytes, clusteringAt + clusteringLength);
        if ((flags & NOT_PLAIN) == 0
                && (flags & RowFormat.HAS_TIMESTAMP) != 0
                && plain(bytes, clusteringAt, clusteringLength, flags, body, end)) {
            return;
        }
        walker.start(false, flags, extends_ ? bytes[from + 1] & 0xff : 0, bytes, body, end);
        hash.byte1(ROW);
        hash.int4(clusteringLength);
        hash.bytes(bytes, clusteringAt, clusteringLength);
        head();
        columns(regularNames, walker.nextColumn());
    }

    /** Behind the two sizes. */
    private static int body(byte[] bytes, int at) {
        int previousSize = at + VInts.length(bytes, at);
        return previousSize + VInts.length(bytes, previousSize);
    }

    /** Only a row with all its cells as old as itself, without TTL; false, and nothing is hashed, for others. */
    private boolean plain(byte[] bytes, int clusteringAt, int clusteringLength, int flags, int body, int end) {
        long timestamp = VInts.unsigned(bytes, body) + minTimestamp;
        int at = body + VInts.length(bytes, body);
        long missing = 0;
        if ((flags & RowFormat.HAS_ALL_COLUMNS) == 0) {
            if (fixedLengths.length >= Long.SIZE) {
                return false;
            }
            missing = VInts.unsigned(bytes, at);
            at += VInts.length(bytes, at);
        }
        int cells = at;
        int[] lengths = fixedLengths;
        for (int i = 0; i < lengths.length; i++) {
            if (missing != 0 && (missing >>> i & 1) != 0) {
                continue;
            }
            int fixed = lengths[i];
            if (fixed == UNUSABLE || at >= end) {
                return false;
            }
            int cell = bytes[at++];
            if (cell == RowFormat.CELL_USES_ROW_TIMESTAMP) {
                if (fixed >= 0) {
                    at += fixed;
                } else {
                    int length = bytes[at];
                    at += length >= 0 ? 1 + length : VInts.length(bytes, at) + (int) VInts.unsigned(bytes, at);
                }
            } else if (cell != EMPTY_PLAIN_CELL) {
                return false;
            }
        }
        if (at != end) {
            return false;
        }
        hash.byte1(PLAIN_ROW);
        hash.int4(clusteringLength);
        hash.bytes(bytes, clusteringAt, clusteringLength);
        hash.long8(timestamp);
        hash.long8(columnSet(missing));
        hash.int4(end - cells);
        hash.bytes(bytes, cells, end - cells);
        return true;
    }

    /** The hash of the names of the columns that are not missing; rows with the same ones mostly follow each other. */
    private long columnSet(long missing) {
        if (!lastKnown || missing != lastMissing) {
            ContentHash set = new ContentHash();
            for (int i = 0; i < regularNames.length; i++) {
                if (missing == 0 || (missing >>> i & 1) == 0) {
                    set.long8(regularNames[i]);
                }
            }
            lastColumns = set.take();
            lastMissing = missing;
            lastKnown = true;
        }
        return lastColumns;
    }

    private void head() {
        boolean live = walker.timestamp != RowFormat.NO_TIMESTAMP;
        boolean expires = live && walker.ttl != RowFormat.NO_TTL;
        boolean deleted = walker.deletedAt != RowFormat.NO_TIMESTAMP;
        hash.byte1((live ? HAS_LIVENESS : 0)
                | (expires ? HAS_TTL : 0)
                | (deleted ? HAS_DELETION : 0)
                | (deleted && walker.shadowable ? IS_SHADOWABLE : 0));
        if (live) {
            hash.long8(walker.timestamp);
        }
        if (expires) {
            hash.int4(walker.ttl);
            hash.long8(walker.expiry);
        }
        if (deleted) {
            hash.long8(walker.deletedAt);
            hash.long8(walker.deletionTime);
        }
    }

    private void columns(long[] names, boolean first) {
        for (boolean more = first; more; more = walker.nextColumn()) {
            if (!walker.complex) {
                hash.byte1(SIMPLE);
                hash.long8(names[walker.column]);
                cell();
                continue;
            }
            hash.byte1(COMPLEX);
            hash.long8(names[walker.column]);
            hash.long8(walker.complexDeletedAt);
            hash.long8(
                    walker.complexDeletedAt == RowFormat.NO_TIMESTAMP
                            ? RowFormat.NO_DELETION_TIME
                            : walker.complexDeletionTime);
            while (walker.nextCell()) {
                hash.byte1(COMPLEX_CELL);
                hash.int4(walker.pathLength);
                hash.bytes(walker.bytes, walker.pathAt, walker.pathLength);
                cell();
            }
        }
        walker.finish(true);
    }

    private void cell() {
        hash.long8(walker.cellTimestamp);
        hash.long8(walker.cellDeletionTime);
        hash.int4(walker.cellTtl);
        hash.int4(walker.valueLength);
        hash.bytes(walker.bytes, walker.valueAt, walker.valueLength);
    }

    void marker(int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {
        hash.byte1(MARKER);
        hash.byte1(kind);
        hash.int4(values);
        hash.int4(length);
        hash.bytes(clustering, offset, length);
        hash.long8(openAt);
        hash.long8(openAt == RowFormat.NO_TIMESTAMP ? RowFormat.NO_DELETION_TIME : openTime);
    }
}
