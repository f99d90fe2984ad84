package dev.hindsight.codec.sstable.write;

import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * When tombstones and expiring cells die: at most 100 points with counts, the nearest two of which are merged when there
 * are more; times are rounded up to whole minutes and gathered in a hash table first. Gives exactly what Cassandra's does
 * with the same times in the same order and the same size of table. One thread.
 *
 * <p>Source: {@code org.apache.cassandra.utils.streamhist.StreamingTombstoneHistogramBuilder} 5.0.9.
 */
final class DropTimeHistogram {
    private static final int BINS = 100;
    private static final int ROUND_SECONDS = 60;

    /** Distinct times gathered at once; as the oracle's outputs, where Cassandra's own have 100,000. */
    private static final int GATHERED = 4096;

    private static final int PROBES = 100;
    private static final long HASH = 948701839L;
    private static final long NONE = Long.MAX_VALUE;

    /** {@code Cell.MAX_DELETION_TIME}. */
    private static final long LAST_DELETION_TIME = 0xfffffffdL;

    private final long[] points = new long[BINS + 1];
    private final int[] counts = new int[BINS + 1];
    private int bins;

    private long @Nullable [] gatheredPoints;
    private int[] gatheredCounts = new int[0];
    private int gathered;

    /** The last time that was added, what it was rounded to, and where that was gathered. */
    private long lastTime = -1;

    private long lastPoint = -1;
    private int lastCell;

    void add(long deletionTime) {
        if (deletionTime == lastTime && isGathered(lastPoint, lastCell)) {
            // As gather would: what dies together often comes together.
            gatheredCounts[lastCell] = saturated(gatheredCounts[lastCell] + 1L);
            return;
        }
        long point = roundUp(deletionTime);
        if (!gather(point)) {
            settle();
            gather(point);
        }
        lastTime = deletionTime;
        lastPoint = point;
    }

    private boolean isGathered(long point, int cell) {
        long[] table = gatheredPoints;
        return table != null && gathered <= GATHERED && table[cell] == point;
    }

    private boolean gather(long point) {
        long[] table = gatheredPoints;
        if (table == null) {
            table = new long[2 * GATHERED];
            Arrays.fill(table, -1);
            gatheredPoints = table;
            gatheredCounts = new int[2 * GATHERED];
        }
        if (gathered > GATHERED) {
            return false;
        }
        int first = GATHERED - 1 & (int) (point * HASH);
        for (int i = 0; i < PROBES; i++) {
            int cell = (first + i) % table.length;
            if (table[cell] == -1) {
                table[cell] = point;
                gatheredCounts[cell] = 1;
                gathered++;
                lastCell = cell;
                return true;
            }
            if (table[cell] == point) {
                gatheredCounts[cell] = saturated(gatheredCounts[cell] + 1L);
                lastCell = cell;
                return true;
            }
        }
        return false;
    }

    private void settle() {
        long[] table = gatheredPoints;
        if (table == null || gathered == 0) {
            return;
        }
        for (int i = 0; i < table.length; i++) {
            if (table[i] != -1) {
                settle(table[i], gatheredCounts[i]);
                table[i] = -1;
            }
        }
        gathered = 0;
    }

    private void settle(long point, int count) {
        int at = Arrays.binarySearch(points, 0, bins, point);
        if (at >= 0) {
            counts[at] = saturated((long) counts[at] + count);
            return;
        }
        at = -at - 1;
        System.arraycopy(points, at, points, at + 1, bins - at);
        System.arraycopy(counts, at, counts, at + 1, bins - at);
        points[at] = point;
        counts[at] = count;
        if (++bins > BINS) {
            mergeNearest();
        }
    }

    private void mergeNearest() {
        int nearest = 0;
        for (int i = 1; i < bins - 1; i++) {
            if (points[i + 1] - points[i] < points[nearest + 1] - points[nearest]) {
                nearest = i;
            }
        }
        long left = points[nearest];
        long right = points[nearest + 1];
        long sum = (long) counts[nearest] + counts[nearest + 1];
        long weighted = atLeastZero(atLeastZero(left * counts[nearest]) + atLeastZero(right * counts[nearest + 1]));
        long merged = capped(weighted / sum);
        merged = Math.min(right, merged <= left ? capped(left + 1) : merged);
        points[nearest] = roundUp(merged);
        counts[nearest] = saturated(sum);
        System.arraycopy(points, nearest + 2, points, nearest + 1, bins - nearest - 2);
        System.arraycopy(counts, nearest + 2, counts, nearest + 1, bins - nearest - 2);
        bins--;
    }

    private static long roundUp(long time) {
        long over = time % ROUND_SECONDS;
        return over == 0 ? time : capped(time + ROUND_SECONDS - over);
    }

    private static long capped(long time) {
        return time < 0 || time > LAST_DELETION_TIME ? LAST_DELETION_TIME : time;
    }

    private static long atLeastZero(long overflowing) {
        return overflowing < 0 ? NONE : overflowing;
    }

    private static int saturated(long count) {
        return (int) Math.min(Integer.MAX_VALUE, count);
    }

    /** How many points; final only when nothing is added any more. */
    int size() {
        settle();
        return bins;
    }

    /** {@code int(points) int(points)}, then per point {@code long int} in oa, {@code double long} in nb. */
    void write(DataOutputStream to, boolean oa) throws IOException {
        settle();
        to.writeInt(bins);
        to.writeInt(bins);
        for (int i = 0; i < bins; i++) {
            if (oa) {
                to.writeLong(points[i]);
                to.writeInt(counts[i]);
            } else {
                to.writeDouble(points[i]);
                to.writeLong(counts[i]);
            }
        }
    }
}
