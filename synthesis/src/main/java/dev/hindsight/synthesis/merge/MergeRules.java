package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;

/**
 * What happens to expiry and tombstones after reconciliation, as plain numbers. Immutable.
 *
 * @param now the explicit now, in epoch seconds
 * @param gcBefore tombstones with a local deletion time before it are dropped; 0 keeps all, since none is negative
 * @param movesExpiry whether anything happens to what was live at {@code snapshot}
 * @param dropsTtl whether it loses its TTL; else its expiry moves by {@code shift}
 * @param lastDeletionTime the last that the output's version can hold
 */
record MergeRules(
        long now,
        long gcBefore,
        boolean movesExpiry,
        boolean dropsTtl,
        long snapshot,
        long shift,
        long lastDeletionTime) {

    static MergeRules of(PurgePolicy purge, TtlPolicy ttl, long now, boolean forNb) {
        long gcBefore = purge instanceof PurgePolicy.PurgeBefore before ? before.gcBeforeEpochSeconds() : 0;
        long last = forNb ? RowFormat.MAX_NB_DELETION_TIME : Long.MAX_VALUE;
        if (ttl instanceof TtlPolicy.Drop drop) {
            return new MergeRules(now, gcBefore, true, true, drop.snapshotEpochSeconds(), 0, last);
        }
        if (ttl instanceof TtlPolicy.Freeze freeze) {
            long shift = Math.max(0, freeze.nowEpochSeconds() - freeze.snapshotEpochSeconds());
            return new MergeRules(now, gcBefore, true, false, freeze.snapshotEpochSeconds(), shift, last);
        }
        return new MergeRules(now, gcBefore, false, false, 0, 0, last);
    }

    /** Capped in 2106, the last expiry that Cassandra can hold at all. */
    long later(long expiry) {
        return Math.min(expiry + shift, RowFormat.MAX_DELETION_TIME);
    }

    boolean purges(long deletionTime) {
        return deletionTime < gcBefore;
    }
}
