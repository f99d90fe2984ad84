package dev.hindsight.oracle;

import dev.hindsight.synthesis.PurgePolicy;
import java.util.function.LongPredicate;
import org.apache.cassandra.db.partitions.PurgeFunction;

/**
 * Cassandra's own purge, as its compaction runs it: drops tombstones before a bound, and turns expired cells into
 * tombstones. All data that a tombstone could shadow is among the inputs, so nothing outside can hold a purge back.
 */
final class Purge extends PurgeFunction {
    private Purge(long nowEpochSeconds, long gcBefore) {
        super(nowEpochSeconds, gcBefore, Long.MAX_VALUE, false, false);
    }

    static Purge of(PurgePolicy policy, long nowEpochSeconds) {
        // A local deletion time is never negative, so 0 keeps every tombstone.
        return new Purge(
                nowEpochSeconds, policy instanceof PurgePolicy.PurgeBefore before ? before.gcBeforeEpochSeconds() : 0);
    }

    @Override
    protected LongPredicate getPurgeEvaluator() {
        return timestamp -> true;
    }
}
