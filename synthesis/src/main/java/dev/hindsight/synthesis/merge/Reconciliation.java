package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.RowFormat;
import java.util.Arrays;

/**
 * Which of two things with the same name counts.
 *
 * <p>Source: {@code Cells.resolveRegular}, {@code LivenessInfo.supersedes}, {@code DeletionTime.supersedes} 5.0.9.
 */
final class Reconciliation {
    private Reconciliation() {}

    static boolean deletionSupersedes(long at, long time, long otherAt, long otherTime) {
        return at > otherAt || at == otherAt && time > otherTime;
    }

    static boolean livenessSupersedes(
            long timestamp, int ttl, long expiry, long otherTimestamp, int otherTtl, long otherExpiry) {
        if (timestamp != otherTimestamp) {
            return timestamp > otherTimestamp;
        }
        boolean expired = ttl == RowFormat.EXPIRED_LIVENESS_TTL;
        if (expired != (otherTtl == RowFormat.EXPIRED_LIVENESS_TTL)) {
            return expired;
        }
        boolean expiring = ttl != RowFormat.NO_TTL;
        if (expiring == (otherTtl != RowFormat.NO_TTL)) {
            return expiry > otherExpiry || expiry == otherExpiry && ttl < otherTtl;
        }
        return expiring;
    }

    /** Positive when the left cell counts, negative when the right one does, 0 when they are equal. No counters. */
    static int compareCells(
            long timestamp,
            int ttl,
            long deletionTime,
            byte[] bytes,
            int valueAt,
            int valueLength,
            long otherTimestamp,
            int otherTtl,
            long otherDeletionTime,
            byte[] otherBytes,
            int otherValueAt,
            int otherValueLength) {
        if (timestamp != otherTimestamp) {
            return timestamp > otherTimestamp ? 1 : -1;
        }
        boolean dies = deletionTime != RowFormat.NO_DELETION_TIME;
        boolean otherDies = otherDeletionTime != RowFormat.NO_DELETION_TIME;
        if (dies || otherDies) {
            if (dies != otherDies) {
                return dies ? 1 : -1;
            }
            boolean tombstone = ttl == RowFormat.NO_TTL;
            if (tombstone != (otherTtl == RowFormat.NO_TTL)) {
                return tombstone ? 1 : -1;
            }
            if (deletionTime != otherDeletionTime) {
                return deletionTime > otherDeletionTime ? 1 : -1;
            }
            if (ttl != otherTtl) {
                return ttl < otherTtl ? 1 : -1;
            }
        }
        return Arrays.compareUnsigned(
                bytes, valueAt, valueAt + valueLength, otherBytes, otherValueAt, otherValueAt + otherValueLength);
    }
}
