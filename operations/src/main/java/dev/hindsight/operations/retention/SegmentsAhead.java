package dev.hindsight.operations.retention;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ObjectStore;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Segments that no entry of a journal names, of records behind its last one. A sealer that is at work has put them, or one
 * that died, whose records are sealed again by the next; or the log's newest entry is lost, which nothing else tells, and they
 * are all that is left of what was sealed. One thread.
 */
final class SegmentsAhead {
    private static final String SEGMENTS = "/segments/";

    private final JournalLog log;
    /** Number from which each goes on. */
    private final TreeMap<String, Long> ahead = new TreeMap<>();

    SegmentsAhead(JournalLog log) {
        this.log = log;
    }

    /**
     * @param view read after these were listed
     * @param unnamed objects of the journal that it does not name
     */
    void look(ObjectStore store, JournalView view, Collection<String> unnamed) {
        List<String> segments = unnamed.stream()
                .filter(key -> key.contains(SEGMENTS) && !ahead.containsKey(key))
                .toList();
        List<Parallel.Outcome<Long>> numbers =
                Parallel.forAll(segments, key -> JournalSegmentReader.baseNumber(store, key));
        for (int i = 0; i < segments.size(); i++) {
            Optional<HindsightException> failure = numbers.get(i).failure();
            // What nobody can read is of no use to anybody.
            if (failure.filter(e -> e instanceof CorruptException || e instanceof NotFoundException)
                    .isEmpty()) {
                ahead.put(segments.get(i), numbers.get(i).get());
            }
        }
        keep(view);
    }

    private void keep(JournalView view) {
        Set<String> named = view.segments().stream()
                .map(Segment::object)
                .map(object -> object.key())
                .collect(Collectors.toCollection(HashSet::new));
        ahead.entrySet().removeIf(one -> one.getValue() <= view.newest().lastNumber() || named.contains(one.getKey()));
    }

    boolean any() {
        return !ahead.isEmpty();
    }

    /** What to say about those that are left when the journal is read again. */
    Optional<String> problem() {
        if (ahead.isEmpty()) {
            return Optional.empty();
        }
        JournalView now = JournalView.find(log).orElseThrow();
        keep(now);
        if (ahead.isEmpty()) {
            return Optional.empty();
        }
        long number = now.newest().number() + 1;
        return Optional.of("journal of " + log.table() + ": no entry names " + ahead.firstKey()
                + (ahead.size() == 1 ? "" : " and " + (ahead.size() - 1) + " more like it")
                + ", of changes behind the last one, " + now.newest().lastNumber()
                + "; all of that journal stays. A sealer is at work or was cut, and the next round takes care of it; or object "
                + Keys.journalEntry(log.table(), log.tableId(), number)
                + " is lost (hint: if a copy of the repository has it, put it back before anything else is sealed)");
    }
}
