package dev.hindsight.server;

import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.WindowReport;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the loops last saw of each protected table and of the agents: what metrics and decisions read. Thread-safe. */
public final class Watched {
    private static final Logger LOG = LoggerFactory.getLogger(Watched.class);

    /**
     * One table.
     *
     * @param sealedUpTo every instant before it is final; empty before the first seal
     * @param ended why its journal goes no further
     * @param entriesSealed with records, by this service
     * @param window as last looked at
     * @param lastBase restore point of its newest backup, as last looked at
     */
    public record Table(
            ProtectedTable table,
            Optional<Instant> sealedUpTo,
            Optional<String> ended,
            long entriesSealed,
            Optional<WindowReport> window,
            Optional<Instant> lastBase) {}

    private final Map<UUID, Table> tables = new ConcurrentHashMap<>();
    private final Map<UUID, Instant> unsealed = new ConcurrentHashMap<>();
    private final Set<UUID> asked = ConcurrentHashMap.newKeySet();
    private volatile Optional<Instant> capturingSince = Optional.empty();
    private volatile Map<String, String> silent = Map.of();

    /** That a table is to be sealed soon, though nothing may have been captured of it: somebody looks at its window. */
    public void ask(UUID tableId) {
        asked.add(tableId);
    }

    /** The tables that were asked for since the last call. */
    public Set<UUID> takeAsked() {
        Set<UUID> out = Set.copyOf(asked);
        asked.removeAll(out);
        return out;
    }

    /** All that are protected now; others are forgotten. */
    public void protections(List<ProtectedTable> standing) {
        Set<UUID> ids = standing.stream().map(ProtectedTable::tableId).collect(Collectors.toSet());
        tables.keySet().retainAll(ids);
        unsealed.keySet().retainAll(ids);
        standing.forEach(table -> tables.computeIfAbsent(
                table.tableId(),
                id -> new Table(table, Optional.empty(), Optional.empty(), 0, Optional.empty(), Optional.empty())));
    }

    /** What the agents said at {@code now}. */
    public void captures(CaptureSurvey survey, Instant now) {
        if (!survey.silent().equals(silent)) {
            survey.silent().forEach((agent, why) -> {
                if (!silent.containsKey(agent)) {
                    LOG.warn("agent does not capture agent={} cause={}", agent, why);
                }
            });
            silent.keySet().stream()
                    .filter(agent -> !survey.silent().containsKey(agent))
                    .forEach(agent -> LOG.info("agent captures again agent={}", agent));
            silent = survey.silent();
        }
        if (!survey.everywhere()) {
            capturingSince = Optional.empty();
        } else if (capturingSince.isEmpty()) {
            capturingSince = Optional.of(now);
        }
    }

    /** Something was captured of these tables that is not sealed yet. */
    public void touched(Set<UUID> tableIds, Instant now) {
        tableIds.forEach(id -> unsealed.putIfAbsent(id, now));
    }

    /** Since when something of a table waits to be sealed, and nothing of it was; empty when nothing does. */
    public Optional<Instant> unsealedSince(UUID tableId) {
        return Optional.ofNullable(unsealed.get(tableId));
    }

    public void sealed(ProtectedTable table, SealReport report, Instant now) {
        if (!report.waiting()) {
            unsealed.remove(table.tableId());
        } else if (report.records() > 0) {
            unsealed.put(table.tableId(), now);
        } else {
            unsealed.putIfAbsent(table.tableId(), now);
        }
        tables.computeIfPresent(table.tableId(), (id, before) -> {
            if (before.ended().isEmpty()) {
                report.ended().ifPresent(why -> LOG.warn("journal ended table={} cause={}", table.name(), why));
            }
            return new Table(
                    table,
                    Optional.of(Instant.EPOCH.plus(report.watermarkMicros(), ChronoUnit.MICROS)),
                    report.ended(),
                    before.entriesSealed() + (report.records() > 0 ? report.entries() : 0),
                    before.window(),
                    before.lastBase());
        });
    }

    public void window(ProtectedTable table, WindowReport report, Optional<Instant> lastBase) {
        tables.computeIfPresent(
                table.tableId(),
                (id, before) -> new Table(
                        table,
                        later(before.sealedUpTo(), report.sealedUpTo()),
                        report.ended(),
                        before.entriesSealed(),
                        Optional.of(report),
                        lastBase));
    }

    private static Optional<Instant> later(Optional<Instant> one, Optional<Instant> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isPresent() ? one : other;
        }
        return one.get().isAfter(other.get()) ? one : other;
    }

    public Optional<Table> find(UUID tableId) {
        return Optional.ofNullable(tables.get(tableId));
    }

    public List<Table> all() {
        return new ArrayList<>(tables.values());
    }

    /** Since when every agent has been seen to capture without a break. */
    public Optional<Instant> capturingSince() {
        return capturingSince;
    }

    /** Agents that do not capture, with the reason. */
    public Map<String, String> silent() {
        return silent;
    }
}
