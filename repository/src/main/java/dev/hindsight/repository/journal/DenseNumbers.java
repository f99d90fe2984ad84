package dev.hindsight.repository.journal;

import java.util.function.LongPredicate;

/** Finds the newest of objects that are numbered without holes by asking for numbers, never by a listing. No state. */
final class DenseNumbers {
    private DenseNumbers() {}

    /** @param known is there, or is the one before the first */
    static long newest(long known, LongPredicate isThere) {
        long there = known;
        long step = 1;
        while (isThere.test(there + step)) {
            there += step;
            step *= 2;
        }
        long missing = there + step;
        while (missing - there > 1) {
            long middle = there + (missing - there) / 2;
            if (isThere.test(middle)) {
                there = middle;
            } else {
                missing = middle;
            }
        }
        return there;
    }
}
