package dev.hindsight.codec.row;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.ShortRuns;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.type.CassandraType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decodes one row, cell by cell, without allocating: {@link #start}, then {@link #nextColumn} until it says no, and for each
 * complex column {@link #nextCell} until it says no. What was found lies in the public fields until the next call; paths and
 * values are positions in the caller's array. All numbers are absolute. Nothing is judged here: dropped columns, shadowed
 * cells and expiry are the caller's.
 *
 * <p>Never reads past the given end, and throws {@link MalformedException} for whatever no Cassandra writes. One thread.
 *
 * <p>Source: {@code UnfilteredSerializer.deserializeRowBody}, {@code Cell.Serializer}, {@code Columns.Serializer} 5.0.9.
 */
public final class RowWalker {
    private static final int NO_FLAGS = -1;

    /** {@link RowFormat#NO_TIMESTAMP} when the row has no primary key liveness; else its timestamp. */
    public long timestamp;

    public int ttl;
    /** When the liveness expires, {@link RowFormat#NO_DELETION_TIME} without a TTL. */
    public long expiry;

    /** {@link RowFormat#NO_TIMESTAMP} when the row is not deleted. */
    public long deletedAt;

    public long deletionTime;
    public boolean shadowable;

    /** The bit of the current column in the header. */
    public int column;

    public boolean complex;

    /** {@link RowFormat#NO_TIMESTAMP} when the complex column as a whole is not deleted. */
    public long complexDeletedAt;

    public long complexDeletionTime;
    /** Cells of the complex column that {@link #nextCell} has not given yet. */
    public int cellsLeft;

    public int cellFlags;
    public long cellTimestamp;
    public int cellTtl;
    public long cellDeletionTime;
    public int pathAt;
    public int pathLength;
    public int valueAt;
    public int valueLength;

    public byte[] bytes;

    private final RowLayout layout;
    private ColumnLayout columns;
    private final long[] present;
    private int word;
    private boolean complexDeletions;
    private int at;
    private int end;
    private int numbersFlags;
    private int numbersAt;
    private int numbersLength;
    private int previousPathAt;
    private int previousPathLength;

    public RowWalker(RowLayout layout) {
        this.layout = layout;
        this.columns = layout.regulars();
        this.bytes = new byte[0];
        int most = Math.max(layout.statics().size(), layout.regulars().size());
        this.present = new long[Math.max(1, (most + 63) >>> 6)];
    }

    /**
     * Begins a row.
     *
     * @param from where its body starts: behind the sizes in an SSTable, behind the clustering in a mutation
     * @param to where it ends in an SSTable; in a mutation, where the mutation does
     */
    public void start(boolean isStatic, int flags, int extendedFlags, byte[] in, int from, int to) {
        this.bytes = in;
        this.at = from;
        this.end = to;
        this.columns = layout.columns(isStatic);
        timestamp = RowFormat.NO_TIMESTAMP;
        ttl = RowFormat.NO_TTL;
        expiry = RowFormat.NO_DELETION_TIME;
        if ((flags & RowFormat.HAS_TIMESTAMP) != 0) {
            timestamp = timestamp();
            if ((flags & RowFormat.HAS_TTL) != 0) {
                ttl = ttl();
                expiry = layout.cellDeletionTime(deletionTimeAsWritten(), ttl);
                if (ttl == RowFormat.NO_TTL) {
                    expiry = RowFormat.NO_DELETION_TIME;
                }
            }
        }
        deletedAt = RowFormat.NO_TIMESTAMP;
        deletionTime = RowFormat.NO_DELETION_TIME;
        shadowable = false;
        if ((flags & RowFormat.HAS_DELETION) != 0) {
            deletedAt = timestamp();
            deletionTime = layout.deletionTime(vint32());
            shadowable = (extendedFlags & RowFormat.IS_SHADOWABLE) != 0;
        }
        complexDeletions = (flags & RowFormat.HAS_COMPLEX_DELETION) != 0;
        int size = columns.size;
        if ((flags & RowFormat.HAS_ALL_COLUMNS) != 0) {
            setAll(size);
        } else {
            subset(size);
        }
        numbersFlags = NO_FLAGS;
        word = 0;
        column = -1;
        complex = false;
        cellsLeft = 0;
    }

    /** Goes to the next column that the row has; its cell is decoded when it is a simple one. */
    public boolean nextColumn() {
        while (cellsLeft > 0) {
            nextCell();
        }
        long bits = present[word];
        while (bits == 0) {
            if (++word == present.length) {
                word--;
                return false;
            }
            bits = present[word];
        }
        column = (word << 6) + Long.numberOfTrailingZeros(bits);
        present[word] = bits & (bits - 1);
        complex = columns.complex[column];
        if (complex) {
            startComplex();
        } else {
            pathAt = 0;
            pathLength = 0;
            cell(columns.fixedLengths[column]);
        }
        return true;
    }

    private void startComplex() {
        complexDeletedAt = RowFormat.NO_TIMESTAMP;
        complexDeletionTime = RowFormat.NO_DELETION_TIME;
        if (complexDeletions) {
            complexDeletedAt = timestamp();
            complexDeletionTime = layout.deletionTime(vint32());
        }
        long count = vint();
        if (count < 0 || count > end - at) {
            throw new MalformedException("a complex column of " + count + " cells in " + (end - at) + " bytes");
        }
        cellsLeft = (int) count;
        previousPathLength = -1;
    }

    /** Decodes the next cell of the current complex column. */
    public boolean nextCell() {
        if (cellsLeft == 0) {
            return false;
        }
        cellsLeft--;
        cell(columns.fixedLengths[column]);
        return true;
    }

    /**
     * Where the row ended, after {@link #nextColumn} said no.
     *
     * @throws MalformedException an SSTable's row does not end where its size says
     */
    public int finish(boolean exactly) {
        if (exactly && at != end) {
            throw new MalformedException("a row ends " + (end - at) + " bytes before its size says");
        }
        return at;
    }

    private void cell(int fixedLength) {
        if (at >= end) {
            throw ended();
        }
        int flags = bytes[at++];
        if ((flags & ~RowFormat.CELL_FLAGS) != 0) {
            throw new MalformedException("a cell with flags " + (flags & 0xff));
        }
        cellFlags = flags;
        if (!hasNumbersOfLastCell(flags)) {
            numbers(flags);
        }
        if (complex) {
            path();
        }
        if ((flags & RowFormat.CELL_HAS_EMPTY_VALUE) != 0) {
            valueAt = at;
            valueLength = 0;
        } else {
            long length = fixedLength >= 0 ? fixedLength : vint();
            if (length < 0 || length > end - at) {
                throw new MalformedException("a value of " + length + " bytes where " + (end - at) + " are left");
            }
            valueAt = at;
            valueLength = (int) length;
            at += (int) length;
        }
    }

    /** Cells of one write have the same timestamp, deletion time and TTL: then the bytes are equal, and what they say is known. */
    private boolean hasNumbersOfLastCell(int flags) {
        if (flags != numbersFlags
                || numbersLength > end - at
                || !ShortRuns.equal(bytes, at, bytes, numbersAt, numbersLength)) {
            return false;
        }
        at += numbersLength;
        return true;
    }

    private void numbers(int flags) {
        int from = at;
        cellTimestamp = (flags & RowFormat.CELL_USES_ROW_TIMESTAMP) != 0 ? timestamp : timestamp();
        if ((flags & (RowFormat.CELL_IS_DELETED | RowFormat.CELL_IS_EXPIRING | RowFormat.CELL_USES_ROW_TTL)) == 0) {
            cellDeletionTime = RowFormat.NO_DELETION_TIME;
            cellTtl = RowFormat.NO_TTL;
        } else {
            boolean usesRowTtl = (flags & RowFormat.CELL_USES_ROW_TTL) != 0;
            long time = usesRowTtl ? expiry : deletionTimeAsWritten();
            cellTtl = usesRowTtl ? ttl : (flags & RowFormat.CELL_IS_EXPIRING) != 0 ? ttl() : RowFormat.NO_TTL;
            cellDeletionTime = layout.cellDeletionTime(time, cellTtl);
        }
        numbersFlags = flags;
        numbersAt = from;
        numbersLength = at - from;
    }

    private void path() {
        long length = vint();
        if (length < 0 || length > end - at) {
            throw new MalformedException("a cell path of " + length + " bytes where " + (end - at) + " are left");
        }
        pathAt = at;
        pathLength = (int) length;
        at += (int) length;
        if (previousPathLength >= 0
                && columns.pathTypes[column].compare(
                                bytes, previousPathAt, previousPathLength, bytes, pathAt, pathLength)
                        >= 0) {
            throw new MalformedException("the cells of a complex column are not in the order of their paths");
        }
        previousPathAt = pathAt;
        previousPathLength = pathLength;
    }

    private void setAll(int size) {
        if (present.length == 1 && size < 64) {
            present[0] = (1L << size) - 1;
            return;
        }
        Arrays.fill(present, 0);
        for (int i = 0; i < size >>> 6; i++) {
            present[i] = -1;
        }
        if ((size & 63) != 0) {
            present[size >>> 6] = (1L << size) - 1;
        }
    }

    private void subset(int size) {
        long encoded = vint();
        if (encoded == 0) {
            setAll(size);
        } else if (size < 64) {
            if (encoded >>> size != 0) {
                throw new MalformedException("a row that lacks columns beyond its header's " + size);
            }
            if (present.length > 1) {
                Arrays.fill(present, 0);
            }
            present[0] = ~encoded & ((1L << size) - 1);
        } else {
            largeSubset(size, encoded);
        }
    }

    /** How many are missing; then the present ones when they are less than half, else the missing ones. */
    private void largeSubset(int size, long missing) {
        if (missing < 0 || missing > size) {
            throw new MalformedException("a row that lacks " + missing + " of " + size + " columns");
        }
        int has = size - (int) missing;
        boolean listsPresent = has < size / 2;
        if (listsPresent) {
            Arrays.fill(present, 0);
        } else {
            setAll(size);
        }
        long previous = -1;
        for (long i = listsPresent ? has : missing; i > 0; i--) {
            long index = vint();
            if (index <= previous || index >= size) {
                throw new MalformedException("column " + index + " of " + size + " behind column " + previous);
            }
            previous = index;
            present[(int) index >>> 6] ^= 1L << index;
        }
    }

    private long timestamp() {
        return vint() + layout.minTimestamp;
    }

    private int ttl() {
        int value = (int) vint32() + layout.minTtl;
        if (value < 0) {
            throw new MalformedException("a TTL of " + value);
        }
        return value;
    }

    private long deletionTimeAsWritten() {
        return vint32() + layout.minDeletionTime;
    }

    private long vint32() {
        long value = vint();
        if ((int) value != value) {
            throw new MalformedException("a number of 32 bits is " + value);
        }
        return value;
    }

    private long vint() {
        if (at >= end) {
            throw ended();
        }
        byte[] in = bytes;
        int first = in[at];
        if (first >= 0) {
            at++;
            return first;
        }
        int length = VInts.length(in, at);
        if (length > end - at) {
            throw ended();
        }
        long value = VInts.unsigned(in, at);
        at += length;
        return value;
    }

    private MalformedException ended() {
        return new MalformedException("a row goes on past its end");
    }

    /** The type that orders the paths of the current column; null of a simple one. */
    public @Nullable CassandraType pathType() {
        return columns.pathTypes[column];
    }
}
