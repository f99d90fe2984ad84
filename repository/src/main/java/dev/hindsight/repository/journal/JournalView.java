package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.window.Stretch;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.Gap;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.JournalEntry.State;
import dev.hindsight.repository.document.JournalEntry.Upkeep;
import dev.hindsight.repository.document.JournalEntry.Whole;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A table's journal as one entry leaves it: which segments hold its records, what of the captures was whole, and what is
 * known to be missing. Whoever reads a journal reads it through this, which knows checkpoints: of the log it needs the newest
 * entry that has a {@link State}, and those behind it.
 *
 * <p>A value; any thread.
 *
 * @param newest entry that this is of: it has the watermark, the schemas and what was consumed
 * @param droppedNumber records up to this one are no longer held; 0 when all are
 * @param segments that hold the others, by first number
 * @param whole stretches in which hosts' captures were without a hole, by host, joined
 * @param gaps in the order in which they were learnt of
 * @param events in the order in which they were learnt of
 * @param entries how many were read for this
 */
public record JournalView(
        JournalEntry newest,
        long droppedNumber,
        List<Segment> segments,
        List<Whole> whole,
        List<Gap> gaps,
        List<Event> events,
        long entries) {
    /**
     * A node that is waited for is seen at least every ten seconds, so what an entry tells of longer ago is of one that was
     * not: what it gave came too late for the instants that were sealed without it.
     */
    private static final long LATE_MICROS = 60_000_000;

    private static final Comparator<Segment> BY_NUMBER = Comparator.comparingLong(Segment::firstNumber)
            .thenComparing(Segment::lastNumber)
            .thenComparing(segment -> segment.object().key());

    public JournalView {
        segments = segments.stream().sorted(BY_NUMBER).toList();
        whole = List.copyOf(whole);
        gaps = List.copyOf(gaps);
        events = List.copyOf(events);
    }

    /** As it is now; empty for a table without a journal. */
    public static Optional<JournalView> find(JournalLog log) {
        return log.newest().map(entry -> at(log, entry));
    }

    /** As that entry of the log leaves it. */
    public static JournalView at(JournalLog log, JournalEntry entry) {
        long from =
                entry.state().isPresent() ? entry.number() : entry.checkpoint().orElse(1L);
        Fold fold = new Fold();
        List<JournalEntry> entries = log.entries(from, entry.number());
        if (from > 1 && entries.get(0).state().isEmpty()) {
            throw new CorruptException(
                    "entry " + entry.number() + " of the journal of " + log.table() + " says that entry " + from
                            + " is a checkpoint, which it is not",
                    "run 'hindsight verify' to see all that is damaged; a new base begins a new window");
        }
        entries.forEach(fold::add);
        return fold.view();
    }

    /** As one more entry leaves it. */
    public JournalView plus(JournalEntry entry) {
        Fold fold = new Fold();
        fold.begin(newest, state());
        fold.entries = entries;
        fold.add(entry);
        return fold.view();
    }

    /** To be stored. */
    public State state() {
        return new State(droppedNumber, segments, whole, gaps, events);
    }

    /** Goes from entry to entry. One thread. */
    private static final class Fold {
        private final Map<String, Segment> segments = new LinkedHashMap<>();
        private final Map<UUID, List<Stretch>> whole = new TreeMap<>();
        private final List<Gap> gaps = new ArrayList<>();
        private final List<Event> events = new ArrayList<>();
        private final List<JournalEntry> last = new ArrayList<>(1);
        private long dropped;
        private long entries;

        void begin(JournalEntry entry, State state) {
            dropped = state.droppedNumber();
            state.segments().forEach(segment -> segments.put(segment.object().key(), segment));
            state.whole().forEach(one -> stretch(one, one.fromMicros()));
            gaps.addAll(state.gaps());
            events.addAll(state.events());
            newest(entry);
        }

        private void newest(JournalEntry entry) {
            last.clear();
            last.add(entry);
        }

        void add(JournalEntry entry) {
            entries++;
            if (entry.state().isPresent() && last.isEmpty()) {
                begin(entry, entry.state().get());
                return;
            }
            entry.upkeep().ifPresent(this::upkeep);
            entry.segments().forEach(segment -> segments.put(segment.object().key(), segment));
            for (Whole one : entry.whole()) {
                // What came after its time is in records behind the watermark of before, and in none before that.
                boolean late = !last.isEmpty() && one.fromMicros() < last.get(0).watermarkMicros() - LATE_MICROS;
                stretch(one, late ? last.get(0).watermarkMicros() : one.fromMicros());
            }
            gaps.addAll(entry.gaps());
            events.addAll(entry.events());
            newest(entry);
        }

        private void upkeep(Upkeep upkeep) {
            Set<String> gone = new HashSet<>(upkeep.replaced());
            dropped = Math.max(dropped, upkeep.droppedNumber());
            segments.values()
                    .removeIf(segment -> segment.lastNumber() <= dropped
                            || gone.contains(segment.object().key()));
        }

        private void stretch(Whole one, long from) {
            if (from > one.toMicros()) {
                return;
            }
            List<Stretch> known = whole.computeIfAbsent(one.hostId(), host -> new ArrayList<>());
            Stretch newest = known.isEmpty() ? null : known.get(known.size() - 1);
            // The usual case, so that a long log costs no more than its entries.
            if (newest != null && from >= newest.fromMicros() && from <= newest.toMicros() + 1) {
                known.set(
                        known.size() - 1,
                        new Stretch(newest.fromMicros(), Math.max(newest.toMicros(), one.toMicros())));
            } else {
                known.add(new Stretch(from, one.toMicros()));
            }
        }

        JournalView view() {
            List<Whole> joined = new ArrayList<>();
            whole.forEach((host, stretches) -> Stretch.joined(stretches)
                    .forEach(one -> joined.add(new Whole(host, one.fromMicros(), one.toMicros()))));
            return new JournalView(last.get(0), dropped, List.copyOf(segments.values()), joined, gaps, events, entries);
        }
    }
}
