package dev.hindsight.server.seal;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.ProtectedTable;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Which tables a round seals, and in which order: the one that waited longest first, so that a slow one starves nobody. A
 * table with changes is due in every round; one without is due less and less often, down to an interval for idle ones; one
 * that failed waits longer after each failure. A table is not due while the agents have put nothing since it was sealed.
 * One thread.
 */
public final class SealPace {
    private static final Duration FIRST_BACK_OFF = Duration.ofSeconds(5);
    private static final Duration LONGEST_BACK_OFF = Duration.ofMinutes(5);
    private static final int MOST_DOUBLINGS = 16;

    private record Pace(Instant sealedAt, Instant due, int idle, int failures, Map<CaptureStream, Long> stored) {}

    private final Duration interval;
    private final Duration idleInterval;
    private final Map<UUID, Pace> paces = new HashMap<>();

    /**
     * @param interval between seals of a table with changes
     * @param idleInterval at most between seals of one without
     */
    public SealPace(Duration interval, Duration idleInterval) {
        this.interval = interval;
        this.idleInterval = idleInterval.compareTo(interval) < 0 ? interval : idleInterval;
    }

    /** Those to seal now, in order. Forgets tables that are not among {@code standing}. */
    public List<ProtectedTable> due(List<ProtectedTable> standing, CaptureSurvey captures, Instant now) {
        Set<UUID> ids = standing.stream().map(ProtectedTable::tableId).collect(Collectors.toSet());
        paces.keySet().retainAll(ids);
        return standing.stream()
                .filter(table -> isDue(table, captures, now))
                .sorted(Comparator.comparing(this::sealedAt).thenComparing(ProtectedTable::name))
                .toList();
    }

    private Instant sealedAt(ProtectedTable table) {
        Pace pace = paces.get(table.tableId());
        return pace == null ? Instant.MIN : pace.sealedAt();
    }

    private boolean isDue(ProtectedTable table, CaptureSurvey captures, Instant now) {
        Pace pace = paces.get(table.tableId());
        return pace == null || (!pace.due().isAfter(now) && !pace.stored().equals(captures.stored()));
    }

    /** @param records how many changes it gave */
    public void sealed(ProtectedTable table, CaptureSurvey captures, long records, Instant now) {
        int idle = records > 0 ? 0 : Math.min(MOST_DOUBLINGS, idle(table) + 1);
        Duration wait = records > 0 ? interval : doubled(interval, idle - 1, idleInterval);
        paces.put(table.tableId(), new Pace(now, now.plus(wait), idle, 0, captures.stored()));
    }

    private int idle(ProtectedTable table) {
        Pace pace = paces.get(table.tableId());
        return pace == null ? 0 : pace.idle();
    }

    /** Returns how many failures in a row that makes. */
    public int failed(ProtectedTable table, Instant now) {
        Pace pace = paces.get(table.tableId());
        int failures = pace == null ? 1 : Math.min(MOST_DOUBLINGS, pace.failures() + 1);
        // With nothing remembered as read, so that the next look is not skipped.
        paces.put(
                table.tableId(),
                new Pace(
                        now, now.plus(doubled(FIRST_BACK_OFF, failures - 1, LONGEST_BACK_OFF)), 0, failures, Map.of()));
        return failures;
    }

    private static Duration doubled(Duration first, int times, Duration most) {
        Duration out = first.multipliedBy(1L << times);
        return out.compareTo(most) > 0 ? most : out;
    }
}
