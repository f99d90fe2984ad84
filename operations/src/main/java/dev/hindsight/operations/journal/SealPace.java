package dev.hindsight.operations.journal;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which tables a round seals, and in which order. A table that something new was captured of is due in every round, and
 * again while something of it could not be published yet; one that failed waits longer after each failure. All others are
 * due once in an interval for idle ones, some of them in each round, behind those with changes: so that what they cost is
 * little, and keeps nobody waiting. A table is not due while the agents have put nothing since it was sealed. One thread.
 */
public final class SealPace {
    private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(5);
    private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final int MOST_DOUBLINGS = 16;
    /** In each round, at least. */
    private static final int IDLE_ONES = 16;

    /**
     * @param touched whether something was captured of it since it was sealed, or is still to be published
     * @param waits how often in a row that could not be published
     */
    private record Pace(
            Instant sealedAt, Instant due, boolean touched, int waits, int failures, Map<CaptureStream, Long> stored) {}

    private final Duration interval;
    private final Duration idleInterval;
    private final Map<UUID, Pace> paces = new HashMap<>();

    /**
     * @param interval between seals of a table with changes
     * @param idleInterval between seals of one without
     */
    public SealPace(Duration interval, Duration idleInterval) {
        this.interval = interval;
        this.idleInterval = idleInterval.compareTo(interval) < 0 ? interval : idleInterval;
    }

    /**
     * Those to seal now, in order. Forgets tables that are not among {@code standing}.
     *
     * @param touched tables of which something new was captured, or that somebody asked for, since the last call
     */
    public List<ProtectedTable> due(
            List<ProtectedTable> standing, Set<UUID> touched, CaptureSurvey captures, Instant now) {
        Set<UUID> ids = standing.stream().map(ProtectedTable::tableId).collect(Collectors.toSet());
        paces.keySet().retainAll(ids);
        paces.replaceAll((id, pace) -> touched.contains(id) ? touch(pace) : pace);
        List<ProtectedTable> due = standing.stream()
                .filter(table -> isDue(table, captures, now))
                .sorted(Comparator.comparing(this::sealedAt).thenComparing(ProtectedTable::name))
                .toList();
        long idle =
                Math.max(IDLE_ONES, 2 * standing.size() * interval.toMillis() / Math.max(1, idleInterval.toMillis()));
        return Stream.concat(
                        due.stream().filter(table -> isTouched(table, touched)),
                        due.stream().filter(table -> !isTouched(table, touched)).limit(idle))
                .toList();
    }

    private boolean isTouched(ProtectedTable table, Set<UUID> touched) {
        Pace pace = paces.get(table.tableId());
        return pace == null ? touched.contains(table.tableId()) : pace.touched();
    }

    /** One that failed keeps waiting. */
    private Pace touch(Pace pace) {
        Instant soon = pace.sealedAt().plus(interval);
        return new Pace(
                pace.sealedAt(),
                pace.failures() > 0 || pace.due().isBefore(soon) ? pace.due() : soon,
                true,
                0,
                pace.failures(),
                pace.stored());
    }

    private Instant sealedAt(ProtectedTable table) {
        Pace pace = paces.get(table.tableId());
        return pace == null ? Instant.MIN : pace.sealedAt();
    }

    private boolean isDue(ProtectedTable table, CaptureSurvey captures, Instant now) {
        Pace pace = paces.get(table.tableId());
        return pace == null || (!pace.due().isAfter(now) && !pace.stored().equals(captures.stored()));
    }

    public void sealed(ProtectedTable table, CaptureSurvey captures, SealReport report, Instant now) {
        Pace before = paces.get(table.tableId());
        int waits = report.records() > 0 || !report.waiting()
                ? 0
                : Math.min(MOST_DOUBLINGS, before == null ? 1 : before.waits() + 1);
        boolean soon = report.records() > 0 || report.waiting();
        Duration wait = soon ? doubled(interval, Math.max(0, waits - 1), LONGEST_WAIT) : idleInterval;
        paces.put(table.tableId(), new Pace(now, now.plus(wait), soon, waits, 0, captures.stored()));
    }

    /** Returns how many failures in a row that makes. */
    public int failed(ProtectedTable table, Instant now) {
        Pace pace = paces.get(table.tableId());
        int failures = pace == null ? 1 : Math.min(MOST_DOUBLINGS, pace.failures() + 1);
        // With nothing remembered as read, so that the next look is not skipped.
        paces.put(
                table.tableId(),
                new Pace(
                        now,
                        now.plus(doubled(FIRST_BACK_OFF, failures - 1, LONGEST_BACK_OFF)),
                        pace != null && pace.touched(),
                        0,
                        failures,
                        Map.of()));
        return failures;
    }

    private static Duration doubled(Duration first, int times, Duration most) {
        Duration out = first.multipliedBy(1L << times);
        return out.compareTo(most) > 0 ? most : out;
    }
}
