package dev.hindsight.codec.sstable;

/**
 * Takes merged partitions in token order, as the bytes that Data.db holds before compression, together with what its index
 * and statistics need. One partition: {@link #begin}, {@link #append} of key, deletion and static row, {@link #endHeader},
 * then {@link #append} and {@link #unfiltered}, or {@link #rows} for many, in the order of the data, {@link #append} of the
 * end marker, {@link #end}. All bytes of a partition are appended. One thread. Arrays are the caller's again when a method
 * returns.
 */
public interface PartitionSink {
    /** The kind of a row: ordinal of {@code ClusteringPrefix.Kind.CLUSTERING}. */
    int ROW = 4;

    /**
     * @param deletedAt the partition deletion's timestamp, {@code Long.MIN_VALUE} when it is live
     * @param deletionTime its local deletion time
     */
    void begin(byte[] key, int keyLength, long token, long deletedAt, long deletionTime);

    void append(byte[] bytes, int offset, int length);

    /** Key, deletion and static row (if the header has static columns) were appended: rows and markers start here. */
    void endHeader();

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

    /**
     * Appends rows and tells of each.
     *
     * @param openDeletedAt of the range tombstone that is open around all of them
     */
    default void rows(RowBatch batch, long openDeletedAt, long openDeletionTime) {
        int start = 0;
        for (int row = 0; row < batch.count; row++) {
            append(batch.bytes, start, batch.end(row) - start);
            unfiltered(
                    ROW,
                    batch.bytes,
                    batch.clusteringStart(row),
                    batch.clusteringLength(row),
                    batch.values,
                    openDeletedAt,
                    openDeletionTime);
            start = batch.end(row);
        }
    }

    /**
     * Takes the statistics of what was appended since {@link #begin} or the last call, for partitions so wide that their
     * tombstones should not be kept until the end. The caller clears them.
     */
    void add(PartitionStatistics statistics);

    /** The partition's end marker was appended; {@code statistics} are of all of it that was not {@link #add added} yet. */
    void end(PartitionStatistics statistics);
}
