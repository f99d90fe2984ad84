package dev.hindsight.codec.sstable;

/**
 * What one part of an output (a partition, or as much of it as was written since the last hand-over) adds to the
 * statistics of its SSTable. The merge fills one, hands it to every writer that gets the partition, and clears it.
 * Mutable, one thread, fields public because they change with every cell.
 *
 * <p>Source: {@code MetadataCollector}, {@code Rows.collectStats} 5.0.9.
 */
public final class PartitionStatistics {
    /** {@code Cell.NO_DELETION_TIME} in 5.0. */
    public static final long NO_DELETION_TIME = Long.MAX_VALUE;

    public long minTimestamp = Long.MAX_VALUE;
    public long maxTimestamp = Long.MIN_VALUE;
    public long minLocalDeletionTime = Long.MAX_VALUE;
    public long maxLocalDeletionTime = Long.MIN_VALUE;
    public int minTtl = Integer.MAX_VALUE;
    public int maxTtl = Integer.MIN_VALUE;
    /** {@code totalRows}: rows, and the static row when there is one that is not empty. */
    public long rows;
    /** Cells and complex deletions as {@code MetadataCollector.addCellPerPartitionCount} counts them. */
    public long cells;
    /** {@code totalColumnsSet}: columns that have a value in their row, summed over rows. */
    public long columnsSet;

    public boolean hasPartitionLevelDeletions;
    public boolean hasLegacyCounterShards;

    /** Tombstones by local deletion time, unsorted; {@link #tombstones} of them. */
    public long[] tombstoneTimes = new long[256];

    public int tombstones;

    public void timestamp(long micros) {
        if (micros < minTimestamp) {
            minTimestamp = micros;
        }
        if (micros > maxTimestamp) {
            maxTimestamp = micros;
        }
    }

    /** Called also with {@link #NO_DELETION_TIME}, which counts for the maximum. */
    public void localDeletionTime(long seconds) {
        if (seconds < minLocalDeletionTime) {
            minLocalDeletionTime = seconds;
        }
        if (seconds > maxLocalDeletionTime) {
            maxLocalDeletionTime = seconds;
        }
        if (seconds != NO_DELETION_TIME) {
            if (tombstones == tombstoneTimes.length) {
                tombstoneTimes = java.util.Arrays.copyOf(tombstoneTimes, 2 * tombstones);
            }
            tombstoneTimes[tombstones++] = seconds;
        }
    }

    public void ttl(int seconds) {
        if (seconds < minTtl) {
            minTtl = seconds;
        }
        if (seconds > maxTtl) {
            maxTtl = seconds;
        }
    }

    /** As new; the array stays. */
    public void clear() {
        minTimestamp = Long.MAX_VALUE;
        maxTimestamp = Long.MIN_VALUE;
        minLocalDeletionTime = Long.MAX_VALUE;
        maxLocalDeletionTime = Long.MIN_VALUE;
        minTtl = Integer.MAX_VALUE;
        maxTtl = Integer.MIN_VALUE;
        rows = 0;
        cells = 0;
        columnsSet = 0;
        hasPartitionLevelDeletions = false;
        hasLegacyCounterShards = false;
        tombstones = 0;
    }
}
