package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.sstable.Components;

/**
 * Summary.db: every so manieth key with its position in Index.db, as Cassandra keeps them in memory.
 * {@code int(interval) int(entries) long(bytes of offsets and entries) int(sampling level) int(entries at full sampling)
 * [int(offset from the first offset), little-endian]* [key long(position), little-endian]* int(length) first key int(length)
 * last key}.
 *
 * <p>Source: {@code IndexSummaryBuilder}, {@code IndexSummary.IndexSummarySerializer}, {@code IndexSummaryComponent} 5.0.9. One
 * thread.
 */
final class SummaryFile implements AutoCloseable {
    private static final int KEPT_BYTES = 1 << 20;
    private static final int PIECE_BYTES = 64 << 10;

    /** {@code Downsampling.BASE_SAMPLING_LEVEL}: nothing is left out. */
    private static final int SAMPLING_LEVEL = 128;

    /** Cassandra's guess of an entry's size, by which it raises an interval that is too short for so many keys. */
    private static final int EXPECTED_ENTRY_BYTES = 64 + 8;

    private final SSTableWriterOptions options;
    private final int interval;
    private final SpillBuffer offsets;
    private final SpillBuffer entries;
    private final byte[] scratch = new byte[8];
    private int count;
    private long keys;
    private long nextSample;

    SummaryFile(SSTableWriterOptions options) {
        this.options = options;
        this.interval = interval(options.expectedKeys(), options.minIndexInterval());
        offsets = new SpillBuffer(options.path("Summary.db.offsets"), KEPT_BYTES, options.listener());
        entries = new SpillBuffer(options.path("Summary.db.entries"), KEPT_BYTES, options.listener());
    }

    private static int interval(long expectedKeys, int minIndexInterval) {
        if (expectedKeys / minIndexInterval * EXPECTED_ENTRY_BYTES <= Integer.MAX_VALUE) {
            return minIndexInterval;
        }
        return (int) Math.ceil((double) (expectedKeys * EXPECTED_ENTRY_BYTES) / Integer.MAX_VALUE);
    }

    void add(byte[] key, int length, long indexPosition) {
        if (keys == nextSample && entries.size() + length + 8 <= Integer.MAX_VALUE) {
            putLittleEndian(offsets, (int) entries.size());
            entries.put(key, 0, length);
            VInts.putLong8(scratch, 0, Long.reverseBytes(indexPosition));
            entries.put(scratch, 0, 8);
            count++;
            nextSample += interval;
        }
        keys++;
    }

    private void putLittleEndian(SpillBuffer to, int number) {
        VInts.putInt4(scratch, 0, Integer.reverseBytes(number));
        to.put(scratch, 0, 4);
    }

    void finish(byte[] firstKey, int firstLength, byte[] lastKey, int lastLength) {
        try (OutputFile file =
                new OutputFile(options.path(Components.SUMMARY), PIECE_BYTES, options.listener()::other)) {
            file.putInt4(interval);
            file.putInt4(count);
            file.putLong8(offsets.size() + entries.size());
            file.putInt4(SAMPLING_LEVEL);
            file.putInt4((int) Math.ceil(keys / (double) interval));
            int base = 4 * count;
            offsets.drain((bytes, length) -> {
                for (int i = 0; i < length; i += 4) {
                    int offset = Integer.reverseBytes(VInts.int4(bytes, i)) + base;
                    VInts.putInt4(bytes, i, Integer.reverseBytes(offset));
                }
                file.put(bytes, 0, length);
            });
            entries.drain((bytes, length) -> file.put(bytes, 0, length));
            file.putInt4(firstLength);
            file.put(firstKey, 0, firstLength);
            file.putInt4(lastLength);
            file.put(lastKey, 0, lastLength);
            file.finish(options.force());
        }
        close();
    }

    /** Deletes temporary files. */
    @Override
    public void close() {
        offsets.close();
        entries.close();
    }
}
