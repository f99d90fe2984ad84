package dev.hindsight.engine.journal;

import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.journal.JournalView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The TRUNCATEs that matter in one round. Each node notes a TRUNCATE at its own instant, with the position in its own log up to
 * which it took away what was written: those of several nodes within some seconds are one. It counts from the earliest of
 * those instants on, and what it took away is told node by node, by that position; by time only of a node whose note is not
 * known. The TRUNCATEs of a round part its changes into eras. One thread.
 */
final class Truncations {
    private static final long SAME_MICROS = 10_000_000;

    /** What an entry tells is not earlier than the note says, but for a clock that was set back. */
    private static final long BACK_MICROS = 1_000_000;

    /** A node's note. */
    private record Note(UUID host, long atMicros, @Nullable LogPosition upTo) {
        /**
         * Whether another one is this one, read again: its position tells, as the instant may be told later than it was. Of a
         * table that had no write since, a later TRUNCATE has the same position.
         */
        boolean is(Note other) {
            if (!host.equals(other.host)) {
                return false;
            }
            return upTo == null || other.upTo == null
                    ? atMicros == other.atMicros
                    : upTo.equals(other.upTo) && other.atMicros <= atMicros + BACK_MICROS;
        }
    }

    private static final class Truncate {
        final Map<UUID, Note> notes = new HashMap<>();
        /** Whose notes entries tell. */
        final Set<UUID> told = new HashSet<>();
        /** Of a published one: records up to it came before. */
        long afterNumber = -1;
        /** Whether it is the last published one, or near it: what was there before the others was there before it. */
        boolean last = true;

        long atMicros() {
            return notes.values().stream().mapToLong(Note::atMicros).min().orElse(Long.MIN_VALUE);
        }

        boolean isOne(Note note) {
            Note own = notes.get(note.host());
            return own == null ? Math.abs(note.atMicros() - atMicros()) <= SAME_MICROS : own.is(note);
        }

        /** Of a published one: what is final stays, so it begins no earlier. */
        void putLate(Note note) {
            long at = afterNumber < 0 ? note.atMicros() : Math.max(note.atMicros(), atMicros());
            notes.put(note.host(), new Note(note.host(), at, note.upTo()));
        }
    }

    /** A note that is in the round: not told by an entry yet. */
    private record Fresh(Note note, Truncate of) {}

    /** What came too late: the journal was sealed beyond it. */
    record TooLate(UUID host, long atMicros) {}

    private final RoundInputs inputs;
    private final long sealedMicros;
    private final List<Truncate> published = new ArrayList<>();
    private final List<Truncate> fresh = new ArrayList<>();
    private final List<Fresh> notes = new ArrayList<>();
    private final List<TooLate> tooLate = new ArrayList<>();
    /** Each note that entries tell. */
    private List<Note> told = List.of();

    Truncations(RoundInputs inputs, JournalEntry newest) {
        this.inputs = inputs;
        this.sealedMicros = newest.watermarkMicros();
        newest.truncatedMicros().ifPresent(at -> published(newest, at));
    }

    /** All that entries tell of: any of them may be read again. */
    private void published(JournalEntry newest, long atMicros) {
        List<Note> all = new ArrayList<>();
        for (Event event : JournalView.at(inputs.log, newest).events()) {
            if (event.kind() != EventKind.TRUNCATE) {
                continue;
            }
            LogPosition upTo = event.upTo()
                    .map(place -> new LogPosition(place.segmentId(), Math.max(0, place.position())))
                    .orElse(null);
            Note note = new Note(event.hostId(), event.atMicros(), upTo);
            all.add(note);
            Truncate of = published.stream()
                    .filter(one -> one.afterNumber == event.afterNumber()
                            && !one.told.contains(note.host())
                            && Math.abs(note.atMicros() - one.atMicros()) <= SAME_MICROS)
                    .findFirst()
                    .orElseGet(() -> {
                        Truncate made = new Truncate();
                        made.afterNumber = event.afterNumber();
                        made.last = false;
                        published.add(made);
                        return made;
                    });
            of.told.add(note.host());
            of.notes.put(note.host(), note);
            of.last |= Math.abs(note.atMicros() - atMicros) <= SAME_MICROS;
        }
        told = List.copyOf(all);
        if (published.stream().noneMatch(one -> one.last)) {
            // From before the journal began.
            Truncate of = new Truncate();
            of.notes.put(new UUID(0, 0), new Note(new UUID(0, 0), atMicros, null));
            published.add(of);
        }
    }

