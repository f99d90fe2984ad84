package dev.hindsight.codec.compress;

import dev.hindsight.codec.bytes.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xerial.snappy.Snappy;

/** The native decompressor trusts the length that the bytes tell, so it is checked first. */
final class SnappyDecompressor implements Decompressor {
    private byte[] copy = new byte[0];

    @Override
    public void decompress(ByteBuffer compressed, int at, int length, byte[] into, int intoAt, int expected) {
        byte[] from;
        int fromAt;
        if (compressed.hasArray()) {
            from = compressed.array();
            fromAt = compressed.arrayOffset() + at;
        } else {
            if (copy.length < length) {
                copy = new byte[length];
            }
            compressed.get(at, copy, 0, length);
            from = copy;
            fromAt = 0;
        }
        try {
            int told = Snappy.uncompressedLength(from, fromAt, length);
            if (told != expected || into.length - intoAt < expected) {
                throw Decompressor.wrongLength(told, expected);
            }
            int actual = Snappy.rawUncompress(from, fromAt, length, into, intoAt);
            if (actual != expected) {
                throw Decompressor.wrongLength(actual, expected);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedException("Snappy: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        // Holds no native memory.
    }
}
