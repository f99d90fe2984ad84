package dev.hindsight.codec.compress;

import dev.hindsight.codec.bytes.MalformedException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Zlib streams. */
final class DeflateDecompressor implements Decompressor {
    private final Inflater inflater = new Inflater();
    private byte[] copy = new byte[0];

    @Override
    public void decompress(ByteBuffer compressed, int at, int length, byte[] into, int intoAt, int expected) {
        inflater.reset();
        if (compressed.hasArray()) {
            inflater.setInput(compressed.array(), compressed.arrayOffset() + at, length);
        } else {
            if (copy.length < length) {
                copy = new byte[length];
            }
            compressed.get(at, copy, 0, length);
            inflater.setInput(copy, 0, length);
        }
        int done = 0;
        try {
            while (done < expected) {
                int count = inflater.inflate(into, intoAt + done, expected - done);
                if (count == 0) {
                    throw Decompressor.wrongLength(done, expected);
                }
                done += count;
            }
        } catch (DataFormatException e) {
            throw new MalformedException("Deflate: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        inflater.end();
    }
}
