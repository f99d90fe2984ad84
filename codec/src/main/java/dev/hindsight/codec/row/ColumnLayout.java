package dev.hindsight.codec.row;

import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.type.CassandraType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The static or the regular columns of a header as arrays by the columns' bits. Immutable: the arrays are only read. */
public final class ColumnLayout {
    final int size;
    final int[] fixedLengths;
    final boolean[] complex;
    final @Nullable CassandraType[] pathTypes;
    private final List<ColumnSchema> columns;
    private final boolean[] counters;

    public ColumnLayout(List<ColumnSchema> columns) {
        this.columns = List.copyOf(columns);
        this.size = columns.size();
        this.fixedLengths = new int[size];
        this.complex = new boolean[size];
        this.counters = new boolean[size];
        this.pathTypes = new @Nullable CassandraType[size];
        for (int i = 0; i < size; i++) {
            CassandraType type = columns.get(i).type();
            complex[i] = type.isMultiCell();
            counters[i] = type.isCounter();
            fixedLengths[i] = complex[i] ? CassandraType.VARIABLE : type.fixedLength();
            pathTypes[i] = complex[i] ? type.pathType() : null;
        }
    }

    public int size() {
        return size;
    }

    public ColumnSchema column(int index) {
        return columns.get(index);
    }

    public List<ColumnSchema> columns() {
        return columns;
    }

    public boolean isComplex(int index) {
        return complex[index];
    }

    public boolean isCounter(int index) {
        return counters[index];
    }

    /** Of a value in a cell of this column, {@link CassandraType#VARIABLE} when it is coded with its length. */
    public int fixedLength(int index) {
        return fixedLengths[index];
    }

    /** Whether rows of both are coded alike but for the numbers that count from a base. */
    public boolean isSameAs(ColumnLayout other) {
        if (size != other.size) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            if (!columns.get(i).name().equals(other.columns.get(i).name())
                    || fixedLengths[i] != other.fixedLengths[i]
                    || complex[i] != other.complex[i]
                    || counters[i] != other.counters[i]) {
                return false;
            }
        }
        return true;
    }
}
