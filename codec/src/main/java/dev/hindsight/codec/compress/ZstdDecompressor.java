package dev.hindsight.codec.compress;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.hindsight.codec.bytes.MalformedException;
import java.nio.ByteBuffer;

/** Zstd frames. Keeps a native context of about 100 KiB from the first call to {@link #close}. */
final class ZstdDecompressor implements Decompressor {
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();

    @Override
    public void decompress(ByteBuffer compressed, int at, int length, byte[] into, int intoAt, int expected) {
        int actual;
        try {
            actual = compressed.hasArray()
                    ? zstd.decompressByteArray(
                            into, intoAt, expected, compressed.array(), compressed.arrayOffset() + at, length)
                    : zstd.decompressDirectByteBufferToByteArray(into, intoAt, expected, compressed, at, length);
        } catch (ZstdException e) {
            throw new MalformedException("Zstd: " + e.getMessage(), e);
        }
        if (actual != expected) {
            throw Decompressor.wrongLength(actual, expected);
        }
    }

    @Override
    public void close() {
        zstd.close();
    }
}
