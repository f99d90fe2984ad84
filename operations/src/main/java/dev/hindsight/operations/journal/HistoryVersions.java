package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.KeyRecords.KeyRecord;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Operation;
import dev.hindsight.operations.journal.HistoryReport.Range;
import dev.hindsight.operations.journal.HistoryReport.Row;
import dev.hindsight.operations.journal.HistoryReport.RowThen;
import dev.hindsight.operations.journal.HistoryReport.Value;
import dev.hindsight.operations.journal.HistoryReport.Version;
import dev.hindsight.synthesis.journal.KeyChange;
import dev.hindsight.synthesis.journal.KeyChange.RowChange;
import dev.hindsight.synthesis.journal.RowState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts changes into the words of a report. Whether something had expired is decided by the instant of the change. No state. */
final class HistoryVersions {
    /** What nobody could have observed so early: of a frame that was read again. */
    private static final long UNKNOWN = 0;

    private HistoryVersions() {}

    /** Empty when the change has nothing to do with the rows in question. */
    static Optional<Version> of(KeyRecord record, KeyChange change, List<String> clustering) {
        long second = Math.floorDiv(record.instantMicros(), 1_000_000);
        Optional<Operation> reached = change.partitionDeletion().isPresent()
                ? Optional.of(Operation.DELETE_PARTITION)
                : change.ranges().isEmpty() ? Optional.empty() : Optional.of(Operation.DELETE_RANGE);
        List<Row> rows = rows(change, second, clustering, reached.orElse(Operation.UNKNOWN));
        if (rows.isEmpty() && reached.isEmpty() && change.omittedRows() == 0) {
            return Optional.empty();
        }
        Set<Operation> operations = new LinkedHashSet<>();
        change.partitionDeletion().ifPresent(deletion -> operations.add(Operation.DELETE_PARTITION));
        if (!change.ranges().isEmpty()) {
            operations.add(Operation.DELETE_RANGE);
        }
        rows.forEach(row -> operations.add(row.operation()));
        long earliest = record.observed().fromMicros();
        return Optional.of(new Version(
                Kind.CHANGE,
                Optional.of(record.number()),
                Micros.instant(record.instantMicros()),
                earliest == UNKNOWN ? Optional.empty() : Optional.of(Micros.instant(earliest)),
                Optional.of(Micros.instant(record.observed().toMicros())),
                Optional.of(Micros.instant(record.writeMicros())),
                record.late(),
                record.origins().stream().map(Origin::hostId).distinct().toList(),
                List.copyOf(operations),
                change.partitionDeletion().map(deletion -> Micros.instant(deletion.writeMicros())),
                change.ranges().stream()
                        .map(range -> new Range(
                                range.from(),
                                range.fromIncluded(),
                                range.to(),
                                range.toIncluded(),
                                Micros.instant(range.deletion().writeMicros())))
                        .toList(),
                change.omittedRanges(),
                rows,
                change.omittedRows(),
                ""));
    }

    /** Of what is no record, unless it changed nothing that can be seen. */
    static Optional<Version> of(
            Kind kind, Operation operation, long atMicros, KeyChange change, List<String> clustering, String note) {
        long second = Math.floorDiv(atMicros, 1_000_000);
        List<Row> rows = rows(change, second, clustering, operation).stream()
                .filter(row -> row.existed() != row.exists() || !row.changed().isEmpty())
                .toList();
        if (rows.isEmpty() && kind != Kind.TRUNCATE && kind != Kind.DROP) {
            return Optional.empty();
        }
        return Optional.of(new Version(
                kind,
                Optional.empty(),
                Micros.instant(atMicros),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                List.of(operation),
                Optional.empty(),
                List.of(),
                0,
                rows,
                change.omittedRows(),
                note));
    }

    /** Those of them that a SELECT would have given. */
    static List<RowThen> then(List<RowState> rows, long atMicros, List<String> clustering) {
        long second = Math.floorDiv(atMicros, 1_000_000);
        return rows.stream()
                .filter(row -> row.isLive(second))
                .map(row -> new RowThen(named(row, clustering), row.isStatic(), values(Optional.of(row), second)))
                .toList();
    }

    private static List<Row> rows(KeyChange change, long second, List<String> clustering, Operation reached) {
        List<Row> out = new ArrayList<>();
        for (RowChange one : change.rows()) {
            boolean existed = one.before().filter(row -> row.isLive(second)).isPresent();
            boolean exists = one.after().filter(row -> row.isLive(second)).isPresent();
            // What a deletion reached that was dead before is of no interest.
            if (one.said().isPresent() || existed || exists) {
                out.add(row(one, existed, exists, second, clustering, reached));
            }
        }
        return out;
    }

