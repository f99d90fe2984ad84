package dev.hindsight.agent.capture;

import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.CaptureStatus.State;
import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.GuardedNode;
import dev.hindsight.agent.node.LogFacts;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The capture of one node, without its threads: {@link #tick} reads, {@link #upload} puts, {@link #ask} asks the node how it is;
 * each is called by one thread again and again ({@link CaptureThreads}). What is wanted and the status are for any thread.
 */
public final class Capture implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Capture.class);
    private static final int GAPS_KEPT = 100;
    private static final long FAILING_MICROS = 60_000_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final AgentConfig.Capture config;
    private final GuardedNode node;
    private final WallClock clock;
    private final KeptTables tables;
    private final Uploads uploads;
    private final ScopeFile scopeFile;
    private final LogPlace place;
    private final LogLinks links;
    private final RawSegments raw;
    private final ArrayDeque<CaptureStatus.Gap> gaps = new ArrayDeque<>();

    private volatile Set<String> wanted;
    private volatile Optional<String> readError = Optional.empty();
    private volatile Optional<String> putError = Optional.empty();
    /** By what was being done. */
    private final Map<String, String> failures = new ConcurrentSkipListMap<>();

    private volatile boolean stopped;
    private volatile Optional<Answer> answer = Optional.empty();
    private volatile Figures figures = new Figures(0, 0, 0, -1);
    private final Arrivals arrivals;
    private boolean unreleased;
    /** Since when no capture can begin, else 0. */
    private long failingMicros;

    private @Nullable CaptureRun run;
    private @Nullable SpoolLock lock;

    /** The node's process answered at that instant. */
    private record Answer(long startedMillis, long atMicros) {}

    /** Of the run, for other threads. */
    private record Figures(long seenMicros, int openSegments, long pinnedBytes, long next) {}

    public Capture(AgentConfig.Capture config, GuardedNode node, Clock clock, Supplier<ObjectStore> store) {
        this.config = config;
        this.node = node;
        this.clock = new WallClock(clock);
        this.tables = new KeptTables(node::dataDirectories, this.clock);
        this.uploads = new Uploads(config.spool(), store);
        this.scopeFile = new ScopeFile(config.spool());
        this.place = new LogPlace(config, node);
        this.links = new LogLinks(config.spool());
        this.arrivals = new Arrivals(config.spool(), node, this.clock);
        this.raw = new RawSegments(config.cdcRaw());
        this.wanted = scopeFile.read();
    }

    AgentConfig.Capture config() {
        return config;
    }

    /**
     * From now on these; none ends the incarnation, and forgets what made it stop. Durable when it returns.
     *
     * @throws BusyException another agent has this one's spool
     */
    public synchronized void want(Set<String> keyspaces) {
        own();
        scopeFile.write(keyspaces);
        wanted = Set.copyOf(new TreeSet<>(keyspaces));
        LOG.info("capture wanted keyspaces={}", wanted);
    }

    /** Reads what is new in the commit log. Never throws for what may pass. */
    void tick() {
        Set<String> keyspaces = wanted;
        if (stopped && !keyspaces.isEmpty()) {
            releaseWhileStopped();
            return;
        }
        try {
            if (!keyspaces.isEmpty() || run != null || stopped || raw.isUsed()) {
                own();
            }
            tick(keyspaces);
            CaptureRun current = run;
            readError = current == null ? Optional.empty() : current.tail().damage();
            failingMicros = 0;
        } catch (Error e) {
            beginAgain();
            throw e;
        } catch (UnsupportedException e) {
            giveUp(e);
        } catch (HindsightException e) {
            if (readError.isEmpty()) {
                LOG.warn("capture waits cause={}", e.getMessage());
            }
            readError = Optional.of(e.getMessage() + " (" + e.hint() + ")");
            if (run == null || stopped) {
                releaseWhileFailing(e);
            }
        }
    }

    /** What is in memory may be half of something: goes on from what is in the spool, as after a kill. */
    private void beginAgain() {
        CaptureRun current = run;
        run = null;
        figures = new Figures(0, 0, 0, -1);
        arrivals.beginAgain();
        if (current != null) {
            current.close();
        }
    }

    /** @param why empty: not any more */
    void failing(String what, Optional<String> why) {
        why.ifPresentOrElse(
                text -> failures.put(
                        what,
                        "unexpected failure while " + what + ": " + text
                                + " (look at the agent's log; it is tried again each second)"),
                () -> failures.remove(what));
    }

    /** Before anything in the spool is changed. */
    private synchronized void own() {
        if (lock == null) {
            lock = SpoolLock.take(config.spool());
        }
    }

    private void tick(Set<String> keyspaces) {
        uploads.takeDamaged().ifPresent(this::endDamaged);
        if (stopped) {
            abandon();
            return;
        }
        CaptureRun current = run;
        if (current != null && (keyspaces.isEmpty() || !node.requiredHostId().equals(current.spool().hostId))) {
            current.end();
            current.close();
            links.retain(Set.of());
            arrivals.end();
            LOG.info("capture ended incarnation={}", current.spool().incarnation);
            run = null;
            figures = new Figures(0, 0, 0, -1);
            return;
        }
        if (keyspaces.isEmpty()) {
            raw.releaseAll(place.known(), clock.micros());
            return;
        }
        if (current == null) {
            current = begin();
            run = current;
            LOG.info("capture begins incarnation={} next={}", current.spool().incarnation, current.next());
        }
        LogTail tail = current.tail();
        answer.ifPresent(one -> tail.answered(one.startedMillis(), one.atMicros()));
        arrivals.giveTo(current);
        current.tick(keyspaces);
        arrivals.remember(current, tail.position());
        figures = new Figures(current.seenMicros(), tail.openSegments(), tail.pinnedBytes(), current.next());
    }

    /** Readers go on number by number, so what is behind a missing one would never be read. */
    private void endDamaged(Uploads.Damaged damaged) {
        Spool incarnation = damaged.incarnation();
        CaptureRun current = run;
        if (current != null && current.spool().incarnation.equals(incarnation.incarnation)) {
            beginAgain();
        }
        incarnation.endBefore(damaged.number());
        uploads.count();
        LOG.error(
                "capture ended before a damaged object incarnation={} number={}",
                incarnation.incarnation,
                damaged.number());
    }

    /** What cannot begin for a while may not for long; another agent that has the spool empties the directory itself. */
    private void releaseWhileFailing(HindsightException e) {
        long now = clock.micros();
        if (e instanceof BusyException) {
            failingMicros = 0;
        } else if (failingMicros == 0) {
            failingMicros = now;
        } else if (now - failingMicros >= FAILING_MICROS) {
            release(() -> raw.releaseOldest(place.known(), now));
        }
    }

    /** Nothing is read any more, and the node goes on: a gap is better than writes that it rejects, or a disk that fills. */
    private void releaseWhileStopped() {
        if (run != null) {
            beginAgain();
        }
        release(() -> {
            raw.releaseAll(place.known(), clock.micros());
            links.retain(Set.of());
        });
    }

    private void release(Runnable some) {
        try {
            some.run();
            unreleased = false;
        } catch (HindsightException e) {
            if (!unreleased) {
                LOG.error("segments are not let go cause={} hint={}", e.getMessage(), e.hint());
            }
            unreleased = true;
        }
    }

    private CaptureRun begin() {
        UUID hostId = node.requiredHostId();
        Path log = place.find();
        Optional<Spool> known = Optional.empty();
        long newest = 0;
        for (Spool spool : Spool.all(config.spool()).values()) {
            newest = Math.max(newest, spool.incarnation.startMillis());
            if (spool.hostId.equals(hostId) && !spool.hasEnded()) {
                known = Optional.of(spool);
            }
        }
        if (known.isPresent()) {
            try {
                return run(known.get(), log);
            } catch (CorruptException e) {
                LOG.warn("capture state lost, a new incarnation begins cause={}", e.getMessage());
                known.get().remove(known.get().numbers().lastKey());
                known.get().end();
            }
        }
        long start = Math.max(clock.micros() / 1000, newest + 1);
        return run(new Spool(config.spool(), hostId, new Incarnation(start, RANDOM.nextInt())).create(), log);
    }

    private CaptureRun run(Spool spool, Path log) {
        return new CaptureRun(
                spool,
                tables,
                resumed -> new LogTail(
                        log,
                        raw,
                        links,
                        tables,
                        clock,
                        config.pinnedBytes(),
                        resumed,
                        node.lastReleaseVersion().orElse("")),
                clock,
                config.putInterval().toNanos() / 1000,
                config.spoolBytes(),
                uploads,
                this::declared);
    }

    private void declared(CaptureItem.Gap gap) {
        LOG.warn("capture has a gap from={} to={} cause={}", gap.from(), gap.to(), gap.cause());
        synchronized (gaps) {
            gaps.add(new CaptureStatus.Gap(
                    gap.from().segmentId(),
                    gap.from().position(),
                    gap.to().segmentId(),
                    gap.to().position(),
                    instant(gap.fromMicros()),
                    instant(gap.toMicros()),
                    gap.cause()));
            if (gaps.size() > GAPS_KEPT) {
                gaps.remove();
            }
        }
    }

    /** Puts what is spooled. */
    void upload() {
        if (stopped) {
            return;
        }
        try {
            if (Files.isDirectory(config.spool())) {
                own();
            }
            uploads.run();
            putError = uploads.lost();
        } catch (AlreadyExistsException e) {
            giveUp(e);
        } catch (HindsightException e) {
            if (putError.isEmpty()) {
                LOG.warn("captures wait for the repository cause={}", e.getMessage());
            }
            putError = Optional.of(e.getMessage() + " (" + e.hint() + ")");
            uploads.count();
        }
    }

    /** Asks the node whether it lives. May take as long as the node takes. */
    void ask() {
        // Also to find the commit log, where what the node keeps for this agent has to be let go.
        if (wanted.isEmpty() && !raw.isUsed()) {
            return;
        }
        long before = clock.micros();
        try {
            LogFacts facts = node.control().log();
            place.remember(facts.directory());
            answer = Optional.of(new Answer(facts.startedMillis(), before));
        } catch (HindsightException e) {
            LOG.debug("node does not answer cause={}", e.getMessage());
        }
    }

    /** Looks for data that came past the log. */
    void watch() {
        if (stopped || figures.next() < 0) {
            return;
        }
        try {
            arrivals.look(wanted);
        } catch (HindsightException e) {
            LOG.debug("tables not looked at cause={}", e.getMessage());
        }
    }

    private void giveUp(HindsightException e) {
        if (!stopped) {
            LOG.error("capture stopped cause={} hint={}", e.getMessage(), e.hint());
        }
        readError = Optional.of(e.getMessage() + " (" + e.hint() + ")");
        stopped = true;
    }

    /** Nobody wants anything any more, and the last incarnation cannot be ended in order. */
    private void abandon() {
        CaptureRun current = run;
        if (current != null) {
            current.close();
        }
        for (Spool spool : Spool.all(config.spool()).values()) {
            spool.remove();
        }
        links.retain(Set.of());
        arrivals.end();
        uploads.count();
        run = null;
        stopped = false;
        LOG.warn("capture given up, its state is removed");
    }

    /** For any thread; does not ask the node. */
    public CaptureStatus status() {
        List<CaptureStatus.Incarnation> incarnations = new ArrayList<>();
        Optional<UUID> hostId = node.hostId();
        for (Spool spool : Spool.all(config.spool()).values()) {
            if (!hostId.equals(Optional.of(spool.hostId))) {
                // Of an earlier host: whoever asks takes what is named here for this one's.
                continue;
            }
            var numbers = spool.numbers();
            incarnations.add(new CaptureStatus.Incarnation(
                    spool.incarnation.text(),
                    numbers.isEmpty() ? 0 : numbers.lastKey() + 1,
                    uploads.storedThrough(spool)));
        }
        Figures now = figures;
        Optional<CaptureState> stored = uploads.newestStored();
        Optional<Instant> storedSeen =
                stored.filter(state -> state.seenMicros() > 0).map(state -> instant(state.seenMicros()));
        List<CaptureStatus.Gap> declared;
        synchronized (gaps) {
            declared = List.copyOf(gaps);
        }
        Optional<String> error =
                failures.values().stream().findFirst().or(() -> readError).or(() -> putError);
        State state = stopped
                ? State.STOPPED
                : wanted.isEmpty() ? State.OFF : error.isPresent() || now.next() < 0 ? State.WAITING : State.RUNNING;
        return new CaptureStatus(
                state,
                hostId.orElse(AgentInfo.NEVER_SEEN),
                wanted,
                stored.map(CaptureState::keyspaces).orElse(Set.of()),
                incarnations,
                now.seenMicros() > 0 ? Optional.of(instant(now.seenMicros())) : Optional.empty(),
                storedSeen,
                storedSeen
                        .map(seen -> ChronoUnit.MILLIS.between(seen, instant(clock.micros())))
                        .orElse(-1L),
                now.openSegments(),
                now.pinnedBytes(),
                uploads.waitingBytes(),
                uploads.waitingObjects(),
                declared,
                error);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Leaves everything for the next process to go on with. */
    @Override
    public void close() {
        CaptureRun current = run;
        if (current != null) {
            current.close();
        }
        arrivals.close();
        synchronized (this) {
            if (lock != null) {
                lock.close();
                lock = null;
            }
        }
    }
}
