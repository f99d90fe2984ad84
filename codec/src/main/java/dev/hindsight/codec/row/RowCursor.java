package dev.hindsight.codec.row;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.RecentToken;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.bytes.Window;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.Arrays;

/**
 * Moves over the partitions of one input's Data.db and over what they hold, without decoding cells. The public fields
 * describe the partition and the unfiltered at hand; its bytes lie whole in {@link #bytes} until the next call of
 * {@link #nextPartition} or {@link #next}, which is why an unfiltered must fit into memory. A row's end comes from its size.
 *
 * <p>Checks what a merge relies on: partitions in order and in the wanted ranges, clusterings in order, range tombstones
 * that open and close as they must, numbers and lengths within the section. Throws {@link MalformedException} otherwise.
 * One thread.
 *
 * <p>Source: {@code SSTableSimpleIterator}, {@code UnfilteredSerializer}, {@code DeletionTime.Serializer} 5.0.9.
 */
public final class RowCursor {
    /** Of {@link #kind}: no unfiltered is at hand. */
    public static final int NONE = -1;

    private static final int UNUSUAL = RowFormat.END_OF_PARTITION | RowFormat.IS_MARKER | RowFormat.HAS_EXTENDED_FLAGS;

    /** Flags, header of the clustering, two sizes, and what a number's reader may look at behind it. */
    private static final int HEAD_BYTES = 2 + 9 + 9 + 8;

    /** Which input this is, as the maker of the cursor counts. */
    public final int index;

    public final RowLayout layout;

    public byte[] key = new byte[64];
    public int keyLength;
    public long token;
    /** Of the partition; {@link RowFormat#NO_TIMESTAMP} when it is not deleted. */
    public long deletedAt;

    public long deletionTime;

    /** The array that all positions are in. */
    public byte[] bytes;

    /** {@link RowFormat#CLUSTERING}, {@link RowFormat#STATIC_CLUSTERING}, the kind of a marker, or {@link #NONE}. */
    public int kind = NONE;

    public int flags;
    public int extendedFlags;
    /** How many clustering values there are, and where. */
    public int values;

    public int clusteringAt;
    public int clusteringEnd;
    /** Of a row: behind its sizes. */
    public int bodyAt;

    public int bodyEnd;

    /** Of the first clustering value, when {@link #hasOrderPrefix}. */
    public long orderPrefix;

    public boolean hasOrderPrefix;

    /** The range tombstone that is open behind the unfiltered at hand; {@link RowFormat#NO_TIMESTAMP} for none. */
    public long openDeletedAt;

    public long openDeletionTime;

    /** For whoever keeps cursors sorted: this one stands where the one before it does. */
    public boolean sameAsPrevious;

    private final Window window;
    private final TokenRanges ranges;
    private final Clusterings clusterings;
    private final int fixedClustering;
    private final boolean checksValues;
    private RecentToken tokens = new RecentToken();
    private boolean inSection;
    private boolean hadPartition;
    private long rangeStart;
    private long rangeEnd;
    private byte[] lastKey = new byte[64];
    private int lastKeyLength;
    private long lastToken;
    private long partitionPosition;

    private byte[] previous;
    private int previousKind = NONE;
    private int previousAt;
    private int previousEnd;
    private int previousValues;
    private long previousPrefix;
    private boolean previousHasPrefix;
    private byte[] kept = new byte[64];

    /**
     * @param window stands before its first section
     * @param ranges the only tokens that may occur
     */
    public RowCursor(int index, RowLayout layout, Window window, TokenRanges ranges) {
        this.index = index;
        this.layout = layout;
        this.window = window;
        this.ranges = ranges;
        this.bytes = window.bytes;
        this.previous = window.bytes;
        this.clusterings = layout.clusterings();
        this.fixedClustering = clusterings.fixedLength();
        this.checksValues = clusterings.anyValueMayBeWrong();
    }

