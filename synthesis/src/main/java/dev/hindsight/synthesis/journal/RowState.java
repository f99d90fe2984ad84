package dev.hindsight.synthesis.journal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One row at one moment, in words: all that Cassandra would keep of it, tombstones included.
 *
 * @param clustering CQL literals; empty for the static row, and in tables without clustering columns
 * @param liveness of the primary key, as an INSERT gives it
 * @param deletion of the row
 * @param columns by position in the table; those that have anything
 */
public record RowState(
        boolean isStatic,
        List<String> clustering,
        Optional<Liveness> liveness,
        Optional<Deletion> deletion,
        List<Column> columns) {
    public RowState {
        clustering = List.copyOf(clustering);
        columns = List.copyOf(columns);
    }

    /**
     * @param ttlSeconds 0 without
     * @param expiresEpochSeconds {@link #NEVER} without a TTL
     */
    public record Liveness(long writeMicros, int ttlSeconds, long expiresEpochSeconds) {
        public static final long NEVER = Long.MAX_VALUE;

        public boolean isLive(long atEpochSeconds) {
            return expiresEpochSeconds > atEpochSeconds;
        }
    }

    /** @param localEpochSeconds when the node that took it did */
    public record Deletion(long writeMicros, long localEpochSeconds) {}

    /**
     * One cell: of a simple column, or an element of a collection, or a field of a type.
     *
     * @param path CQL literal of a set's element or a map's key, name of a field, time UUID of a list's element; empty for
     *     a simple column
     * @param value CQL literal; empty when the cell is deleted, and for an element of a set
     */
    public record Cell(Optional<String> path, Optional<String> value, boolean deleted, Liveness liveness) {
        public boolean isLive(long atEpochSeconds) {
            return !deleted && liveness.isLive(atEpochSeconds);
        }
    }

    /**
     * @param deletion of the whole collection
     * @param form how the live cells make a CQL literal
     */
    public record Column(String name, Form form, Optional<Deletion> deletion, List<Cell> cells) {
        public Column {
            cells = List.copyOf(cells);
        }

        /** The value at that second as a CQL literal; empty for null. */
        public Optional<String> value(long atEpochSeconds) {
            List<String> parts = new ArrayList<>();
            for (Cell cell : cells) {
                if (cell.isLive(atEpochSeconds)) {
                    parts.add(form.part(cell));
                }
            }
            return parts.isEmpty() ? Optional.empty() : Optional.of(form.literal(parts));
        }
    }

    /** How cells make a literal. */
    public enum Form {
        SIMPLE("", ""),
        LIST("[", "]"),
        SET("{", "}"),
        MAP("{", "}"),
        FIELDS("{", "}");

        private final String before;
        private final String behind;

        Form(String before, String behind) {
            this.before = before;
            this.behind = behind;
        }

        private String part(Cell cell) {
            String value = cell.value().orElse("null");
            String path = cell.path().orElse("");
            return this == SET ? path : this == MAP || this == FIELDS ? path + ": " + value : value;
        }

        private String literal(List<String> parts) {
            return before + String.join(", ", parts) + behind;
        }
    }

    /** Whether a SELECT at that second would have given the row; never of a static row that has no value. */
    public boolean isLive(long atEpochSeconds) {
        return liveness.filter(one -> one.isLive(atEpochSeconds)).isPresent()
                || !values(atEpochSeconds).isEmpty();
    }

    /** What a SELECT at that second would have given besides the key: CQL literals by column, without nulls. */
    public Map<String, String> values(long atEpochSeconds) {
        Map<String, String> out = new LinkedHashMap<>();
        for (Column column : columns) {
            column.value(atEpochSeconds).ifPresent(value -> out.put(column.name(), value));
        }
        return out;
    }

    /** The latest timestamp of anything in it. */
    public long latestWriteMicros() {
        long latest = Long.MIN_VALUE;
        if (liveness.isPresent()) {
            latest = liveness.get().writeMicros();
        }
        if (deletion.isPresent()) {
            latest = Math.max(latest, deletion.get().writeMicros());
        }
        for (Column column : columns) {
            if (column.deletion().isPresent()) {
                latest = Math.max(latest, column.deletion().get().writeMicros());
            }
            for (Cell cell : column.cells()) {
                latest = Math.max(latest, cell.liveness().writeMicros());
            }
        }
        return latest;
    }
}
