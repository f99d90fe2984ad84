package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.bytes.VInts;
import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.sstable.EncodingBase;
import dev.hindsight.codec.sstable.PartitionStatistics;
import dev.hindsight.codec.sstable.RowBatch;
import java.util.Arrays;

/**
 * Takes a reconciled row piece by piece, applies the rules for expiry and purge to each, counts what stays and codes it:
 * {@link #begin}, {@link #liveness}, {@link #deletion}, then the cells in the order of columns and paths, then
 * {@link #finish}. The result lies in {@link #bytes} from {@link #start} to {@link #end} until the next row.
 *
 * <p>The size of the previous unfiltered is written as 0, as Cassandra 6.0 does: no reader uses it.
 *
 * <p>Cells are coded first, behind room for what comes before them, because flags and sizes are known last. One thread;
 * arrays grow with the largest row only.
 *
 * <p>Source: {@code UnfilteredSerializer}, {@code Cell.Serializer}, {@code Columns.Serializer}, {@code BTreeRow.purge},
 * {@code Rows.collectStats} 5.0.9.
 */
final class RowOutput {
    /** More than the numbers of a cell take: flags, timestamp, deletion time, ttl, lengths of path and value, and what is overwritten behind. */
    private static final int CELL_NUMBERS = 1 + 9 + 9 + 9 + 5 + 5 + 8;

    /** Flags, two sizes, liveness and deletion. */
    private static final int ROW_NUMBERS = 2 + 9 + 1 + 9 + 9 + 9 + 9 + 9;

    byte[] bytes = new byte[4096];
    int start;
    int end;

    private final RowLayout layout;
    private final MergeRules rules;
    private final PartitionStatistics statistics;
    private final MergeCounts counts;
    private final long minTimestamp;
    private final long minDeletionTime;
    private final int minTtl;
    private final int subsetRoom;

    private byte[] other = new byte[4096];
    private ColumnLayout columns;
    private boolean isStatic;
    private int clusteringStart;
    private int clusteringEnd;
    private int cellsAt;
    private int at;

    private long timestamp;
    private int ttl;
    private long expiry;
    private long deletedAt;
    private long deletionTime;
    private boolean shadowable;

    /** Columns so far, and of complex ones where their cells are. */
    private int columnCount;

    private final int[] present;
    private final int[] complexAt;
    private final int[] complexCells;
    private final long[] complexDeletedAt;
    private final long[] complexDeletionTime;
    private int complexCount;
    private boolean anyComplexDeletion;
    private int openComplex;

    private long dies;
    private long columnsSet;

    RowOutput(RowLayout layout, MergeRules rules, PartitionStatistics statistics, MergeCounts counts) {
        this.layout = layout;
        this.rules = rules;
        this.statistics = statistics;
        this.counts = counts;
        EncodingBase base = layout.header().base();
        this.minTimestamp = base.minTimestamp();
        this.minDeletionTime = base.minLocalDeletionTime();
        this.minTtl = base.minTtl();
        this.columns = layout.regulars();
        int most = Math.max(layout.statics().size(), layout.regulars().size());
        this.subsetRoom = 9 + 3 * (most / 2 + 2);
        this.present = new int[most];
        this.complexAt = new int[most];
        this.complexCells = new int[most];
        this.complexDeletedAt = new long[most];
        this.complexDeletionTime = new long[most];
    }

    /** @param clusteringLength how many bytes {@link #finish} will be given */
    void begin(boolean ofStatic, int clusteringLength) {
        isStatic = ofStatic;
        columns = layout.columns(ofStatic);
        cellsAt = ROW_NUMBERS + subsetRoom + clusteringLength;
        at = cellsAt;
        ensure(0);
        timestamp = RowFormat.NO_TIMESTAMP;
        ttl = RowFormat.NO_TTL;
        expiry = RowFormat.NO_DELETION_TIME;
        deletedAt = RowFormat.NO_TIMESTAMP;
        columnCount = 0;
        complexCount = 0;
        anyComplexDeletion = false;
        openComplex = -1;
        dies = Long.MIN_VALUE;
        columnsSet = 0;
    }

