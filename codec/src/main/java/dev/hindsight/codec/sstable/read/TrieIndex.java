package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteCursor;
import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Looks up a Partitions.db of the bti format, and Rows.db for partitions with a row index. The trie holds only prefixes of
 * keys, so a token's neighbour may have to be read from Data.db. One thread.
 * <pre>
 *   Partitions.db  | nodes | first key length 2 | first key | last key length 2 | last key | ... |
 *                  | offset of first key 8 | partitions 8 | root 8 |
 *   payload        | hash of the key 1, when the flags are 8 or more | position, as many bytes as the flags say |
 *   Rows.db entry  | key length 2 | key | position vint | root signed vint, from the position's place | ... |
 *   its payload    | offset in the partition, as many bytes as the flags modulo 8 say | deletion, when the flags are 8 or more |
 * </pre>
 * A position that is not negative is one of Rows.db; another is {@code ~position} in Data.db. The last entry of a trie of
 * Rows.db is the offset of the partition's end marker.
 *
 * <p>Source: {@code PartitionIndex} (bti), {@code TrieIndexEntry}, {@code RowIndexReader}, {@code Token.KeyBound}
 * 5.0.9.
 */
public final class TrieIndex implements PartitionIndex {
    private static final int FOOTER_BYTES = 24;
    private static final int FLAG_HASH = 8;
    private static final int FLAG_OPEN_DELETION = 8;
    private static final int NEXT_COMPONENT = 0x40;
    private static final int GREATER_THAN_NEXT_COMPONENT = 0x60;
    private static final int END = -1;

    private final BlockReader rows;
    private final KeySource keys;
    private final Trie trie;
    private final long root;
    private final long partitions;

    /** What the trie says of the last partition up to the token that was asked for, and where that is in Data.db. */
    private long lastIndexed;

    private long lastPosition = NONE;

    /**
     * @param firstKey as Statistics.db tells it
     * @param lastKey the same
     */
    public TrieIndex(ByteSource partitionsFile, ByteSource rowsFile, KeySource keys, byte[] firstKey, byte[] lastKey) {
        BlockReader in = new BlockReader(Components.PARTITIONS, partitionsFile);
        this.rows = new BlockReader(Components.ROWS, rowsFile);
        this.keys = keys;
        long footer = in.sizeBytes() - FOOTER_BYTES;
        ByteCursor tail = new ByteCursor(Components.PARTITIONS, in.read(footer, FOOTER_BYTES));
        long first = tail.readLong();
        this.partitions = tail.readLong();
        this.root = tail.readLong();
        if (first < 0 || first > footer || partitions < 1 || root < 0 || root >= first) {
            throw new MalformedException(Components.PARTITIONS + ": " + partitions + " partitions, root at " + root
                    + ", first key at " + first + " of " + in.sizeBytes());
        }
        byte[] foundFirst = keyAt(in, first);
        if (!Arrays.equals(foundFirst, firstKey) || !Arrays.equals(keyAt(in, first + 2 + foundFirst.length), lastKey)) {
            throw new MalformedException(
                    Components.PARTITIONS + ": its first and last partition are not those of " + Components.STATISTICS);
        }
        this.trie = new Trie(in, first);
    }

    private static byte[] keyAt(BlockReader in, long offset) {
        int length = ByteBuffer.wrap(in.read(offset, 2)).getShort() & 0xffff;
        return in.read(offset + 2, length);
    }

    /** How many there are, as the index says. */
    public long partitions() {
        return partitions;
    }

    @Override
    public Neighbours around(long token) {
        byte[] bound = bound(token);
        lastPosition = lastUpTo(bound, token);
        return new Neighbours(lastPosition, firstAfter(bound, token), Optional.empty());
    }

    @Override
    public long lastBlock(RowHeader header, SSTableVersion version) {
        if (lastPosition == NONE || lastIndexed < 0) {
            return NONE;
        }
        long at = rowIndexPositionAt(rows, lastIndexed);
        byte[] vints = rows.readUpTo(at, 2 * VInts.MAX_LENGTH);
        int behind = vints.length == 0 ? 1 : VInts.length(vints, 0);
        if (behind >= vints.length || behind + VInts.length(vints, behind) > vints.length) {
            throw new MalformedException(Components.ROWS + ": the entry at " + lastIndexed + " ends inside");
        }
        Trie blocks = new Trie(rows, lastIndexed);
        blocks.start(at + VInts.signed(vints, behind));
        for (long last = blocks.lastChild(); last != Trie.NONE; last = blocks.lastChild()) {
            blocks.go(last);
        }
        int length = blocks.payloadFlags() & ~FLAG_OPEN_DELETION;
        if (length == 0) {
            throw new MalformedException(
                    Components.ROWS + ": a branch of the trie ends without an entry, at " + blocks.position());
        }
        return lastPosition + blocks.payload(0, length);
    }

