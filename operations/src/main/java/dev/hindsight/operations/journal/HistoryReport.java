package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What happened to a row or a partition, and what it was before and after each time.
 *
 * @param key as CQL, with the columns' names
 * @param from of the stretch that was looked at, both ends included
 * @param guarantees which writes are surely told of, by stretches, and the base that each is restored from
 * @param sealedUpTo every instant before it is final
 * @param versions in the stretch, those that were left out included
 * @param leftOut how many of them, the oldest, are not among the entries
 * @param leftOutUpTo when the newest of these was; asked for as the end of the stretch, it tells of them
 * @param entries versions, and stretches in which some may be missing, in the order of time
 * @param rowsBefore what was there when the stretch began, the first ones
 * @param rowsAfter what was there when it ended
 */
public record HistoryReport(
        TableName table,
        UUID tableId,
        String key,
        Instant from,
        Instant to,
        List<WindowReport.Span> guarantees,
        Instant sealedUpTo,
        long versions,
        long leftOut,
        Optional<Instant> leftOutUpTo,
        List<Entry> entries,
        List<RowThen> rowsBefore,
        List<RowThen> rowsAfter) {
    public HistoryReport {
        guarantees = List.copyOf(guarantees);
        entries = List.copyOf(entries);
        rowsBefore = List.copyOf(rowsBefore);
        rowsAfter = List.copyOf(rowsAfter);
    }

    /** What an entry tells. */
    public enum Kind {
        /** A change record of the journal. */
        CHANGE,
        /** The table was truncated. */
        TRUNCATE,
        /** The table was dropped. */
        DROP,
        /** Columns were dropped that had values. */
        SCHEMA,
        /** A base has something else than was followed until then: what changed it is not known. */
        BASE,
        /** Nothing is sure of the stretch: versions may be missing. */
        GAP,
        /** Writes acknowledged by too few replicas may be missing. */
        WEAKER
    }

    /** One of two. */
    public sealed interface Entry permits Version, Missing {
        Kind kind();
    }

    /**
     * One step of the row or partition.
     *
     * @param number of the record; empty for what is none
     * @param at when it counts as committed
     * @param earliest after this it was, so far as is known
     * @param latest and no later than this
     * @param writtenAt the latest write timestamp in it, whoever gave it
     * @param late it came when its instant was final already, and counts from the next one on
     * @param loggedBy nodes that had logged it when it was numbered
     * @param operations of all of it
     * @param partitionDeletedAt write timestamp of a partition deletion in it
     * @param ranges that it deletes, the first ones
     * @param rangesOmitted how many more
     * @param rows that it names or reaches, the first ones
     * @param rowsOmitted how many more
     * @param note more for people; may be empty
     */
    public record Version(
            Kind kind,
            Optional<Long> number,
            Instant at,
            Optional<Instant> earliest,
            Optional<Instant> latest,
            Optional<Instant> writtenAt,
            boolean late,
            List<UUID> loggedBy,
            List<Operation> operations,
            Optional<Instant> partitionDeletedAt,
            List<Range> ranges,
            long rangesOmitted,
            List<Row> rows,
            long rowsOmitted,
            String note)
            implements Entry {
        public Version {
            loggedBy = List.copyOf(loggedBy);
            operations = List.copyOf(operations);
            ranges = List.copyOf(ranges);
            rows = List.copyOf(rows);
        }

        /** With the first of its ranges and rows alone. */
        Version with(List<Range> firstRanges, List<Row> firstRows) {
            return new Version(
                    kind,
                    number,
                    at,
                    earliest,
                    latest,
                    writtenAt,
                    late,
                    loggedBy,
                    operations,
                    partitionDeletedAt,
                    firstRanges,
                    rangesOmitted + ranges.size() - firstRanges.size(),
                    firstRows,
                    rowsOmitted + rows.size() - firstRows.size(),
                    note);
        }
    }

    /** A stretch, both ends included, in which versions may be missing. */
    public record Missing(Kind kind, Instant from, Instant to, String guarantee, List<String> causes) implements Entry {
        public Missing {
            causes = List.copyOf(causes);
        }
    }

    /** What was done to a row. */
    public enum Operation {
        INSERT,
        UPDATE,
        DELETE_COLUMNS,
        DELETE_ROW,
        DELETE_RANGE,
        DELETE_PARTITION,
        TRUNCATE,
        DROP_TABLE,
        DROP_COLUMN,
        UNKNOWN
    }

    /** Clustering literals from and to; either may be empty for an open end. */
    public record Range(
            List<String> from, boolean fromIncluded, List<String> to, boolean toIncluded, Instant deletedAt) {}

    /**
     * What became of one row.
     *
     * @param clustering literals by column; empty for the static row
     * @param existed whether a SELECT had given it just before
     * @param exists whether it did just after
     * @param changed columns whose value, or expiry, is another
     * @param before by column, without nulls
     * @param after the same
     * @param written what the record says of the row, also where a newer value was there already; nulls are deletions
     * @param expired values that were there until they expired, before this
     */
    public record Row(
            Map<String, String> clustering,
            boolean isStatic,
            Operation operation,
            boolean existed,
            boolean exists,
            List<String> changed,
            Map<String, Value> before,
            Map<String, Value> after,
            Map<String, Value> written,
            Map<String, Value> expired) {}

    /**
     * Of one column.
     *
     * @param value CQL literal; empty for null
     * @param writtenAt its latest write timestamp
     * @param expiresAt the first of its cells to go
     */
    public record Value(
            Optional<String> value, Instant writtenAt, Optional<Integer> ttlSeconds, Optional<Instant> expiresAt) {}

    /** A row at one instant: CQL literals by column. */
    public record RowThen(Map<String, String> clustering, boolean isStatic, Map<String, Value> values) {}
}
