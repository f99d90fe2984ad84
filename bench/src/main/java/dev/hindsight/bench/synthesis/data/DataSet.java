package dev.hindsight.bench.synthesis.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A kind of data to merge. Each is one table on three replicas of five overlapping SSTables each; where the replicas cut
 * their flushes differs, and so does {@link #differing} of the rows: some were never written on one replica, some were
 * updated later on all or on two of them, some deleted on two.
 */
public enum DataSet {
    /** A time series: three doubles, an int and two short texts per row, made by INSERT. */
    NARROW(Table.SERIES, 0.05, 1.0, 64),
    /** A profile of about 700 bytes in each partition, made by INSERT. */
    WIDE(Table.PROFILES, 0.05, 1.0, 717),
    /** The time series again, made by UPDATE with a TTL: no row liveness, each cell carries its own times. */
    TTL(Table.SERIES, 0.05, 0.5, 116),
    /** A set, a map and a list in each row, replaced as a whole by INSERT, changed by element afterwards. */
    COLLECTIONS(Table.BASKETS, 0.05, 0.5, 243),
    /** Three counters in each row, each with the shards of three nodes. */
    COUNTERS(Table.COUNTS, 0.05, 0.5, 335),
    /** As {@link #NARROW}, but every third row differs. */
    DIVERGED30(Table.SERIES, 0.3, 0.5, 68),
    /** As {@link #NARROW}, but every row differs. */
    DIVERGED100(Table.SERIES, 1.0, 0.5, 73);

    public static final String KEYSPACE = "bench";
    public static final int REPLICAS = 3;
    public static final int FLUSHES = 5;

    /** The shape of the rows. */
    enum Table {
        SERIES(
                "sensor uuid, day int, ts timestamp, v1 double, v2 double, v3 double, status int, note text, tag text,"
                        + " PRIMARY KEY ((sensor, day), ts)",
                1000),
        PROFILES("id uuid PRIMARY KEY, name text, email text, age int, bio text, updated timestamp", 1),
        BASKETS(
                "owner uuid, number int, label text, tags set<text>, properties map<text, text>, history list<bigint>,"
                        + " PRIMARY KEY (owner, number)",
                100),
        COUNTS("page uuid, day int, views counter, clicks counter, errors counter, PRIMARY KEY (page, day)", 100);

        private final String columns;
        private final int rowsPerPartition;

        Table(String columns, int rowsPerPartition) {
            this.columns = columns;
            this.rowsPerPartition = rowsPerPartition;
        }

        int rowsPerPartition() {
            return rowsPerPartition;
        }
    }

    private final Table shape;
    private final double differing;
    private final double shareOfSize;
    private final int bytesPerRow;

    DataSet(Table shape, double differing, double shareOfSize, int bytesPerRow) {
        this.shape = shape;
        this.differing = differing;
        this.shareOfSize = shareOfSize;
        this.bytesPerRow = bytesPerRow;
    }

    /** As options and figures name it; also the name of its table. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<DataSet> find(String id) {
        return Arrays.stream(values()).filter(one -> one.id().equals(id)).findFirst();
    }

    /** A fixed id, so that directories of the same name fit at every start. */
    public String ddl() {
        return "CREATE TABLE " + KEYSPACE + "." + id() + " (" + shape.columns
                + ") WITH ID = 5a1c396e-b41f-11f0-a0d1-00000000000" + (ordinal() + 1)
                + " AND compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': '16'}";
    }

    /** Of the rows, those whose versions are not the same on all replicas. */
    public double differing() {
        return differing;
    }

    /** So many partitions make inputs of about this size, before compression. */
    public int partitions(long bytes) {
        double rows = bytes * shareOfSize / bytesPerRow / REPLICAS;
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.round(rows / shape.rowsPerPartition())));
    }

    Table shape() {
        return shape;
    }
}