    void liveness(long of, int withTtl, long withExpiry) {
        if (of == RowFormat.NO_TIMESTAMP) {
            return;
        }
        int newTtl = withTtl;
        long newExpiry = withExpiry;
        if (newTtl != RowFormat.NO_TTL) {
            boolean decreed = newTtl == RowFormat.EXPIRED_LIVENESS_TTL;
            if (rules.movesExpiry() && !decreed && rules.snapshot() < newExpiry) {
                newTtl = rules.dropsTtl() ? RowFormat.NO_TTL : newTtl;
                newExpiry = rules.dropsTtl() ? RowFormat.NO_DELETION_TIME : rules.later(newExpiry);
            }
            if (newTtl != RowFormat.NO_TTL && (decreed || newExpiry <= rules.now()) && rules.purges(newExpiry)) {
                return;
            }
        }
        timestamp = of;
        ttl = newTtl;
        expiry = newExpiry;
        statistics.timestamp(of);
        statistics.ttl(newTtl);
        statistics.localDeletionTime(newExpiry);
        content(newExpiry);
    }

    void deletion(long of, long time, boolean isShadowable) {
        if (of == RowFormat.NO_TIMESTAMP || rules.purges(time)) {
            return;
        }
        deletedAt = of;
        deletionTime = time;
        shadowable = isShadowable;
        countDeletion(of, time);
    }

    /** A cell of a simple column. */
    void cell(int column, long of, int withTtl, long withTime, byte[] in, int valueAt, int valueLength) {
        if (put(column, of, withTtl, withTime, in, -1, 0, valueAt, valueLength)) {
            present[columnCount++] = column;
            columnsSet++;
        }
    }

    void beginComplex(int column, long of, long time) {
        openComplex = column;
        complexAt[complexCount] = at;
        complexCells[complexCount] = 0;
        boolean deleted = of != RowFormat.NO_TIMESTAMP && !rules.purges(time);
        complexDeletedAt[complexCount] = deleted ? of : RowFormat.NO_TIMESTAMP;
        complexDeletionTime[complexCount] = time;
        if (deleted) {
            countDeletion(of, time);
        }
    }

    /** A cell of the complex column that was begun. */
    void complexCell(
            long of, int withTtl, long withTime, byte[] in, int pathAt, int pathLength, int valueAt, int valueLength) {
        if (put(openComplex, of, withTtl, withTime, in, pathAt, pathLength, valueAt, valueLength)) {
            complexCells[complexCount]++;
        }
    }

    void endComplex() {
        boolean deleted = complexDeletedAt[complexCount] != RowFormat.NO_TIMESTAMP;
        if (deleted || complexCells[complexCount] > 0) {
            anyComplexDeletion |= deleted;
            columnsSet += complexCells[complexCount] > 0 ? 1 : 0;
            complexCount++;
            present[columnCount++] = openComplex;
        }
    }

    private boolean put(
            int column,
            long of,
            int withTtl,
            long withTime,
            byte[] in,
            int pathAt,
            int pathLength,
            int valueAt,
            int valueLength) {
        int newTtl = withTtl;
        long newTime = withTime;
        int length = valueLength;
        if (newTtl != RowFormat.NO_TTL && rules.movesExpiry() && rules.snapshot() < newTime) {
            newTtl = rules.dropsTtl() ? RowFormat.NO_TTL : newTtl;
            newTime = rules.dropsTtl() ? RowFormat.NO_DELETION_TIME : rules.later(newTime);
        }
        if (newTime != RowFormat.NO_DELETION_TIME && (newTtl == RowFormat.NO_TTL || newTime <= rules.now())) {
            if (rules.purges(newTime)) {
                return false;
            }
            if (newTtl != RowFormat.NO_TTL) {
                newTime -= newTtl;
                newTtl = RowFormat.NO_TTL;
                length = 0;
                if (rules.purges(newTime)) {
                    return false;
                }
            }
        }
        count(column, of, newTtl, newTime, in, valueAt, length);
        encode(column, of, newTtl, newTime, in, pathAt, pathLength, valueAt, length);
        return true;
    }

    private void count(int column, long of, int withTtl, long time, byte[] in, int valueAt, int length) {
        statistics.cells++;
        statistics.timestamp(of);
        statistics.ttl(withTtl);
        statistics.localDeletionTime(time);
        if (time != RowFormat.NO_DELETION_TIME && withTtl == RowFormat.NO_TTL) {
            counts.tombstones++;
            check(time);
            return;
        }
        content(time);
        if (columns.isCounter(column) && length > 0) {
            statistics.hasLegacyCounterShards |= CounterContexts.hasLegacyShards(in, valueAt, length);
        }
    }