    /** Remembers tokens together with the other cursors of this thread that come to the same partitions. */
    public void share(RecentToken recent) {
        tokens = recent;
    }

    /** Where the partition at hand starts in the uncompressed file. */
    public long partitionPosition() {
        return partitionPosition;
    }

    /**
     * Goes to the next partition, from wherever the last one was left at its end. With static columns in the header, the
     * static row is at hand then; else nothing.
     */
    public boolean nextPartition() {
        try {
            if (kind != NONE) {
                throw new IllegalStateException("the partition before was not read to its end");
            }
            while (!inSection || !window.hasMore()) {
                inSection = window.nextSection();
                if (!inSection) {
                    bytes = window.bytes;
                    return false;
                }
            }
            partitionPosition = window.filePosition();
            partitionHead();
            previousKind = NONE;
            openDeletedAt = RowFormat.NO_TIMESTAMP;
            openDeletionTime = RowFormat.NO_DELETION_TIME;
            if (layout.statics().size() > 0) {
                staticRow();
            }
            return true;
        } catch (IndexOutOfBoundsException e) {
            throw damaged(e);
        }
    }

    private void partitionHead() {
        Window in = window;
        in.require(2);
        int length = VInts.unsignedShort(in.bytes, in.position);
        in.require(2 + length + 1);
        byte[] swap = lastKey;
        lastKey = key;
        lastKeyLength = keyLength;
        lastToken = token;
        key = swap.length < length ? new byte[length] : swap;
        keyLength = length;
        System.arraycopy(in.bytes, in.position + 2, key, 0, length);
        token = tokens.of(key, 0, length);
        checkKey();
        in.position += 2 + length;
        if (!layout.hasUnsignedDeletionTimes()) {
            in.require(12);
            int time = VInts.int4(in.bytes, in.position);
            deletedAt = VInts.long8(in.bytes, in.position + 4);
            deletionTime = time < 0 ? RowFormat.INVALID_DELETION_TIME : time;
            in.position += 12;
        } else if (in.bytes[in.position] < 0) {
            if (in.bytes[in.position] != (byte) 0x80) {
                throw malformed("the deletion of a partition starts with " + (in.bytes[in.position] & 0xff));
            }
            deletedAt = RowFormat.NO_TIMESTAMP;
            in.position++;
        } else {
            in.require(12);
            deletedAt = VInts.long8(in.bytes, in.position);
            int time = VInts.int4(in.bytes, in.position + 8);
            deletionTime = time == -1 ? RowFormat.NO_DELETION_TIME : time & 0xFFFF_FFFFL;
            in.position += 12;
        }
        if (deletedAt == RowFormat.NO_TIMESTAMP) {
            deletionTime = RowFormat.NO_DELETION_TIME;
        }
        bytes = in.bytes;
        bodyEnd = in.position;
    }

    private void checkKey() {
        if (hadPartition
                && (token < lastToken
                        || token == lastToken
                                && Arrays.compareUnsigned(lastKey, 0, lastKeyLength, key, 0, keyLength) >= 0)) {
            throw malformed("the partition has token " + token + ", which is not after " + lastToken);
        }
        if (!hadPartition || token > rangeEnd || token <= rangeStart) {
            findRange();
        }
        hadPartition = true;
    }

    private void findRange() {
        for (TokenRange range : ranges) {
            if (token > range.start() && token <= range.end()) {
                rangeStart = range.start();
                rangeEnd = range.end();
                return;
            }
        }
        throw malformed("the partition has token " + token + ", which is not in " + ranges);
    }

    private void staticRow() {
        int at = ensure(0, 2);
        flags = bytes[at] & 0xff;
        extendedFlags = bytes[at + 1] & 0xff;
        if ((flags & (RowFormat.END_OF_PARTITION | RowFormat.IS_MARKER)) != 0
                || (flags & RowFormat.HAS_EXTENDED_FLAGS) == 0
                || (extendedFlags & RowFormat.IS_STATIC) == 0) {
            throw malformed("no static row where one must be, but flags " + flags + " " + extendedFlags);
        }
        kind = RowFormat.STATIC_CLUSTERING;
        values = 0;
        hasOrderPrefix = false;
        body(2, 2, 2);
    }

