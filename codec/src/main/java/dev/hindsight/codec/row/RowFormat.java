package dev.hindsight.codec.row;

/**
 * Flags and special numbers of serialised rows.
 *
 * <p>Source: {@code UnfilteredSerializer}, {@code Cell}, {@code LivenessInfo}, {@code ClusteringPrefix.Kind} 5.0.9.
 */
public final class RowFormat {
    /** Of an unfiltered. */
    public static final int END_OF_PARTITION = 0x01;

    public static final int IS_MARKER = 0x02;
    public static final int HAS_TIMESTAMP = 0x04;
    public static final int HAS_TTL = 0x08;
    public static final int HAS_DELETION = 0x10;
    public static final int HAS_ALL_COLUMNS = 0x20;
    public static final int HAS_COMPLEX_DELETION = 0x40;
    public static final int HAS_EXTENDED_FLAGS = 0x80;

    /** Of the extended flags. */
    public static final int IS_STATIC = 0x01;

    public static final int IS_SHADOWABLE = 0x02;

    /** Of a cell. */
    public static final int CELL_IS_DELETED = 0x01;

    public static final int CELL_IS_EXPIRING = 0x02;
    public static final int CELL_HAS_EMPTY_VALUE = 0x04;
    public static final int CELL_USES_ROW_TIMESTAMP = 0x08;
    public static final int CELL_USES_ROW_TTL = 0x10;
    public static final int CELL_FLAGS = 0x1f;

    /** Kinds of clusterings by ordinal. */
    public static final int EXCL_END_BOUND = 0;

    public static final int INCL_START_BOUND = 1;
    public static final int EXCL_END_INCL_START_BOUNDARY = 2;
    public static final int STATIC_CLUSTERING = 3;
    public static final int CLUSTERING = 4;
    public static final int INCL_END_EXCL_START_BOUNDARY = 5;
    public static final int INCL_END_BOUND = 6;
    public static final int EXCL_START_BOUND = 7;

    /** "No timestamp": also of a deletion that is none. */
    public static final long NO_TIMESTAMP = Long.MIN_VALUE;

    public static final int NO_TTL = 0;
    public static final long NO_DELETION_TIME = Long.MAX_VALUE;

    /** 2106-02-07, the last that Cassandra 5.0 holds. */
    public static final long MAX_DELETION_TIME = 0xFFFF_FFFFL - 2;

    /** What Cassandra 5.0 makes of a deletion time that cannot be. */
    public static final long INVALID_DELETION_TIME = 0xFFFF_FFFFL - 1;

    /** 2038-01-19, the last that version nb holds. */
    public static final long MAX_NB_DELETION_TIME = Integer.MAX_VALUE - 1;

    /** The ttl of a row whose primary key is expired by decree (materialized views). */
    public static final int EXPIRED_LIVENESS_TTL = Integer.MAX_VALUE;

    private RowFormat() {}

    public static boolean isBoundary(int kind) {
        return kind == EXCL_END_INCL_START_BOUNDARY || kind == INCL_END_EXCL_START_BOUNDARY;
    }

    /** Whether a range tombstone begins at a bound of this kind. */
    public static boolean opens(int kind) {
        return kind == INCL_START_BOUND || kind == EXCL_START_BOUND || isBoundary(kind);
    }

    /** Whether a range tombstone ends at a bound of this kind. */
    public static boolean closes(int kind) {
        return kind == EXCL_END_BOUND || kind == INCL_END_BOUND || isBoundary(kind);
    }

    /** Negative for what sorts before the rows with its values, positive for what sorts behind them, 0 for a row. */
    public static int comparedToRow(int kind) {
        return Integer.compare(kind, CLUSTERING);
    }

    /** Where among equal values: kinds with the same rank are at the same place. */
    public static int rank(int kind) {
        if (kind < STATIC_CLUSTERING) {
            return 0;
        }
        return kind > CLUSTERING ? 3 : kind - 2;
    }
}
