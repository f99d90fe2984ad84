package dev.hindsight.codec.sstable.write;

import java.util.Arrays;

/** A row's clustering or a marker's bound, kept: kind, number of values, and the values as Data.db codes them. Mutable. */
final class ClusteringPrefix {
    static final int EXCL_END_BOUND = 0;
    static final int INCL_START_BOUND = 1;
    static final int EXCL_END_INCL_START_BOUNDARY = 2;
    static final int CLUSTERING = 4;
    static final int INCL_END_EXCL_START_BOUNDARY = 5;
    static final int INCL_END_BOUND = 6;
    static final int EXCL_START_BOUND = 7;

    private static final int FIRST_BYTES = 64;

    int kind;
    int values;
    int length;
    byte[] bytes = new byte[FIRST_BYTES];

    ClusteringPrefix(int kind) {
        this.kind = kind;
    }

    void set(int newKind, byte[] from, int offset, int newLength, int newValues) {
        if (newLength > bytes.length) {
            bytes = new byte[Math.max(newLength, 2 * bytes.length)];
        }
        System.arraycopy(from, offset, bytes, 0, newLength);
        kind = newKind;
        values = newValues;
        length = newLength;
    }

    void set(ClusteringPrefix other) {
        set(other.kind, other.bytes, 0, other.length, other.values);
    }

    boolean isStartBound() {
        return kind == INCL_START_BOUND || kind == EXCL_START_BOUND;
    }

    boolean isEndBound() {
        return kind == INCL_END_BOUND || kind == EXCL_END_BOUND;
    }

    boolean isBoundary() {
        return kind == EXCL_END_INCL_START_BOUNDARY || kind == INCL_END_EXCL_START_BOUNDARY;
    }

    /** Bytes that {@link #serialize} writes. */
    int serializedSize() {
        return kind == CLUSTERING ? 1 + length : 3 + length;
    }

    /** As {@code ClusteringPrefix.serializer}: a row has all its values, a bound says how many. Returns the position behind. */
    int serialize(byte[] to, int offset) {
        int at = offset;
        to[at++] = (byte) kind;
        if (kind != CLUSTERING) {
            to[at++] = (byte) (values >>> 8);
            to[at++] = (byte) values;
        }
        System.arraycopy(bytes, 0, to, at, length);
        return at + length;
    }

    @Override
    public String toString() {
        return "kind " + kind + " of " + values + " values " + Arrays.toString(Arrays.copyOf(bytes, length));
    }
}
