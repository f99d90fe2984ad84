package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.KeyRecords;
import dev.hindsight.engine.journal.KeyRecords.KeyRecord;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.operations.journal.HistoryReport.Kind;
import dev.hindsight.operations.journal.HistoryReport.Missing;
import dev.hindsight.operations.journal.HistoryReport.Operation;
import dev.hindsight.operations.journal.HistoryReport.RowThen;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.synthesis.journal.CorruptUpdateException;
import dev.hindsight.synthesis.journal.KeyChange;
import dev.hindsight.synthesis.journal.KeyHistory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Follows the rows over one section: applies its records in the order of numbers, and between them what happened to the table
 * as a whole. What is of before {@code fromMicros} is applied and not told. One thread, one use.
 */
final class HistorySection {
    private final HistoryKey key;
    private final long fromMicros;
    private final long toMicros;
    private final HistoryEntries entries;
    private final List<Step> ahead = new ArrayList<>();
    private final String base;
    private final Optional<KeyHistory> earlier;
    private KeyHistory history;
    private int version;
    private boolean opened;
    /** Records up to this one were taken away before the base was begun, which has what came behind them. */
    private long goneUpTo = -1;

    private List<RowThen> rowsBefore = List.of();

    /** Something that comes before the records that are later than it. */
    private sealed interface Step {
        long atMicros();
    }

    private record Happened(JournalEntry.Event event) implements Step {
        @Override
        public long atMicros() {
            return event.atMicros();
        }
    }

    private record NewSchema(long atMicros, int version) implements Step {}

    private record Told(long atMicros, Missing missing) implements Step {}

    /**
     * @param section what happened before it is not told
     * @param history what its base has
     * @param version of the schema by which it understands it
     * @param earlier what the section before came to
     */
    HistorySection(
            HistoryKey key,
            HistoryPlan.Section section,
            KeyHistory history,
            int version,
            Optional<KeyHistory> earlier,
            HistoryEntries entries) {
        this.key = key;
        this.history = history;
        this.version = version;
        this.fromMicros = section.fromMicros();
        this.toMicros = section.toMicros();
        this.base = section.base();
        this.earlier = earlier;
        this.entries = entries;
    }

    /** To be told where it begins. */
    void add(Missing missing) {
        ahead.add(new Told(Micros.of(missing.from()), missing));
    }

    /**
     * @param beginMicros from when on records are applied to the base
     * @param stateMicros when the base was begun to be taken: a TRUNCATE before that took nothing from it
     */
    void begin(long beginMicros, long stateMicros) {
        for (JournalEntry.Event event : key.events()) {
            if (event.kind() == JournalEntry.EventKind.TRUNCATE && event.atMicros() < stateMicros) {
                if (event.atMicros() >= beginMicros) {
                    goneUpTo = Math.max(goneUpTo, event.afterNumber());
                }
            } else if (event.atMicros() >= beginMicros && event.atMicros() <= toMicros) {
                ahead.add(new Happened(event));
            }
        }
        for (JournalEntry.SchemaVersion schema : key.schemas()) {
            if (schema.version() > version && schema.sinceMicros() <= toMicros) {
                ahead.add(new NewSchema(schema.sinceMicros(), schema.version()));
            }
        }
        ahead.sort(Comparator.comparingLong(Step::atMicros));
    }

    /** What it has come to. */
    KeyHistory history() {
        return history;
    }

    List<RowThen> rowsBefore() {
        return rowsBefore;
    }

    private void apply(KeyRecord record) {
        if (!opened && record.instantMicros() >= fromMicros) {
            pass(fromMicros - 1, record.number(), fromMicros - 1);
            open();
        }
        pass(record.instantMicros(), record.number(), Long.MAX_VALUE);
        if (record.schema() > version && key.isOfTheTable(record.schema())) {
            // Its node knew the columns before another one showed them.
            adopt(record.schema(), record.instantMicros());
        }
        if (record.number() <= goneUpTo) {
            return;
        }
        KeyChange change;
        try {
            change = history.apply(record.update());
        } catch (CorruptUpdateException e) {
            throw new CorruptException(
                    "journal segment " + record.segment() + ": " + e.getMessage(),
                    "run 'hindsight verify' to see all that is damaged; a stretch before or behind it can still be asked for",
                    e);
        }
        if (record.instantMicros() >= fromMicros) {
            HistoryVersions.of(record, change, key.clusteringNames()).ifPresent(entries::add);
        }
    }

    /** All that is due: of events, those up to an instant that the record was numbered behind. */
    private void pass(long micros, long number, long eventMicros) {
        List<Step> due = ahead.stream()
                .filter(step -> step instanceof Happened happened
                        ? happened.event().afterNumber() < number && step.atMicros() <= eventMicros
                        : step.atMicros() <= micros)
                .toList();
        ahead.removeAll(due);
        due.forEach(this::take);
    }

    private void finish() {
        if (!opened) {
            pass(fromMicros - 1, Long.MAX_VALUE, fromMicros - 1);
            open();
        }
        pass(toMicros, Long.MAX_VALUE, toMicros);
    }

    private void take(Step step) {
        if (step instanceof Told told) {
            entries.add(told.missing());
        } else if (step instanceof NewSchema schema) {
            if (schema.version() > version) {
                adopt(schema.version(), schema.atMicros());
            }
        } else if (step instanceof Happened happened) {
            boolean dropped = happened.event().kind() == JournalEntry.EventKind.DROP;
            replace(
                    key.empty(version),
                    dropped ? Kind.DROP : Kind.TRUNCATE,
                    dropped ? Operation.DROP_TABLE : Operation.TRUNCATE,
                    step.atMicros(),
                    dropped ? "the table was dropped" : "the table was truncated");
        }
    }

    private void adopt(int next, long atMicros) {
        KeyHistory under = key.empty(next);
        under.begin(history);
        replace(under, Kind.SCHEMA, Operation.DROP_COLUMN, atMicros, "columns were dropped");
        version = next;
    }

    private void replace(KeyHistory by, Kind kind, Operation operation, long atMicros, String note) {
        Optional<HistoryReport.Version> told = atMicros < fromMicros
                ? Optional.empty()
                : HistoryVersions.of(kind, operation, atMicros, by.since(history), key.clusteringNames(), note);
        history = by;
        told.ifPresent(entries::add);
    }

    /** Called once, when all that came before the section was applied. */
    private void open() {
        opened = true;
        earlier.flatMap(before -> HistoryVersions.of(
                        Kind.BASE,
                        Operation.UNKNOWN,
                        fromMicros,
                        history.since(before),
                        key.clusteringNames(),
                        "backup " + base
                                + " has something else than was followed up to here; what changed it, and when,"
                                + " is not known"))
                .ifPresent(entries::add);
        rowsBefore = HistoryVersions.then(history.rows(), fromMicros, key.clusteringNames());
    }

    /** Goes over all records. */
    void run(KeyRecords records) {
        Optional<KeyRecord> next = records.next();
        while (next.isPresent()) {
            apply(next.get());
            next = records.next();
        }
        finish();
    }
}
