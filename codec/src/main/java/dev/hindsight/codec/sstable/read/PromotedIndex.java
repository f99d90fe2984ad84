package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteCursor;
import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import dev.hindsight.codec.type.CassandraType;
import java.util.List;

/**
 * The row index of a wide partition in an entry of Index.db. Of its blocks only the last is looked at.
 * <pre>
 *   | header length vint | deletion | blocks vint | block * blocks | place 4, from the start of blocks * blocks |
 *   block  | first clustering | last clustering | offset in the partition vint | width - 65536 signed vint |
 *          | open at its end 1 | deletion, if so |
 * </pre>
 *
 * <p>Source: {@code RowIndexEntry.IndexedEntry}, {@code IndexInfo.Serializer} 5.0.9. No state.
 */
final class PromotedIndex {
    private static final int HEAD_BYTES = 32;
    private static final int DELETION_BYTES = 12;
    private static final int CLUSTERING = 4;

    /** Two clusterings of the greatest size that Cassandra takes, with room to spare. */
    private static final int MAX_BLOCK_BYTES = 1 << 20;

    private PromotedIndex() {}

    /**
     * Where the last block starts, counted from the start of the partition.
     *
     * @param at of Index.db
     * @param size bytes of the promoted index, more than none
     */
    static long lastBlock(ByteSource index, long at, long size, RowHeader header, SSTableVersion version) {
        ByteCursor head = cursor(index, at, Math.min(size, HEAD_BYTES));
        head.readUnsignedVint();
        deletion(head, version);
        long count = head.readUnsignedVint();
        long blocks = at + head.position();
        long places = at + size - 4 * count;
        if (count < 1 || count > size / 4 || places < blocks) {
            throw new MalformedException(
                    Components.INDEX + ": a row index of " + count + " blocks in " + size + " bytes at offset " + at);
        }
        long last = blocks + cursor(index, at + size - 4, 4).readInt();
        if (last < blocks || last >= places || places - last > MAX_BLOCK_BYTES) {
            throw new MalformedException(
                    Components.INDEX + ": the last block of the row index at offset " + at + " is at " + last);
        }
        ByteCursor block = cursor(index, last, places - last);
        clustering(block, header.clusteringTypes());
        clustering(block, header.clusteringTypes());
        long offset = block.readUnsignedVint();
        block.readUnsignedVint();
        if (block.readBoolean()) {
            deletion(block, version);
        }
        if (block.remaining() != 0) {
            throw new MalformedException(Components.INDEX + ": the last block of the row index at offset " + at
                    + " ends " + block.remaining() + " bytes too early");
        }
        return offset;
    }

    private static void deletion(ByteCursor in, SSTableVersion version) {
        if (!version.isSinceFive()) {
            in.skip(DELETION_BYTES);
        } else if (in.readByte() >= 0) {
            in.skip(DELETION_BYTES - 1);
        }
    }

    /** In groups of 32, each with a vint that holds two bits per value: whether it is empty or null. */
    private static void clustering(ByteCursor in, List<CassandraType> types) {
        int kind = in.readByte();
        int values = kind == CLUSTERING ? types.size() : in.readUnsignedShort();
        if (values > types.size()) {
            throw new MalformedException(Components.INDEX + ": a row index has a bound of " + values + " values");
        }
        long absent = 0;
        for (int i = 0; i < values; i++) {
            if ((i & 31) == 0) {
                absent = in.readUnsignedVint();
            }
            if ((absent >>> 2 * (i & 31) & 3) == 0) {
                int fixed = types.get(i).fixedLength();
                in.skip(fixed >= 0 ? fixed : in.readCount(1));
            }
        }
    }

    private static ByteCursor cursor(ByteSource index, long at, long length) {
        byte[] bytes = new byte[(int) length];
        index.read(at, bytes, 0, bytes.length);
        return new ByteCursor(Components.INDEX, bytes);
    }
}
