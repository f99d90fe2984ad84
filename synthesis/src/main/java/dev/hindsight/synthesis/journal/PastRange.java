package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.Clusterings;

/**
 * A deletion of the rows up to a bound; of a whole partition when it has no bound.
 *
 * @param number of the record that says so
 * @param epoch in which it says so
 * @param endKind {@link #WHOLE} for none
 */
record PastRange(long number, int epoch, int endKind, int endValues, byte[] end, long deletedAt, long deletionTime) {
    static final int WHOLE = -1;

    static PastRange whole(long number, int epoch, long deletedAt, long deletionTime) {
        return new PastRange(number, epoch, WHOLE, 0, new byte[0], deletedAt, deletionTime);
    }

    boolean isWhole() {
        return endKind == WHOLE;
    }

    /** Whether it deletes more than the other one, where both do. */
    boolean supersedes(PastRange other) {
        return deletedAt > other.deletedAt || deletedAt == other.deletedAt && deletionTime > other.deletionTime;
    }

    /** Whether the place, a row or a bound, is behind it. */
    boolean endsBefore(Clusterings clusterings, int kind, byte[] clustering, int at, int values) {
        return !isWhole() && clusterings.compare(endKind, end, 0, endValues, kind, clustering, at, values) < 0;
    }
}