    /**
     * How far the round may go: not beyond a TRUNCATE of which a host that is waited for has not told yet, as what that host
     * shows next may have been there before it.
     */
    long watermark(long wanted, Set<UUID> awaited, long patientUntilMicros) {
        long watermark = wanted;
        while (true) {
            read(watermark);
            long next = watermark;
            for (Truncate one : fresh) {
                if (one.atMicros() >= patientUntilMicros && !one.notes.keySet().containsAll(awaited)) {
                    next = Math.min(next, observed(one));
                }
            }
            if (next == watermark) {
                return watermark;
            }
            watermark = next;
        }
    }

    /** Not before any of its notes was. */
    private long observed(Truncate of) {
        return inputs.streams.values().stream()
                .flatMap(stream -> stream.found.stream()
                        .filter(one -> one instanceof StreamRound.Truncated truncated
                                && of.isOne(note(stream.stream.hostId(), truncated)))
                        .map(one -> ((StreamRound.Truncated) one).observed().toMicros()))
                .min(Comparator.naturalOrder())
                .orElse(Long.MAX_VALUE);
    }

    private static Note note(UUID host, StreamRound.Truncated truncated) {
        return new Note(host, truncated.atMicros(), truncated.upTo());
    }

    private void read(long watermark) {
        fresh.clear();
        notes.clear();
        tooLate.clear();
        List<StreamRound.Truncated> inRound = new ArrayList<>();
        Map<StreamRound.Truncated, UUID> hosts = new IdentityHashMap<>();
        List<Note> behind = new ArrayList<>();
        inputs.streams.forEach((stream, found) -> {
            StreamRound.Cut cut = found.cut(watermark, one -> {
                if (one instanceof StreamRound.Truncated truncated) {
                    inRound.add(truncated);
                    hosts.put(truncated, stream.hostId());
                }
            });
            cut.rest().forEach(one -> {
                if (one instanceof StreamRound.Truncated truncated) {
                    behind.add(note(stream.hostId(), truncated));
                }
            });
        });
        inRound.sort(Comparator.comparingLong(StreamRound.Truncated::atMicros));
        for (StreamRound.Truncated truncated : inRound) {
            UUID host = Optional.ofNullable(hosts.get(truncated)).orElseThrow();
            add(note(host, truncated), truncated.observed().toMicros());
        }
        // What the round does not reach yet tells already what was there before.
        for (Note note : behind) {
            if (isTold(note)) {
                continue;
            }
            fresh.stream()
                    .filter(one -> one.isOne(note))
                    .findFirst()
                    .ifPresent(one -> one.notes.put(note.host(), note));
            published.stream().filter(one -> one.isOne(note)).findFirst().ifPresent(one -> one.putLate(note));
        }
    }

    private void add(Note note, long observedMicros) {
        if (note.atMicros() < inputs.journalBegan) {
            // Every base is younger; but a log that is read again still has what it took away.
            Truncate of = published.stream()
                    .filter(one -> one.afterNumber < 0)
                    .findFirst()
                    .orElseGet(() -> {
                        Truncate made = new Truncate();
                        published.add(0, made);
                        return made;
                    });
            of.notes.put(note.host(), note);
            return;
        }
        if (isTold(note)) {
            return;
        }
        for (Truncate one : published) {
            if (one.afterNumber >= 0 && one.isOne(note)) {
                one.putLate(note);
                tell(note, one);
                return;
            }
        }
        for (Truncate one : fresh) {
            if (one.isOne(note)) {
                one.notes.put(note.host(), note);
                tell(note, one);
                return;
            }
        }
        if (note.atMicros() < sealedMicros && observedMicros < sealedMicros) {
            if (!isToldBefore(note)) {
                tooLate.add(new TooLate(note.host(), note.atMicros()));
            }
            return;
        }
        Truncate made = new Truncate();
        made.notes.put(note.host(), note);
        fresh.add(made);
        tell(note, made);
    }

