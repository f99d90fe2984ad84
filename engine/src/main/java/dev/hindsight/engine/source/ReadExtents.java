package dev.hindsight.engine.source;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which stretches of one Data.db were read, and from that an estimate of how much of it was wanted.
 *
 * <p>A synthesiser reads whole compressed chunks, so each stretch has at both ends a chunk that it shares with tokens
 * that were not asked for, unless it ends with the file. Of such a chunk half is wanted on average. How long a chunk is
 * cannot be seen here; {@link #HALF_CHUNK_BYTES} stands for half of Cassandra's default (16 KiB before compression).
 * This is only used when the synthesiser does not tell {@code dataBytesOwned} itself: it cannot see a surplus fetch in
 * the middle of a stretch. Safe for use by several threads.
 */
final class ReadExtents {
    static final long HALF_CHUNK_BYTES = 4096;

    private final long sizeBytes;
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();

    ReadExtents(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    synchronized void add(long position, long length) {
        long start = position;
        long end = position + length;
        Map.Entry<Long, Long> floor = endByStart.floorEntry(start);
        if (floor != null && floor.getValue() >= start) {
            start = floor.getKey();
            end = Math.max(end, floor.getValue());
        }
        Map.Entry<Long, Long> next = endByStart.higherEntry(start);
        while (next != null && next.getKey() <= end) {
            end = Math.max(end, next.getValue());
            endByStart.remove(next.getKey());
            next = endByStart.higherEntry(start);
        }
        endByStart.put(start, end);
    }

    synchronized long estimatedOwnedBytes() {
        long sum = 0;
        for (Map.Entry<Long, Long> extent : endByStart.entrySet()) {
            long length = extent.getValue() - extent.getKey();
            int sharedEnds = (extent.getKey() > 0 ? 1 : 0) + (extent.getValue() < sizeBytes ? 1 : 0);
            long shared = Math.min(HALF_CHUNK_BYTES, length / 4);
            sum += length - sharedEnds * shared;
        }
        return sum;
    }
}
