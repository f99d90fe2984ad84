package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.sstable.PartitionSink;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;

/** Keeps the bytes of merged partitions in memory. One thread. */
record ArenaSink(Arena arena) implements PartitionSink {
    @Override
    public void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime) {}

    @Override
    public void append(byte[] bytes, int offset, int length) {
        arena.append(bytes, offset, length);
    }

    @Override
    public void endHeader() {}

    @Override
    public void unfiltered(
            int kind, byte[] clustering, int offset, int length, int values, long openAt, long openTime) {}

    @Override
    public void rows(RowBatch batch, long openAt, long openTime) {
        arena.append(batch.bytes, 0, batch.length);
    }

    @Override
    public void add(PartitionStatistics statistics) {}

    @Override
    public void end(PartitionStatistics statistics) {}
}
