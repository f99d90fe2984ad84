package dev.hindsight.engine.source;

import dev.hindsight.model.failure.HindsightException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * What one shard task has really read from agents or the store: the only count that knows of retries and of what came
 * from the cache. Also remembers which origin stopped answering, because a synthesiser may wrap what a source threw.
 * Bytes throughout; safe for use by several threads.
 */
public final class Fetches {
    private final LongConsumer progress;
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong data = new AtomicLong();
    private final Map<String, HindsightException> lost = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<ReadExtents> extents = new ConcurrentLinkedQueue<>();

    /** @param progress told of every piece, on the reading thread */
    public Fetches(LongConsumer progress) {
        this.progress = progress;
    }

    public long totalBytes() {
        return total.get();
    }

    public long dataBytes() {
        return data.get();
    }

    /** Which origins could not be read since the last {@link #forgetLost}, and the first failure of each. */
    public Map<String, HindsightException> lost() {
        return Map.copyOf(lost);
    }

    public void forgetLost() {
        lost.clear();
    }

    /** See {@link ReadExtents#estimatedOwnedBytes}; over all Data.db files since the last {@link #forgetExtents}. */
    public long estimatedOwnedBytes() {
        return extents.stream().mapToLong(ReadExtents::estimatedOwnedBytes).sum();
    }

    public void forgetExtents() {
        extents.clear();
    }

    /** Counts bytes of objects that are no SSTables. */
    public void read(long bytes) {
        fetched(false, bytes);
    }

    void fetched(boolean isData, long bytes) {
        total.addAndGet(bytes);
        if (isData) {
            data.addAndGet(bytes);
        }
        progress.accept(bytes);
    }

    void lost(String origin, HindsightException failure) {
        lost.putIfAbsent(origin, failure);
    }

    ReadExtents extentsOf(long sizeBytes) {
        ReadExtents one = new ReadExtents(sizeBytes);
        extents.add(one);
        return one;
    }
}