    /** Goes to the next unfiltered of the partition; false at its end. */
    public boolean next() {
        if (usualRow()) {
            return true;
        }
        try {
            remember();
            int at = ensure(0, 1);
            int first = bytes[at] & 0xff;
            flags = first;
            extendedFlags = 0;
            if ((first & RowFormat.END_OF_PARTITION) != 0) {
                endOfPartition(first);
                return false;
            }
            if ((first & RowFormat.IS_MARKER) != 0) {
                marker(first);
            } else {
                row(first);
            }
            if (checksValues) {
                // Throws for values that are none of their types, while it is known whose they are.
                clusterings.compare(kind, bytes, clusteringAt, values, kind, bytes, clusteringAt, values);
            }
            if (!isAfterPrevious()) {
                throw malformed(
                        "an unfiltered of kind " + kind + " is not behind the one before, of kind " + previousKind);
            }
            return true;
        } catch (IndexOutOfBoundsException e) {
            throw damaged(e);
        }
    }

    /**
     * The way of most rows: behind another row, whole in the window, with a clustering of fixed length whose first value alone
     * tells that the order is right. False, and nothing has changed, for anything else.
     */
    private boolean usualRow() {
        byte[] in = bytes;
        int start = bodyEnd;
        int limit = window.limit;
        int fixed = fixedClustering;
        if (kind != RowFormat.CLUSTERING || !hasOrderPrefix || fixed < 0 || limit - start < fixed + HEAD_BYTES) {
            return false;
        }
        int first = in[start];
        if ((first & UNUSUAL) != 0 || in[start + 1] != 0) {
            return false;
        }
        int clusteringStop = start + 2 + fixed;
        int at = clusteringStop;
        long size = in[at];
        if (size >= 0) {
            at++;
        } else {
            size = VInts.unsigned(in, at);
            at += VInts.length(in, at);
        }
        int body = at + VInts.length(in, at);
        if (size < 1 || size > limit - at || body > at + size) {
            return false;
        }
        long prefix = clusterings.orderPrefixOfFixed(in, start + 1);
        if (prefix <= orderPrefix) {
            return false;
        }
        window.position = start;
        flags = first;
        extendedFlags = 0;
        orderPrefix = prefix;
        clusteringAt = start + 1;
        clusteringEnd = clusteringStop;
        bodyAt = body;
        bodyEnd = at + (int) size;
        return true;
    }

    private void remember() {
        previousKind = kind == RowFormat.STATIC_CLUSTERING ? NONE : kind;
        previous = bytes;
        previousAt = clusteringAt;
        previousEnd = clusteringEnd;
        previousValues = values;
        previousPrefix = orderPrefix;
        previousHasPrefix = hasOrderPrefix;
        window.position = bodyEnd;
    }

    private void endOfPartition(int first) {
        if (first != RowFormat.END_OF_PARTITION) {
            throw malformed("the end of a partition has flags " + first);
        }
        if (openDeletedAt != RowFormat.NO_TIMESTAMP) {
            throw malformed("a range tombstone is still open at the end of the partition");
        }
        window.position++;
        bodyEnd = window.position;
        kind = NONE;
    }

    private void row(int first) {
        int rel = 1;
        if ((first & RowFormat.HAS_EXTENDED_FLAGS) != 0) {
            extendedFlags = bytes[ensure(1, 1)] & 0xff;
            if ((extendedFlags & ~RowFormat.IS_SHADOWABLE) != 0) {
                throw malformed("a row has extended flags " + extendedFlags);
            }
            rel = 2;
        }
        kind = RowFormat.CLUSTERING;
        values = clusterings.size();
        int end = clustering(rel);
        body(rel, end, end);
    }

