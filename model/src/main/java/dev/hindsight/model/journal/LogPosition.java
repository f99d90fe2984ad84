package dev.hindsight.model.journal;

import java.util.Comparator;

/**
 * A place in one node's commit log: where a frame ends.
 *
 * @param segmentId grows with every segment of a node
 * @param position Cassandra's: in the uncompressed segment. 0 is before everything, {@link #END} behind everything
 */
public record LogPosition(long segmentId, int position) implements Comparable<LogPosition> {
    /** Behind every frame of its segment, wherever that ends. */
    public static final int END = Integer.MAX_VALUE;

    private static final Comparator<LogPosition> ORDER =
            Comparator.comparingLong(LogPosition::segmentId).thenComparingInt(LogPosition::position);

    public LogPosition {
        if (position < 0) {
            throw new IllegalArgumentException("position " + position + " is negative");
        }
    }

    @Override
    public int compareTo(LogPosition other) {
        return ORDER.compare(this, other);
    }
}
