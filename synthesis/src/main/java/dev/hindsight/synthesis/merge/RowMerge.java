package dev.hindsight.synthesis.merge;

import dev.hindsight.codec.row.ColumnLayout;
import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import dev.hindsight.codec.row.RowLayout;
import dev.hindsight.codec.row.RowWalker;
import dev.hindsight.codec.type.CassandraType;
import java.util.List;

/**
 * Reconciles the versions of one row cell by cell, whatever they hold, and gives the result to a {@link RowOutput}. One
 * thread, no allocation per row.
 *
 * <p>Source: {@code Row.Merger}, {@code BTreeRow.Builder}, {@code DeserializationHelper}, {@code Cells} 5.0.9.
 */
final class RowMerge {
    private static final int EXHAUSTED = Integer.MAX_VALUE;

    private final ColumnLayout statics;
    private final ColumnLayout regulars;
    private final InputColumns[] staticColumns;
    private final InputColumns[] regularColumns;
    private final RowWalker[] walkers;
    private final CounterContexts counters = new CounterContexts();

    /** The versions of the row at hand, which are the first {@link #count} of these. */
    private final Version[] versions;

    private int count;

    private ColumnLayout columns;

    /** The only version of its clustering, with no deletion around it: Cassandra passes it on without looking. */
    private boolean alone;

    /** Cells at or before it are shadowed by the deletion of the merged row, or by the one around it. */
    private long floor;

    private long floorTime;

    /** The cell that wins so far. */
    private boolean hasBest;

    private long bestTimestamp;
    private int bestTtl;
    private long bestDeletionTime;
    private byte[] bestBytes = new byte[0];
    private int bestValueAt;
    private int bestValueLength;
    private int bestPathAt;
    private int bestPathLength;

    /** One version while it is walked. */
    private static final class Version {
        RowWalker walker;
        InputColumns columns;
        /** Of the output, or {@link #EXHAUSTED}. */
        int column;
        /** Cells at or before it are shadowed by the version's own row deletion. */
        long ownFloor;

        /** Of the liveness, unless the version's own deletion shadows it; the same the other way round. */
        long timestamp;

        long deletedAt;
        boolean hasCell;
        boolean atFirstPath;

        Version(RowWalker walker, InputColumns columns) {
            this.walker = walker;
            this.columns = columns;
        }
    }

    RowMerge(RowLayout output, List<RowLayout> inputs, InputColumns[] staticColumns, InputColumns[] regularColumns) {
        this.statics = output.statics();
        this.regulars = output.regulars();
        this.columns = regulars;
        this.staticColumns = staticColumns;
        this.regularColumns = regularColumns;
        this.walkers = new RowWalker[inputs.size()];
        this.versions = new Version[inputs.size()];
        for (int i = 0; i < walkers.length; i++) {
            walkers[i] = new RowWalker(inputs.get(i));
            versions[i] = new Version(walkers[i], regularColumns[i]);
        }
    }

    /**
     * Merges the rows that {@code cursors[from..from+howMany)} stand at; the caller begins and finishes the output.
     *
     * @param activeAt timestamp of the deletion around the row: of the partition or of a range tombstone
     * @param mayBeAlone whether no other input takes part, even without a row; true unless the row is a static one
     */
    void merge(
            RowCursor[] cursors,
            int from,
            int howMany,
            boolean isStatic,
            long activeAt,
            long activeTime,
            boolean mayBeAlone,
            RowOutput out) {
        columns = isStatic ? statics : regulars;
        count = 0;
        boolean anyDropped = false;
        for (int i = 0; i < howMany; i++) {
            RowCursor cursor = cursors[from + i];
            Version version = versions[count++];
            version.walker = walkers[cursor.index];
            version.columns = (isStatic ? staticColumns : regularColumns)[cursor.index];
            anyDropped |= version.columns.anyDropped;
            start(version, cursor, isStatic);
        }
        alone = mayBeAlone && activeAt == RowFormat.NO_TIMESTAMP;
        if (alone && howMany > 1) {
            alone = anyDropped && leavesOne(cursors, from, howMany, isStatic);
        }
        rowHead(activeAt, activeTime, out);
        if (count == 1) {
            one(versions[0], out);
            return;
        }
        for (int i = 0; i < count; i++) {
            advance(versions[i]);
        }
        for (; ; ) {
            int column = EXHAUSTED;
            for (int i = 0; i < count; i++) {
                column = Math.min(column, versions[i].column);
            }
            if (column == EXHAUSTED) {
                break;
            }
            if (columns.isComplex(column)) {
                complex(column, out);
            } else {
                simple(column, out);
            }
        }
    }

