package dev.hindsight.codec.sstable.write;

import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Counts numbers in buckets whose upper ends grow by a fifth each, from 1 on; the last bucket is for all beyond. One thread.
 *
 * <p>Source: {@code org.apache.cassandra.utils.EstimatedHistogram} 5.0.9.
 */
final class SizeHistogram {
    private final long[] ends;
    private final long[] counts;

    /** For numbers of so many bits: the first bucket that one can be in; few follow before the next. */
    private final int[] starts = new int[Long.SIZE];

    SizeHistogram(int buckets) {
        ends = new long[buckets];
        counts = new long[buckets + 1];
        long last = 1;
        for (int i = 0; i < buckets; i++) {
            ends[i] = last;
            last = Math.max(last + 1, Math.round(last * 1.2));
        }
        for (int bits = 1; bits < Long.SIZE; bits++) {
            int start = starts[bits - 1];
            while (start < buckets && ends[start] < 1L << bits - 1) {
                start++;
            }
            starts[bits] = start;
        }
    }

    /** @param number not negative */
    void add(long number) {
        int at = starts[Long.SIZE - Long.numberOfLeadingZeros(number)];
        while (at < ends.length && ends[at] < number) {
            at++;
        }
        counts[at]++;
    }

    /** {@code int(buckets) [long(end of the bucket before, the first twice) long(count)]*}. */
    void write(DataOutputStream to) throws IOException {
        to.writeInt(counts.length);
        for (int i = 0; i < counts.length; i++) {
            to.writeLong(ends[Math.max(0, i - 1)]);
            to.writeLong(counts[i]);
        }
    }
}