    private void encode(
            int column,
            long of,
            int withTtl,
            long time,
            byte[] in,
            int pathAt,
            int pathLength,
            int valueAt,
            int length) {
        ensure(CELL_NUMBERS + (long) pathLength + length);
        byte[] out = bytes;
        int p = at;
        boolean expiring = withTtl != RowFormat.NO_TTL;
        boolean deleted = !expiring && time != RowFormat.NO_DELETION_TIME;
        boolean usesRowTimestamp = timestamp != RowFormat.NO_TIMESTAMP && of == timestamp;
        boolean usesRowTtl = expiring && withTtl == ttl && time == expiry;
        out[p++] = (byte) ((deleted ? RowFormat.CELL_IS_DELETED : 0)
                | (expiring ? RowFormat.CELL_IS_EXPIRING : 0)
                | (length == 0 ? RowFormat.CELL_HAS_EMPTY_VALUE : 0)
                | (usesRowTimestamp ? RowFormat.CELL_USES_ROW_TIMESTAMP : 0)
                | (usesRowTtl ? RowFormat.CELL_USES_ROW_TTL : 0));
        if (!usesRowTimestamp) {
            p = VInts.putUnsignedAhead(out, p, of - minTimestamp);
        }
        if ((deleted || expiring) && !usesRowTtl) {
            p = VInts.putUnsignedAhead(out, p, (int) (time - minDeletionTime));
            if (expiring) {
                p = VInts.putUnsignedAhead(out, p, withTtl - minTtl);
            }
        }
        if (pathAt >= 0) {
            p = VInts.putUnsignedAhead(out, p, pathLength);
            System.arraycopy(in, pathAt, out, p, pathLength);
            p += pathLength;
        }
        if (length > 0) {
            int fixed = columns.fixedLength(column);
            if (fixed < 0) {
                p = VInts.putUnsignedAhead(out, p, length);
            } else if (fixed != length) {
                throw new MalformedException("a value of " + length + " bytes where its type has " + fixed);
            }
            System.arraycopy(in, valueAt, out, p, length);
            p += length;
        }
        at = p;
    }

    boolean isEmpty() {
        return columnCount == 0 && timestamp == RowFormat.NO_TIMESTAMP && deletedAt == RowFormat.NO_TIMESTAMP;
    }

    /** Completes a row that is not empty, or a static row that may be. */
    void finish(byte[] clustering, int clusteringAt, int clusteringLength) {
        if (!isEmpty()) {
            statistics.rows++;
            statistics.columnsSet += columnsSet;
            if (!isStatic) {
                counts.rows++;
                if (dies != Long.MAX_VALUE && dies != Long.MIN_VALUE) {
                    counts.rowDies(dies);
                }
            }
        }
        if (complexCount > 0) {
            insertComplexHeads();
        }
        end = at;
        boolean all = columnCount == columns.size();
        int extended = (isStatic ? RowFormat.IS_STATIC : 0)
                | (deletedAt != RowFormat.NO_TIMESTAMP && shadowable ? RowFormat.IS_SHADOWABLE : 0);
        int flags = (timestamp != RowFormat.NO_TIMESTAMP ? RowFormat.HAS_TIMESTAMP : 0)
                | (ttl != RowFormat.NO_TTL ? RowFormat.HAS_TTL : 0)
                | (deletedAt != RowFormat.NO_TIMESTAMP ? RowFormat.HAS_DELETION : 0)
                | (all ? RowFormat.HAS_ALL_COLUMNS : 0)
                | (anyComplexDeletion ? RowFormat.HAS_COMPLEX_DELETION : 0)
                | (extended != 0 ? RowFormat.HAS_EXTENDED_FLAGS : 0);
        // Coded at the front, where the room is, and then moved up to the cells.
        byte[] out = bytes;
        int p = prefix(out, flags);
        int bodyLength = p + end - cellsAt;
        int bodyAt = cellsAt - p;
        System.arraycopy(out, 0, out, bodyAt, p);
        start = bodyAt - 1 - VInts.size(bodyLength + 1) - clusteringLength - (extended != 0 ? 2 : 1);
        int q = start;
        out[q++] = (byte) flags;
        if (extended != 0) {
            out[q++] = (byte) extended;
        }
        System.arraycopy(clustering, clusteringAt, out, q, clusteringLength);
        clusteringStart = q;
        clusteringEnd = q + clusteringLength;
        q = VInts.putUnsigned(out, clusteringEnd, bodyLength + 1);
        out[q] = 0;
    }