    private static Row row(
            RowChange change,
            boolean existed,
            boolean exists,
            long second,
            List<String> clustering,
            Operation reached) {
        RowState any = change.said().or(change::before).or(change::after).orElseThrow();
        Map<String, Value> before = values(change.before(), second);
        Map<String, Value> after = values(change.after(), second);
        Set<String> names = new LinkedHashSet<>(before.keySet());
        names.addAll(after.keySet());
        List<String> changed = names.stream()
                .filter(name -> differs(before.get(name), after.get(name)))
                .toList();
        return new Row(
                named(any, clustering),
                any.isStatic(),
                change.said().map(HistoryVersions::operation).orElse(reached),
                existed,
                exists,
                changed,
                before,
                after,
                change.said().map(HistoryVersions::written).orElse(Map.of()),
                expired(change.before(), second));
    }

    private static boolean differs(@Nullable Value before, @Nullable Value after) {
        return before == null
                || after == null
                || !before.value().equals(after.value())
                || !Objects.equals(before.expiresAt(), after.expiresAt());
    }

    private static Operation operation(RowState said) {
        boolean writes = said.columns().stream()
                .flatMap(column -> column.cells().stream())
                .anyMatch(cell -> !cell.deleted());
        if (said.deletion().isPresent() && !writes && said.liveness().isEmpty()) {
            return Operation.DELETE_ROW;
        }
        if (said.liveness().isPresent()) {
            return Operation.INSERT;
        }
        return writes ? Operation.UPDATE : Operation.DELETE_COLUMNS;
    }

    private static Map<String, String> named(RowState row, List<String> clustering) {
        Map<String, String> out = new LinkedHashMap<>();
        for (int i = 0; i < row.clustering().size(); i++) {
            out.put(
                    i < clustering.size() ? clustering.get(i) : "?",
                    row.clustering().get(i));
        }
        return out;
    }

    private static Map<String, Value> values(Optional<RowState> row, long second) {
        Map<String, Value> out = new LinkedHashMap<>();
        row.ifPresent(state -> state.columns()
                .forEach(column -> column.value(second)
                        .ifPresent(value -> out.put(column.name(), value(column, Optional.of(value), second)))));
        return out;
    }

    /** What the row says, deletions too, as if no time had passed. */
    private static Map<String, Value> written(RowState said) {
        Map<String, Value> out = new LinkedHashMap<>();
        said.columns()
                .forEach(column -> out.put(column.name(), value(column, column.value(Long.MIN_VALUE), Long.MIN_VALUE)));
        return out;
    }

    private static Map<String, Value> expired(Optional<RowState> row, long second) {
        Map<String, Value> out = new LinkedHashMap<>();
        row.ifPresent(state -> state.columns().stream()
                .filter(column -> column.value(second).isEmpty())
                .forEach(column -> column.value(Long.MIN_VALUE)
                        .ifPresent(
                                value -> out.put(column.name(), value(column, Optional.of(value), Long.MIN_VALUE)))));
        return out;
    }

    private static Value value(RowState.Column column, Optional<String> value, long second) {
        long written = column.deletion().map(RowState.Deletion::writeMicros).orElse(Long.MIN_VALUE);
        long expires = RowState.Liveness.NEVER;
        int ttl = 0;
        for (RowState.Cell cell : column.cells()) {
            if (value.isEmpty() || cell.isLive(second)) {
                written = Math.max(written, cell.liveness().writeMicros());
                if (cell.liveness().expiresEpochSeconds() < expires && !cell.deleted()) {
                    expires = cell.liveness().expiresEpochSeconds();
                    ttl = cell.liveness().ttlSeconds();
                }
            }
        }
        boolean forever = expires == RowState.Liveness.NEVER;
        return new Value(
                value,
                Micros.instant(written),
                forever ? Optional.empty() : Optional.of(ttl),
                forever ? Optional.empty() : Optional.of(Instant.ofEpochSecond(expires)));
    }

    /** How much of memory it takes, about. */
    static long weight(HistoryReport.Entry entry) {
        long weight = 500;
        if (entry instanceof Version version) {
            for (Range range : version.ranges()) {
                weight += weight(range);
            }
            for (Row row : version.rows()) {
                weight += weight(row);
            }
        }
        return weight;
    }

    static long weight(Range range) {
        return 300 + weight(range.from()) + weight(range.to());
    }

    static long weight(Row row) {
        return 500
                + weight(row.clustering().values())
                + weight(row.before())
                + weight(row.after())
                + weight(row.written())
                + weight(row.expired());
    }

    static long weight(RowThen row) {
        return 500 + weight(row.clustering().values()) + weight(row.values());
    }

    private static long weight(Collection<String> clustering) {
        return clustering.stream().mapToLong(value -> 100 + 2L * value.length()).sum();
    }

    private static long weight(Map<String, Value> values) {
        long weight = 0;
        for (Value value : values.values()) {
            weight += 200 + 2L * value.value().map(String::length).orElse(0);
        }
        return weight;
    }
}