    private static void start(Version version, RowCursor cursor, boolean isStatic) {
        RowWalker walker = version.walker;
        walker.start(isStatic, cursor.flags, cursor.extendedFlags, cursor.bytes, cursor.bodyAt, cursor.bodyEnd);
        version.ownFloor = walker.deletedAt;
        version.timestamp = walker.timestamp <= walker.deletedAt ? RowFormat.NO_TIMESTAMP : walker.timestamp;
        version.deletedAt =
                walker.shadowable && version.timestamp > walker.deletedAt ? RowFormat.NO_TIMESTAMP : walker.deletedAt;
    }

    /** With dropped columns, a row may be nothing; those do not count as versions. */
    private boolean leavesOne(RowCursor[] cursors, int from, int howMany, boolean isStatic) {
        int left = 0;
        for (int i = 0; i < howMany; i++) {
            left += isSomething(versions[i]) ? 1 : 0;
            start(versions[i], cursors[from + i], isStatic);
        }
        return left == 1;
    }

    private static boolean isSomething(Version version) {
        if (version.timestamp != RowFormat.NO_TIMESTAMP || version.deletedAt != RowFormat.NO_TIMESTAMP) {
            return true;
        }
        RowWalker walker = version.walker;
        while (walker.nextColumn()) {
            if (version.columns.target[walker.column] == InputColumns.GONE) {
                continue;
            }
            long dropped = version.columns.droppedAt[walker.column];
            if (walker.complex) {
                if (walker.complexDeletedAt > dropped) {
                    return true;
                }
                while (walker.nextCell()) {
                    if (walker.cellTimestamp > dropped) {
                        return true;
                    }
                }
            } else if (walker.cellTimestamp > dropped) {
                return true;
            }
        }
        return false;
    }

    private void rowHead(long activeAt, long activeTime, RowOutput out) {
        long timestamp = RowFormat.NO_TIMESTAMP;
        int ttl = RowFormat.NO_TTL;
        long expiry = RowFormat.NO_DELETION_TIME;
        long deletedAt = RowFormat.NO_TIMESTAMP;
        long deletionTime = RowFormat.NO_DELETION_TIME;
        boolean shadowable = false;
        for (int i = 0; i < count; i++) {
            Version version = versions[i];
            RowWalker walker = version.walker;
            if (version.timestamp != RowFormat.NO_TIMESTAMP
                    && Reconciliation.livenessSupersedes(
                            version.timestamp, walker.ttl, walker.expiry, timestamp, ttl, expiry)) {
                timestamp = version.timestamp;
                ttl = walker.ttl;
                expiry = walker.expiry;
            }
            if (version.deletedAt != RowFormat.NO_TIMESTAMP
                    && Reconciliation.deletionSupersedes(
                            version.deletedAt, walker.deletionTime, deletedAt, deletionTime)) {
                deletedAt = version.deletedAt;
                deletionTime = walker.deletionTime;
                shadowable = walker.shadowable;
            }
        }
        if (alone) {
            floor = RowFormat.NO_TIMESTAMP;
            floorTime = RowFormat.NO_DELETION_TIME;
        } else {
            if (shadowable && timestamp > deletedAt) {
                deletedAt = RowFormat.NO_TIMESTAMP;
            }
            if (deletedAt != RowFormat.NO_TIMESTAMP
                    && Reconciliation.deletionSupersedes(deletedAt, deletionTime, activeAt, activeTime)) {
                floor = deletedAt;
                floorTime = deletionTime;
            } else {
                deletedAt = RowFormat.NO_TIMESTAMP;
                floor = activeAt;
                floorTime = activeTime;
            }
            if (timestamp <= floor) {
                timestamp = RowFormat.NO_TIMESTAMP;
            }
        }
        out.liveness(timestamp, ttl, expiry);
        out.deletion(deletedAt, deletionTime, shadowable);
    }

    /** To the version's next column that the output has. */
    private static void advance(Version version) {
        RowWalker walker = version.walker;
        while (walker.nextColumn()) {
            version.column = version.columns.target[walker.column];
            if (version.column != InputColumns.GONE) {
                return;
            }
        }
        walker.finish(true);
        version.column = EXHAUSTED;
    }

