package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteCursor;
import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.compress.Decompressor;
import dev.hindsight.codec.sstable.Components;
import dev.hindsight.model.failure.UnsupportedException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Chunks of a compressed Data.db, from its CompressionInfo.db.
 * <pre>
 *   | compressor utf | options 4 | (name utf | value utf)* | chunk length 4 | max compressed length 4 | data length 8 |
 *   | chunks 4 | offset 8 * chunks |
 * </pre>
 * The file has no checksum of its own, so it is held against itself and against Data.db's size when it is opened. Each
 * chunk ends with the CRC32 of its stored bytes; one as long as the max compressed length or longer is stored as it is.
 *
 * <p>Source: {@code CompressionMetadata}, {@code CompressedChunkReader} 5.0.9.
 */
public final class CompressedChunks implements ChunkLayout {
    private static final int CHECKSUM_BYTES = 4;

    /** Names of compressors and options take less. */
    private static final int MAX_HEADER_BYTES = 64 << 10;

    private final String compressor;
    private final Map<String, String> options;
    private final int chunkLength;
    private final int maxCompressedLength;
    private final long dataLength;
    private final int chunkCount;
    private final int storedCount;
    private final long fileBytes;
    private final NumberTable offsets;
    private final Decompressor decompressor;
    private final CRC32 crc = new CRC32();

    private CompressedChunks(ByteSource info, long fileBytes) {
        this.fileBytes = fileBytes;
        int headerBytes = (int) Math.min(MAX_HEADER_BYTES, info.sizeBytes());
        byte[] header = new byte[headerBytes];
        info.read(0, header, 0, headerBytes);
        ByteCursor in = new ByteCursor(Components.COMPRESSION, header);
        this.compressor = in.readUtf();
        int optionCount = in.readIntCount(4);
        Map<String, String> read = new LinkedHashMap<>();
        for (int i = 0; i < optionCount; i++) {
            read.put(in.readUtf(), in.readUtf());
        }
        this.options = Map.copyOf(read);
        this.chunkLength = in.readInt();
        this.maxCompressedLength = in.readInt();
        this.dataLength = in.readLong();
        this.storedCount = in.readInt();
        if (chunkLength <= 0
                || chunkLength > MAX_CHUNK_LENGTH
                || Integer.bitCount(chunkLength) != 1
                || maxCompressedLength < 0
                || storedCount <= 0
                || dataLength <= 0
                || dataLength > (long) storedCount * chunkLength
                || storedCount > (dataLength + chunkLength - 1) / chunkLength + EMPTY_CHUNKS
                || in.position() + 8L * storedCount != info.sizeBytes()) {
            throw new MalformedException(Components.COMPRESSION + ": " + storedCount + " chunks of " + chunkLength
                    + " bytes do not make " + dataLength + " bytes of data and a file of " + info.sizeBytes());
        }
        this.chunkCount = (int) ((dataLength + chunkLength - 1) / chunkLength);
        this.offsets = new NumberTable(info, in.position(), 8, storedCount);
        this.decompressor = Decompressor.named(compressor);
    }

    /**
     * @param info CompressionInfo.db; read whole once, and in blocks again afterwards
     * @param fileBytes of Data.db
     * @throws MalformedException it does not fit to itself or to Data.db
     * @throws UnsupportedException another compressor than LZ4, Snappy, Deflate, Zstd and Noop
     */
    public static CompressedChunks open(ByteSource info, long fileBytes) {
        CompressedChunks chunks = new CompressedChunks(info, fileBytes);
        try {
            chunks.checkOffsets();
            return chunks;
        } catch (RuntimeException e) {
            chunks.close();
            throw e;
        }
    }

    private void checkOffsets() {
        // What compressors may add to bytes that do not compress.
        long mostStored = chunkLength + chunkLength / 6L + 1024 + CHECKSUM_BYTES;
        long offset = offsets.getLong(0);
        for (int chunk = 0; chunk < storedCount; chunk++) {
            long next = chunk + 1 < storedCount ? offsets.getLong(chunk + 1) : fileBytes;
            if ((chunk == 0 && offset != 0)
                    || next < offset + CHECKSUM_BYTES
                    || next > fileBytes
                    || (chunk < chunkCount && next - offset > mostStored)) {
                throw new MalformedException(Components.COMPRESSION + ": chunk " + chunk + " of " + storedCount
                        + " is at [" + offset + "," + next + "), and " + Components.DATA + " has " + fileBytes
                        + " bytes");
            }
            offset = next;
        }
    }

    /** Class name. */
    public String compressor() {
        return compressor;
    }

    public Map<String, String> options() {
        return options;
    }

    public int maxCompressedLength() {
        return maxCompressedLength;
    }

    @Override
    public int chunkCount() {
        return chunkCount;
    }

    @Override
    public long dataLength() {
        return dataLength;
    }

    @Override
    public int chunkLength() {
        return chunkLength;
    }

    @Override
    public long offset(int chunk) {
        return offsets.getLong(chunk);
    }

    @Override
    public long endOffset(int chunk) {
        return chunk + 1 < storedCount ? offsets.getLong(chunk + 1) : fileBytes;
    }

    @Override
    public void verify(int chunk, ByteBuffer stored, int at, int length) {
        int compressed = length - CHECKSUM_BYTES;
        crc.reset();
        if (stored.hasArray()) {
            crc.update(stored.array(), stored.arrayOffset() + at, compressed);
        } else {
            stored.limit(at + compressed).position(at);
            crc.update(stored);
            stored.clear();
        }
        int expected = stored.getInt(at + compressed);
        if ((int) crc.getValue() != expected) {
            throw new MalformedException(Components.DATA + " chunk " + chunk + " at offset " + offset(chunk)
                    + ": CRC32 is " + Checksums.text((int) crc.getValue()) + " but " + Checksums.text(expected)
                    + " is stored");
        }
    }

    @Override
    public void decode(int chunk, ByteBuffer stored, int at, int length, byte[] into, int intoAt) {
        verify(chunk, stored, at, length);
        int compressed = length - CHECKSUM_BYTES;
        int expected = contentLength(chunk);
        try {
            if (compressed < maxCompressedLength) {
                decompressor.decompress(stored, at, compressed, into, intoAt, expected);
            } else if (compressed == expected) {
                stored.get(at, into, intoAt, expected);
            } else {
                throw new MalformedException(compressed + " bytes that are not compressed, expected " + expected);
            }
        } catch (MalformedException e) {
            throw new MalformedException(
                    Components.DATA + " chunk " + chunk + " at offset " + offset(chunk) + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        decompressor.close();
    }
}
