package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.type.CassandraType;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * The smallest and the largest clustering prefix of an SSTable. It is enough to be told of the first and the last unfiltered
 * of each partition: the first is a row or the start of a range tombstone, the last a row or an end. One thread.
 *
 * <p>Source: {@code MetadataCollector.updateClusteringValues}, {@code ClusteringComparator.compare} 5.0.9.
 */
final class CoveredClustering {
    /** By kind: {@code ClusteringPrefix.Kind.comparison}, the order of prefixes of the same values. */
    private static final int[] COMPARISON = {0, 0, 0, 1, 2, 3, 3, 3};

    /** By kind: {@code ClusteringPrefix.Kind.comparedToClustering}, the order against longer prefixes. */
    private static final int[] COMPARED_TO_CLUSTERING = {-1, -1, -1, -1, 0, 1, 1, 1};

    private final CassandraType[] types;
    private final ClusteringValues left;
    private final ClusteringValues right;
    private final ClusteringPrefix min = new ClusteringPrefix(ClusteringPrefix.EXCL_START_BOUND);
    private final ClusteringPrefix max = new ClusteringPrefix(ClusteringPrefix.EXCL_END_BOUND);
    private boolean hasMin;
    private boolean hasMax;

    /** {@link CassandraType#orderPrefix} of the first value of {@link #min}, and of {@link #max}. */
    private long minOrder = Long.MAX_VALUE;

    private long maxOrder = Long.MIN_VALUE;

    CoveredClustering(List<CassandraType> clusteringTypes) {
        types = clusteringTypes.toArray(CassandraType[]::new);
        left = new ClusteringValues(clusteringTypes);
        right = new ClusteringValues(clusteringTypes);
    }

    void add(ClusteringPrefix prefix) {
        if (prefix.isBoundary() || isInside(prefix)) {
            return;
        }
        boolean start = !prefix.isEndBound();
        boolean end = !prefix.isStartBound();
        if (compare(prefix, max) > 0) {
            if (end) {
                setMax(prefix);
            }
            if (start && !hasMin) {
                setMin(prefix);
            }
        } else if (compare(prefix, min) < 0) {
            if (start) {
                setMin(prefix);
            } else if (!hasMax) {
                setMax(prefix);
            }
        }
    }

    /** Whether the first value alone tells that the prefix is neither the smallest nor the largest. */
    private boolean isInside(ClusteringPrefix prefix) {
        if (prefix.values == 0 || minOrder >= maxOrder) {
            return false;
        }
        long order = order(prefix, Long.MIN_VALUE);
        return minOrder < order && order < maxOrder;
    }

    /** Only values that are neither empty nor null have one. */
    private long order(ClusteringPrefix prefix, long otherwise) {
        if (prefix.values == 0) {
            return otherwise;
        }
        left.start(prefix);
        left.next();
        return left.length == 0 ? otherwise : types[0].orderPrefix(prefix.bytes, left.at, left.length);
    }

    private void setMin(ClusteringPrefix prefix) {
        min.set(prefix);
        hasMin = true;
        minOrder = order(prefix, Long.MAX_VALUE);
    }

    private void setMax(ClusteringPrefix prefix) {
        max.set(prefix);
        hasMax = true;
        maxOrder = order(prefix, Long.MIN_VALUE);
    }

    private int compare(ClusteringPrefix one, ClusteringPrefix other) {
        int both = Math.min(one.values, other.values);
        if (both > 0) {
            left.start(one);
            right.start(other);
            for (int i = 0; i < both; i++) {
                left.next();
                right.next();
                int order = left.isNull || right.isNull
                        ? Boolean.compare(right.isNull, left.isNull)
                        : types[i].compare(one.bytes, left.at, left.length, other.bytes, right.at, right.length);
                if (order != 0) {
                    return order;
                }
            }
        }
        if (one.values == other.values) {
            return Integer.compare(COMPARISON[one.kind], COMPARISON[other.kind]);
        }
        return one.values < other.values ? COMPARED_TO_CLUSTERING[one.kind] : -COMPARED_TO_CLUSTERING[other.kind];
    }

    /** In nb: {@code int(values) [short(length) value]*} of the smallest, then of the largest, each up to its first null. */
    void writeValues(DataOutputStream to) throws IOException {
        writeValues(min, to);
        writeValues(max, to);
    }

    private void writeValues(ClusteringPrefix prefix, DataOutputStream to) throws IOException {
        int count = 0;
        left.start(prefix);
        for (; count < prefix.values; count++) {
            left.next();
            if (left.isNull) {
                break;
            }
        }
        to.writeInt(count);
        left.start(prefix);
        for (int i = 0; i < count; i++) {
            left.next();
            if (left.length > 0xffff) {
                throw new MalformedException("a clustering value of " + left.length + " bytes is longer than 65535");
            }
            to.writeShort(left.length);
            to.write(prefix.bytes, left.at, left.length);
        }
    }

    /** In oa: {@code byte(kind) short(values) values} of the start, then of the end; a row's clustering becomes a bound. */
    void writeSlice(DataOutputStream to) throws IOException {
        writeBound(min, ClusteringPrefix.INCL_START_BOUND, to);
        writeBound(max, ClusteringPrefix.INCL_END_BOUND, to);
    }

    private static void writeBound(ClusteringPrefix prefix, int kindOfRow, DataOutputStream to) throws IOException {
        to.writeByte(prefix.kind == ClusteringPrefix.CLUSTERING ? kindOfRow : prefix.kind);
        to.writeShort(prefix.values);
        to.write(prefix.bytes, 0, prefix.length);
    }
}
