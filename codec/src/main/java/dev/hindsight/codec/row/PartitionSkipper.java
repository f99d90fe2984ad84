package dev.hindsight.codec.row;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;

/**
 * Finds where a partition ends, by the sizes of its rows alone: what they hold is stepped over, and not even read where it is
 * long. Throws {@link MalformedException} when the partition does not end before a limit. One thread.
 *
 * <p>Source: {@code UnfilteredSerializer}, {@code ClusteringPrefix.Serializer}, {@code DeletionTime.Serializer} 5.0.9.
 */
public final class PartitionSkipper {
    /** More than most rows' heads, less than a chunk, so that little is read that is stepped over. */
    private static final int READ_BYTES = 512;

    private static final int DELETION_BYTES = 12;
    private static final int NOT_DELETED = 0x80;

    private final RowLayout layout;
    private final ByteSource content;
    private final byte[] window = new byte[READ_BYTES];
    private long windowStart;
    private int windowLength;
    private long at;
    private long limit;

    /** @param content of Data.db, uncompressed and verified */
    public PartitionSkipper(RowLayout layout, ByteSource content) {
        this.layout = layout;
        this.content = content;
    }

    /**
     * One past the end marker of the partition whose key is at {@code partition}.
     *
     * @param limit which it does not pass
     */
    public long end(long partition, long limit) {
        start(partition, limit);
        int high = readByte();
        skip(high << 8 | readByte());
        if (!layout.hasUnsignedDeletionTimes()) {
            skip(DELETION_BYTES);
        } else if (readByte() < NOT_DELETED) {
            skip(DELETION_BYTES - 1);
        }
        return rows();
    }

    /** The same, from the start of one of the partition's rows or markers. */
    public long endFrom(long unfiltered, long limit) {
        start(unfiltered, limit);
        return rows();
    }

    private void start(long position, long limit) {
        this.at = position;
        this.limit = Math.min(limit, content.sizeBytes());
        this.windowLength = 0;
    }

    private long rows() {
        while (true) {
            int flags = readByte();
            if ((flags & RowFormat.END_OF_PARTITION) != 0) {
                return at;
            }
            if ((flags & RowFormat.IS_MARKER) != 0) {
                marker();
            } else {
                row(flags);
            }
        }
    }

    private void row(int flags) {
        int extended = (flags & RowFormat.HAS_EXTENDED_FLAGS) != 0 ? readByte() : 0;
        if ((extended & RowFormat.IS_STATIC) == 0) {
            clustering(layout.clusterings().size());
        }
        skip(vint());
    }

    /** Its size is passed over: Cassandra gets it wrong for some deletion times, and never uses it. */
    private void marker() {
        int kind = readByte();
        int high = readByte();
        int values = high << 8 | readByte();
        if (values > layout.clusterings().size()) {
            throw new MalformedException("a range tombstone marker with " + values + " values before position " + at);
        }
        clustering(values);
        int numbers = 2 + (RowFormat.isBoundary(kind) ? 4 : 2);
        for (int i = 0; i < numbers; i++) {
            vint();
        }
    }

    private void clustering(int values) {
        Clusterings clusterings = layout.clusterings();
        long header = 0;
        for (int i = 0; i < values; i++) {
            if ((i & 31) == 0) {
                header = vint();
            }
            if (!Clusterings.isAbsent(header, i)) {
                int fixed = clusterings.fixedLength(i);
                skip(fixed >= 0 ? fixed : vint());
            }
        }
    }

    private long vint() {
        byte[] bytes = new byte[VInts.MAX_LENGTH];
        bytes[0] = (byte) readByte();
        int length = VInts.length(bytes, 0);
        for (int i = 1; i < length; i++) {
            bytes[i] = (byte) readByte();
        }
        return VInts.unsigned(bytes, 0);
    }

    private void skip(long count) {
        if (count < 0 || count > limit - at) {
            throw passed(count);
        }
        at += count;
    }

    private int readByte() {
        long from = at - windowStart;
        if (from < 0 || from >= windowLength) {
            if (at >= limit) {
                throw passed(1);
            }
            int length = (int) Math.min(READ_BYTES, limit - at);
            windowLength = 0;
            content.read(at, window, 0, length);
            windowStart = at;
            windowLength = length;
            from = 0;
        }
        at++;
        return window[(int) from] & 0xff;
    }

    private MalformedException passed(long count) {
        return new MalformedException("a partition goes on for " + count + " bytes at position " + at
                + ", beyond position " + limit + " where it is said to end");
    }
}