    /** Passes on what stays of the only version. */
    private void one(Version version, RowOutput out) {
        RowWalker walker = version.walker;
        while (walker.nextColumn()) {
            int column = version.columns.target[walker.column];
            if (column == InputColumns.GONE) {
                continue;
            }
            if (walker.complex) {
                oneComplex(version, column, out);
            } else if (walker.cellTimestamp > floor && !isGone(version)) {
                out.cell(
                        column,
                        walker.cellTimestamp,
                        walker.cellTtl,
                        walker.cellDeletionTime,
                        walker.bytes,
                        walker.valueAt,
                        walker.valueLength);
            }
        }
        walker.finish(true);
    }

    private void oneComplex(Version version, int column, RowOutput out) {
        RowWalker walker = version.walker;
        long deletedAt = walker.complexDeletedAt;
        if (deletedAt <= version.columns.droppedAt[walker.column]) {
            deletedAt = RowFormat.NO_TIMESTAMP;
        }
        long cellFloor = floor;
        if (alone) {
            cellFloor = deletedAt == RowFormat.NO_TIMESTAMP ? deletedAt : deletedAt - 1;
        } else if (deletedAt != RowFormat.NO_TIMESTAMP
                && Reconciliation.deletionSupersedes(deletedAt, walker.complexDeletionTime, floor, floorTime)) {
            cellFloor = deletedAt;
        } else {
            deletedAt = RowFormat.NO_TIMESTAMP;
        }
        out.beginComplex(column, deletedAt, walker.complexDeletionTime);
        while (walker.nextCell()) {
            if (walker.cellTimestamp > cellFloor && !isGone(version)) {
                out.complexCell(
                        walker.cellTimestamp,
                        walker.cellTtl,
                        walker.cellDeletionTime,
                        walker.bytes,
                        walker.pathAt,
                        walker.pathLength,
                        walker.valueAt,
                        walker.valueLength);
            }
        }
        out.endComplex();
    }

    private static boolean isGone(Version version) {
        RowWalker walker = version.walker;
        return walker.cellTimestamp <= version.ownFloor
                || walker.cellTimestamp <= version.columns.droppedAt[walker.column];
    }

    private void simple(int column, RowOutput out) {
        boolean counter = columns.isCounter(column);
        hasBest = false;
        for (int i = 0; i < count; i++) {
            Version version = versions[i];
            if (version.column == column) {
                if (version.walker.cellTimestamp > floor && !isGone(version)) {
                    if (counter) {
                        reconcileCounter(version.walker);
                    } else {
                        reconcile(version.walker);
                    }
                }
                advance(version);
            }
        }
        if (hasBest) {
            out.cell(column, bestTimestamp, bestTtl, bestDeletionTime, bestBytes, bestValueAt, bestValueLength);
        }
    }

    private void complex(int column, RowOutput out) {
        long deletedAt = RowFormat.NO_TIMESTAMP;
        long deletionTime = RowFormat.NO_DELETION_TIME;
        for (int i = 0; i < count; i++) {
            Version version = versions[i];
            RowWalker walker = version.walker;
            if (version.column == column
                    && walker.complexDeletedAt > version.columns.droppedAt[walker.column]
                    && Reconciliation.deletionSupersedes(
                            walker.complexDeletedAt, walker.complexDeletionTime, deletedAt, deletionTime)) {
                deletedAt = walker.complexDeletedAt;
                deletionTime = walker.complexDeletionTime;
            }
        }
        long cellFloor = floor;
        if (alone) {
            // A cell as old as the deletion of its column stays until another version of the row comes along.
            cellFloor = deletedAt == RowFormat.NO_TIMESTAMP ? deletedAt : deletedAt - 1;
        } else if (deletedAt != RowFormat.NO_TIMESTAMP
                && Reconciliation.deletionSupersedes(deletedAt, deletionTime, floor, floorTime)) {
            cellFloor = deletedAt;
        } else {
            deletedAt = RowFormat.NO_TIMESTAMP;
        }
        out.beginComplex(column, deletedAt, deletionTime);
        for (int i = 0; i < count; i++) {
            if (versions[i].column == column) {
                nextCell(versions[i], cellFloor);
            }
        }
        CassandraType paths = columns.column(column).type().pathType();
        while (reconcileFirstPath(column, paths, cellFloor)) {
            out.complexCell(
                    bestTimestamp,
                    bestTtl,
                    bestDeletionTime,
                    bestBytes,
                    bestPathAt,
                    bestPathLength,
                    bestValueAt,
                    bestValueLength);
        }
        out.endComplex();
        for (int i = 0; i < count; i++) {
            if (versions[i].column == column) {
                advance(versions[i]);
            }
        }
    }

