package dev.hindsight.operations.journal;

import dev.hindsight.model.journal.CompletionPolicy;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalView;
import java.util.List;
import java.util.function.Supplier;

/** Says at little cost of a journal that nothing of it is due to be completed. No state. */
final class CompletionDue {
    private CompletionDue() {}

    /**
     * Without a look at any segment: whether there is enough, or the table has a base behind what is not completed, so that a
     * stretch may have ended.
     */
    static boolean mayBe(CompletionPolicy policy, JournalView view, Supplier<TableBases> bases) {
        long done = view.completions().stream()
                .mapToLong(Completion::lastNumber)
                .max()
                .orElse(view.droppedNumber());
        List<Segment> rest = view.segments().stream()
                .filter(segment -> segment.lastNumber() > done)
                .toList();
        if (rest.isEmpty()) {
            return false;
        }
        long since = rest.stream().mapToLong(Segment::firstMicros).min().orElseThrow();
        return rest.stream().mapToLong(Segment::bytes).sum() >= policy.leastBytes()
                || bases.get().manifests().values().stream().anyMatch(base -> Micros.of(base.restorePoint()) > since);
    }
}
