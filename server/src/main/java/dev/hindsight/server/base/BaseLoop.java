package dev.hindsight.server.base;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.protection.BaseNeed;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.server.Backend;
import dev.hindsight.server.Watched;
import dev.hindsight.server.job.Job;
import dev.hindsight.server.job.Jobs;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the windows of all protected tables, and queues one backup of those that need a new base. What is needed is
 * decided from what the repository holds, so a restart forgets nothing, and of two services the second sees the first one's
 * base. The repository is asked of tables that were sealed further, that seem to need something, and now and then of all
 * others.
 *
 * <p>When a base of one table is due, the others of its keyspace that have a schedule share it. From the end of an attempt on
 * a table waits, longer each time, until it has a base that helped. When a backup of several tables fails, each of them gets
 * one of its own next, so that one that cannot be backed up keeps no other from its base.
 *
 * <p>One thread calls {@link #round}; {@link #end} any.
 */
public final class BaseLoop {
    private static final Logger LOG = LoggerFactory.getLogger(BaseLoop.class);
    private static final Duration FIRST_BACK_OFF = Duration.ofMinutes(1);
    private static final Duration LONGEST_BACK_OFF = Duration.ofHours(1);
    private static final Duration FIRST_BASE = Duration.ofMinutes(5);
    private static final Duration FIRST_HOLD = Duration.ofHours(1);
    private static final Duration LONGEST_HOLD = Duration.ofDays(1);
    private static final Duration RING_INTERVAL = Duration.ofMinutes(5);
    private static final Duration LONGEST_TRUST = Duration.ofMinutes(10);
    private static final int MOST_DOUBLINGS = 10;

    /**
     * What was tried for a table.
     *
     * @param at when the last one was queued
     * @param job the last one; empty when too many waited
     * @param alone since one that failed for several tables, and not for a reason that passes: this one is backed up by itself
     */
    private record Attempts(int count, Instant at, Optional<String> job, boolean alone) {
        static final Attempts NONE = new Attempts(0, Instant.MIN, Optional.empty(), false);

        Duration backOff() {
            Duration wait = FIRST_BACK_OFF.multipliedBy(1L << Math.min(MOST_DOUBLINGS, count - 1));
            return wait.compareTo(LONGEST_BACK_OFF) > 0 ? LONGEST_BACK_OFF : wait;
        }
    }

    /**
     * What the repository said of a table.
     *
     * @param sealedUpTo as far as was known then
     */
    private record Look(
            Instant at, WindowReport window, Optional<Backend.LastBase> last, Optional<Instant> sealedUpTo) {}

    private final Backend backend;
    private final BaseTimes times;
    private final Jobs jobs;
    private final Watched watched;
    private final ServiceMetrics metrics;
    private final Clock clock;
    private final Map<UUID, Attempts> attempts = new HashMap<>();
    private final Map<UUID, Instant> lookedAt = new HashMap<>();
    private final Map<UUID, Look> looks = new HashMap<>();
    private final Set<UUID> failing = new HashSet<>();
    private Optional<Ring> ring = Optional.empty();
    private Instant ringSince = Instant.MIN;
    private volatile boolean ending;

    public BaseLoop(Backend backend, BaseTimes times, Jobs jobs, Watched watched, ServiceMetrics metrics, Clock clock) {
        this.backend = backend;
        this.times = times;
        this.jobs = jobs;
        this.watched = watched;
        this.metrics = metrics;
        this.clock = clock;
    }

    /**
     * Looks at the tables, those that were looked at longest ago first, for no longer than {@code patience}, and queues a
     * backup if one is needed.
     *
     * @return the job that was queued
     * @throws HindsightException the repository cannot be reached
     */
    public Optional<Job> round(Duration patience) {
        Instant until = clock.instant().plus(patience);
        List<ProtectedTable> tables = backend.protections();
        watched.protections(tables);
        Set<UUID> ids = tables.stream().map(ProtectedTable::tableId).collect(Collectors.toSet());
        attempts.keySet().retainAll(ids);
        lookedAt.keySet().retainAll(ids);
        looks.keySet().retainAll(ids);
        failing.retainAll(ids);
        if (tables.isEmpty()) {
            return Optional.empty();
        }
        lookAtRing();
        Map<ProtectedTable, String> needed = new LinkedHashMap<>();
        Set<String> scheduled = new HashSet<>();
        List<ProtectedTable> order = tables.stream()
                .sorted(Comparator.comparing((ProtectedTable table) ->
                        Optional.ofNullable(lookedAt.get(table.tableId())).orElse(Instant.MIN)))
                .toList();
        for (ProtectedTable table : order) {
            if (ending || (!needed.isEmpty() && clock.instant().isAfter(until))) {
                break;
            }
            lookedAt.put(table.tableId(), clock.instant());
            need(table).ifPresent(need -> {
                needed.put(table, need.cause() + ": " + need.reason());
                if (need.cause() == BaseNeed.Cause.SCHEDULED && !alone(table)) {
                    scheduled.add(table.name().keyspace());
                }
            });
            if (clock.instant().isAfter(until)) {
                break;
            }
        }
        tables.stream()
                .filter(table -> scheduled.contains(table.name().keyspace()))
                .filter(this::mayKeepStep)
                .forEach(table -> needed.putIfAbsent(
                        table, BaseNeed.Cause.SCHEDULED + ": together with the other tables of its keyspace"));
        return needed.isEmpty() || ending ? Optional.empty() : queue(together(needed));
    }

    /**
     * Whether a table shares a base that is due for another one of its keyspace: only from a base that has all of them can
     * the keyspace be restored to an instant. Not without a schedule, nor while something else is under way for it.
     */
    private boolean mayKeepStep(ProtectedTable table) {
        Look look = looks.get(table.tableId());
        return look != null
                && look.last()
                        .flatMap(base -> times.due(table.name(), base.restorePoint()))
                        .isPresent()
                && look.window().ended().isEmpty()
                && !underWay(table.name())
                && !attempts.containsKey(table.tableId());
    }

    private Optional<BaseNeed> need(ProtectedTable table) {
        Look before = looks.get(table.tableId());
        if (before != null && isTrusted(table, before)) {
            Optional<BaseNeed> supposed = BaseNeed.of(facts(table, before.window(), before.last()), clock.instant());
            if (supposed.isEmpty()) {
                askToSeal(table, before);
                return Optional.empty();
            }
        }
        looks.remove(table.tableId());
        try {
            WindowReport window = backend.window(table.name(), Optional.empty());
            Optional<Backend.LastBase> last = backend.lastBase(table);
            watched.window(table, window, last.map(Backend.LastBase::restorePoint));
            Look now = new Look(clock.instant(), window, last, sealedUpTo(table));
            looks.put(table.tableId(), now);
            askToSeal(table, now);
            Optional<BaseNeed> need = BaseNeed.of(facts(table, window, last), clock.instant());
            failing.remove(table.tableId());
            if (need.isEmpty() && sealedPast(window, last)) {
                attempts.remove(table.tableId());
            }
            return need.filter(any -> !holdsBack(table, window, last)
                    && !underWay(table.name())
                    && !justBegun(table, last)
                    && rested(table));
        } catch (HindsightException e) {
            metrics.error("bases", e);
            if (failing.add(table.tableId()) && !ending) {
                LOG.warn("window not known table={} message={} hint={}", table.name(), e.getMessage(), e.hint());
            }
        } catch (RuntimeException e) {
            metrics.unexpected("bases");
            if (failing.add(table.tableId()) && !ending) {
                LOG.error("window not known table={}", table.name(), e);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether a gap's end lies ahead, as while data come from outside: a base lacks what is still to come of them. Not for
     * ever: a table into which they come all the time has a base now and then, and one that is due.
     */
    private boolean holdsBack(ProtectedTable table, WindowReport window, Optional<Backend.LastBase> last) {
        Instant now = clock.instant();
        if (window.gaps().stream().noneMatch(gap -> gap.to().isAfter(now))) {
            return false;
        }
        Instant base = last.map(Backend.LastBase::restorePoint).orElse(table.since());
        if (last.isPresent()
                && times.due(table.name(), base)
                        .filter(due -> !due.isAfter(now))
                        .isPresent()) {
            return false;
        }
        Instant end = window.spans().stream()
                .reduce((older, newer) -> newer)
                .map(WindowReport.Span::to)
                .orElse(base);
        int before = attempts.getOrDefault(table.tableId(), Attempts.NONE).count();
        Duration most = FIRST_HOLD.multipliedBy(1L << Math.min(MOST_DOUBLINGS, before));
        Instant since = end.isAfter(base) ? end : base;
        return since.plus(most.compareTo(LONGEST_HOLD) > 0 ? LONGEST_HOLD : most)
                .isAfter(now);
    }

    /** Whether only the time, the ring and the agents can have changed since. */
    private boolean isTrusted(ProtectedTable table, Look look) {
        return look.at().plus(LONGEST_TRUST).isAfter(clock.instant())
                && look.sealedUpTo().equals(sealedUpTo(table))
                && !attempts.containsKey(table.tableId());
    }

    private Optional<Instant> sealedUpTo(ProtectedTable table) {
        return watched.find(table.tableId()).flatMap(Watched.Table::sealedUpTo);
    }

    /** A base can be used only when the journal goes on behind it; of an idle table that would be later than need be. */
    private void askToSeal(ProtectedTable table, Look look) {
        if (look.window().ended().isEmpty() && look.last().isPresent() && !sealedPast(look.window(), look.last())) {
            watched.ask(table.tableId());
        }
    }

    /** Before that nobody can say whether the last base helped. */
    private static boolean sealedPast(WindowReport window, Optional<Backend.LastBase> last) {
        return last.flatMap(base -> window.sealedUpTo().map(base.restorePoint()::isBefore))
                .orElse(false);
    }

    private Optional<Job> lastJob(Attempts before) {
        return before.job()
                .flatMap(id ->
                        jobs.all().stream().filter(job -> job.id().equals(id)).findFirst());
    }

    /** Whether its last attempt is over for long enough. */
    private boolean rested(ProtectedTable table) {
        Attempts before = attempts.getOrDefault(table.tableId(), Attempts.NONE);
        if (before.count() == 0) {
            return true;
        }
        Instant from = lastJob(before).flatMap(Job::endedAt).orElse(before.at());
        return !from.plus(before.backOff()).isAfter(clock.instant());
    }

    private boolean alone(ProtectedTable table) {
        Attempts before = attempts.getOrDefault(table.tableId(), Attempts.NONE);
        return before.alone()
                || lastJob(before)
                        .filter(job -> job.state() == Job.State.FAILED
                                && job.problem()
                                        .filter(why ->
                                                !why.retryable() && !why.type().equals("Busy"))
                                        .isPresent()
                                && job.request().path("tables").size() > 1)
                        .isPresent();
    }

    /** Those that may share one backup; or one that may not, the others being next in their turn. */
    private Map<ProtectedTable, String> together(Map<ProtectedTable, String> needed) {
        Map<ProtectedTable, String> out = new LinkedHashMap<>(needed);
        out.keySet().removeIf(this::alone);
        if (out.isEmpty()) {
            Map.Entry<ProtectedTable, String> first =
                    needed.entrySet().iterator().next();
            out.put(first.getKey(), first.getValue());
        }
        return out;
    }

    private BaseNeed.Facts facts(ProtectedTable table, WindowReport window, Optional<Backend.LastBase> last) {
        Optional<WindowReport.Span> newest = window.spans().stream().reduce((older, newer) -> newer);
        return new BaseNeed.Facts(
                window.ended().isPresent(),
                window.sealedUpTo(),
                last.map(Backend.LastBase::restorePoint),
                newest.map(WindowReport.Span::to),
                newest.map(span -> Guarantee.valueOf(span.guarantee())).orElse(Guarantee.NONE),
                watched.capturingSince(),
                ring.flatMap(now -> last.map(base -> base.ring().sameOwnershipAs(now)))
                        .orElse(true),
                last.flatMap(base -> times.due(table.name(), base.restorePoint())));
    }

    /** Whoever protects a table takes its first base as well, in this process or another. */
    private boolean justBegun(ProtectedTable table, Optional<Backend.LastBase> last) {
        return last.filter(base -> base.restorePoint().isAfter(table.since())).isEmpty()
                && table.since().plus(FIRST_BASE).isAfter(clock.instant());
    }

    private boolean underWay(TableName table) {
        return jobs.all().stream()
                .filter(job -> !job.state().over() && job.kind() != Job.Kind.RESTORE)
                .anyMatch(job -> {
                    for (var name : job.request().path("tables")) {
                        if (name.asText().equals(table.toString())) {
                            return true;
                        }
                    }
                    return false;
                });
    }

    /** Empty when too many jobs wait: asked for again later. */
    private Optional<Job> queue(Map<ProtectedTable, String> needed) {
        Set<TableName> names =
                needed.keySet().stream().map(ProtectedTable::name).collect(Collectors.toCollection(TreeSet::new));
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        names.forEach(name -> request.withArray("tables").add(name.toString()));
        String reason = needed.entrySet().stream()
                .map(one -> one.getKey().name() + " " + one.getValue())
                .sorted()
                .collect(Collectors.joining("; "));
        LOG.info("base needed tables={} reason={}", names, reason);
        Optional<Job> queued = submit(names, request, reason);
        for (ProtectedTable table : needed.keySet()) {
            int count = attempts.getOrDefault(table.tableId(), Attempts.NONE).count();
            attempts.put(table.tableId(), new Attempts(count + 1, clock.instant(), queued.map(Job::id), alone(table)));
        }
        return queued;
    }

    private Optional<Job> submit(Set<TableName> names, ObjectNode request, String reason) {
        try {
            return Optional.of(jobs.submit(new Jobs.Order(
                    Job.Kind.BACKUP,
                    Optional.empty(),
                    request,
                    Optional.of(reason),
                    Optional.empty(),
                    progress -> BaseMade.of(backend.backup(names, progress)))));
        } catch (BusyException e) {
            LOG.info("base not queued cause={}", e.getMessage());
            return Optional.empty();
        }
    }

    /** A ring that cannot be asked is taken to be the same. */
    private void lookAtRing() {
        if (ringSince.isAfter(clock.instant().minus(RING_INTERVAL))) {
            return;
        }
        ringSince = clock.instant();
        try {
            ring = Optional.of(backend.ring());
        } catch (HindsightException e) {
            ring = Optional.empty();
            metrics.error("bases", e);
            LOG.warn("ring not known message={}", e.getMessage());
        }
    }

    /** Looks at no other table. */
    public void end() {
        ending = true;
    }
}
