package dev.hindsight.server.seal;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.journal.DueRuns;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.server.Backend;
import dev.hindsight.server.Watched;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what rows were before changes: of tables that were sealed since they were looked at last, that have a new base, or of
 * which not all was stored that was due; of each once at first. It may read much of a base, and keeps nothing else waiting:
 * nothing but the time that a history takes depends on it. A table of which it fails, and of which nothing is stored, is tried
 * again ever more rarely. One thread calls {@link #round}; {@link #end} any.
 */
public final class CompletionLoop {
    private static final Logger LOG = LoggerFactory.getLogger(CompletionLoop.class);
    private static final Duration LEAST_BACK_OFF = Duration.ofMinutes(1);
    private static final Duration MOST_BACK_OFF = Duration.ofHours(1);

    private final Backend backend;
    private final Watched watched;
    private final ServiceMetrics metrics;
    private final Clock clock;
    private final Map<UUID, Look> completed = new HashMap<>();
    private final Map<UUID, Failed> failing = new HashMap<>();
    private volatile boolean ending;

    /** What was known when all was stored that was due. */
    private record Look(long entries, Optional<Instant> lastBase) {}

    /** @param again not before then */
    private record Failed(Duration backOff, Instant again) {}

    public CompletionLoop(Backend backend, Watched watched, ServiceMetrics metrics, Clock clock) {
        this.backend = backend;
        this.watched = watched;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Looks at each table of which something may be due once. */
    public void round() {
        Set<UUID> there =
                watched.all().stream().map(one -> one.table().tableId()).collect(Collectors.toSet());
        completed.keySet().retainAll(there);
        failing.keySet().retainAll(there);
        for (Watched.Table one : watched.all()) {
            UUID id = one.table().tableId();
            Look look = new Look(one.entriesSealed(), one.lastBase());
            if (ending) {
                return;
            }
            Failed failed = failing.get(id);
            if (look.equals(completed.get(id))
                    || failed != null && clock.instant().isBefore(failed.again())) {
                continue;
            }
            if (complete(one.table())) {
                completed.put(id, look);
            }
        }
    }

    /** Whether nothing is due any more. */
    private boolean complete(ProtectedTable table) {
        try {
            DueRuns runs = backend.complete(table);
            if (runs.failure().isEmpty() || runs.published()) {
                failing.remove(table.tableId());
            }
            runs.failure().ifPresent(problem -> failed(table, problem));
            return runs.failure().isEmpty() && !runs.published();
        } catch (HindsightException e) {
            failed(table, e);
        } catch (RuntimeException e) {
            boolean first = !failing.containsKey(table.tableId());
            failed(table);
            if (!ending) {
                metrics.unexpected("complete");
                if (first) {
                    LOG.error("storing values before changes failed unexpectedly table={}", table.name(), e);
                }
            }
        }
        return false;
    }

    private void failed(ProtectedTable table, HindsightException problem) {
        failed(table);
        if (!ending) {
            metrics.error("complete", problem);
            LOG.warn(
                    "values before changes not stored table={} problem={} hint={}",
                    table.name(),
                    problem.getMessage(),
                    problem.hint());
        }
    }

    private void failed(ProtectedTable table) {
        Failed before = failing.get(table.tableId());
        Duration backOff = before == null ? LEAST_BACK_OFF : before.backOff().multipliedBy(2);
        backOff = backOff.compareTo(MOST_BACK_OFF) > 0 ? MOST_BACK_OFF : backOff;
        failing.put(table.tableId(), new Failed(backOff, clock.instant().plus(backOff)));
    }

    /** Begins no other table. */
    public void end() {
        ending = true;
    }
}
