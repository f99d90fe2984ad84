package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.jspecify.annotations.Nullable;

/**
 * Reads an Index.db once from end to end as a stream, without keeping it, and checks its order. Entries are {@code key
 * length 2 | key | position vint | promoted size vint | promoted index}; promoted indexes are skipped, and not even
 * fetched where they are long. One thread.
 */
final class BigIndex {
    /**
     * Up to so many partitions, those next to the wanted ranges are confirmed from the data: a wrong key could lie between
     * its neighbours by chance. Among more, it breaks the order almost surely, and the chunks are better not fetched.
     */
    private static final int FEW_KEYS = 1000;

    private final InputSSTable input;
    private final SourceComponent source;
    private final byte[] window;
    private long windowStart;
    private int windowLength;
    private long at;

    private BigIndex(InputSSTable input, SourceComponent source) {
        this.input = input;
        this.source = source;
        this.window = new byte[(int) Math.min(256 << 10, Math.max(1, source.sizeBytes()))];
    }

    /**
     * @param dataLength content bytes of Data.db
     * @param lastKey of the SSTable as another component tells it, to find a shortened index; null when none does
     */
    static IndexLookup lookup(
            InputSSTable input,
            SourceComponent source,
            TokenRanges ranges,
            long dataLength,
            byte @Nullable [] lastKey) {
        try {
            return new BigIndex(input, source).scan(ranges, dataLength, lastKey);
        } catch (EOFException e) {
            throw Damage.wrap(input, Components.INDEX + " ends inside an entry", e);
        }
    }

    private IndexLookup scan(TokenRanges ranges, long dataLength, byte @Nullable [] lastKey) throws EOFException {
        List<Section> sections = new ArrayList<>();
        List<IndexLookup.Neighbour> neighbours = new ArrayList<>();
        long keys = 0;
        long wanted = 0;
        long lastPosition = -1;
        long lastToken = Long.MIN_VALUE;
        byte[] previous = new byte[0];
        Section open = null;
        long openFirst = 0;
        int lastRegion = 0;
        while (at < source.sizeBytes()) {
            byte[] key = new byte[readByte() << 8 | readByte()];
            readFully(key);
            long position = readVint();
            skip(readVint());
            long token =
                    Murmur3Partitioner.instance.getToken(ByteBuffer.wrap(key)).getLongValue();
            if (keys > 0 && (token < lastToken || token == lastToken && Arrays.compareUnsigned(previous, key) >= 0)
                    || position <= lastPosition
                    || keys == 0 && position != 0
                    || position >= dataLength) {
                throw Damage.of(
                        input,
                        Components.INDEX + ": entry " + keys + " (token " + token + ", position " + position
                                + ") cannot follow token " + lastToken + ", position " + lastPosition
                                + ", in data of " + dataLength + " bytes");
            }
            int region = region(token, ranges);
            if (region != lastRegion) {
                if (keys <= FEW_KEYS) {
                    outside(neighbours, lastRegion, lastPosition, lastToken);
                    outside(neighbours, region, position, token);
                }
                if (open != null) {
                    sections.add(new Section(open.start(), position, open.firstKey(), tokens(openFirst, lastToken)));
                    open = null;
                }
            }
            if (region % 2 == 1) {
                wanted++;
                if (open == null) {
                    open = new Section(position, dataLength, key, "");
                    openFirst = token;
                }
            }
            lastRegion = region;
            keys++;
            lastPosition = position;
            lastToken = token;
            previous = key;
        }
        if (lastRegion < 2 * ranges.ranges().size()) {
            outside(neighbours, lastRegion, lastPosition, lastToken);
        }
        if (open != null) {
            sections.add(new Section(open.start(), dataLength, open.firstKey(), tokens(openFirst, lastToken)));
        }
        if (keys == 0 || lastKey != null && !Arrays.equals(lastKey, previous)) {
            throw Damage.of(
                    input,
                    Components.INDEX + ": its last entry (of " + keys + ") is not the last partition of the SSTable");
        }
        return new IndexLookup(sections, keys <= FEW_KEYS ? neighbours : List.of(), keys, wanted);
    }

    /** {@code 2i + 1} in range i, {@code 2i} in the gap before it. */
    private static int region(long token, TokenRanges ranges) {
        List<TokenRange> all = ranges.ranges();
        int low = 0;
        int high = all.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).end() < token) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < all.size() && all.get(low).contains(token) ? 2 * low + 1 : 2 * low;
    }

    private static void outside(List<IndexLookup.Neighbour> to, int region, long position, long token) {
        if (region % 2 == 0 && position >= 0) {
            to.add(new IndexLookup.Neighbour(position, token - 1, token));
        }
    }

    private static String tokens(long first, long last) {
        return "[" + first + "," + last + "]";
    }

    private void fill() throws EOFException {
        if (at >= source.sizeBytes()) {
            throw new EOFException("at " + at + " of " + source.sizeBytes());
        }
        windowStart = at;
        windowLength = (int) Math.min(window.length, source.sizeBytes() - at);
        source.read(windowStart, window, 0, windowLength);
    }

    private int readByte() throws EOFException {
        if (at >= windowStart + windowLength || at < windowStart) {
            fill();
        }
        return window[(int) (at++ - windowStart)] & 0xff;
    }

    private void readFully(byte[] into) throws EOFException {
        for (int done = 0; done < into.length; ) {
            if (at >= windowStart + windowLength || at < windowStart) {
                fill();
            }
            int offset = (int) (at - windowStart);
            int count = Math.min(into.length - done, windowLength - offset);
            System.arraycopy(window, offset, into, done, count);
            done += count;
            at += count;
        }
    }

    /** Cassandra's unsigned vint: as many leading one bits in the first byte as there are further bytes. */
    private long readVint() throws EOFException {
        int first = readByte();
        int further = Integer.numberOfLeadingZeros(~(first << 24));
        long value = further >= 7 ? 0 : first & (0xff >> (further + 1));
        for (int i = 0; i < Math.min(further, 8); i++) {
            value = value << 8 | readByte();
        }
        return value;
    }

    private void skip(long bytes) throws EOFException {
        if (bytes < 0 || at + bytes > source.sizeBytes()) {
            throw new EOFException(bytes + " bytes to skip at " + at + " of " + source.sizeBytes());
        }
        at += bytes;
    }
}
