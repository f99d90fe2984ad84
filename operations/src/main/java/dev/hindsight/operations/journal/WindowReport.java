package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;
import java.time.Instant;
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
 * @param gaps stretches in which one node's log is not known; they weaken the guarantee and close nothing by themselves
 * @param events truncations, drops
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
        Optional<Asked> asked) {
    /**
     * Both ends included.
     *
     * @param base backup that a restore starts from
     * @param guarantee ONE, QUORUM or ALL: each write acknowledged at that level is surely there
     * @param byDatacenter the same for LOCAL levels
     */
    public record Span(Instant from, Instant to, String base, String guarantee, Map<String, String> byDatacenter) {}

    public record Gap(UUID host, Instant from, Instant to, String cause) {}

    public record Event(String kind, Instant at) {}

    /** @param span empty when the instant cannot be restored; then those nearby say what can */
    public record Asked(Instant at, Optional<Span> span, Optional<Instant> before, Optional<Instant> after) {}
}
