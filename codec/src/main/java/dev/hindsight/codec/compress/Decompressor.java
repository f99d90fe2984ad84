package dev.hindsight.codec.compress;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Undoes one of Cassandra's compressors. No allocation per call. One thread; close it to give native memory back.
 *
 * <p>Source: {@code org.apache.cassandra.io.compress} 5.0.9.
 */
public sealed interface Decompressor extends AutoCloseable
        permits Lz4Decompressor, SnappyDecompressor, DeflateDecompressor, ZstdDecompressor, NoopDecompressor {

    /** In Cassandra's package. */
    List<String> NAMES =
            List.of("LZ4Compressor", "SnappyCompressor", "DeflateCompressor", "ZstdCompressor", "NoopCompressor");

    /**
     * @param compressed direct or with an array; read by index, its position and limit are as before afterwards
     * @param expected exactly how many bytes come out
     * @throws MalformedException they do not, or the bytes are no compressed ones
     */
    void decompress(ByteBuffer compressed, int at, int length, byte[] into, int intoAt, int expected);

    @Override
    void close();

    /**
     * @param className with package or without
     * @throws UnsupportedException there is none of that name
     * @throws MalformedException the name is that of a known one but for one character: where it is stored, no checksum
     *     vouches for it, and a damaged file must not look like a foreign one
     */
    static Decompressor named(String className) {
        String cassandras = "org.apache.cassandra.io.compress.";
        String name = className.startsWith(cassandras) ? className.substring(cassandras.length()) : className;
        switch (name) {
            case "LZ4Compressor":
                return new Lz4Decompressor();
            case "SnappyCompressor":
                return new SnappyDecompressor();
            case "DeflateCompressor":
                return new DeflateDecompressor();
            case "ZstdCompressor":
                return new ZstdDecompressor();
            case "NoopCompressor":
                return new NoopDecompressor();
            default:
                for (String known : NAMES) {
                    if (differInOneCharacter(name, known)) {
                        throw new MalformedException("the compressor " + name + " is probably " + known);
                    }
                }
                throw new UnsupportedException(
                        "the compressor " + className
                                + " cannot be undone; supported are LZ4, Snappy, Deflate, Zstd and Noop",
                        "change the table's compression, then run 'nodetool upgradesstables -a' on the nodes");
        }
    }

    private static boolean differInOneCharacter(String name, String known) {
        int different = 0;
        for (int i = 0; i < Math.min(name.length(), known.length()); i++) {
            different += name.charAt(i) == known.charAt(i) ? 0 : 1;
        }
        return name.length() == known.length() && different == 1;
    }

    /** What to throw when another number of bytes came out. */
    static MalformedException wrongLength(long actual, int expected) {
        return new MalformedException("decompresses to " + actual + " bytes, expected " + expected);
    }
}
