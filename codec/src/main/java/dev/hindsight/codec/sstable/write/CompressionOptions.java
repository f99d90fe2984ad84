package dev.hindsight.codec.sstable.write;

import dev.hindsight.model.failure.UnsupportedException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How chunks are compressed.
 *
 * @param compressor simple class name, as in CompressionInfo.db
 * @param options of the compressor itself, as in CompressionInfo.db
 * @param chunkLength bytes before compression, a power of two
 * @param maxCompressedLength a chunk that does not get shorter than this is stored as it is
 */
public record CompressionOptions(
        String compressor, Map<String, String> options, int chunkLength, int maxCompressedLength) {
    /** {@code CompressionParams.DEFAULT_CHUNK_LENGTH}. */
    public static final int DEFAULT_CHUNK_LENGTH = 16 << 10;

    public static final CompressionOptions LZ4 =
            new CompressionOptions("LZ4Compressor", Map.of(), DEFAULT_CHUNK_LENGTH, Integer.MAX_VALUE);
    public static final CompressionOptions ZSTD =
            new CompressionOptions("ZstdCompressor", Map.of(), DEFAULT_CHUNK_LENGTH, Integer.MAX_VALUE);

    /** Far more than is of use: one chunk is kept, read and compressed as a whole. */
    private static final int MAX_CHUNK_LENGTH = 8 << 20;

    public CompressionOptions {
        options = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(options));
        if (chunkLength < 1 || chunkLength > MAX_CHUNK_LENGTH || Integer.bitCount(chunkLength) != 1) {
            throw refused("chunk length " + chunkLength);
        }
        if (maxCompressedLength < 1 || maxCompressedLength > chunkLength && maxCompressedLength != Integer.MAX_VALUE) {
            throw refused("max compressed length " + maxCompressedLength);
        }
    }

    /**
     * From the options of a table's DDL; null when compression is off. As {@code CompressionParams.fromMap} 5.0.9.
     *
     * @throws UnsupportedException a compressor or an option that is not known
     */
    public static @Nullable CompressionOptions of(Map<String, String> ddl) {
        Map<String, String> rest = new LinkedHashMap<>(ddl);
        String enabled = rest.remove("enabled");
        String compressor = rest.remove("class");
        String chunkKib = rest.remove("chunk_length_in_kb");
        String ratio = rest.remove("min_compress_ratio");
        // Of 2.x and 3.x; a read option by now, and no part of the files.
        rest.remove("crc_check_chance");
        if (compressor == null || compressor.isEmpty() || "false".equalsIgnoreCase(enabled)) {
            return null;
        }
        String simple = compressor.substring(compressor.lastIndexOf('.') + 1);
        try {
            int chunkLength =
                    chunkKib == null ? DEFAULT_CHUNK_LENGTH : Math.multiplyExact(1024, Integer.parseInt(chunkKib));
            double minRatio = ratio == null ? 0 : Double.parseDouble(ratio);
            int max = (int) Math.ceil(Math.min(chunkLength / minRatio, Integer.MAX_VALUE));
            CompressionOptions out = new CompressionOptions(simple, rest, chunkLength, max);
            ChunkCompressor.open(out).close();
            return out;
        } catch (ArithmeticException | NumberFormatException e) {
            throw refused("an option of " + ddl + ": " + e.getMessage());
        }
    }

    static UnsupportedException refused(String what) {
        return new UnsupportedException(
                "chunks cannot be compressed with " + what, "change the compression of the table or of the target");
    }
}
