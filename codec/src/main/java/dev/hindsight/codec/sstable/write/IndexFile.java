package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.RowBatch;
import dev.hindsight.model.failure.UnsupportedException;

/**
 * Index.db, with an index of the rows of each partition that is longer than one block. A partition is
 * {@code short(key length) key vint(position in Data.db) vint(bytes that follow)}; when it has two blocks or more,
 * {@code vint(header length) deletion vint(blocks) [block]* [int(offset of block)]*}, a block being
 * {@code first last vint(offset in the partition) signed vint(width - 64 KiB) byte(open) [deletion]}.
 *
 * <p>Source: {@code BigFormatPartitionWriter}, {@code RowIndexEntry}, {@code IndexInfo}, {@code DeletionTime} 5.0.9. One
 * thread.
 */
final class IndexFile implements AutoCloseable {
    /** {@code BigFormatPartitionWriter.DEFAULT_GRANULARITY} and {@code IndexInfo.Serializer.WIDTH_BASE}. */
    static final int BLOCK_BYTES = 64 << 10;

    /** Of blocks' entries and of their offsets, kept in memory: those of a partition of about 1 GiB. */
    private static final int KEPT_BYTES = 1 << 20;

    private static final int PIECE_BYTES = 64 << 10;
    private static final int LIVE = 0x80;
    private static final int DELETION_BYTES = 12;
    private static final int MAX_BLOCK_OVERHEAD = 2 * VInts.MAX_LENGTH + 1 + DELETION_BYTES;

    private final boolean oa;
    private final OutputFile file;
    private final SpillBuffer blocks;
    private final SpillBuffer offsets;
    private final ClusteringPrefix first = new ClusteringPrefix(ClusteringPrefix.CLUSTERING);
    private final ClusteringPrefix last = new ClusteringPrefix(ClusteringPrefix.CLUSTERING);
    private byte[] scratch = new byte[256];

    private long partitionStart;
    private long headerLength;
    private long blockStart;
    private long unfilteredStart;
    private boolean inBlock;
    private int blockCount;
    private long openDeletedAt;
    private long openDeletionTime;
    private long partitionDeletedAt;
    private long partitionDeletionTime;

    IndexFile(SSTableWriterOptions options) {
        oa = options.version().isSinceFive();
        blocks = new SpillBuffer(options.path("Index.db.blocks"), KEPT_BYTES, options.listener());
        offsets = new SpillBuffer(options.path("Index.db.offsets"), KEPT_BYTES, options.listener());
        file = new OutputFile(options.path(Components.INDEX), PIECE_BYTES, options.listener()::other);
    }

    long position() {
        return file.position();
    }

    void begin(long dataPosition, long deletedAt, long deletionTime) {
        partitionStart = dataPosition;
        headerLength = -1;
        inBlock = false;
        blockCount = 0;
        openDeletedAt = Long.MIN_VALUE;
        partitionDeletedAt = deletedAt;
        partitionDeletionTime = deletionTime;
    }

    void endHeader(long dataPosition) {
        headerLength = dataPosition - partitionStart;
        unfilteredStart = headerLength;
    }

    /** The last unfiltered. */
    ClusteringPrefix last() {
        return last;
    }

    void unfiltered(
            int kind,
            byte[] clustering,
            int offset,
            int length,
            int values,
            long dataPosition,
            long newOpenDeletedAt,
            long newOpenDeletionTime) {
        if (!inBlock) {
            inBlock = true;
            first.set(kind, clustering, offset, length, values);
            blockStart = unfilteredStart;
        }
        last.set(kind, clustering, offset, length, values);
        openDeletedAt = newOpenDeletedAt;
        openDeletionTime = newOpenDeletionTime;
        unfilteredStart = dataPosition - partitionStart;
        if (unfilteredStart - blockStart >= BLOCK_BYTES) {
            addBlock(unfilteredStart);
        }
    }

    /** Rows {@code from} to {@code to} of a batch that was put at {@code batchPosition}. */
    void rows(RowBatch batch, int from, int to, long batchPosition, long newOpenDeletedAt, long newOpenDeletionTime) {
        long start = batchPosition - partitionStart;
        int row = from;
        while (row < to) {
            if (!inBlock) {
                inBlock = true;
                set(first, batch, row);
                blockStart = unfilteredStart;
            }
            row = lastInBlock(batch, row, to, blockStart + BLOCK_BYTES - start);
            set(last, batch, row);
            openDeletedAt = newOpenDeletedAt;
            openDeletionTime = newOpenDeletionTime;
            unfilteredStart = start + batch.end(row);
            if (unfilteredStart - blockStart >= BLOCK_BYTES) {
                addBlock(unfilteredStart);
            }
            row++;
        }
    }

