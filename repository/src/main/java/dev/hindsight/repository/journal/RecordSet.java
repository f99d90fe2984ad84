package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.store.ObjectStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The records of a table's journal that make its state at one instant out of an earlier one: a range of numbers, and the
 * segments that have any of them. The same question gets the same answer for ever.
 *
 * @param segments by first number; may hold other numbers as well
 * @param firstNumber of the range; one more than {@code lastNumber} when there are no records
 * @param truncated the last TRUNCATE in between: what was there before it counts no more, also of the earlier state. In any
 *     case {@code firstNumber} is behind every TRUNCATE of the time that the records are of
 * @param schema version that the table had at the later instant
 * @param entry number of the newest log entry that this was made from
 */
public record RecordSet(
        List<Segment> segments, long firstNumber, long lastNumber, Optional<Event> truncated, int schema, long entry) {
    private static final int ATTEMPTS = 5;

    public RecordSet {
        segments = List.copyOf(segments);
    }

    public boolean isEmpty() {
        return lastNumber < firstNumber;
    }

    /** As {@link #between(ObjectStore, JournalLog, long, long, long)}, of an earlier state that is of {@code fromMicros}. */
    public static RecordSet between(ObjectStore store, JournalLog log, long fromMicros, long toMicros) {
        return between(store, log, fromMicros, fromMicros, toMicros);
    }

    /**
     * The records committed at {@code fromMicros} or later, and at {@code toMicros} or earlier, but for those of before a
     * TRUNCATE in between.
     *
     * @param stateMicros when the earlier state was begun to be taken: a TRUNCATE before that took nothing from it
     * @throws PreconditionFailedException the journal is not sealed beyond {@code toMicros}, or has no more what is behind
     *     {@code fromMicros}
     */
    public static RecordSet between(
            ObjectStore store, JournalLog log, long fromMicros, long stateMicros, long toMicros) {
        for (int attempt = 1; ; attempt++) {
            JournalView view = JournalView.find(log)
                    .orElseThrow(() -> new PreconditionFailedException(
                            log.table() + " has no journal", "protect the table first"));
            try {
                return between(store, log, view, fromMicros, stateMicros, toMicros);
            } catch (NotFoundException e) {
                // A segment was merged and collected while it was being looked at.
                boolean same = log.newest()
                        .map(JournalEntry::number)
                        .equals(Optional.of(view.newest().number()));
                if (same || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static RecordSet between(
            ObjectStore store, JournalLog log, JournalView view, long fromMicros, long stateMicros, long toMicros) {
        JournalEntry newest = view.newest();
        if (toMicros >= newest.watermarkMicros()) {
            throw new PreconditionFailedException(
                    "the journal of " + log.table() + " is sealed up to before " + instant(newest.watermarkMicros())
                            + ", not beyond " + instant(toMicros),
                    "seal it, or ask for an earlier instant");
        }
        if (view.droppedNumber() > 0 && fromMicros <= view.droppedMicros()) {
            throw new PreconditionFailedException(
                    "the journal of " + log.table() + " has no more records up to " + instant(view.droppedMicros())
                            + ": no backup needed them",
                    "ask for an instant behind a later backup");
        }
        Optional<Event> truncated = truncated(view, fromMicros, toMicros);
        long first = view.droppedNumber() + 1;
        long lastNumber = view.droppedNumber();
        List<Segment> segments = new ArrayList<>();
        for (Segment segment : view.segments()) {
            if (segment.firstMicros() > toMicros) {
                continue;
            }
            if (segment.lastMicros() < fromMicros) {
                first = Math.max(first, segment.lastNumber() + 1);
                lastNumber = Math.max(lastNumber, segment.lastNumber());
                continue;
            }
            segments.add(segment);
            boolean cutAbove = segment.lastMicros() > toMicros;
            boolean cutBelow = segment.firstMicros() < fromMicros;
            long upTo = segment.lastNumber();
            if (cutAbove || cutBelow) {
                JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
                if (cutBelow) {
                    first = Math.max(first, reader.lastNumberUpTo(fromMicros - 1) + 1);
                }
                upTo = cutAbove ? reader.lastNumberUpTo(toMicros) : upTo;
            }
            lastNumber = Math.max(lastNumber, upTo);
        }
        if (truncated.isPresent()) {
            first = Math.max(first, truncated.get().afterNumber() + 1);
            truncated = truncated.filter(event -> event.atMicros() >= stateMicros);
        }
        long from = first;
        segments.removeIf(segment -> segment.lastNumber() < from);
        return new RecordSet(
                segments,
                first,
                Math.max(lastNumber, first - 1),
                truncated,
                newest.schemaAt(toMicros),
                newest.number());
    }

    private static Optional<Event> truncated(JournalView view, long fromMicros, long toMicros) {
        // Instants of several nodes' clocks; numbers are of one order.
        return view.events().stream()
                .filter(event -> event.kind() == EventKind.TRUNCATE
                        && event.atMicros() >= fromMicros
                        && event.atMicros() <= toMicros)
                .max(Comparator.comparingLong(Event::afterNumber).thenComparingLong(Event::atMicros));
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
