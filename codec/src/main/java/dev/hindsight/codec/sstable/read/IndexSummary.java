package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteCursor;
import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.Tokens;
import dev.hindsight.codec.sstable.Components;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A Summary.db: a sample of the keys of Index.db with their offsets there. Searched where it is, not loaded.
 * <pre>
 *   | interval 4 | samples 4 | size 8 | level 4 | full samples 4 |
 *   | place 4, little-endian, from the start of places * samples | (key | offset 8, little-endian) * samples |
 *   | first key length 4 | first key | last key length 4 | last key |
 * </pre>
 *
 * <p>Source: {@code IndexSummary.IndexSummarySerializer}, {@code IndexSummaryComponent} 5.0.9. One thread.
 */
final class IndexSummary {
    private static final int HEADER_BYTES = 24;

    /** A partition key's length has 16 bits. */
    private static final int MAX_KEY_BYTES = 0xffff;

    /** An entry of Index.db that the summary knows. */
    record Sample(byte[] key, long token, long indexOffset) {}

    private final BlockReader in;
    private final int samples;
    private final int sampleBytes;
    private final byte[] lastKey;

    IndexSummary(ByteSource source) {
        this.in = new BlockReader(Components.SUMMARY, source);
        ByteCursor header = new ByteCursor(Components.SUMMARY, in.read(0, HEADER_BYTES));
        header.readInt();
        this.samples = header.readInt();
        long size = header.readLong();
        if (samples < 1 || size < 12L * samples || size > in.sizeBytes() - HEADER_BYTES || size > Integer.MAX_VALUE) {
            throw new MalformedException(
                    Components.SUMMARY + ": " + samples + " samples in " + size + " of " + in.sizeBytes() + " bytes");
        }
        this.sampleBytes = (int) size;
        long keys = HEADER_BYTES + size;
        int first = ByteBuffer.wrap(in.read(keys, 4)).getInt();
        if (first < 0 || first > MAX_KEY_BYTES) {
            throw new MalformedException(Components.SUMMARY + ": a key of " + first + " bytes");
        }
        long lastAt = keys + 4 + first;
        int last = ByteBuffer.wrap(in.read(lastAt, 4)).getInt();
        if (last < 0 || last != in.sizeBytes() - lastAt - 4 || last > MAX_KEY_BYTES) {
            throw new MalformedException(Components.SUMMARY + ": a last key of " + last + " bytes at offset " + lastAt
                    + " of " + in.sizeBytes());
        }
        this.lastKey = in.read(lastAt + 4, last);
    }

    /** Of the SSTable. */
    byte[] lastKey() {
        return lastKey;
    }

    /** The last sample with a token up to {@code token}; the first when there is none. */
    Sample lastUpTo(long token) {
        int low = 0;
        int high = samples - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (sample(middle).token() <= token) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return sample(low);
    }

    private Sample sample(int index) {
        int start = place(index);
        int end = index + 1 < samples ? place(index + 1) : sampleBytes;
        if (start < 4 * samples || end - start < 8 || end - start > 8 + MAX_KEY_BYTES || end > sampleBytes) {
            throw new MalformedException(
                    Components.SUMMARY + ": sample " + index + " at [" + start + "," + end + ") of " + sampleBytes);
        }
        byte[] bytes = in.read(HEADER_BYTES + (long) start, end - start);
        byte[] key = java.util.Arrays.copyOf(bytes, bytes.length - 8);
        long offset = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(key.length);
        return new Sample(key, Tokens.of(key), offset);
    }

    private int place(int index) {
        return ByteBuffer.wrap(in.read(HEADER_BYTES + 4L * index, 4))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
    }
}
