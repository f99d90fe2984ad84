package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.store.ObjectStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The records of a table's journal that make its state at one instant out of an earlier one: a range of numbers, and the
 * segments that have any of them. The same question gets the same answer for ever.
 *
 * @param segments in the order of the log; may hold other numbers as well
 * @param firstNumber of the range; one more than {@code lastNumber} when there are no records
 * @param truncated the last TRUNCATE in between: what was there before it counts no more, also of the earlier state, and
 *     {@code firstNumber} is the first one behind it
 * @param schema version that the table had at the later instant
 * @param entry number of the newest log entry that this was made from
 */
public record RecordSet(
        List<Segment> segments, long firstNumber, long lastNumber, Optional<Event> truncated, int schema, long entry) {
    public RecordSet {
        segments = List.copyOf(segments);
    }

    public boolean isEmpty() {
        return lastNumber < firstNumber;
    }

    /**
     * The records committed at {@code fromMicros} or later, and at {@code toMicros} or earlier.
     *
     * @throws PreconditionFailedException the journal is not sealed beyond {@code toMicros}
     */
    public static RecordSet between(ObjectStore store, JournalLog log, long fromMicros, long toMicros) {
        JournalEntry newest = log.newest()
                .orElseThrow(() ->
                        new PreconditionFailedException(log.table() + " has no journal", "protect the table first"));
        if (toMicros >= newest.watermarkMicros()) {
            throw new PreconditionFailedException(
                    "the journal of " + log.table() + " is sealed up to before " + instant(newest.watermarkMicros())
                            + ", not beyond " + instant(toMicros),
                    "seal it, or ask for an earlier instant");
        }
        long last = newest.number();
        // Of the first entry with a watermark above an instant, some records may be below it, of those before all are.
        long begin = log.firstWithWatermarkAbove(fromMicros - 1, last);
        long end = log.firstWithWatermarkAbove(toMicros, last);
        List<JournalEntry> entries = log.entries(begin, end);
        long before = begin == 1 ? 0 : log.entry(begin - 1).lastNumber();
        long first = before + 1;
        long lastNumber = before;
        Optional<Event> truncated = Optional.empty();
        List<Segment> segments = new ArrayList<>();
        for (JournalEntry entry : entries) {
            for (Event event : entry.events()) {
                boolean inside = event.kind() == EventKind.TRUNCATE
                        && event.atMicros() >= fromMicros
                        && event.atMicros() <= toMicros;
                if (inside
                        && truncated
                                .map(known -> known.atMicros() <= event.atMicros())
                                .orElse(true)) {
                    truncated = Optional.of(event);
                }
            }
            for (Segment segment : entry.segments()) {
                if (segment.firstMicros() > toMicros || segment.lastMicros() < fromMicros) {
                    // Beyond: no record of it is wanted.
                    if (segment.lastMicros() < fromMicros) {
                        first = Math.max(first, segment.lastNumber() + 1);
                        lastNumber = Math.max(lastNumber, segment.lastNumber());
                    }
                    continue;
                }
                segments.add(segment);
                boolean cutAbove = segment.lastMicros() > toMicros;
                boolean cutBelow = segment.firstMicros() < fromMicros;
                if (cutAbove || cutBelow) {
                    JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
                    if (cutBelow) {
                        first = Math.max(first, reader.lastNumberUpTo(fromMicros - 1) + 1);
                    }
                    lastNumber =
                            Math.max(lastNumber, cutAbove ? reader.lastNumberUpTo(toMicros) : segment.lastNumber());
                } else {
                    lastNumber = Math.max(lastNumber, segment.lastNumber());
                }
            }
        }
        if (truncated.isPresent()) {
            first = Math.max(first, truncated.get().afterNumber() + 1);
        }
        long from = first;
        segments.removeIf(segment -> segment.lastNumber() < from);
        return new RecordSet(
                segments,
                first,
                Math.max(lastNumber, first - 1),
                truncated,
                schemaAt(newest, toMicros),
                newest.number());
    }

    private static int schemaAt(JournalEntry entry, long micros) {
        int version = entry.schemas().get(0).version();
        for (JournalEntry.SchemaVersion schema : entry.schemas()) {
            if (schema.sinceMicros() <= micros) {
                version = schema.version();
            }
        }
        return version;
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
