package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteSource;
import java.nio.ByteBuffer;

/** Big-endian numbers in a row in a file, read in blocks so that a table of any size takes little memory. One thread. */
final class NumberTable {
    private static final int BLOCK_BYTES = 8 << 10;

    private final ByteSource source;
    private final long start;
    private final int bytesEach;
    private final int perBlock;
    private final long count;
    private final byte[] bytes;
    private final ByteBuffer view;
    private long block = -1;

    NumberTable(ByteSource source, long start, int bytesEach, long count) {
        this.source = source;
        this.start = start;
        this.bytesEach = bytesEach;
        this.perBlock = BLOCK_BYTES / bytesEach;
        this.count = count;
        this.bytes = new byte[(int) Math.min(BLOCK_BYTES, count * bytesEach)];
        this.view = ByteBuffer.wrap(bytes);
    }

    long getLong(long index) {
        return view.getLong(at(index));
    }

    int getInt(long index) {
        return view.getInt(at(index));
    }

    private int at(long index) {
        long wanted = index / perBlock;
        if (wanted != block) {
            long from = wanted * perBlock;
            int length = (int) Math.min(perBlock, count - from) * bytesEach;
            block = -1;
            source.read(start + from * bytesEach, bytes, 0, length);
            block = wanted;
        }
        return (int) (index - wanted * perBlock) * bytesEach;
    }
}
