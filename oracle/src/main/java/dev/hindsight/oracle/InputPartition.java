package dev.hindsight.oracle;

import dev.hindsight.codec.sstable.Components;
import java.util.Locale;
import org.apache.cassandra.db.DecoratedKey;
import org.apache.cassandra.db.DeletionTime;
import org.apache.cassandra.db.RegularAndStaticColumns;
import org.apache.cassandra.db.rows.EncodingStats;
import org.apache.cassandra.db.rows.RangeTombstoneMarker;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.io.sstable.SSTableSimpleIterator;
import org.apache.cassandra.schema.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One partition of one input, read as it is asked for. Checks that rows are in clustering order and that range tombstones
 * open and close as they must: a merge of disordered inputs would silently lose data.
 */
final class InputPartition implements UnfilteredRowIterator {
    private final InputScanner scanner;
    private final OpenInput open;
    private final DecoratedKey key;
    private final DeletionTime deletion;
    private final Row staticRow;
    private final SSTableSimpleIterator rows;
    private @Nullable Unfiltered last;
    private DeletionTime openDeletion = DeletionTime.LIVE;

    InputPartition(
            InputScanner scanner,
            OpenInput open,
            DecoratedKey key,
            DeletionTime deletion,
            Row staticRow,
            SSTableSimpleIterator rows) {
        this.scanner = scanner;
        this.open = open;
        this.key = key;
        this.deletion = deletion;
        this.staticRow = staticRow;
        this.rows = rows;
    }

    @Override
    public boolean hasNext() {
        try {
            boolean more = rows.hasNext();
            if (!more && !openDeletion.isLive()) {
                throw wrong("a range tombstone is still open at the end of the partition");
            }
            return more;
        } catch (RuntimeException | Error e) {
            throw scanner.failed(e);
        }
    }

    @Override
    public Unfiltered next() {
        try {
            Unfiltered next = rows.next();
            if (last != null && open.metadata().comparator.compare(last, next) >= 0) {
                throw wrong(clustering(next) + " comes after " + clustering(last));
            }
            if (next.isRangeTombstoneMarker()) {
                follow((RangeTombstoneMarker) next);
            }
            last = next;
            return next;
        } catch (RuntimeException | Error e) {
            throw scanner.failed(e);
        }
    }

    private void follow(RangeTombstoneMarker marker) {
        DeletionTime closed = marker.isClose(false) ? marker.closeDeletionTime(false) : DeletionTime.LIVE;
        if (!closed.equals(openDeletion)) {
            throw wrong("the range tombstone marker " + clustering(marker) + " does not fit the one before");
        }
        openDeletion = marker.isOpen(false) ? marker.openDeletionTime(false) : DeletionTime.LIVE;
    }

    /** Only the kind is named: messages must not show data. */
    private static String clustering(Unfiltered unfiltered) {
        return "a " + unfiltered.clustering().kind().name().toLowerCase(Locale.ROOT) + " of "
                + unfiltered.clustering().size() + " values";
    }

    private RuntimeException wrong(String what) {
        return Damage.of(open.input(), Components.DATA + ", partition of token " + key.getToken() + ": " + what);
    }

    /** Reads what nobody asked for, so that the scanner stands at the next partition. */
    void exhaust() {
        while (hasNext()) {
            next();
        }
    }

    @Override
    public TableMetadata metadata() {
        return open.metadata();
    }

    @Override
    public boolean isReverseOrder() {
        return false;
    }

    @Override
    public RegularAndStaticColumns columns() {
        return open.metadata().regularAndStaticColumns();
    }

    @Override
    public DecoratedKey partitionKey() {
        return key;
    }

    @Override
    public Row staticRow() {
        return staticRow;
    }

    @Override
    public DeletionTime partitionLevelDeletion() {
        return deletion;
    }

    @Override
    public EncodingStats stats() {
        return open.header().stats();
    }

    @Override
    public void close() {
        // The scanner owns the file.
    }
}
