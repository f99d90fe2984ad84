package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.sstable.Components;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Chunks of an uncompressed Data.db: their CRC32s are in CRC.db, after four bytes with the chunk length.
 *
 * <p>Source: {@code ChecksumWriter}, {@code DataIntegrityMetadata} 5.0.9.
 */
public final class PlainChunks implements ChunkLayout {
    private final long dataLength;
    private final int chunkLength;
    private final int chunkCount;
    private final NumberTable checksums;
    private final CRC32 crc = new CRC32();

    private PlainChunks(int chunkLength, int chunkCount, NumberTable checksums, long dataLength) {
        this.dataLength = dataLength;
        this.chunkLength = chunkLength;
        this.chunkCount = chunkCount;
        this.checksums = checksums;
    }

    /**
     * @param crc CRC.db; read in blocks afterwards
     * @param dataLength bytes of Data.db
     */
    public static PlainChunks open(ByteSource crc, long dataLength) {
        long stored = crc.sizeBytes() / 4 - 1;
        int chunkLength = stored < 1 ? 0 : new NumberTable(crc, 0, 4, 1).getInt(0);
        long needed = chunkLength <= 0 ? -1 : (dataLength + chunkLength - 1) / chunkLength;
        if (needed <= 0
                || chunkLength > MAX_CHUNK_LENGTH
                || crc.sizeBytes() % 4 != 0
                || needed > Integer.MAX_VALUE
                || stored < needed
                || stored > needed + EMPTY_CHUNKS) {
            throw new MalformedException(Components.CRC + ": " + stored + " checksums of chunks of " + chunkLength
                    + " bytes do not make the " + dataLength + " bytes of " + Components.DATA);
        }
        return new PlainChunks(chunkLength, (int) needed, new NumberTable(crc, 4, 4, stored), dataLength);
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
        return chunkStart(chunk);
    }

    @Override
    public long endOffset(int chunk) {
        return chunkStart(chunk) + contentLength(chunk);
    }

    @Override
    public void verify(int chunk, ByteBuffer stored, int at, int length) {
        crc.reset();
        if (stored.hasArray()) {
            crc.update(stored.array(), stored.arrayOffset() + at, length);
        } else {
            stored.limit(at + length).position(at);
            crc.update(stored);
            stored.clear();
        }
        int expected = checksums.getInt(chunk);
        if ((int) crc.getValue() != expected) {
            throw new MalformedException(Components.DATA + " chunk " + chunk + " at offset " + offset(chunk)
                    + ": CRC32 is " + Checksums.text((int) crc.getValue()) + " but " + Checksums.text(expected)
                    + " is stored");
        }
    }

    @Override
    public void decode(int chunk, ByteBuffer stored, int at, int length, byte[] into, int intoAt) {
        verify(chunk, stored, at, length);
        stored.get(at, into, intoAt, length);
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
