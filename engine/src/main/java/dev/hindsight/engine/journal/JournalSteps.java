package dev.hindsight.engine.journal;

import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What happens to a table as a whole, on the way through the records of one key that are applied to a base: each TRUNCATE and
 * change of the schema comes up just before the first record that is later. Whoever follows keys goes by this, so that all
 * find the same. One thread, one use.
 */
public final class JournalSteps {
    /** Something that comes before the records that are later than it. */
    public sealed interface Step {
        long atMicros();
    }

    /** A TRUNCATE or DROP: nothing of before counts any more. */
    public record Emptied(Event event) implements Step {
        @Override
        public long atMicros() {
            return event.atMicros();
        }
    }

    /** From here on the rows are understood by another version of the schema. */
    public record Adopted(long atMicros, int version) implements Step {}

    /** Something of the caller's. */
    public record Mark(long atMicros, int which) implements Step {}

    private final List<SchemaVersion> schemas;
    private final List<Step> ahead = new ArrayList<>();
    private int version;
    /** Records up to this one were taken away before the base was begun, which has what came behind them. */
    private long goneUpTo = -1;

    /**
     * @param version of the schema by which the base is understood
     * @param beginMicros from when on records are applied to the base
     * @param stateMicros when the base was begun to be taken: a TRUNCATE before that took nothing from it
     * @param toMicros what happened later is of no interest
     */
    public JournalSteps(
            List<Event> events,
            List<SchemaVersion> schemas,
            int version,
            long beginMicros,
            long stateMicros,
            long toMicros) {
        this.schemas = schemas;
        this.version = version;
        for (Event event : events) {
            if (event.kind() == EventKind.TRUNCATE && event.atMicros() < stateMicros) {
                if (event.atMicros() >= beginMicros) {
                    goneUpTo = Math.max(goneUpTo, event.afterNumber());
                }
            } else if (event.atMicros() >= beginMicros && event.atMicros() <= toMicros) {
                ahead.add(new Emptied(event));
            }
        }
        for (SchemaVersion schema : schemas) {
            if (schema.version() > version && schema.sinceMicros() <= toMicros) {
                ahead.add(new Adopted(schema.sinceMicros(), schema.version()));
            }
        }
        sort();
    }

    private void sort() {
        ahead.sort(Comparator.comparingLong(Step::atMicros));
    }

    /** Adds steps of the caller's own. */
    public void add(List<Mark> marks) {
        ahead.addAll(0, marks);
        sort();
    }

    /** Whether a record counts no more. */
    public boolean isGone(long number) {
        return number <= goneUpTo;
    }

    /** By which everything is understood now. */
    public int version() {
        return version;
    }

    /** What comes before a record. */
    public List<Step> before(long number, long instantMicros, int schema) {
        List<Step> due = pass(instantMicros, number, Long.MAX_VALUE);
        // Its node knew the columns before another one showed them.
        Optional<Step> adopted = adopt(new Adopted(instantMicros, schema))
                .filter(step -> schemas.stream()
                        .anyMatch(one -> one.version() == schema && one.sinceMicros() != SchemaVersion.NEVER));
        if (adopted.isEmpty()) {
            return due;
        }
        version = schema;
        List<Step> all = new ArrayList<>(due);
        all.add(adopted.get());
        return all;
    }

    /** What is due at an instant: of events, those up to another instant that the record was numbered behind. */
    public List<Step> pass(long micros, long number, long eventMicros) {
        if (ahead.isEmpty()) {
            return List.of();
        }
        List<Step> due = ahead.stream()
                .filter(step -> step instanceof Emptied emptied
                        ? emptied.event().afterNumber() < number && step.atMicros() <= eventMicros
                        : step.atMicros() <= micros)
                .toList();
        ahead.removeAll(due);
        List<Step> out = new ArrayList<>(due.size());
        for (Step step : due) {
            if (step instanceof Adopted adopted) {
                adopt(adopted).ifPresent(one -> {
                    version = adopted.version();
                    out.add(one);
                });
            } else {
                out.add(step);
            }
        }
        return out;
    }

    private Optional<Step> adopt(Adopted next) {
        return next.version() > version ? Optional.of(next) : Optional.empty();
    }
}
