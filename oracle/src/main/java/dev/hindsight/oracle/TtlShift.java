package dev.hindsight.oracle;

import dev.hindsight.synthesis.TtlPolicy;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.ColumnData;
import org.apache.cassandra.db.rows.ComplexColumnData;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.transform.Transformation;

/**
 * Changes the expiry of what was live at the snapshot: later by what has passed since ({@link TtlPolicy.Freeze}), or never
 * ({@link TtlPolicy.Drop}). Applied after the merge, because expiry takes part in Cassandra's reconciliation of cells
 * with equal timestamps, and before the purge, which decides what has expired by now.
 */
final class TtlShift extends Transformation<UnfilteredRowIterator> {
    private final long snapshot;
    private final boolean drop;
    private final long shift;

    private TtlShift(long snapshot, boolean drop, long shift) {
        this.snapshot = snapshot;
        this.drop = drop;
        this.shift = shift;
    }

    static TtlShift drop(TtlPolicy.Drop policy) {
        return new TtlShift(policy.snapshotEpochSeconds(), true, 0);
    }

    static TtlShift freeze(TtlPolicy.Freeze policy) {
        return new TtlShift(
                policy.snapshotEpochSeconds(),
                false,
                Math.max(0, policy.nowEpochSeconds() - policy.snapshotEpochSeconds()));
    }

    /** By how many seconds {@code policy} moves expiry at most. */
    static long shiftOf(TtlPolicy policy) {
        return policy instanceof TtlPolicy.Freeze freeze ? freeze(freeze).shift : 0;
    }

    @Override
    protected UnfilteredRowIterator applyToPartition(UnfilteredRowIterator partition) {
        return Transformation.apply(partition, this);
    }

    @Override
    protected Row applyToStatic(Row row) {
        return row.isEmpty() ? row : shifted(row);
    }

    @Override
    protected Row applyToRow(Row row) {
        return shifted(row);
    }

    private Row shifted(Row row) {
        return row.transformAndFilter(liveness(row.primaryKeyLivenessInfo()), row.deletion(), this::column);
    }

    private LivenessInfo liveness(LivenessInfo info) {
        if (info.isEmpty()
                || !info.isExpiring()
                || info.ttl() == LivenessInfo.EXPIRED_LIVENESS_TTL
                || !info.isLive(snapshot)) {
            return info;
        }
        return drop
                ? LivenessInfo.withExpirationTime(
                        info.timestamp(), LivenessInfo.NO_TTL, LivenessInfo.NO_EXPIRATION_TIME)
                : LivenessInfo.withExpirationTime(info.timestamp(), info.ttl(), later(info.localExpirationTime()));
    }

    private ColumnData column(ColumnData data) {
        return data instanceof ComplexColumnData complex
                ? complex.transformAndFilter(this::cell)
                : cell((Cell<?>) data);
    }

    private Cell<?> cell(Cell<?> cell) {
        if (!cell.isExpiring() || !cell.isLive(snapshot)) {
            return cell;
        }
        return drop
                ? new BufferCell(
                        cell.column(), cell.timestamp(), Cell.NO_TTL, Cell.NO_DELETION_TIME, cell.buffer(), cell.path())
                : new BufferCell(
                        cell.column(),
                        cell.timestamp(),
                        cell.ttl(),
                        later(cell.localDeletionTime()),
                        cell.buffer(),
                        cell.path());
    }

    /** Capped in 2106, the last expiry that Cassandra can hold at all. */
    private long later(long expiry) {
        return Math.min(expiry + shift, Cell.MAX_DELETION_TIME);
    }
}
