package dev.hindsight.synthesis.journal;

import java.util.List;
import java.util.Optional;

/**
 * What one update said, and what it did to the rows of its partition.
 *
 * @param number of the record
 * @param partitionDeletion when it deletes the partition
 * @param ranges that it deletes
 * @param rows those that it names, changed or not, and those that its deletions reach; the static row first, then in the
 *     table's order
 * @param omittedRows how many more rows there are, which are not told of
 * @param omittedRanges how many more ranges
 */
public record KeyChange(
        long number,
        Optional<RowState.Deletion> partitionDeletion,
        List<Range> ranges,
        List<RowChange> rows,
        long omittedRows,
        long omittedRanges) {
    public KeyChange {
        ranges = List.copyOf(ranges);
        rows = List.copyOf(rows);
    }

    /**
     * A range tombstone: everything between two bounds of clustering values, of which either may be empty for an open end.
     */
    public record Range(
            List<String> from, boolean fromIncluded, List<String> to, boolean toIncluded, RowState.Deletion deletion) {
        public Range {
            from = List.copyOf(from);
            to = List.copyOf(to);
        }
    }

    /**
     * @param said the row as the update has it; empty when only a deletion around it reached it
     * @param before empty when nothing was known of it
     * @param after empty when nothing is left of it
     */
    public record RowChange(Optional<RowState> said, Optional<RowState> before, Optional<RowState> after) {}
}
