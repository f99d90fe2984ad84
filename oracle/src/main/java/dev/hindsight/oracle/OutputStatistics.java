package dev.hindsight.oracle;

import org.apache.cassandra.db.ClusteringComparator;
import org.apache.cassandra.io.sstable.SSTable;
import org.apache.cassandra.io.sstable.metadata.MetadataCollector;
import org.apache.cassandra.utils.streamhist.StreamingTombstoneHistogramBuilder;

/**
 * Collects the statistics of one output: of no host, level 0, and with a small spool for the histogram of tombstones.
 * Cassandra's takes 3 MB for each open file, which is too much where a restore writes to a hundred nodes at once.
 */
final class OutputStatistics extends MetadataCollector {
    /** Distinct times kept before they go to the histogram's bins: 96 KiB. */
    private static final int SPOOLED_TIMES = 4096;

    OutputStatistics(ClusteringComparator comparator) {
        super(comparator, null);
        estimatedTombstoneDropTime = new StreamingTombstoneHistogramBuilder(
                SSTable.TOMBSTONE_HISTOGRAM_BIN_SIZE, SPOOLED_TIMES, SSTable.TOMBSTONE_HISTOGRAM_TTL_ROUND_SECONDS);
        sstableLevel(0);
    }
}