    /** There must be room for it. */
    void copyTo(RowBatch batch) {
        int length = end - start;
        int to = batch.length;
        System.arraycopy(bytes, start, batch.bytes, to, length);
        batch.end(to + clusteringStart - start, to + clusteringEnd - start, to + length);
    }

    /** Liveness, deletion and the columns, coded from 0 on; gives where they end. */
    private int prefix(byte[] out, int flags) {
        int p = 0;
        if ((flags & RowFormat.HAS_TIMESTAMP) != 0) {
            p = VInts.putUnsigned(out, p, timestamp - minTimestamp);
        }
        if ((flags & RowFormat.HAS_TTL) != 0) {
            p = VInts.putUnsigned(out, p, ttl - minTtl);
            p = putDeletionTime(out, p, expiry);
        }
        if ((flags & RowFormat.HAS_DELETION) != 0) {
            p = VInts.putUnsigned(out, p, deletedAt - minTimestamp);
            p = putDeletionTime(out, p, deletionTime);
        }
        if ((flags & RowFormat.HAS_ALL_COLUMNS) == 0) {
            p = subset(out, p);
        }
        return p;
    }

    private int subset(byte[] out, int from) {
        int size = columns.size();
        if (size < 64) {
            long missing = (1L << size) - 1;
            for (int i = 0; i < columnCount; i++) {
                missing &= ~(1L << present[i]);
            }
            return VInts.putUnsigned(out, from, missing);
        }
        int p = VInts.putUnsigned(out, from, size - columnCount);
        if (columnCount < size / 2) {
            for (int i = 0; i < columnCount; i++) {
                p = VInts.putUnsigned(out, p, present[i]);
            }
            return p;
        }
        int next = 0;
        for (int i = 0; i < size; i++) {
            if (next < columnCount && present[next] == i) {
                next++;
            } else {
                p = VInts.putUnsigned(out, p, i);
            }
        }
        return p;
    }

    /** Before the cells of each complex column: its deletion, when any has one, and how many cells there are. */
    private void insertComplexHeads() {
        long room = at + complexCount * (9L + 9 + 5);
        if (other.length < room) {
            other = new byte[grown(room)];
        }
        byte[] out = other;
        int from = cellsAt;
        int p = cellsAt;
        for (int i = 0; i < complexCount; i++) {
            int length = complexAt[i] - from;
            System.arraycopy(bytes, from, out, p, length);
            p += length;
            from += length;
            if (anyComplexDeletion) {
                boolean deleted = complexDeletedAt[i] != RowFormat.NO_TIMESTAMP;
                p = VInts.putUnsigned(out, p, complexDeletedAt[i] - minTimestamp);
                p = putDeletionTime(out, p, deleted ? complexDeletionTime[i] : RowFormat.NO_DELETION_TIME);
            }
            p = VInts.putUnsigned(out, p, complexCells[i]);
        }
        System.arraycopy(bytes, from, out, p, at - from);
        at = p + at - from;
        other = bytes;
        bytes = out;
    }

    /** {@code SerializationHeader.writeLocalDeletionTime}: 32 bits, as a signed number. */
    private int putDeletionTime(byte[] out, int p, long time) {
        return VInts.putUnsigned(out, p, (int) (time - minDeletionTime));
    }

    private void countDeletion(long of, long time) {
        statistics.timestamp(of);
        statistics.localDeletionTime(time);
        counts.tombstones++;
        check(time);
    }

    private void content(long diesAt) {
        if (diesAt != RowFormat.NO_DELETION_TIME) {
            check(diesAt);
        }
        if (diesAt > rules.now()) {
            dies = Math.max(dies, diesAt);
        }
    }

    private void check(long time) {
        if (time > rules.lastDeletionTime()) {
            throw new NeedsLongExpiry();
        }
    }

    private void ensure(long count) {
        if (bytes.length - at < count) {
            bytes = Arrays.copyOf(bytes, grown(at + count));
        }
    }

    private static int grown(long needed) {
        if (needed > Integer.MAX_VALUE - 16) {
            throw new MalformedException("a row of " + needed + " bytes");
        }
        return (int) Math.min(Integer.MAX_VALUE - 16, needed + (needed >> 1) + 64);
    }
}