    private void tell(Note note, Truncate of) {
        boolean again = notes.stream()
                .anyMatch(one -> one.of() == of && one.note().host().equals(note.host()));
        if (!again && !of.told.contains(note.host())) {
            notes.add(new Fresh(note, of));
        }
    }

    /** Whether entries tell of a TRUNCATE at about that time, before the last one. */
    private boolean isToldBefore(Note note) {
        return told.stream().anyMatch(one -> Math.abs(one.atMicros() - note.atMicros()) <= SAME_MICROS);
    }

    /** Whether an entry tells of it: a log that is read again shows it at another time. */
    private boolean isTold(Note note) {
        return told.stream().anyMatch(one -> one.is(note));
    }

    /** Whether a change was taken away by what is published: as a record behind it, it would bring back what is gone. */
    boolean isGone(StreamRound.Change change) {
        return published.stream().anyMatch(one -> one.last && wasBefore(one, change));
    }

    /** How many TRUNCATEs of the round a change is behind. */
    int era(StreamRound.Change change) {
        int era = 0;
        for (int i = 0; i < fresh.size(); i++) {
            if (!wasBefore(fresh.get(i), change)) {
                era = i + 1;
            }
        }
        return era;
    }

    private static boolean wasBefore(Truncate one, StreamRound.Change change) {
        Note own = one.notes.get(change.origin().hostId());
        if (own != null && own.upTo() != null) {
            return change.origin().position().compareTo(own.upTo()) <= 0;
        }
        long at = one.atMicros();
        return change.observed().toMicros() < at || change.observed().fromMicros() < at && change.writeMicros() <= at;
    }

    /** The beginnings of the eras but the first, within the round; they never fall. */
    List<Long> eras(long watermark) {
        List<Long> out = new ArrayList<>();
        long least = sealedMicros;
        for (Truncate one : fresh) {
            least = Math.min(watermark - 1, Math.max(one.atMicros(), least));
            out.add(least);
        }
        return out;
    }

    /**
     * What the entry tells, each node's note for itself.
     *
     * @param afterNumbers of the eras but the last: the last record that is not behind them
     */
    List<Event> events(long watermark, List<Long> afterNumbers) {
        List<Long> eras = eras(watermark);
        List<Event> out = new ArrayList<>();
        for (Fresh one : notes) {
            int era = fresh.indexOf(one.of());
            long at = era < 0
                    ? Math.max(one.note().atMicros(), one.of().atMicros())
                    : Math.min(watermark - 1, Math.max(one.note().atMicros(), eras.get(era)));
            long after = era < 0 ? one.of().afterNumber : afterNumbers.get(era);
            out.add(new Event(
                    EventKind.TRUNCATE,
                    at,
                    after,
                    one.note().host(),
                    Optional.ofNullable(one.note().upTo())
                            .map(place -> new JournalEntry.UpTo(place.segmentId(), place.position()))));
        }
        return out;
    }

    /** The last one up to the end of the round. */
    Optional<Long> last(long watermark) {
        List<Long> eras = eras(watermark);
        return eras.isEmpty()
                ? published.stream()
                        .filter(one -> one.last)
                        .map(Truncate::atMicros)
                        .max(Comparator.naturalOrder())
                : Optional.of(eras.get(eras.size() - 1));
    }

    List<TooLate> tooLate() {
        return List.copyOf(tooLate);
    }
}
