package dev.hindsight.codec.sstable;

/**
 * Takes merged partitions in token order, as the bytes that Data.db holds before compression, together with what its index
 * and statistics need. One partition: {@link #begin}, then {@link #append} and {@link #unfiltered} in the order of the
 * data, then {@link #end}. All bytes of a partition are appended: key, deletion, static row, unfiltereds, end marker. One
 * thread. Arrays are the caller's again when a method returns.
 */
public interface PartitionSink {
    /**
     * @param deletedAt the partition deletion's timestamp, {@code Long.MIN_VALUE} when it is live
     * @param deletionTime its local deletion time
     */
    void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime);

    void append(byte[] bytes, int offset, int length);

    /**
     * To be called for every row and marker just after its bytes were appended (not for the static row).
     *
     * @param kind ordinal of Cassandra's {@code ClusteringPrefix.Kind}: 4 for a row, bounds and boundaries as theirs
     * @param clustering the values as {@code ClusteringPrefix.serializer.serializeValuesWithoutSize} codes them
     * @param values how many: all clustering columns for a row, perhaps fewer for a bound
     * @param openDeletedAt of the range tombstone that is open behind this unfiltered; {@code Long.MIN_VALUE} for none
     */
    void unfiltered(
            int kind, byte[] clustering, int offset, int length, int values, long openDeletedAt, long openDeletionTime);

    /** The partition's end marker was appended; {@code statistics} are of the whole partition. */
    void end(PartitionStatistics statistics);
}
