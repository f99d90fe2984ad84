package dev.hindsight.synthesis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * When rows die: for each bucket of epoch seconds, how many rows lose their last live content in it. Rows that never
 * expire are not counted. At most {@link #MAX_BUCKETS} buckets; exact while there are no more distinct seconds.
 */
public record ExpiryHistogram(List<Bucket> buckets) {
    public static final int MAX_BUCKETS = 256;

    /** Rows whose last content expires in {@code [fromEpochSeconds, toEpochSeconds]}. */
    public record Bucket(long fromEpochSeconds, long toEpochSeconds, long rows) {}

    public ExpiryHistogram {
        buckets = List.copyOf(buckets);
    }

    public static ExpiryHistogram none() {
        return new ExpiryHistogram(List.of());
    }

    /** Rows surely expired at {@code epochSeconds}: the lower bound, exact when {@link #possiblyExpiredAt} is equal. */
    public long surelyExpiredAt(long epochSeconds) {
        return buckets.stream()
                .filter(bucket -> bucket.toEpochSeconds() <= epochSeconds)
                .mapToLong(Bucket::rows)
                .sum();
    }

    public long possiblyExpiredAt(long epochSeconds) {
        return buckets.stream()
                .filter(bucket -> bucket.fromEpochSeconds() <= epochSeconds)
                .mapToLong(Bucket::rows)
                .sum();
    }

    /** Collects expiry seconds, coarsening when there are too many distinct ones. Allocates only when made. One thread. */
    public static final class Builder {
        private final long[] from = new long[2 * MAX_BUCKETS + 1];
        private final long[] to = new long[2 * MAX_BUCKETS + 1];
        private final long[] rows = new long[2 * MAX_BUCKETS + 1];
        private int size;

        public void add(long epochSeconds) {
            add(epochSeconds, 1);
        }

        /** So many rows die then. */
        public void add(long epochSeconds, long count) {
            int found = Arrays.binarySearch(from, 0, size, epochSeconds);
            int floor = found >= 0 ? found : -found - 2;
            if (floor >= 0 && epochSeconds <= to[floor]) {
                rows[floor] += count;
                return;
            }
            int at = floor + 1;
            System.arraycopy(from, at, from, at + 1, size - at);
            System.arraycopy(to, at, to, at + 1, size - at);
            System.arraycopy(rows, at, rows, at + 1, size - at);
            from[at] = epochSeconds;
            to[at] = epochSeconds;
            rows[at] = count;
            size++;
            if (size > 2 * MAX_BUCKETS) {
                coarsen();
            }
        }

        public ExpiryHistogram build() {
            while (size > MAX_BUCKETS) {
                coarsen();
            }
            List<Bucket> buckets = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                buckets.add(new Bucket(from[i], to[i], rows[i]));
            }
            return new ExpiryHistogram(buckets);
        }

        private void coarsen() {
            int half = 0;
            for (int i = 0; i < size; i += 2) {
                int right = Math.min(i + 1, size - 1);
                from[half] = from[i];
                to[half] = to[right];
                rows[half] = right == i ? rows[i] : rows[i] + rows[right];
                half++;
            }
            size = half;
        }
    }
}
