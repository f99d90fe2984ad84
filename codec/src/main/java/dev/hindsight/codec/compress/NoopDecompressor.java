package dev.hindsight.codec.compress;

import java.nio.ByteBuffer;

/** Bytes as they are. */
final class NoopDecompressor implements Decompressor {
    @Override
    public void decompress(ByteBuffer compressed, int at, int length, byte[] into, int intoAt, int expected) {
        if (length != expected) {
            throw Decompressor.wrongLength(length, expected);
        }
        compressed.get(at, into, intoAt, expected);
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
