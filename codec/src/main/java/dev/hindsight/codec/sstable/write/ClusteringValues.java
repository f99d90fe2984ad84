package dev.hindsight.codec.sstable.write;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.type.CassandraType;
import java.util.List;

/**
 * Walks the values of a {@link ClusteringPrefix}: before each 32 of them a vint with two bits for each (1: empty, 2: null), then
 * those that are neither, with a length where the type has none of its own. Mutable, one thread.
 *
 * <p>Source: {@code ClusteringPrefix.Serializer.serializeValuesWithoutSize} 5.0.9.
 */
final class ClusteringValues {
    private static final int VALUES_PER_HEADER = 32;

    private final int[] fixedLengths;
    private byte[] bytes = new byte[0];
    private int limit;
    private int index;
    private int next;
    private long header;

    /** Of the value at hand. */
    boolean isNull;

    /** Where it starts. */
    int at;

    /** Its bytes; 0 for one that is empty or null. */
    int length;

    ClusteringValues(List<CassandraType> types) {
        fixedLengths = types.stream().mapToInt(CassandraType::fixedLength).toArray();
    }

    void start(ClusteringPrefix prefix) {
        if (prefix.values > fixedLengths.length) {
            throw new MalformedException(
                    prefix.values + " clustering values where the table has " + fixedLengths.length);
        }
        bytes = prefix.bytes;
        limit = prefix.length;
        index = 0;
        next = 0;
    }

    /** To be called for as many values as there are. */
    void next() {
        int bit = index % VALUES_PER_HEADER;
        if (bit == 0) {
            header = vint();
        }
        int state = (int) (header >>> 2 * bit) & 3;
        isNull = (state & 2) != 0;
        int size = 0;
        if (state == 0) {
            int fixed = fixedLengths[index];
            long stored = fixed == CassandraType.VARIABLE ? vint() : fixed;
            if (stored < 0 || stored > limit - next) {
                throw new MalformedException("clustering value " + index + " of " + stored + " bytes, but only "
                        + (limit - next) + " are left");
            }
            size = (int) stored;
        }
        at = next;
        length = size;
        next += size;
        index++;
    }

    private long vint() {
        if (next >= limit || next + VInts.length(bytes, next) > limit) {
            throw new MalformedException("clustering values end at " + limit + " within a vint");
        }
        long value = VInts.unsigned(bytes, next);
        next += VInts.length(bytes, next);
        return value;
    }
}