    /** To the version's next cell of the complex column that is not shadowed or dropped. */
    private static void nextCell(Version version, long cellFloor) {
        RowWalker walker = version.walker;
        version.hasCell = false;
        while (!version.hasCell && walker.nextCell()) {
            version.hasCell = walker.cellTimestamp > cellFloor && !isGone(version);
        }
    }

    /** Reconciles the cells with the smallest path, and moves their versions on; false when there are none. */
    private boolean reconcileFirstPath(int column, CassandraType paths, long cellFloor) {
        int first = -1;
        for (int i = 0; i < count; i++) {
            Version version = versions[i];
            version.atFirstPath = false;
            if (version.column != column || !version.hasCell) {
                continue;
            }
            int order = first < 0 ? -1 : comparePaths(paths, version.walker, versions[first].walker);
            version.atFirstPath = order <= 0;
            if (order < 0) {
                first = i;
            }
        }
        if (first < 0) {
            return false;
        }
        hasBest = false;
        for (int i = first; i < count; i++) {
            Version version = versions[i];
            if (version.atFirstPath && version.column == column && version.hasCell) {
                reconcile(version.walker);
                nextCell(version, cellFloor);
            }
        }
        return true;
    }

    private static int comparePaths(CassandraType paths, RowWalker left, RowWalker right) {
        return paths.compare(left.bytes, left.pathAt, left.pathLength, right.bytes, right.pathAt, right.pathLength);
    }

    private void reconcile(RowWalker cell) {
        if (!hasBest
                || Reconciliation.compareCells(
                                cell.cellTimestamp,
                                cell.cellTtl,
                                cell.cellDeletionTime,
                                cell.bytes,
                                cell.valueAt,
                                cell.valueLength,
                                bestTimestamp,
                                bestTtl,
                                bestDeletionTime,
                                bestBytes,
                                bestValueAt,
                                bestValueLength)
                        > 0) {
            take(cell);
        }
    }

    private void take(RowWalker cell) {
        hasBest = true;
        bestTimestamp = cell.cellTimestamp;
        bestTtl = cell.cellTtl;
        bestDeletionTime = cell.cellDeletionTime;
        bestBytes = cell.bytes;
        bestValueAt = cell.valueAt;
        bestValueLength = cell.valueLength;
        bestPathAt = cell.pathAt;
        bestPathLength = cell.pathLength;
    }

    /** {@code Cells.resolveCounter}: a tombstone always wins; an empty value stands for one that was not asked for. */
    private void reconcileCounter(RowWalker cell) {
        if (!hasBest) {
            take(cell);
            return;
        }
        boolean deleted = cell.cellDeletionTime != RowFormat.NO_DELETION_TIME && cell.cellTtl == RowFormat.NO_TTL;
        boolean bestDeleted = bestDeletionTime != RowFormat.NO_DELETION_TIME && bestTtl == RowFormat.NO_TTL;
        if (deleted || bestDeleted) {
            if (deleted && bestDeleted) {
                reconcile(cell);
            } else if (deleted) {
                take(cell);
            }
            return;
        }
        if (cell.valueLength == 0 || bestValueLength == 0) {
            if (cell.valueLength == 0 && (bestValueLength > 0 || cell.cellTimestamp > bestTimestamp)) {
                take(cell);
            }
            return;
        }
        long newest = Math.max(bestTimestamp, cell.cellTimestamp);
        int which = counters.merge(bestBytes, bestValueAt, bestValueLength, cell.bytes, cell.valueAt, cell.valueLength);
        if (which == CounterContexts.RIGHT) {
            take(cell);
        } else if (which == CounterContexts.MERGED) {
            bestBytes = counters.merged();
            bestValueAt = 0;
            bestValueLength = counters.mergedLength();
            bestTtl = RowFormat.NO_TTL;
            bestDeletionTime = RowFormat.NO_DELETION_TIME;
        }
        bestTimestamp = newest;
    }
}