    /** Just behind every key of the token, in bytes that compare as tokens do. */
    private static byte[] bound(long token) {
        ByteBuffer bytes = ByteBuffer.allocate(10);
        bytes.put((byte) NEXT_COMPONENT).putLong(token ^ Long.MIN_VALUE).put((byte) GREATER_THAN_NEXT_COMPONENT);
        return bytes.array();
    }

    private long firstAfter(byte[] bound, long token) {
        long greater = Trie.NONE;
        trie.start(root);
        for (int i = 0; ; i++) {
            int found = trie.search(i < bound.length ? bound[i] & 0xff : END);
            greater = trie.greater(found, greater);
            if (found < 0) {
                break;
            }
            trie.go(trie.child(found));
        }
        if (trie.children() == 0 && trie.payloadFlags() != 0) {
            // A leaf is a prefix of the bound: only the key itself can tell on which side it is.
            long position = positionIf(token, 1);
            if (position != NONE) {
                return position;
            }
        }
        if (greater == Trie.NONE) {
            return NONE;
        }
        trie.back(greater);
        while (trie.payloadFlags() == 0 && trie.children() > 0) {
            trie.go(trie.greater(-1, Trie.NONE));
        }
        return position();
    }

    private long lastUpTo(byte[] bound, long token) {
        long lesser = Trie.NONE;
        long prefix = Trie.NONE;
        trie.start(root);
        for (int i = 0; ; i++) {
            int found = trie.search(i < bound.length ? bound[i] & 0xff : END);
            if (found == -1 || found == 0) {
                if (trie.payloadFlags() != 0) {
                    prefix = trie.position();
                }
            } else {
                lesser = trie.lesser(found, lesser);
                prefix = Trie.NONE;
            }
            if (found < 0) {
                break;
            }
            trie.go(trie.child(found));
        }
        if (prefix != Trie.NONE) {
            trie.back(prefix);
            lastIndexed = indexed();
            long position = positionIf(token, -1);
            if (position != NONE) {
                return position;
            }
        }
        if (lesser == Trie.NONE) {
            return NONE;
        }
        trie.back(lesser);
        for (long last = trie.lastChild(); last != Trie.NONE; last = trie.lastChild()) {
            trie.go(last);
        }
        lastIndexed = indexed();
        return position();
    }

    /** Where this node's partition starts in Data.db. */
    private long position() {
        long indexed = indexed();
        return indexed < 0 ? ~indexed : rowIndexPosition(indexed);
    }

    /** The same if its token is after the asked one (side 1) or up to it (side -1). */
    private long positionIf(long asked, int side) {
        long indexed = indexed();
        long position = indexed < 0 ? ~indexed : rowIndexPosition(indexed);
        byte[] key = indexed < 0 ? keys.keyAt(position) : keyAt(rows, indexed);
        boolean after = Tokens.of(key) > asked;
        return after == (side > 0) ? position : NONE;
    }

    private long indexed() {
        int flags = trie.payloadFlags();
        if (flags == 0) {
            throw new MalformedException(
                    Components.PARTITIONS + ": a branch of the trie ends without an entry, at " + trie.position());
        }
        return flags >= FLAG_HASH ? trie.payload(1, flags - FLAG_HASH + 1) : trie.payload(0, flags);
    }

    private static long rowIndexPositionAt(BlockReader rows, long offset) {
        return offset + 2 + keyAt(rows, offset).length;
    }

    private long rowIndexPosition(long offset) {
        long at = rowIndexPositionAt(rows, offset);
        byte[] vint = rows.readUpTo(at, VInts.MAX_LENGTH);
        if (vint.length == 0 || VInts.length(vint, 0) > vint.length) {
            throw new MalformedException(Components.ROWS + ": the entry at " + offset + " ends inside");
        }
        return VInts.unsigned(vint, 0);
    }
}
