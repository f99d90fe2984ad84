package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import dev.hindsight.synthesis.InputSSTable;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32;
import org.apache.cassandra.io.compress.CompressionMetadata;
import org.apache.cassandra.io.util.File;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of a compressed Data.db, from its CompressionInfo.db; each ends with the CRC32 of its compressed bytes. The file
 * has no checksum of its own, so it is held against itself and against Data.db's size before it is believed.
 */
final class CompressedChunks implements ChunkLayout, AutoCloseable {
    /** Cassandra flushes once more at the end, which adds an empty chunk when the content ends with a chunk. */
    static final int EMPTY_CHUNKS = 4;

    private final CompressionMetadata metadata;
    private final int chunkCount;

    CompressedChunks(InputSSTable input, Path compressionInfo, long dataFileBytes) {
        this.chunkCount = check(input, compressionInfo, dataFileBytes);
        this.metadata = CompressionMetadata.open(new File(compressionInfo), dataFileBytes, true);
    }

    CompressionMetadata metadata() {
        return metadata;
    }

    private static int check(InputSSTable input, Path file, long dataFileBytes) {
        try (InputStream raw = Files.newInputStream(file);
                DataInputStream in = new DataInputStream(new BufferedInputStream(raw, 1 << 16))) {
            long header = 2 + in.readUTF().length();
            int options = in.readInt();
            header += 4;
            for (int i = 0; i < 2 * options; i++) {
                header += 2 + in.readUTF().length();
            }
            int chunkLength = in.readInt();
            in.readInt();
            long dataLength = in.readLong();
            int count = in.readInt();
            header += 4 + 4 + 8 + 4;
            if (chunkLength <= 0
                    || Integer.bitCount(chunkLength) != 1
                    || count <= 0
                    || dataLength <= 0
                    || count < needed(dataLength, chunkLength)
                    || count > needed(dataLength, chunkLength) + EMPTY_CHUNKS
                    || header + 8L * count != Files.size(file)) {
                throw Damage.of(
                        input,
                        Components.COMPRESSION + ": " + count + " chunks of " + chunkLength + " bytes do not make "
                                + dataLength + " bytes of data and a file of " + Files.size(file));
            }
            long last = -1;
            for (int i = 0; i < count; i++) {
                long offset = in.readLong();
                if ((i == 0 ? offset != 0 : offset < last + 4) || offset > dataFileBytes - 4) {
                    throw Damage.of(
                            input,
                            Components.COMPRESSION + ": chunk " + i + " is at offset " + offset + " after " + last
                                    + ", and " + Components.DATA + " has " + dataFileBytes + " bytes");
                }
                last = offset;
            }
            return (int) needed(dataLength, chunkLength);
        } catch (IOException e) {
            throw Damage.wrap(input, Components.COMPRESSION + " cannot be read", e);
        }
    }

    private static long needed(long dataLength, int chunkLength) {
        return (dataLength + chunkLength - 1) / chunkLength;
    }

    @Override
    public int chunkCount() {
        return chunkCount;
    }

    @Override
    public long dataLength() {
        return metadata.dataLength;
    }

    @Override
    public int chunkLength() {
        return metadata.chunkLength();
    }

    @Override
    public long offset(int chunk) {
        return metadata.chunkFor((long) chunk * metadata.chunkLength()).offset;
    }

    @Override
    public long endOffset(int chunk) {
        CompressionMetadata.Chunk found = metadata.chunkFor((long) chunk * metadata.chunkLength());
        return found.offset + found.length + 4;
    }

    @Override
    public @Nullable String wrong(int chunk, byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length - 4);
        int stored = ByteBuffer.wrap(bytes, offset + length - 4, 4).getInt();
        return stored == (int) crc.getValue()
                ? null
                : String.format(Locale.ROOT, "CRC32 is %08x but %08x is stored", (int) crc.getValue(), stored);
    }

    @Override
    public void close() {
        metadata.close();
    }
}
