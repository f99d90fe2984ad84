package dev.hindsight.oracle;

import org.jspecify.annotations.Nullable;

/**
 * Where the checksummed chunks of a Data.db are. Positions count bytes of content, offsets count bytes of the file; they
 * differ when the file is compressed. Safe for use by several threads once made.
 */
interface ChunkLayout {
    int chunkCount();

    /** Bytes of content. */
    long dataLength();

    /** Content bytes of every chunk but the last. */
    int chunkLength();

    long offset(int chunk);

    /** One past the chunk's last byte in the file, its checksum included. */
    long endOffset(int chunk);

    /** What is wrong with the chunk's bytes, as actual against expected, or null. */
    @Nullable
    String wrong(int chunk, byte[] bytes, int offset, int length);

    default int chunkOf(long position) {
        return (int) (position / chunkLength());
    }

    /** The bytes that {@code [from, to)} of the content takes in the file, chunks counted by share. */
    default double storedBytes(long from, long to) {
        double sum = 0;
        for (int chunk = chunkOf(from); chunk < chunkCount() && (long) chunk * chunkLength() < to; chunk++) {
            long start = (long) chunk * chunkLength();
            long end = Math.min(dataLength(), start + chunkLength());
            double share = (double) (Math.min(end, to) - Math.max(start, from)) / (end - start);
            sum += share * (endOffset(chunk) - offset(chunk));
        }
        return sum;
    }
}
