package dev.hindsight.codec.sstable.read;

import dev.hindsight.codec.bytes.ByteString;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowHeader;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * All that a Statistics.db says, as values that can be compared. Immutable; safe for all threads.
 *
 * <p>Source: {@code ValidationMetadata}, {@code CompactionMetadata}, {@code StatsMetadata}, {@code
 * SerializationHeader.Component} 5.0.9.
 *
 * @param partitioner class name
 * @param cardinality of partition keys; files without it are read too
 */
public record DecodedStatistics(
        String partitioner,
        double bloomFilterFpChance,
        Optional<Cardinality> cardinality,
        Contents contents,
        NamedHeader header) {

    /** How the rows are coded. */
    public RowHeader rowHeader() {
        return header.toRowHeader();
    }

    /**
     * Cassandra's {@code StatsMetadata}. Times are microseconds (timestamps), epoch seconds (deletion times, {@link
     * PartitionStatistics#NO_DELETION_TIME} for none), seconds (TTLs), epoch milliseconds (repairedAt).
     *
     * @param compressionRatio -1 when not compressed
     * @param partitionLevelDeletions whether there may be any: before oa, whether there is any deletion at all
     * @param clusteringTypes class names; not stored before oa
     * @param firstKey not stored before oa
     * @param lastKey not stored before oa
     * @param tokenSpaceCoverage NaN before oa
     */
    public record Contents(
            Histogram partitionSizes,
            Histogram cellsPerPartition,
            List<LogInterval> commitLogIntervals,
            long minTimestamp,
            long maxTimestamp,
            long minLocalDeletionTime,
            long maxLocalDeletionTime,
            int minTtl,
            int maxTtl,
            double compressionRatio,
            List<TombstoneBin> tombstones,
            int level,
            long repairedAt,
            Bound coveredStart,
            Bound coveredEnd,
            boolean legacyCounterShards,
            long columnsSet,
            long rows,
            Optional<UUID> pendingRepair,
            boolean isTransient,
            Optional<UUID> originatingHost,
            boolean partitionLevelDeletions,
            Optional<List<String>> clusteringTypes,
            Optional<ByteString> firstKey,
            Optional<ByteString> lastKey,
            double tokenSpaceCoverage) {
        public Contents {
            commitLogIntervals = List.copyOf(commitLogIntervals);
            tombstones = List.copyOf(tombstones);
        }

        /** Partitions in the SSTable, exactly. */
        public long partitions() {
            return partitionSizes.total();
        }
    }

    /**
     * @param counts one more than offsets: {@code counts[i]} values are in {@code (offsets[i - 1], offsets[i]]}, the last
     *     beyond all
     */
    public record Histogram(List<Long> offsets, List<Long> counts) {
        public Histogram {
            offsets = List.copyOf(offsets);
            counts = List.copyOf(counts);
        }

        public long total() {
            return counts.stream().mapToLong(Long::longValue).sum();
        }
    }

    /** So many tombstones drop about then. */
    public record TombstoneBin(long localDeletionTime, int count) {}

    public record LogPosition(long segment, int position) {
        @Override
        public String toString() {
            return segment + ":" + position;
        }
    }

    /** Both ends count. */
    public record LogInterval(LogPosition start, LogPosition end) {
        @Override
        public String toString() {
            return "[" + start + "," + end + "]";
        }
    }

    /**
     * @param kind ordinal of {@code ClusteringPrefix.Kind}
     * @param values a null value is an empty Optional, an empty one an empty string of bytes
     */
    public record Bound(int kind, List<Optional<ByteString>> values) {
        public static final int INCLUSIVE_START = 1;
        public static final int INCLUSIVE_END = 6;

        public Bound {
            values = List.copyOf(values);
        }
    }
}
