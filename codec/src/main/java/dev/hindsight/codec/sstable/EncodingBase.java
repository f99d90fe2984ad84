package dev.hindsight.codec.sstable;

/**
 * What delta-coded numbers of an SSTable or mutation count from: Cassandra's {@code EncodingStats}.
 *
 * @param minTimestamp microseconds
 * @param minLocalDeletionTime epoch seconds
 * @param minTtl seconds
 */
public record EncodingBase(long minTimestamp, long minLocalDeletionTime, int minTtl) {
    /** {@code EncodingStats.TIMESTAMP_EPOCH}: 2015-09-22T00:00:00Z in microseconds. */
    public static final long TIMESTAMP_EPOCH = 1442880000000000L;

    public static final long DELETION_TIME_EPOCH = TIMESTAMP_EPOCH / 1_000_000;
    public static final EncodingBase NONE = new EncodingBase(TIMESTAMP_EPOCH, DELETION_TIME_EPOCH, 0);
}
