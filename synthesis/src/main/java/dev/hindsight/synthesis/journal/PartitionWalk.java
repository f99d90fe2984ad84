package dev.hindsight.synthesis.journal;

import dev.hindsight.codec.row.RowCursor;
import dev.hindsight.codec.row.RowFormat;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Goes over the rows of one partition that is in memory, or of none. One thread. */
final class PartitionWalk {
    private final RowCursor cursor;
    private final RowReader reader;
    private final RowSlice slice;
    private final Optional<RowState> staticRow;
    private boolean inPartition;
    private KeyChange.@org.jspecify.annotations.Nullable Range open;
    private boolean openIsBehind;

    /**
     * @param cursor before its only partition, if it has one
     * @param slice other rows are passed over, but for the static row, which is part of each of them
     */
    PartitionWalk(RowCursor cursor, RowReader reader, RowSlice slice) {
        this.cursor = cursor;
        this.reader = reader;
        this.slice = slice;
        this.inPartition = cursor.nextPartition();
        this.staticRow =
                inPartition && cursor.kind == RowFormat.STATIC_CLUSTERING ? reader.row(cursor) : Optional.empty();
    }

    Optional<RowState> staticRow() {
        return staticRow;
    }

    boolean nextRow() {
        while (inPartition) {
            inPartition = cursor.next();
            if (inPartition && cursor.kind == RowFormat.CLUSTERING && slice.place(cursor) == 0) {
                return true;
            }
        }
        return false;
    }

    /** As {@link #nextRow}, and puts the range tombstones on the way into words. */
    boolean nextRow(Consumer<KeyChange.Range> ranges) {
        while (inPartition) {
            inPartition = cursor.next();
            boolean isRow = inPartition && cursor.kind == RowFormat.CLUSTERING;
            if (isRow && slice.place(cursor) == 0) {
                return true;
            }
            if (inPartition && !isRow) {
                marker(ranges);
            }
        }
        return false;
    }

    private void marker(Consumer<KeyChange.Range> ranges) {
        int kind = cursor.kind;
        List<String> bound = reader.clustering(cursor.bytes, cursor.clusteringAt, cursor.values);
        // What ends or begins before the rows of that place leaves them out, or takes them in.
        boolean before = RowFormat.comparedToRow(kind) < 0;
        KeyChange.Range opened = open;
        int place = slice.place(cursor);
        if (opened != null && place >= 0 && !openIsBehind) {
            ranges.accept(new KeyChange.Range(opened.from(), opened.fromIncluded(), bound, !before, opened.deletion()));
        }
        open = null;
        openIsBehind = place > 0;
        if (RowFormat.opens(kind)) {
            open = new KeyChange.Range(
                    bound,
                    before,
                    List.of(),
                    false,
                    RowReader.deletion(cursor.openDeletedAt, cursor.openDeletionTime)
                            .orElseThrow());
        }
    }

    boolean atRow() {
        return inPartition;
    }

    RowState row() {
        return reader.row(cursor).orElseThrow();
    }

    /** One that stands at the first row of all; if none is at a row, any. */
    static PartitionWalk first(PartitionWalk... all) {
        PartitionWalk first = all[0];
        for (PartitionWalk one : all) {
            if (one.inPartition && (!first.inPartition || one.compareTo(first) < 0)) {
                first = one;
            }
        }
        return first;
    }

    private int compareTo(PartitionWalk other) {
        return RowCursor.compare(cursor.layout.clusterings(), cursor, other.cursor);
    }

    boolean isWith(PartitionWalk other) {
        return inPartition && compareTo(other) == 0;
    }

    /** Both stand at a row, and the two are the same in all that they say. */
    boolean hasBytesOf(PartitionWalk other) {
        return inPartition
                && other.inPartition
                && cursor.flags == other.cursor.flags
                && cursor.extendedFlags == other.cursor.extendedFlags
                && Arrays.equals(
                        cursor.bytes,
                        cursor.bodyAt,
                        cursor.bodyEnd,
                        other.cursor.bytes,
                        other.cursor.bodyAt,
                        other.cursor.bodyEnd);
    }
}
