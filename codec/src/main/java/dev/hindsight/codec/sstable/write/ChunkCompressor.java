package dev.hindsight.codec.sstable.write;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.zip.Deflater;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import org.xerial.snappy.Snappy;

/** Compresses chunks as Cassandra's compressor of that name does ({@code org.apache.cassandra.io.compress} 5.0.9). One thread. */
interface ChunkCompressor extends AutoCloseable {
    /** The most bytes that a chunk of so many can become. */
    int bound(int chunkLength);

    /** Returns how many bytes of {@code to} were written from {@code at} on; {@link #bound} bytes must be there. */
    int compress(byte[] chunk, int length, byte[] to, int at);

    @Override
    default void close() {}

    static ChunkCompressor open(CompressionOptions options) {
        Map<String, String> own = options.options();
        switch (options.compressor()) {
            case "LZ4Compressor" -> {
                only(options, "lz4_compressor_type", "lz4_high_compressor_level");
                LZ4Factory factory = LZ4Factory.fastestInstance();
                String type = own.getOrDefault("lz4_compressor_type", "fast");
                int level = number(options, "lz4_high_compressor_level", 9, 1, 17);
                return switch (type) {
                    case "fast" -> new Lz4(factory.fastCompressor());
                    case "high" -> new Lz4(factory.highCompressor(level));
                    default -> throw CompressionOptions.refused("lz4_compressor_type " + type);
                };
            }
            case "ZstdCompressor" -> {
                only(options, "compression_level");
                return new ZstdChunks(number(
                        options, "compression_level", 3, Zstd.minCompressionLevel(), Zstd.maxCompressionLevel()));
            }
            case "SnappyCompressor" -> {
                only(options);
                return new SnappyChunks();
            }
            case "DeflateCompressor" -> {
                only(options);
                return new DeflateChunks();
            }
            case "NoopCompressor" -> {
                only(options);
                return new Noop();
            }
            default -> throw CompressionOptions.refused(options.compressor());
        }
    }

    private static void only(CompressionOptions options, String... known) {
        for (String name : options.options().keySet()) {
            if (!java.util.Arrays.asList(known).contains(name)) {
                throw CompressionOptions.refused(options.compressor() + " and its option " + name);
            }
        }
    }

    private static int number(CompressionOptions options, String name, int otherwise, int least, int most) {
        String value = options.options().get(name);
        if (value == null) {
            return otherwise;
        }
        int number;
        try {
            number = Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw CompressionOptions.refused(name + " " + value);
        }
        if (number < least || number > most) {
            throw CompressionOptions.refused(name + " " + value);
        }
        return number;
    }

    /** The length before compression, little-endian, and an LZ4 block. */
    final class Lz4 implements ChunkCompressor {
        private final LZ4Compressor compressor;

        Lz4(LZ4Compressor compressor) {
            this.compressor = compressor;
        }

        @Override
        public int bound(int chunkLength) {
            return 4 + compressor.maxCompressedLength(chunkLength);
        }

        @Override
        public int compress(byte[] chunk, int length, byte[] to, int at) {
            to[at] = (byte) length;
            to[at + 1] = (byte) (length >>> 8);
            to[at + 2] = (byte) (length >>> 16);
            to[at + 3] = (byte) (length >>> 24);
            return 4 + compressor.compress(chunk, 0, length, to, at + 4, to.length - at - 4);
        }
    }

    /** A frame with its size and a checksum. */
    final class ZstdChunks implements ChunkCompressor {
        private final ZstdCompressCtx context = new ZstdCompressCtx();

        ZstdChunks(int level) {
            context.setLevel(level).setChecksum(true);
        }

        @Override
        public int bound(int chunkLength) {
            return Math.toIntExact(Zstd.compressBound(chunkLength));
        }

        @Override
        public int compress(byte[] chunk, int length, byte[] to, int at) {
            return context.compressByteArray(to, at, to.length - at, chunk, 0, length);
        }

        @Override
        public void close() {
            context.close();
        }
    }

    /** A raw Snappy block. */
    final class SnappyChunks implements ChunkCompressor {
        @Override
        public int bound(int chunkLength) {
            return Snappy.maxCompressedLength(chunkLength);
        }

        @Override
        public int compress(byte[] chunk, int length, byte[] to, int at) {
            try {
                return Snappy.compress(chunk, 0, length, to, at);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A zlib stream of the default level. */
    final class DeflateChunks implements ChunkCompressor {
        private final Deflater deflater = new Deflater();

        @Override
        public int bound(int chunkLength) {
            return chunkLength + (chunkLength >> 12) + (chunkLength >> 14) + (chunkLength >> 25) + 13;
        }

        @Override
        public int compress(byte[] chunk, int length, byte[] to, int at) {
            deflater.reset();
            deflater.setInput(chunk, 0, length);
            deflater.finish();
            int written = deflater.deflate(to, at, to.length - at);
            if (!deflater.finished()) {
                throw new IllegalStateException("a chunk of " + length + " bytes deflates to more than its bound");
            }
            return written;
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /** The chunk itself. */
    final class Noop implements ChunkCompressor {
        @Override
        public int bound(int chunkLength) {
            return chunkLength;
        }

        @Override
        public int compress(byte[] chunk, int length, byte[] to, int at) {
            System.arraycopy(chunk, 0, to, at, length);
            return length;
        }
    }
}
