package dev.hindsight.operations.journal;

import dev.hindsight.model.journal.CompletionPolicy.Part;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The first records of a stretch that are not completed, in parts that may be completed by themselves. A value.
 *
 * @param firstNumber of the records
 * @param parts by number, without a hole
 */
record CompletionParts(long firstNumber, List<Part> parts) {
    CompletionParts {
        parts = List.copyOf(parts);
    }

    long bytes() {
        return parts.stream().mapToLong(Part::bytes).sum();
    }

    long records() {
        return parts.stream().mapToLong(Part::records).sum();
    }

    /** From the first to the last; none if the last is less. */
    record Numbers(long first, long last) {
        boolean hasAll(Completion of) {
            return first <= of.firstNumber() && last >= of.lastNumber();
        }
    }

    /** Of all records of a stretch. Asks segments where the stretch begins or ends within them. */
    static Numbers numbers(ObjectStore store, JournalView view, CompletionStretch stretch) {
        long first = view.droppedNumber() + 1;
        long last = view.droppedNumber();
        for (Segment segment : view.segments()) {
            first = Math.max(first, upTo(store, segment, stretch.fromMicros() - 1) + 1);
            last = Math.max(last, upTo(store, segment, stretch.toMicros()));
        }
        return new Numbers(first, last);
    }

    /** Empty when all are completed. */
    static Optional<CompletionParts> of(ObjectStore store, JournalView view, CompletionStretch stretch) {
        Numbers all = numbers(store, view, stretch);
        long first = all.first();
        long last = all.last();
        for (Completion one : view.completions()) {
            if (one.firstNumber() <= first && one.lastNumber() >= first) {
                first = one.lastNumber() + 1;
            } else if (one.firstNumber() > first) {
                last = Math.min(last, one.firstNumber() - 1);
            }
        }
        return first > last ? Optional.empty() : Optional.of(parts(view, first, last));
    }

    /** The last number of those up to an instant; 0 for none. */
    private static long upTo(ObjectStore store, Segment segment, long micros) {
        if (segment.lastMicros() <= micros) {
            return segment.lastNumber();
        }
        return segment.firstMicros() > micros
                ? 0
                : JournalSegmentReader.open(store, segment.object()).lastNumberUpTo(micros);
    }

    private static CompletionParts parts(JournalView view, long first, long last) {
        TreeSet<Long> ends = new TreeSet<>();
        for (Segment segment : view.segments()) {
            if (segment.lastNumber() >= first && segment.lastNumber() < last) {
                ends.add(segment.lastNumber());
            }
        }
        ends.add(last);
        List<Part> out = new ArrayList<>();
        long from = first;
        for (long end : ends) {
            double records = 0;
            double bytes = 0;
            for (Segment segment : view.segments()) {
                long common = Math.min(end, segment.lastNumber()) - Math.max(from, segment.firstNumber()) + 1;
                if (common > 0) {
                    double share = (double) common / (segment.lastNumber() - segment.firstNumber() + 1);
                    records += share * segment.records();
                    bytes += share * segment.bytes();
                }
            }
            out.add(new Part(end, Math.round(records), Math.round(bytes)));
            from = end + 1;
        }
        return new CompletionParts(first, out);
    }
}
