package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Scattered small reads of a component that may be far away: keeps the blocks read last, 1 MiB of them. One thread. */
final class BlockReader {
    private static final int BLOCK_BYTES = 32 << 10;
    private static final int BLOCKS = 32;

    private final String what;
    private final ByteSource source;
    private final long sizeBytes;
    private final Map<Long, byte[]> blocks = new LinkedHashMap<>(BLOCKS, 0.75f, true);

    BlockReader(String what, ByteSource source) {
        this.what = what;
        this.source = source;
        this.sizeBytes = source.sizeBytes();
    }

    String what() {
        return what;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    byte[] read(long position, int length) {
        if (position < 0 || length < 0 || position > sizeBytes - length) {
            throw new MalformedException(
                    what + ": " + length + " bytes are needed at offset " + position + " but it has " + sizeBytes);
        }
        byte[] out = new byte[length];
        for (int done = 0; done < length; ) {
            long at = position + done;
            byte[] block = block(at / BLOCK_BYTES);
            int from = (int) (at % BLOCK_BYTES);
            int count = Math.min(length - done, block.length - from);
            System.arraycopy(block, from, out, done, count);
            done += count;
        }
        return out;
    }

    /** As many bytes as there are, up to {@code length}. */
    byte[] readUpTo(long position, int length) {
        return read(position, (int) Math.max(0, Math.min(length, sizeBytes - position)));
    }

    private byte[] block(long number) {
        byte[] found = blocks.get(number);
        if (found == null) {
            found = new byte[(int) Math.min(BLOCK_BYTES, sizeBytes - number * BLOCK_BYTES)];
            source.read(number * BLOCK_BYTES, found, 0, found.length);
            if (blocks.size() == BLOCKS) {
                blocks.remove(blocks.keySet().iterator().next());
            }
            blocks.put(number, found);
        }
        return found;
    }
}
