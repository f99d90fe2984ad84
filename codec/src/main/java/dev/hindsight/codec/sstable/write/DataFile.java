package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.sstable.Components;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Data.db in chunks, with CompressionInfo.db (or CRC.db when chunks are stored as they are) and Digest.crc32.
 *
 * <p>Compressed: each chunk is what the compressor made of it, or the chunk itself when that is not shorter than the
 * maximum, padded with zeros to it; behind each the CRC32 of the stored bytes, big-endian. CompressionInfo.db:
 * {@code utf(compressor) int(options) [utf(name) utf(value)]* int(chunk length) int(max compressed length) long(data length)
 * int(chunks) [long(offset)]*}. Plain: chunks one after the other; CRC.db is {@code int(chunk length) [int(CRC32)]*}.
 * Digest.crc32: the CRC32 of all of Data.db as a decimal number.
 *
 * <p>Source: {@code CompressedSequentialWriter}, {@code CompressionMetadata.Writer}, {@code ChecksummedSequentialWriter},
 * {@code ChecksumWriter} 5.0.9. One thread.
 */
final class DataFile implements AutoCloseable {
    /** {@code SequentialWriterOption}'s default buffer: what Cassandra's chunks of plain files are. */
    private static final int PLAIN_CHUNK_BYTES = 64 << 10;

    private static final int PIECE_BYTES = 256 << 10;
    private static final int MAP_PIECE_BYTES = 8 << 10;

    private final @Nullable ChunkCompressor compressor;
    private final int bound;
    private final int maxCompressedLength;
    private final OutputFile data;
    private final OutputFile map;
    private final SSTableWriterOptions options;
    private final CRC32 chunkCrc = new CRC32();
    private final Crc32Joined fileCrc = new Crc32Joined();
    private final byte[] chunk;
    private int fill;
    private long chunkStart;
    private long storedBytes;
    private int chunks;
    private int headerEnd;

    DataFile(SSTableWriterOptions options) {
        this.options = options;
        CompressionOptions compression = options.compression();
        WriteListener listener = options.listener();
        if (compression == null) {
            compressor = null;
            bound = PLAIN_CHUNK_BYTES;
            maxCompressedLength = Integer.MAX_VALUE;
            chunk = new byte[PLAIN_CHUNK_BYTES];
        } else {
            compressor = ChunkCompressor.open(compression);
            bound = Math.max(compressor.bound(compression.chunkLength()), compression.chunkLength());
            maxCompressedLength = compression.maxCompressedLength();
            chunk = new byte[compression.chunkLength()];
        }
        OutputFile opened = null;
        try {
            opened = new OutputFile(options.path(Components.DATA), Math.max(PIECE_BYTES, bound + 4), listener::data);
            map = new OutputFile(
                    options.path(compression == null ? Components.CRC : Components.COMPRESSION),
                    MAP_PIECE_BYTES,
                    listener::other);
        } catch (RuntimeException e) {
            if (opened != null) {
                opened.close();
            }
            closeCompressor();
            throw e;
        }
        data = opened;
        if (compression == null) {
            map.putInt4(PLAIN_CHUNK_BYTES);
        } else {
            putHeader(compression);
        }
    }

    private void putHeader(CompressionOptions compression) {
        putUtf(compression.compressor());
        map.putInt4(compression.options().size());
        for (Map.Entry<String, String> option : compression.options().entrySet()) {
            putUtf(option.getKey());
            putUtf(option.getValue());
        }
        map.putInt4(compression.chunkLength());
        map.putInt4(maxCompressedLength);
        headerEnd = Math.toIntExact(map.position());
        // The data's length and the number of chunks, known in the end.
        map.putLong8(0);
        map.putInt4(0);
    }

    /** As {@code DataOutput.writeUTF}, for what are ASCII names and numbers. */
    private void putUtf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        map.putShort2(bytes.length);
        map.put(bytes, 0, bytes.length);
    }

    /** In uncompressed bytes. */
    long position() {
        return chunkStart + fill;
    }

    /** Stored bytes of all chunks that are full: {@code getEstimatedOnDiskBytesWritten}. */
    long storedBytes() {
        return data.position();
    }

    /** Stored bytes without checksums by bytes before compression; -1 for plain chunks. */
    double compressionRatio() {
        return compressor == null ? -1 : (double) storedBytes / chunkStart;
    }

    void put(byte[] bytes, int offset, int length) {
        int room = chunk.length - fill;
        if (length < room) {
            System.arraycopy(bytes, offset, chunk, fill, length);
            fill += length;
            return;
        }
        int from = offset;
        int left = length;
        while (left >= room) {
            System.arraycopy(bytes, from, chunk, fill, room);
            from += room;
            left -= room;
            fill = chunk.length;
            storeChunk();
            room = chunk.length;
        }
        System.arraycopy(bytes, from, chunk, 0, left);
        fill = left;
    }

    private void storeChunk() {
        if (compressor == null) {
            chunkCrc.reset();
            chunkCrc.update(chunk, 0, fill);
            int crc = (int) chunkCrc.getValue();
            map.putInt4(crc);
            fileCrc.add(crc, fill);
            data.put(chunk, 0, fill);
        } else {
            compress(compressor);
        }
        chunks++;
        chunkStart += fill;
        fill = 0;
    }

    private void compress(ChunkCompressor with) {
        byte[] to = data.room(bound + 4);
        int at = data.at();
        map.putLong8(data.position());
        int length = with.compress(chunk, fill, to, at);
        if (length >= maxCompressedLength) {
            System.arraycopy(chunk, 0, to, at, fill);
            length = fill;
            if (fill < maxCompressedLength) {
                Arrays.fill(to, at + fill, at + maxCompressedLength, (byte) 0);
                length = maxCompressedLength;
            }
        }
        chunkCrc.reset();
        chunkCrc.update(to, at, length);
        int crc = (int) chunkCrc.getValue();
        VInts.putInt4(to, at + length, crc);
        fileCrc.add(crc, length);
        fileCrc.addInt4(crc);
        data.advance(length + 4);
        storedBytes += length;
    }

    /**
     * Stores the last chunk. No bytes can be put afterwards; the ratio is final. Behind data that end just where a
     * compressed chunk does follows one of no bytes: Cassandra 5.0.9 looks for a chunk at the end of the data when it
     * verifies an SSTable, and takes one without for damaged ({@code SortedTableVerifier.verifySSTable}).
     */
    void endOfData() {
        if (fill > 0 || compressor != null) {
            storeChunk();
        }
    }

    /** Completes all files after {@link #endOfData}. */
    void finish() {
        data.finish(options.force());
        if (compressor != null) {
            byte[] numbers = new byte[12];
            VInts.putLong8(numbers, 0, chunkStart);
            VInts.putInt4(numbers, 8, chunks);
            map.patch(headerEnd, numbers, numbers.length);
        }
        map.finish(options.force());
        byte[] text = Long.toString(fileCrc.value()).getBytes(StandardCharsets.US_ASCII);
        try (OutputFile digest =
                new OutputFile(options.path(Components.DIGEST), text.length, options.listener()::other)) {
            digest.put(text, 0, text.length);
            digest.finish(options.force());
        }
        closeCompressor();
    }

    private void closeCompressor() {
        if (compressor != null) {
            compressor.close();
        }
    }

    @Override
    public void close() {
        closeCompressor();
        data.close();
        map.close();
    }
}