    /** The row that reaches the end of the block, or else the last one: of those between, nothing counts. */
    private static int lastInBlock(RowBatch batch, int from, int to, long blockEnd) {
        int row = from;
        if (batch.end(to - 1) < blockEnd) {
            return to - 1;
        }
        while (batch.end(row) < blockEnd) {
            row++;
        }
        return row;
    }

    private static void set(ClusteringPrefix prefix, RowBatch batch, int row) {
        prefix.set(
                ClusteringPrefix.CLUSTERING,
                batch.bytes,
                batch.clusteringStart(row),
                batch.clusteringLength(row),
                batch.values);
    }

    private void addBlock(long end) {
        int size = first.serializedSize() + last.serializedSize() + MAX_BLOCK_OVERHEAD;
        if (size > scratch.length) {
            scratch = new byte[2 * size];
        }
        long offset = blocks.size();
        int at = first.serialize(scratch, 0);
        at = last.serialize(scratch, at);
        at = VInts.putUnsigned(scratch, at, blockStart);
        at = VInts.putSigned(scratch, at, end - blockStart - BLOCK_BYTES);
        boolean open = openDeletedAt != Long.MIN_VALUE;
        scratch[at++] = (byte) (open ? 1 : 0);
        if (open) {
            at = putDeletion(scratch, at, openDeletedAt, openDeletionTime);
        }
        blocks.put(scratch, 0, at);
        VInts.putInt4(scratch, 0, (int) offset);
        offsets.put(scratch, 0, 4);
        blockCount++;
        inBlock = false;
    }

    /** {@code DeletionTime.Serializer} of oa: a byte when live, else timestamp and time; of nb: always time and timestamp. */
    private int putDeletion(byte[] to, int at, long deletedAt, long deletionTime) {
        if (!oa) {
            boolean none = deletionTime == Long.MAX_VALUE;
            VInts.putInt4(to, at, none ? Integer.MAX_VALUE : (int) Math.min(deletionTime, Integer.MAX_VALUE - 1));
            VInts.putLong8(to, at + 4, deletedAt);
            return at + DELETION_BYTES;
        }
        if (deletedAt == Long.MIN_VALUE) {
            to[at] = (byte) LIVE;
            return at + 1;
        }
        if (deletedAt < 0) {
            throw new UnsupportedException(
                    "a deletion of the timestamp " + deletedAt + " cannot be written in version oa",
                    "use version nb, which can hold timestamps before 1970");
        }
        VInts.putLong8(to, at, deletedAt);
        VInts.putInt4(to, at + 8, (int) deletionTime);
        return at + DELETION_BYTES;
    }

    /** Ends the partition, whose end marker ends at {@code dataPosition}. */
    void end(byte[] key, int keyLength, long dataPosition) {
        if (inBlock && blockCount > 0) {
            addBlock(dataPosition - partitionStart);
        }
        if (blockCount < 2 && keyLength < PIECE_BYTES / 4) {
            byte[] to = file.room(2 + keyLength + VInts.MAX_LENGTH + 1);
            int start = file.at();
            VInts.putShort2(to, start, keyLength);
            System.arraycopy(key, 0, to, start + 2, keyLength);
            int at = VInts.putUnsigned(to, start + 2 + keyLength, partitionStart);
            to[at++] = 0;
            file.advance(at - start);
        } else {
            putLarge(key, keyLength, dataPosition);
        }
        if (blockCount > 0) {
            blocks.clear();
            offsets.clear();
        }
    }

    private void putLarge(byte[] key, int keyLength, long dataPosition) {
        file.putShort2(keyLength);
        file.put(key, 0, keyLength);
        file.putUnsignedVInt(partitionStart);
        if (blockCount < 2) {
            file.put1(0);
        } else {
            int at = VInts.putUnsigned(scratch, 0, headerLength);
            at = putDeletion(scratch, at, partitionDeletedAt, partitionDeletionTime);
            at = VInts.putUnsigned(scratch, at, blockCount);
            long size = at + blocks.size() + offsets.size();
            if (size > Integer.MAX_VALUE) {
                throw new UnsupportedException(
                        "a partition of " + (dataPosition - partitionStart) + " bytes needs an index of " + size
                                + " bytes, more than Cassandra can read",
                        "none of Cassandra's versions can hold this partition");
            }
            file.putUnsignedVInt(size);
            file.put(scratch, 0, at);
            blocks.drain((bytes, length) -> file.put(bytes, 0, length));
            offsets.drain((bytes, length) -> file.put(bytes, 0, length));
        }
    }

    void finish(boolean force) {
        file.finish(force);
    }

    @Override
    public void close() {
        try (file;
                blocks;
                offsets) {
            blocks.clear();
        }
    }
}
