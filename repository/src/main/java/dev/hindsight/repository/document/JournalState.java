package dev.hindsight.repository.document;

import java.util.List;
import java.util.Optional;

/**
 * A journal up to an entry: what a checkpoint tells besides what each entry does.
 *
 * @param droppedNumber records up to this one are no longer held; 0 when all are
 * @param droppedMicros the instants of those are not above it; not there when all are held
 * @param segments that hold the others, by first number
 * @param whole as of all entries, corrected for what came late and for what is no longer held, and joined
 * @param gaps as of all entries
 * @param events as of all entries
 * @param owners who replicated the table, in the order of time
 * @param exact how exact instants are, in their order
 * @param completions by first number; not there when there are none
 */
public record JournalState(
        long droppedNumber,
        Optional<Long> droppedMicros,
        List<JournalEntry.Segment> segments,
        List<JournalEntry.Whole> whole,
        List<JournalEntry.Gap> gaps,
        List<JournalEntry.Event> events,
        List<OwnersSeen> owners,
        List<Off> exact,
        Optional<List<Completion>> completions) {
    public JournalState {
        segments = List.copyOf(segments);
        whole = List.copyOf(whole);
        gaps = List.copyOf(gaps);
        events = List.copyOf(events);
        owners = List.copyOf(owners);
        exact = List.copyOf(exact);
        completions = completions.map(List::copyOf);
    }

    /** While an entry after the other told the same owners: when they were first and last seen to be it. */
    public record OwnersSeen(String digest, long fromMicros, long toMicros) {}

    /** From this instant on, until the next one of these, instants may be off by so much. */
    public record Off(long fromMicros, long offMicros) {}
}