    /** Reads the values at {@code rel}; gives where they end. */
    private int clustering(int rel) {
        if (values == 0) {
            hasOrderPrefix = false;
            return rel;
        }
        if (fixedClustering >= 0 && values == clusterings.size()) {
            int at = ensure(rel, 1);
            if (bytes[at] == 0) {
                at = ensure(rel, 1 + fixedClustering);
                hasOrderPrefix = true;
                orderPrefix = clusterings.orderPrefix(bytes, at);
                return rel + 1 + fixedClustering;
            }
        }
        int end = slowClustering(rel);
        int at = window.position + rel;
        hasOrderPrefix = !Clusterings.isAbsent(VInts.unsigned(bytes, at), 0);
        if (hasOrderPrefix) {
            orderPrefix = clusterings.orderPrefix(bytes, at);
        }
        return end;
    }

    private int slowClustering(int rel) {
        int p = rel;
        long header = 0;
        for (int i = 0; i < values; i++) {
            if ((i & 31) == 0) {
                p = vint(p);
                header = lastVint;
            }
            if (Clusterings.isAbsent(header, i)) {
                continue;
            }
            long length = clusterings.fixedLength(i);
            if (length < 0) {
                p = vint(p);
                length = lastVint;
            }
            if (length < 0 || length > Integer.MAX_VALUE - 64 - p) {
                throw malformed("a clustering value of " + length + " bytes");
            }
            ensure(p, (int) length);
            p += (int) length;
        }
        return p;
    }

    /** The sizes at {@code rel} and the body behind them, which is made to be at hand. */
    private void body(int clusteringStart, int clusteringStop, int rel) {
        int p = vint(rel);
        long size = lastVint;
        if (size < 1 || size > Integer.MAX_VALUE - 64 - p) {
            throw malformed("a row of " + size + " bytes");
        }
        ensure(p, (int) size);
        int body = vint(p);
        int start = window.position;
        clusteringAt = start + clusteringStart;
        clusteringEnd = start + clusteringStop;
        bodyAt = start + body;
        bodyEnd = start + p + (int) size;
        if (bodyAt > bodyEnd) {
            throw malformed("a row of " + size + " bytes ends within its first number");
        }
    }

    private void marker(int first) {
        if (first != RowFormat.IS_MARKER) {
            throw malformed("a range tombstone marker has flags " + first);
        }
        int at = ensure(1, 3);
        kind = bytes[at];
        values = VInts.unsignedShort(bytes, at + 1);
        if (kind < 0
                || kind > RowFormat.EXCL_START_BOUND
                || kind == RowFormat.STATIC_CLUSTERING
                || kind == RowFormat.CLUSTERING
                || values > clusterings.size()) {
            throw malformed("a range tombstone marker of kind " + kind + " with " + values + " values");
        }
        int end = clustering(4);
        int p = vint(end);
        long size = lastVint;
        int from = p;
        p = vint(p);
        boolean overflows = false;
        if (RowFormat.closes(kind)) {
            p = vint(p);
            long closedAt = lastVint + layout.minTimestamp;
            p = vint32(p);
            overflows = lastVint < 0;
            long closedTime = layout.deletionTime(lastVint);
            if (closedAt != openDeletedAt || closedTime != openDeletionTime) {
                throw malformed("a range tombstone marker of kind " + kind + " does not fit the one before");
            }
        } else if (openDeletedAt != RowFormat.NO_TIMESTAMP) {
            throw malformed("a range tombstone opens where one is open");
        }
        openDeletedAt = RowFormat.NO_TIMESTAMP;
        openDeletionTime = RowFormat.NO_DELETION_TIME;
        if (RowFormat.opens(kind)) {
            p = vint(p);
            openDeletedAt = lastVint + layout.minTimestamp;
            p = vint32(p);
            overflows |= lastVint < 0;
            openDeletionTime = layout.deletionTime(lastVint);
            if (openDeletedAt == RowFormat.NO_TIMESTAMP) {
                throw malformed("a range tombstone opens without a timestamp");
            }
        }
        // Cassandra never uses this size, and gets it wrong for deletion times that overflow 32 bits.
        if (size != p - from && !overflows) {
            throw malformed("a range tombstone marker of " + (p - from) + " bytes says that it has " + size);
        }
        int start = window.position;
        clusteringAt = start + 4;
        clusteringEnd = start + end;
        bodyAt = start + p;
        bodyEnd = start + p;
    }

