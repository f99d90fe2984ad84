package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Which instants of a table can be restored.
 *
 * @param protectedNow whether writes still go into the journal
 * @param spans sorted; what lies between two cannot be restored
 * @param sealedUpTo every instant before it is final; empty while nothing was sealed
 * @param lagSeconds how far that is behind now
 * @param records numbered so far
 * @param gaps stretches in which one node's log is not known, which weaken the guarantee and close nothing by themselves, or in
 *     which data came into its table from outside, which do
 * @param events truncations, drops
 * @param ended why the journal goes no further; a table of that name that is there again has to be protected anew
 * @param notes what keeps the window from reaching or claiming more, and what to do
 * @param asked when one instant was asked for
 */
public record WindowReport(
        TableName table,
        UUID tableId,
        String cluster,
        boolean protectedNow,
        Instant since,
        List<Span> spans,
        Optional<Instant> sealedUpTo,
        double lagSeconds,
        long records,
        List<Gap> gaps,
        List<Event> events,
        Optional<String> ended,
        List<String> notes,
        Optional<Asked> asked) {
    /**
     * Both ends included.
     *
     * @param base backup that a restore starts from
     * @param uncertaintySeconds an instant may be off by so much: a write that was acknowledged so long before it is surely
     *     there, one that was begun so long after it is not
     * @param guarantee ONE, QUORUM or ALL: each write acknowledged at that level is surely there
     * @param byDatacenter the same for LOCAL levels
     */
    public record Span(
            Instant from,
            Instant to,
            String base,
            String guarantee,
            Map<String, String> byDatacenter,
            double uncertaintySeconds) {}

    public record Gap(UUID host, Instant from, Instant to, String cause) {}

    public record Event(String kind, Instant at) {}

    /** With these notes before its own. */
    public WindowReport withNotes(List<String> more) {
        List<String> all = new ArrayList<>(more);
        all.addAll(notes);
        return new WindowReport(
                table,
                tableId,
                cluster,
                protectedNow,
                since,
                spans,
                sealedUpTo,
                lagSeconds,
                records,
                gaps,
                events,
                ended,
                all,
                asked);
    }

    /** @param span empty when the instant cannot be restored; then those nearby say what can */
    public record Asked(Instant at, Optional<Span> span, Optional<Instant> before, Optional<Instant> after) {}
}
