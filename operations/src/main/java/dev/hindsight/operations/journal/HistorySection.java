package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.JournalSteps;
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
    private final List<Missing> missing = new ArrayList<>();
    private final JournalSteps steps;
    private final String base;
    private final Optional<KeyHistory> earlier;
    private KeyHistory history;
    private int version;
    private boolean opened;
    private List<RowThen> rowsBefore = List.of();

    /**
     * @param section what happened before it is not told
     * @param start what is known of the rows before its first record
     * @param earlier what the section before came to
     */
    HistorySection(
            HistoryKey key,
            HistoryPlan.Section section,
            HistoryStart start,
            Optional<KeyHistory> earlier,
            HistoryEntries entries) {
        this.key = key;
        this.history = start.history();
        this.version = start.version();
        this.fromMicros = section.fromMicros();
        this.toMicros = section.toMicros();
        this.base = section.base();
        this.earlier = earlier;
        this.entries = entries;
        this.steps = new JournalSteps(
                key.events(),
                key.schemas(),
                start.version(),
                start.recordsFromMicros(),
                start.stateMicros(),
                section.toMicros());
    }

    /** To be told where they begin. */
    void add(List<Missing> stretches) {
        missing.addAll(stretches);
        List<JournalSteps.Mark> marks = new ArrayList<>();
        for (int i = 0; i < missing.size(); i++) {
            marks.add(new JournalSteps.Mark(Micros.of(missing.get(i).from()), i));
        }
        steps.add(marks);
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
            take(steps.pass(fromMicros - 1, record.number(), fromMicros - 1));
            open();
        }
        take(steps.before(record.number(), record.instantMicros(), record.schema()));
        if (steps.isGone(record.number())) {
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

    private void finish() {
        if (!opened) {
            take(steps.pass(fromMicros - 1, Long.MAX_VALUE, fromMicros - 1));
            open();
        }
        take(steps.pass(toMicros, Long.MAX_VALUE, toMicros));
    }

    private void take(List<JournalSteps.Step> due) {
        due.forEach(this::take);
    }

    private void take(JournalSteps.Step step) {
        if (step instanceof JournalSteps.Mark mark) {
            entries.add(missing.get(mark.which()));
        } else if (step instanceof JournalSteps.Adopted adopted) {
            KeyHistory under = key.empty(adopted.version());
            under.begin(history);
            replace(under, Kind.SCHEMA, Operation.DROP_COLUMN, step.atMicros(), "columns were dropped");
            version = adopted.version();
        } else if (step instanceof JournalSteps.Emptied emptied) {
            boolean dropped = emptied.event().kind() == JournalEntry.EventKind.DROP;
            replace(
                    key.empty(version),
                    dropped ? Kind.DROP : Kind.TRUNCATE,
                    dropped ? Operation.DROP_TABLE : Operation.TRUNCATE,
                    step.atMicros(),
                    dropped ? "the table was dropped" : "the table was truncated");
        }
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
