package dev.hindsight.codec.sstable;

/**
 * Rows of one partition, coded one behind the other, on their way to a {@link PartitionSink}: what a sink does for each call
 * is done once for many rows. Whoever fills it puts a row's bytes into {@link #bytes} from {@link #length} on, where
 * {@link #hasRoom} said that they fit, and then calls {@link #end}. One thread.
 */
public final class RowBatch {
    private static final int BYTES = 16 << 10;
    private static final int ROWS = 512;

    public final byte[] bytes = new byte[BYTES];

    /** Bytes of all rows that have ended. */
    public int length;

    /** Rows that have ended. */
    public int count;

    /** How many clustering values each row has. */
    public final int values;

    private final int[] ends = new int[ROWS];
    private final int[] clusteringStarts = new int[ROWS];
    private final int[] clusteringEnds = new int[ROWS];

    public RowBatch(int clusteringValues) {
        this.values = clusteringValues;
    }

    /** Whether one more row of so many bytes fits. */
    public boolean hasRoom(int rowBytes) {
        return rowBytes <= BYTES - length && count < ROWS;
    }

    /** A row's bytes are all here, from {@link #length} on; positions are those in {@link #bytes}. */
    public void end(int clusteringStart, int clusteringEnd, int end) {
        int row = count++;
        clusteringStarts[row] = clusteringStart;
        clusteringEnds[row] = clusteringEnd;
        ends[row] = end;
        length = end;
    }

    /** Where the row ends. */
    public int end(int row) {
        return ends[row];
    }

    /** Where the row's clustering values start, as {@link PartitionSink#unfiltered} has them. */
    public int clusteringStart(int row) {
        return clusteringStarts[row];
    }

    public int clusteringLength(int row) {
        return clusteringEnds[row] - clusteringStarts[row];
    }

    public void clear() {
        length = 0;
        count = 0;
    }
}
