package dev.hindsight.synthesis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

    /** Collects expiry seconds, coarsening when there are too many distinct ones. One thread. */
    public static final class Builder {
        private final TreeMap<Long, Bucket> byStart = new TreeMap<>();

        public void add(long epochSeconds) {
            Map.Entry<Long, Bucket> floor = byStart.floorEntry(epochSeconds);
            if (floor != null && epochSeconds <= floor.getValue().toEpochSeconds()) {
                Bucket bucket = floor.getValue();
                byStart.put(
                        floor.getKey(),
                        new Bucket(bucket.fromEpochSeconds(), bucket.toEpochSeconds(), bucket.rows() + 1));
                return;
            }
            byStart.put(epochSeconds, new Bucket(epochSeconds, epochSeconds, 1));
            if (byStart.size() > 2 * MAX_BUCKETS) {
                coarsen();
            }
        }

        public ExpiryHistogram build() {
            while (byStart.size() > MAX_BUCKETS) {
                coarsen();
            }
            return new ExpiryHistogram(new ArrayList<>(byStart.values()));
        }

        private void coarsen() {
            List<Bucket> all = new ArrayList<>(byStart.values());
            byStart.clear();
            for (int i = 0; i < all.size(); i += 2) {
                Bucket left = all.get(i);
                Bucket right = i + 1 < all.size() ? all.get(i + 1) : null;
                Bucket joined = right == null
                        ? left
                        : new Bucket(left.fromEpochSeconds(), right.toEpochSeconds(), left.rows() + right.rows());
                byStart.put(joined.fromEpochSeconds(), joined);
            }
        }
    }
}
