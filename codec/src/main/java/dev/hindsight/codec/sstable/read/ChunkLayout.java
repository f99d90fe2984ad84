package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.MalformedException;
import java.nio.ByteBuffer;

/**
 * Where the checksummed chunks of a Data.db are and how they become content. Positions count bytes of content, offsets
 * count bytes of the file; they differ when the file is compressed. Keeps little memory whatever the size of the file: the
 * tables behind it are read in blocks when asked for. One thread.
 */
public sealed interface ChunkLayout extends AutoCloseable permits CompressedChunks, PlainChunks {
    /** Beyond, a chunk is more than what any reader should need memory for. Cassandra's own are of 64 KiB and less. */
    int MAX_CHUNK_LENGTH = 16 << 20;

    /** Cassandra flushes once more at the end, which adds an empty chunk when the content ends with a chunk. */
    int EMPTY_CHUNKS = 4;

    int chunkCount();

    /** Bytes of content. */
    long dataLength();

    /** Content bytes of every chunk but the last. */
    int chunkLength();

    long offset(int chunk);

    /** One past the chunk's last byte in the file, its checksum included. */
    long endOffset(int chunk);

    /**
     * Verifies a chunk's checksum.
     *
     * @param stored its bytes in the file, from {@code at} on
     * @throws MalformedException it is wrong; names chunk and offset
     */
    void verify(int chunk, ByteBuffer stored, int at, int length);

    /**
     * Verifies a chunk and puts its content, {@link #contentLength} bytes, into {@code into}.
     *
     * @throws MalformedException its checksum is wrong, or it does not decompress; names chunk and offset
     */
    void decode(int chunk, ByteBuffer stored, int at, int length, byte[] into, int intoAt);

    default int chunkOf(long position) {
        return (int) (position / chunkLength());
    }

    default long chunkStart(int chunk) {
        return (long) chunk * chunkLength();
    }

    default int contentLength(int chunk) {
        return (int) Math.min(chunkLength(), dataLength() - chunkStart(chunk));
    }

    /** The bytes that {@code [from, to)} of the content takes in the file, chunks counted by share. */
    default double storedBytes(long from, long to) {
        double sum = 0;
        for (int chunk = chunkOf(from); chunk < chunkCount() && chunkStart(chunk) < to; chunk++) {
            long start = chunkStart(chunk);
            long end = start + contentLength(chunk);
            double share = (double) (Math.min(end, to) - Math.max(start, from)) / (end - start);
            sum += share * (endOffset(chunk) - offset(chunk));
        }
        return sum;
    }

    @Override
    void close();
}
