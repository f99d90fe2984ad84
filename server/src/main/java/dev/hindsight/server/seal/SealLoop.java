package dev.hindsight.server.seal;

import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.SealPace;
import dev.hindsight.server.Backend;
import dev.hindsight.server.Watched;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals what is due, in rounds: the agents are asked, and what they captured is read, once for all tables. Several services may do so for one repository; who
 * finds an entry taken goes on behind it. One thread calls {@link #round}; {@link #end} any.
 */
public final class SealLoop {
    private static final Logger LOG = LoggerFactory.getLogger(SealLoop.class);

    private final Backend backend;
    private final SealPace pace;
    private final Watched watched;
    private final ServiceMetrics metrics;
    private final Clock clock;
    private volatile boolean ending;

    public SealLoop(Backend backend, SealPace pace, Watched watched, ServiceMetrics metrics, Clock clock) {
        this.backend = backend;
        this.pace = pace;
        this.watched = watched;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Seals each table that is due once. A table that fails keeps no other from being sealed.
     *
     * @throws HindsightException the repository cannot be reached
     */
    public void round() {
        Instant began = clock.instant();
        List<ProtectedTable> tables = backend.protections();
        watched.protections(tables);
        if (tables.isEmpty()) {
            return;
        }
        CaptureSurvey captures = backend.captures();
        watched.captures(captures, clock.instant());
        Set<UUID> touched = new HashSet<>(backend.touched(tables, captures));
        watched.touched(touched, clock.instant());
        touched.addAll(watched.takeAsked());
        for (ProtectedTable table : pace.due(tables, touched, captures, clock.instant())) {
            if (ending) {
                return;
            }
            seal(table, captures);
        }
        metrics.sealRound(Duration.between(began, clock.instant()));
    }

    private void seal(ProtectedTable table, CaptureSurvey captures) {
        try {
            SealReport report = backend.seal(table, captures);
            pace.sealed(table, captures, report, clock.instant());
            watched.sealed(table, report, clock.instant());
            metrics.sealed(table.name(), report);
            LOG.debug(
                    "sealed table={} entries={} records={} bytes={} copies={} watermarkMicros={}",
                    table.name(),
                    report.entries(),
                    report.records(),
                    report.bytes(),
                    report.copies(),
                    report.watermarkMicros());
        } catch (HindsightException e) {
            metrics.error("seal", e);
            int failures = pace.failed(table, clock.instant());
            if (failures == 1 && !ending) {
                LOG.warn(
                        "sealing failed table={} problem={} message={} hint={}",
                        table.name(),
                        e.getClass().getSimpleName(),
                        e.getMessage(),
                        e.hint());
            }
        } catch (RuntimeException e) {
            metrics.unexpected("seal");
            int failures = pace.failed(table, clock.instant());
            if (failures == 1 && !ending) {
                LOG.error("sealing failed unexpectedly table={}", table.name(), e);
            }
        }
    }

    /** Begins no other table. */
    public void end() {
        ending = true;
    }
}
