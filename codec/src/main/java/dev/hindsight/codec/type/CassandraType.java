package dev.hindsight.codec.type;

import org.jspecify.annotations.Nullable;

/**
 * A column's type as its bytes need it: how long a value is, how two values compare, and how the type is named in
 * Statistics.db. Immutable and without static state that depends on a schema; safe for all threads.
 *
 * <p>Source: {@code org.apache.cassandra.db.marshal} 5.0.9.
 */
public abstract class CassandraType {
    /** Of {@link #fixedLength} when values have lengths of their own. */
    public static final int VARIABLE = -1;

    /** Bytes of every non-empty value, or {@link #VARIABLE}: {@code AbstractType.valueLengthIfFixed}. */
    public abstract int fixedLength();

    /**
     * Order of two values as a clustering or as a cell path, reversed types included; the bytes are values without a length.
     *
     * @throws dev.hindsight.codec.bytes.MalformedException a value cannot be one of this type
     */
    public abstract int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength);

    /** As in Statistics.db: {@code AbstractType.toString()}, e.g. {@code org.apache.cassandra.db.marshal.ReversedType(...)}. */
    public abstract String className();

    /** A non-frozen collection or UDT: its column is complex, its cells have paths. */
    public boolean isMultiCell() {
        return false;
    }

    public boolean isCounter() {
        return false;
    }

    public boolean isReversed() {
        return false;
    }

    /** Of a multi-cell type: what cell paths are (list: timeuuid, set and map: the key, UDT: short). */
    public CassandraType pathType() {
        throw new UnsupportedOperationException(className() + " has no cell paths");
    }

    /**
     * Of a multi-cell type: how long a cell's value is. {@link #VARIABLE} for all: Cassandra codes such a value by the
     * column's type, not by the element's ({@code Cell.Serializer}), so that even those of a {@code list<int>} have a length.
     */
    public int cellValueFixedLength() {
        if (!isMultiCell()) {
            throw new UnsupportedOperationException(className() + " has no cells");
        }
        return VARIABLE;
    }

    /** Whether {@link #orderPrefix} alone decides between any two non-empty values. */
    public boolean isOrderPrefixWhole() {
        return false;
    }

    /**
     * A number that never contradicts {@link #compare}: smaller prefix (signed) means smaller value. 0 for all when the
     * type has none. Includes reversal.
     */
    public long orderPrefix(byte[] value, int at, int length) {
        return 0;
    }

    /** Whether values of eight bytes are ordered as signed numbers, so that {@link #orderPrefix} is that number. */
    public boolean isSignedLong() {
        return false;
    }

    /** The same as a value in one piece: {@code AbstractType.freeze}. */
    public CassandraType freeze() {
        return this;
    }

    /** With tuples for user-defined types: {@code AbstractType.expandUserTypes}, how types of dropped columns are kept. */
    public CassandraType expandUserTypes() {
        return this;
    }

    /** @param ignoreFreezing without {@code FrozenType(...)}, because what it stands in is frozen and says so */
    String className(boolean ignoreFreezing) {
        return className();
    }

    /** Types are equal when their class names are. */
    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof CassandraType type && className().equals(type.className());
    }

    @Override
    public final int hashCode() {
        return className().hashCode();
    }

    @Override
    public final String toString() {
        return className();
    }
}
