package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.ExpiryHistogram;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.LivenessInfo;
import org.apache.cassandra.db.rows.Cell;
import org.apache.cassandra.db.rows.ColumnData;
import org.apache.cassandra.db.rows.ComplexColumnData;
import org.apache.cassandra.db.rows.RangeTombstoneMarker;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.transform.Transformation;

/** Counts the merged stream on its way out, and watches for expiry that the {@code nb} version cannot hold. */
final class MergeCounts extends Transformation<UnfilteredRowIterator> {
    /** A later local deletion time needs version {@code oa}. */
    static final long LAST_NB_DELETION_TIME = Cell.MAX_DELETION_TIME_2038_LEGACY_CAP;

    /** Control flow: the merge starts again with version {@code oa}. */
    static final class NeedsLongExpiry extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NeedsLongExpiry() {
            super("an expiry after 2038-01-19 does not fit version nb", null, false, false);
        }
    }

    private final long now;
    private final boolean onlyNb;
    private final TokenRanges wanted;
    private final ExpiryHistogram.Builder expiry = new ExpiryHistogram.Builder();
    private long partitions;
    private long rows;
    private long tombstones;

    /** Of the row at hand: when its last live content dies; Long.MAX_VALUE when never, Long.MIN_VALUE when it is dead. */
    private long rowDies;

    /**
     * @param onlyNb whether to throw {@link NeedsLongExpiry} for what {@code nb} cannot hold
     * @param wanted partitions with other tokens go nowhere, and do not count
     */
    MergeCounts(long nowEpochSeconds, boolean onlyNb, TokenRanges wanted) {
        this.now = nowEpochSeconds;
        this.onlyNb = onlyNb;
        this.wanted = wanted;
    }

    long partitions() {
        return partitions;
    }

    long rows() {
        return rows;
    }

    long tombstones() {
        return tombstones;
    }

    ExpiryHistogram expiry() {
        return expiry.build();
    }

    @Override
    protected UnfilteredRowIterator applyToPartition(UnfilteredRowIterator partition) {
        if (!wanted.contains((Long) partition.partitionKey().getToken().getTokenValue())) {
            return partition;
        }
        partitions++;
        return Transformation.apply(partition, this);
    }

    @Override
    protected DeletionTime applyToDeletion(DeletionTime deletion) {
        count(deletion);
        return deletion;
    }

    @Override
    protected Row applyToStatic(Row row) {
        if (!row.isEmpty()) {
            look(row);
        }
        return row;
    }

    @Override
    protected Row applyToRow(Row row) {
        rows++;
        look(row);
        if (rowDies != Long.MAX_VALUE && rowDies != Long.MIN_VALUE) {
            expiry.add(rowDies);
        }
        return row;
    }

    @Override
    protected RangeTombstoneMarker applyToMarker(RangeTombstoneMarker marker) {
        if (marker.isOpen(false)) {
            count(marker.openDeletionTime(false));
        }
        return marker;
    }

    private void look(Row row) {
        rowDies = Long.MAX_VALUE;
        // The row keeps the earliest of its cells' deletion and expiry times: most rows have none, and are done here.
        if (!row.hasDeletion(Long.MAX_VALUE - 1)) {
            return;
        }
        rowDies = Long.MIN_VALUE;
        if (!row.deletion().isLive()) {
            count(row.deletion().time());
        }
        LivenessInfo info = row.primaryKeyLivenessInfo();
        if (!info.isEmpty()) {
            content(info.isExpiring() ? info.localExpirationTime() : Long.MAX_VALUE);
        }
        for (ColumnData data : row) {
            if (data instanceof ComplexColumnData complex) {
                count(complex.complexDeletion());
                for (Cell<?> cell : complex) {
                    look(cell);
                }
            } else {
                look((Cell<?>) data);
            }
        }
    }

    private void look(Cell<?> cell) {
        if (cell.isTombstone()) {
            tombstones++;
            check(cell.localDeletionTime());
        } else {
            content(cell.localDeletionTime());
        }
    }

    private void content(long diesAt) {
        if (diesAt != Long.MAX_VALUE) {
            check(diesAt);
        }
        if (diesAt > now) {
            rowDies = Math.max(rowDies, diesAt);
        }
    }

    private void count(DeletionTime deletion) {
        if (!deletion.isLive()) {
            tombstones++;
            check(deletion.localDeletionTime());
        }
    }

    private void check(long localDeletionTime) {
        if (onlyNb && localDeletionTime > LAST_NB_DELETION_TIME) {
            throw new NeedsLongExpiry();
        }
    }
}
