package dev.hindsight.operations.retention;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/** Different numbers, of which mostly one follows the other: as runs, from the lowest on. Never empty. A value. */
final class NumberRuns {
    /** The first and the last number of each. */
    private final long[] ends;

    private NumberRuns(long[] ends) {
        this.ends = ends;
    }

    long first() {
        return ends[0];
    }

    long count() {
        return countBelow(Long.MAX_VALUE);
    }

    /** How many there are below a number. */
    long countBelow(long limit) {
        long count = 0;
        for (int i = 0; i < ends.length && ends[i] < limit; i += 2) {
            count += Math.min(ends[i + 1], limit - 1) - ends[i] + 1;
        }
        return count;
    }

    /** All of them, from the lowest on. */
    PrimitiveIterator.OfLong iterator() {
        return new PrimitiveIterator.OfLong() {
            private int run;
            private long next = ends[0];

            @Override
            public boolean hasNext() {
                return run < ends.length;
            }

            @Override
            public long nextLong() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                long number = next;
                if (number < ends[run + 1]) {
                    next = number + 1;
                } else {
                    run += 2;
                    next = run < ends.length ? ends[run] : 0;
                }
                return number;
            }
        };
    }

    /** Takes numbers in any order, also twice; 8 bytes each. One thread. */
    static final class Builder {
        private long[] numbers = new long[16];
        private int count;

        void add(long number) {
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * count);
            }
            numbers[count++] = number;
        }

        /** Of at least one number. */
        NumberRuns runs() {
            Arrays.sort(numbers, 0, count);
            long[] ends = new long[16];
            int used = 0;
            for (int i = 0; i < count; i++) {
                if (used > 0 && numbers[i] <= ends[used - 1] + 1) {
                    ends[used - 1] = numbers[i];
                    continue;
                }
                if (used == ends.length) {
                    ends = Arrays.copyOf(ends, 2 * used);
                }
                ends[used++] = numbers[i];
                ends[used++] = numbers[i];
            }
            return new NumberRuns(Arrays.copyOf(ends, used));
        }
    }
}
