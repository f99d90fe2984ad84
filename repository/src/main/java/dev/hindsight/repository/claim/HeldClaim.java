package dev.hindsight.repository.claim;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Heartbeat;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A claim of this process. Shows signs of life by itself, on daemon threads, until it is closed. A heartbeat whose request
 * hangs does not hold up the next one: each goes on a thread of its own, and of several that put the same number one is
 * enough. One that arrives late has a lower number than the newest, which hides nothing from who looks for that. What is appended to the
 * catalogue as its {@link #author} counts only while the claim stands.
 *
 * <p>Any thread. {@link #close} may be called by a signal handler while the run goes on; the run then publishes nothing
 * more.
 */
public final class HeldClaim implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeldClaim.class);

    /** At one every 5 s, those of a minute: no request hangs longer than that by default. */
    static final int MOST_UNDER_WAY = 12;

    private final Catalogue catalogue;
    private final StandingClaim claim;
    private final long epoch;
    private final Machine machine;
    private final Clock clock;
    private final Beats beats;
    private final Timing timing;
    private final Timing.Running heart;
    /** Heartbeats that may not have arrived. */
    private final List<Beat> underWay = new ArrayList<>();

    private volatile String phase = "begins";
    private volatile int done = -1;
    /** Its heart was stopped, and what was under way waited for. */
    private volatile boolean still;

    private volatile String reason = "ended before it was done";
    private long lastBeat;
    private boolean closed;
    private Optional<CatalogueEntry> over = Optional.empty();

    HeldClaim(
            Catalogue catalogue,
            StandingClaim claim,
            long epoch,
            Machine machine,
            Clock clock,
            Beats beats,
            Timing timing) {
        this.catalogue = catalogue;
        this.claim = claim;
        this.epoch = epoch;
        this.machine = machine;
        this.clock = clock;
        this.beats = beats;
        this.timing = timing;
        this.heart = timing.every(Watch.BEAT, "claim-" + claim.number(), this::tick);
    }

    /** What names the claim. */
    public long number() {
        return claim.number();
    }

    public String scope() {
        return claim.claim().scope();
    }

    /** Id of the run. */
    public String run() {
        return claim.claim().run();
    }

    /** All backups that it keeps, with those that the ones asked for build on. */
    public List<String> pins() {
        return claim.claim().pins();
    }

    /** What was wrong with the catalogue's newest entry when this was claimed; empty when all was well. */
    public Optional<String> pastDamage() {
        return claim.entry().previousProblem();
    }

    /** To append to the catalogue under this claim. */
    public Author author() {
        return new Author(epoch, claim.entry().writer(), clock.instant(), Optional.of(number()));
    }

    /** For people who meet this claim: what the run does now. */
    public void phase(String name) {
        phase = name;
        done = -1;
    }

    /** @param thousandths of the phase; -1 if unknown */
    public void done(int thousandths) {
        done = thousandths;
    }

    /** The run has done what it was to do; {@link #close} will say so. */
    public void finished() {
        reason = "done";
    }

    /**
     * To be called before anything that the catalogue cannot fence: an import, a delete.
     *
     * @throws ReplacedException somebody took this claim over or declared it dead
     */
    public void requireHeld() {
        catalogue.requireStanding(number());
    }

    /** Starts the next heartbeat, as the daemon thread does again and again. */
    private void tick() {
        long number = nextBeat();
        synchronized (underWay) {
            underWay.removeIf(Beat::isDone);
            if (number > 0 && underWay.size() < MOST_UNDER_WAY) {
                Beat next = new Beat(number);
                // One that cannot be started, for want of threads, must not count as being under way for ever.
                next.running = timing.once("claim-" + claim.number() + "-beat-" + number, next);
                underWay.add(next);
            }
        }
    }

    /** One heartbeat on its way. */
    private final class Beat implements Runnable {
        private final long number;
        private volatile boolean done;
        private Timing.Running running = () -> {};

        Beat(long number) {
            this.number = number;
        }

        boolean isDone() {
            return done;
        }

        @Override
        public void run() {
            try {
                beat(number);
            } finally {
                done = true;
            }
        }
    }

    /** Puts the first heartbeat, on the calling thread. Throws nothing: the next one tries again. */
    void beat() {
        beat(nextBeat());
    }

    private void beat(long number) {
        try {
            Failpoints.hit(Failpoint.BEAT_PUT);
            beats.create(new Heartbeat(Heartbeat.FORMAT, number(), number, clock.instant(), phase, done));
            // It counts from here on: what cannot be deleted keeps no later one from being put.
            if (arrived(number)) {
                beats.prune(number(), number);
            } else {
                beats.delete(number(), number);
            }
        } catch (RuntimeException | Error e) {
            LOG.warn("no heartbeat claim={} beat={} problem={}", number(), number, e.toString());
        }
    }

    /** 0 when there is to be none any more. */
    private synchronized long nextBeat() {
        return closed ? 0 : lastBeat + 1;
    }

    /** False when the claim was closed meanwhile, so that the heartbeats are nobody's any more. */
    private synchronized boolean arrived(long number) {
        lastBeat = Math.max(lastBeat, number);
        return !closed;
    }

    /** However many claims, and requests that hang, there are: all are waited for together. */
    private static void stopHearts(List<HeldClaim> all) {
        List<HeldClaim> claims = all.stream().filter(claim -> !claim.still).toList();
        if (claims.isEmpty()) {
            return;
        }
        Timing timing = claims.get(0).timing;
        // These only start threads and are given no grace; once they have ended there are no more requests than these.
        claims.forEach(claim -> claim.heart.stop());
        timing.stop(claims.stream().map(claim -> claim.heart).toList());
        List<Timing.Running> left = new ArrayList<>();
        for (HeldClaim claim : claims) {
            synchronized (claim.underWay) {
                claim.underWay.stream().filter(one -> !one.isDone()).forEach(one -> left.add(one.running));
                claim.underWay.clear();
            }
        }
        if (!left.isEmpty()) {
            timing.stop(left);
        }
        claims.forEach(claim -> claim.still = true);
    }

    /**
     * Ends several as {@link #close} does, but waits no longer for their heartbeats than for those of one. Where the store
     * does not take the end of one, it is not asked for the others, which are found dead.
     *
     * @param claims of one process
     */
    public static void closeAll(List<HeldClaim> claims) {
        stopHearts(claims);
        boolean told = true;
        for (HeldClaim claim : claims) {
            if (told) {
                claim.close();
                told = claim.over().isPresent();
            } else {
                claim.abandon();
            }
        }
    }

    /** Ends the claim. Does what it can and throws nothing: what is left of it is found dead by whoever needs the scope. */
    @Override
    public void close() {
        stopHearts(List.of(this));
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            try {
                Author author = author();
                over = Optional.of(catalogue.append(
                        new Change.End(number(), reason), new Author(author.epoch(), author.writer(), author.at())));
                beats.clear(number(), lastBeat);
            } catch (HindsightException e) {
                LOG.warn("claim is left to be found dead claim={} problem={}", number(), e.getMessage());
            } finally {
                machine.finish(claim.entry().writer());
            }
        }
    }

    /** The entry that ended it or took its place; known once it is closed, if the catalogue could be told and asked then. */
    public Optional<CatalogueEntry> over() {
        synchronized (this) {
            return over;
        }
    }

    /** Lets go of it as if its process had died here: whoever wants the scope finds it dead. */
    public void abandon() {
        stopHearts(List.of(this));
        synchronized (this) {
            if (!closed) {
                closed = true;
                machine.finish(claim.entry().writer());
            }
        }
    }
}
