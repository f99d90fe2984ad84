package dev.hindsight.synthesis.cursor;

import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;

/** Passes everything on and notes the latest write time. One thread. */
final class LatestWrite implements PartitionSink {
    private final PartitionSink to;
    private long micros = Long.MIN_VALUE;

    LatestWrite(PartitionSink to) {
        this.to = to;
    }

    long micros() {
        return micros;
    }

    @Override
    public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {
        to.begin(key, keyLength, token, deletedAt, deletionTime);
    }

    @Override
    public void append(byte[] bytes, int offset, int length) {
        to.append(bytes, offset, length);
    }

    @Override
    public void endHeader() {
        to.endHeader();
    }

    @Override
    public void unfiltered(
            int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {
        to.unfiltered(kind, clustering, offset, length, values, openAt, openTime);
    }

    @Override
    public void add(PartitionStatistics statistics) {
        micros = Math.max(micros, statistics.maxTimestamp);
        to.add(statistics);
    }

    @Override
    public void end(PartitionStatistics statistics) {
        micros = Math.max(micros, statistics.maxTimestamp);
        to.end(statistics);
    }
}
