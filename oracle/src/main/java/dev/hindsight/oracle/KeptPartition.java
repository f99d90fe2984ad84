package dev.hindsight.oracle;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.cassandra.db.rows.AbstractUnfilteredRowIterator;
import org.apache.cassandra.db.rows.RangeTombstoneMarker;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.db.rows.Unfiltered;
import org.apache.cassandra.db.rows.UnfilteredRowIterator;
import org.apache.cassandra.db.transform.Transformation;
import org.jspecify.annotations.Nullable;

/** Keeps what passes of one partition, up to a limit, so that a small one is merged once for all its groups. */
final class KeptPartition extends Transformation<UnfilteredRowIterator> {
    /** Of data; with the objects around it a few times that. */
    static final int LIMIT_BYTES = 1 << 20;

    private @Nullable List<Unfiltered> kept = new ArrayList<>();
    private int bytes;

    @Override
    protected Row applyToRow(Row row) {
        keep(row, row.dataSize());
        return row;
    }

    @Override
    protected RangeTombstoneMarker applyToMarker(RangeTombstoneMarker marker) {
        keep(marker, marker.clustering().dataSize() + 24);
        return marker;
    }

    private void keep(Unfiltered unfiltered, int size) {
        bytes += size + 64;
        if (kept != null && bytes > LIMIT_BYTES) {
            kept = null;
        } else if (kept != null) {
            kept.add(unfiltered);
        }
    }

    /** The partition again, after it passed whole; null when it was too wide to be kept. */
    @Nullable
    UnfilteredRowIterator replay(UnfilteredRowIterator passed) {
        if (kept == null) {
            return null;
        }
        Iterator<Unfiltered> all = kept.iterator();
        return new AbstractUnfilteredRowIterator(
                passed.metadata(),
                passed.partitionKey(),
                passed.partitionLevelDeletion(),
                passed.columns(),
                passed.staticRow(),
                false,
                passed.stats()) {
            @Override
            protected Unfiltered computeNext() {
                return all.hasNext() ? all.next() : endOfData();
            }
        };
    }
}
