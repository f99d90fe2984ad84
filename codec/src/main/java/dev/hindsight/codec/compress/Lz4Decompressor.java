package dev.hindsight.codec.compress;

import dev.hindsight.codec.bytes.MalformedException;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** {@code length 4, little-endian | LZ4 block}. The safe decompressor is native, the "fast" one is not. */
final class Lz4Decompressor implements Decompressor {
    private static final int LENGTH_BYTES = 4;

    private final LZ4SafeDecompressor lz4 = LZ4Factory.fastestInstance().safeDecompressor();
    private byte[] lastInto = new byte[0];
    private ByteBuffer lastView = ByteBuffer.wrap(lastInto);

    @Override
    public void decompress(ByteBuffer compressed, int at, int length, byte[] into, int intoAt, int expected) {
        if (length < LENGTH_BYTES) {
            throw new MalformedException(length + " bytes are no LZ4 chunk");
        }
        int stored = Integer.reverseBytes(compressed.getInt(at));
        if (stored != expected) {
            throw Decompressor.wrongLength(stored, expected);
        }
        if (lastInto != into) {
            lastInto = into;
            lastView = ByteBuffer.wrap(into);
        }
        try {
            int actual =
                    lz4.decompress(compressed, at + LENGTH_BYTES, length - LENGTH_BYTES, lastView, intoAt, expected);
            if (actual != expected) {
                throw Decompressor.wrongLength(actual, expected);
            }
        } catch (LZ4Exception e) {
            throw new MalformedException("LZ4: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        // Holds no native memory.
    }
}
