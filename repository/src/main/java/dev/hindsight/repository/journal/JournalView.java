package dev.hindsight.repository.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.window.Stretch;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.Gap;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.JournalEntry.Upkeep;
import dev.hindsight.repository.document.JournalEntry.Whole;
import dev.hindsight.repository.document.JournalState;
import dev.hindsight.repository.document.JournalState.Off;
import dev.hindsight.repository.document.JournalState.OwnersSeen;
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
 * entry that has a {@link JournalState}, and those behind it.
 *
 * <p>A value; any thread.
 *
 * @param newest entry that this is of: it has the watermark, the schemas and what was consumed
 * @param droppedNumber records up to this one are no longer held; 0 when all are
 * @param droppedMicros the instants of those are not above it; 0 when all are held
 * @param segments that hold the others, by first number
 * @param whole stretches in which hosts' captures were without a hole, by host, joined; what came late for itself
 * @param gaps in the order in which they were learnt of; those of one host and cause from outside that overlap are one
 * @param events in the order in which they were learnt of
 * @param owners who replicated the table, in the order of time
 * @param exact how exact instants are, in their order
 * @param completions records of which is stored what was before them, by first number
 * @param entries how many were read for this
 */
public record JournalView(
        JournalEntry newest,
        long droppedNumber,
        long droppedMicros,
        List<Segment> segments,
        List<Whole> whole,
        List<Gap> gaps,
        List<Event> events,
        List<OwnersSeen> owners,
        List<Off> exact,
        List<Completion> completions,
        long entries) {
    /** Of each host, so many stretches that came late are told apart; of more, neighbours count as if they came together. */
    private static final int MOST_LATE = 64;

    /** Of the gaps learnt of last, so many may be one with the next. */
    private static final int NEAR_GAPS = 64;

    /** Of whose nodes nothing is known: Cassandra's own sync period. */
    private static final long USUAL_READABLE_MICROS = 10_000_000;

    private static final int ATTEMPTS = 5;

    private static final Comparator<Segment> BY_NUMBER = Comparator.comparingLong(Segment::firstNumber)
            .thenComparing(Segment::lastNumber)
            .thenComparing(segment -> segment.object().key());

    public JournalView {
        segments = segments.stream().sorted(BY_NUMBER).toList();
        whole = List.copyOf(whole);
        gaps = List.copyOf(gaps);
        events = List.copyOf(events);
        owners = List.copyOf(owners);
        exact = List.copyOf(exact);
        completions = completions.stream()
                .sorted(Comparator.comparingLong(Completion::firstNumber))
                .toList();
    }

    /** By how much an instant of {@code [from, to]} may be off. */
    public long offMicros(long fromMicros, long toMicros) {
        long most = 0;
        for (int i = 0; i < exact.size(); i++) {
            long end = i + 1 < exact.size() ? exact.get(i + 1).fromMicros() - 1 : Long.MAX_VALUE;
            if (exact.get(i).fromMicros() <= toMicros && end >= fromMicros) {
                most = Math.max(most, exact.get(i).offMicros());
            }
        }
        return most > 0 ? most : USUAL_READABLE_MICROS;
    }

    /** As it is now; empty for a table without a journal. */
    public static Optional<JournalView> find(JournalLog log) {
        for (int attempt = 1; ; attempt++) {
            Optional<JournalEntry> newest = log.newest();
            try {
                return newest.map(entry -> at(log, entry));
            } catch (NotFoundException e) {
                // Entries behind the checkpoint may be collected while they are read; then there is a newer one.
                if (attempt == ATTEMPTS
                        || log.newest().map(JournalEntry::number).equals(newest.map(JournalEntry::number))) {
                    throw e;
                }
            }
        }
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
    public JournalState state() {
        return new JournalState(
                droppedNumber,
                Optional.of(droppedMicros).filter(micros -> micros > 0),
                segments,
                whole,
                gaps,
                events,
                owners,
                exact,
                completions.isEmpty() ? Optional.empty() : Optional.of(completions));
    }

    /** Goes from entry to entry. One thread. */
    private static final class Fold {
        private final Map<String, Segment> segments = new LinkedHashMap<>();
        private final Map<UUID, List<Stretch>> whole = new TreeMap<>();
        private final Map<UUID, List<Whole>> late = new TreeMap<>();
        private final List<OwnersSeen> owners = new ArrayList<>();
        private final List<Off> exact = new ArrayList<>();
        private final List<Gap> gaps = new ArrayList<>();
        private final List<Event> events = new ArrayList<>();
        private final List<Completion> completions = new ArrayList<>();
        private final List<JournalEntry> last = new ArrayList<>(1);
        private long dropped;
        private long droppedMicros;
        private long entries;

        void begin(JournalEntry entry, JournalState state) {
            dropped = state.droppedNumber();
            droppedMicros = state.droppedMicros().orElse(0L);
            state.segments().forEach(segment -> segments.put(segment.object().key(), segment));
            state.whole().forEach(one -> {
                if (one.sinceMicros().isPresent()) {
                    late.computeIfAbsent(one.hostId(), host -> new ArrayList<>())
                            .add(one);
                } else {
                    stretch(one, one.fromMicros());
                }
            });
            state.gaps().forEach(this::gap);
            events.addAll(state.events());
            owners.addAll(state.owners());
            exact.addAll(state.exact());
            state.completions().ifPresent(all -> all.forEach(this::completed));
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
            long sealed = last.isEmpty() ? Long.MIN_VALUE : last.get(0).watermarkMicros();
            for (Whole one : entry.whole()) {
                // An entry goes on from what was seen last, which is the last instant of the one before.
                long from = one.fromMicros() == sealed - 1 ? sealed : one.fromMicros();
                if (from < sealed) {
                    late(one, sealed);
                } else {
                    stretch(one, from);
                }
            }
            entry.owners().ifPresent(this::owners);
            if (entry.watermarkMicros() > sealed) {
                exact(entry, sealed);
            }
            entry.gaps().forEach(this::gap);
            events.addAll(entry.events());
            entry.completed().ifPresent(this::completed);
            newest(entry);
        }

        /** What was damaged may have been stored again, of the same numbers. */
        private void completed(Completion one) {
            completions.removeIf(
                    known -> known.firstNumber() == one.firstNumber() && known.lastNumber() == one.lastNumber());
            completions.add(one);
        }

        /** What came after its time is in records behind the watermark of before, and in none before that. */
        private void late(Whole one, long sealed) {
            List<Whole> known = late.computeIfAbsent(one.hostId(), host -> new ArrayList<>());
            known.add(new Whole(one.hostId(), one.fromMicros(), one.toMicros(), Optional.of(sealed)));
            for (int i = 1; i < known.size() && known.size() > MOST_LATE; i++) {
                Whole before = known.get(i - 1);
                Whole next = known.get(i);
                if (before.fromMicros() <= next.fromMicros() && next.fromMicros() - 1 <= before.toMicros()) {
                    // As if the earlier one had come with the later one: never too early.
                    known.set(
                            i,
                            new Whole(
                                    one.hostId(),
                                    before.fromMicros(),
                                    Math.max(before.toMicros(), next.toMicros()),
                                    next.sinceMicros()));
                    known.remove(i - 1);
                }
            }
        }

        /** What comes from outside for long is told of again and again, with another end each time. */
        private void gap(Gap next) {
            for (int i = gaps.size() - 1; next.isOutside() && i >= Math.max(0, gaps.size() - NEAR_GAPS); i--) {
                Gap one = gaps.get(i);
                if (one.isOutside()
                        && one.hostId().equals(next.hostId())
                        && one.cause().equals(next.cause())
                        && one.fromMicros() <= next.toMicros()
                        && next.fromMicros() <= one.toMicros()) {
                    gaps.set(
                            i,
                            new Gap(
                                    one.hostId(),
                                    Math.min(one.fromMicros(), next.fromMicros()),
                                    Math.max(one.toMicros(), next.toMicros()),
                                    one.cause(),
                                    one.outside()));
                    return;
                }
            }
            gaps.add(next);
        }

        private void owners(JournalEntry.Owners seen) {
            OwnersSeen before = owners.isEmpty() ? null : owners.get(owners.size() - 1);
            if (before != null && before.digest().equals(seen.digest())) {
                owners.set(
                        owners.size() - 1,
                        new OwnersSeen(
                                seen.digest(), before.fromMicros(), Math.max(before.toMicros(), seen.seenMicros())));
            } else {
                owners.add(new OwnersSeen(seen.digest(), seen.seenMicros(), seen.seenMicros()));
            }
        }

        private void exact(JournalEntry entry, long sealed) {
            long off = roundedUp(entry.spreadMicros().orElse(0L)
                    + entry.owners().map(JournalEntry.Owners::readableMicros).orElse(USUAL_READABLE_MICROS));
            if (exact.isEmpty() || exact.get(exact.size() - 1).offMicros() != off) {
                exact.add(new Off(sealed, off));
            }
        }

        /** To 1, 2 or 5 times a power of ten, from 10 ms on: so that a long journal has few of them. */
        private static long roundedUp(long micros) {
            long step = 10_000;
            while (true) {
                for (long times : new long[] {1, 2, 5}) {
                    if (times * step >= micros || step > Long.MAX_VALUE / 100) {
                        return times * step;
                    }
                }
                step *= 10;
            }
        }

        private void upkeep(Upkeep upkeep) {
            Set<String> gone = new HashSet<>(upkeep.replaced());
            dropped = Math.max(dropped, upkeep.droppedNumber());
            droppedMicros = Math.max(droppedMicros, upkeep.droppedMicros().orElse(0L));
            segments.values()
                    .removeIf(segment -> segment.lastNumber() <= dropped
                            || gone.contains(segment.object().key()));
            completions.removeIf(one -> one.lastNumber() <= dropped);
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
            late.values().forEach(joined::addAll);
            return new JournalView(
                    last.get(0),
                    dropped,
                    droppedMicros,
                    List.copyOf(segments.values()),
                    joined.stream().flatMap(one -> held(one).stream()).toList(),
                    gaps,
                    events,
                    owners,
                    exact,
                    completions,
                    entries);
        }

        /** What was in records that are no longer held is in no journal. */
        private Optional<Whole> held(Whole one) {
            long from = droppedMicros == 0 ? one.fromMicros() : Math.max(one.fromMicros(), droppedMicros + 1);
            return from > one.toMicros()
                    ? Optional.empty()
                    : Optional.of(new Whole(one.hostId(), from, one.toMicros(), one.sinceMicros()));
        }
    }
}
