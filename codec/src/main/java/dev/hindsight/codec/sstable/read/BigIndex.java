package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.codec.sstable.RowHeader;
import dev.hindsight.codec.sstable.SSTableVersion;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks up an Index.db of the big format. Entries are {@code key length 2 | key | position vint | promoted size vint |
 * promoted index}; promoted indexes are skipped, and not even fetched where they are long, but for what {@link #lastBlock}
 * asks for. A Summary.db tells where to start, as far as the entry there is the one that it says; a missing or wrong summary
 * only makes the lookup slower, since Cassandra makes it anew as well. One thread.
 *
 * <p>Source: {@code BigTableReader}, {@code RowIndexEntry} 5.0.9.
 */
public final class BigIndex implements PartitionIndex {
    private static final int READ_BYTES = 128 << 10;

    private final ByteSource source;
    private final long sizeBytes;
    private final long dataLength;
    private @Nullable IndexSummary summary;
    private byte @Nullable [] lastKey;
    private boolean wholeIndex;

    private final byte[] window;
    private long windowStart;
    private int windowLength;
    private long at;

    /** @param promotedAt where its row index is in Index.db, which has {@code promotedSize} bytes, or none */
    private record Entry(byte[] key, long token, long position, long offset, long promotedAt, long promotedSize) {
        static final Entry NONE_READ =
                new Entry(new byte[0], Long.MIN_VALUE, PartitionIndex.NONE, PartitionIndex.NONE, 0, 0);

        boolean isNone() {
            return offset == PartitionIndex.NONE;
        }
    }

    /** The entry that was read last, and the one before it. */
    private Entry entry = Entry.NONE_READ;

    private Entry before = Entry.NONE_READ;
    private boolean atEnd;

    /**
     * @param index Index.db
     * @param summary Summary.db, if there is one
     * @param dataLength content bytes of Data.db
     * @param lastKey of the SSTable as Statistics.db tells it, to find a shortened index; null when it does not, and then
     *     the summary's is taken
     */
    public BigIndex(ByteSource index, @Nullable ByteSource summary, long dataLength, byte @Nullable [] lastKey) {
        this.source = index;
        this.sizeBytes = index.sizeBytes();
        this.dataLength = dataLength;
        this.lastKey = lastKey;
        this.window = new byte[(int) Math.min(READ_BYTES, Math.max(1, sizeBytes))];
        try {
            this.summary = summary == null ? null : new IndexSummary(summary);
            if (this.summary != null && lastKey == null) {
                this.lastKey = this.summary.lastKey();
            }
        } catch (MalformedException e) {
            this.summary = null;
        }
    }

    @Override
    public Neighbours around(long asked) {
        if (entry.isNone() || (!atEnd && entry.token() <= asked)) {
            seek(asked);
            while (!atEnd && entry.token() <= asked) {
                next();
            }
        }
        return atEnd
                ? new Neighbours(entry.position(), NONE, Optional.empty())
                : new Neighbours(before.position(), entry.position(), Optional.of(ByteString.copyOf(entry.key())));
    }

    @Override
    public long lastBlock(RowHeader header, SSTableVersion version) {
        Entry upTo = atEnd ? entry : before;
        return upTo.promotedSize() == 0
                ? NONE
                : upTo.position()
                        + PromotedIndex.lastBlock(source, upTo.promotedAt(), upTo.promotedSize(), header, version);
    }

    /** Stands at an entry that is not after the last one up to {@code asked}, or at the first. */
    private void seek(long asked) {
        if (summary != null && !wholeIndex) {
            try {
                IndexSummary.Sample sample = summary.lastUpTo(asked);
                if (sample.token() <= asked && sample.indexOffset() > Math.max(entry.offset(), 0)) {
                    jump(sample);
                    return;
                }
            } catch (MalformedException e) {
                // The index is read from where it stands: that is always right.
                wholeIndex = true;
            }
        }
        if (entry.isNone()) {
            next();
        }
    }

    private void jump(IndexSummary.Sample sample) {
        Entry entryHere = entry;
        Entry beforeHere = before;
        long atHere = at;
        try {
            if (sample.indexOffset() >= sizeBytes) {
                throw new MalformedException(Components.SUMMARY + ": a sample at " + sample.indexOffset());
            }
            at = sample.indexOffset();
            next();
            if (!Arrays.equals(entry.key(), sample.key())) {
                throw new MalformedException(Components.SUMMARY + ": another entry is at " + sample.indexOffset());
            }
        } catch (MalformedException e) {
            entry = entryHere;
            before = beforeHere;
            at = atHere;
            throw e;
        }
    }

    private void next() {
        if (at >= sizeBytes) {
            if (entry.isNone() || (lastKey != null && !Arrays.equals(lastKey, entry.key()))) {
                throw new MalformedException(
                        Components.INDEX + ": its last entry is not the last partition of the SSTable");
            }
            atEnd = true;
            return;
        }
        long offset = at;
        byte[] key = new byte[readByte() << 8 | readByte()];
        readFully(key);
        long position = readVint();
        long promotedSize = readVint();
        long promotedAt = at;
        skip(promotedSize);
        long token = Tokens.of(key);
        if ((!entry.isNone()
                        && (token < entry.token()
                                || (token == entry.token() && Arrays.compareUnsigned(entry.key(), key) >= 0)))
                || position <= entry.position()
                || (offset == 0 && position != 0)
                || position >= dataLength) {
            throw new MalformedException(Components.INDEX + ": the entry at offset " + offset + " (token " + token
                    + ", position " + position + ") cannot follow token " + entry.token() + ", position "
                    + entry.position() + ", in data of " + dataLength + " bytes");
        }
        before = entry;
        entry = new Entry(key, token, position, offset, promotedAt, promotedSize);
    }

    private void load() {
        if (at >= sizeBytes) {
            throw new MalformedException(Components.INDEX + " ends inside an entry, at " + at);
        }
        windowLength = 0;
        int length = (int) Math.min(window.length, sizeBytes - at);
        source.read(at, window, 0, length);
        windowStart = at;
        windowLength = length;
    }

    private int readByte() {
        if (at >= windowStart + windowLength || at < windowStart) {
            load();
        }
        return window[(int) (at++ - windowStart)] & 0xff;
    }

    private void readFully(byte[] into) {
        for (int done = 0; done < into.length; ) {
            if (at >= windowStart + windowLength || at < windowStart) {
                load();
            }
            int from = (int) (at - windowStart);
            int count = Math.min(into.length - done, windowLength - from);
            System.arraycopy(window, from, into, done, count);
            done += count;
            at += count;
        }
    }

    private long readVint() {
        byte[] bytes = new byte[VInts.MAX_LENGTH];
        bytes[0] = (byte) readByte();
        int length = VInts.length(bytes, 0);
        for (int i = 1; i < length; i++) {
            bytes[i] = (byte) readByte();
        }
        return VInts.unsigned(bytes, 0);
    }

    private void skip(long count) {
        if (count < 0 || count > sizeBytes - at) {
            throw new MalformedException(
                    Components.INDEX + ": " + count + " bytes to skip at " + at + " of " + sizeBytes);
        }
        at += count;
    }
}