    private boolean isAfterPrevious() {
        if (previousKind == NONE) {
            return true;
        }
        if (previousHasPrefix && hasOrderPrefix && previousPrefix != orderPrefix) {
            return previousPrefix < orderPrefix;
        }
        return clusterings.compare(
                        previousKind, previous, previousAt, previousValues, kind, bytes, clusteringAt, values)
                < 0;
    }

    private long lastVint;

    /** Reads the number at {@code rel} into {@link #lastVint}; gives where it ends. */
    private int vint(int rel) {
        int at = ensure(rel, 1);
        int value = bytes[at];
        if (value >= 0) {
            lastVint = value;
            return rel + 1;
        }
        int length = VInts.length(bytes, at);
        at = ensure(rel, length);
        lastVint = VInts.unsigned(bytes, at);
        return rel + length;
    }

    private int vint32(int rel) {
        int end = vint(rel);
        if ((int) lastVint != lastVint) {
            throw malformed("a number of 32 bits is " + lastVint);
        }
        return end;
    }

    /** At least {@code count} bytes are at hand at {@code rel} from the start of the unfiltered; gives that position. */
    private int ensure(int rel, int count) {
        int at = window.position + rel;
        return window.limit - at >= count ? at : refill(rel, count);
    }

    private int refill(int rel, int count) {
        if (previousKind != NONE && previous == window.bytes) {
            int length = previousEnd - previousAt;
            if (kept.length < length) {
                kept = new byte[length + (length >> 1)];
            }
            System.arraycopy(previous, previousAt, kept, 0, length);
            previous = kept;
            previousAt = 0;
            previousEnd = length;
        }
        window.require(rel + count);
        bytes = window.bytes;
        return window.position + rel;
    }

    /** Compares partitions of two cursors. */
    public static int comparePartitions(RowCursor left, RowCursor right) {
        if (left.token != right.token) {
            return left.token < right.token ? -1 : 1;
        }
        return Arrays.compareUnsigned(left.key, 0, left.keyLength, right.key, 0, right.keyLength);
    }

    /** Compares the unfiltereds at hand of two cursors by the order of {@code clusterings}. */
    public static int compare(Clusterings clusterings, RowCursor left, RowCursor right) {
        if (left.hasOrderPrefix && right.hasOrderPrefix) {
            if (left.orderPrefix != right.orderPrefix) {
                return left.orderPrefix < right.orderPrefix ? -1 : 1;
            }
            if (clusterings.prefixDecides()
                    && left.kind == RowFormat.CLUSTERING
                    && right.kind == RowFormat.CLUSTERING) {
                return 0;
            }
        }
        if (left.kind == right.kind
                && Arrays.equals(
                        left.bytes,
                        left.clusteringAt,
                        left.clusteringEnd,
                        right.bytes,
                        right.clusteringAt,
                        right.clusteringEnd)) {
            return 0;
        }
        return clusterings.compare(
                left.kind,
                left.bytes,
                left.clusteringAt,
                left.values,
                right.kind,
                right.bytes,
                right.clusteringAt,
                right.values);
    }

    /** Says where: position of the unfiltered and token of the partition. */
    public MalformedException malformed(String what) {
        return new MalformedException(where() + ": " + what);
    }

    private MalformedException damaged(Throwable cause) {
        return new MalformedException(where() + ": a number or length points outside of what is there", cause);
    }

    public String where() {
        return "position " + window.filePosition() + ", in the partition of token " + token + " at "
                + partitionPosition;
    }
}
