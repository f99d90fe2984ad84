package dev.hindsight.operations.run;

import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.claim.Wanted;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The claims of one run of a verb, and its progress, which whoever wants the same scope gets to see.
 *
 * <p>One thread acquires; {@link #close} may be called from another (a signal handler), after which this run gets and
 * publishes nothing more. Safe to repeat.
 */
public final class RunClaim implements ProgressListener, AutoCloseable {
    /** What became of a run's first claim. */
    public enum End {
        /** Nobody goes on with the run. */
        OVER,
        /** Another process goes on with the run, under its own claim. */
        TAKEN_ON,
        /** The catalogue could not be told or asked: whoever comes next may go on with the run. */
        UNKNOWN
    }

    private final Claims claims;
    private final ProgressListener progress;
    private final List<HeldClaim> held = new CopyOnWriteArrayList<>();
    private final AtomicLong bytesDone = new AtomicLong();
    private volatile long bytesOfPhase;
    private volatile @Nullable Thread owner;
    private volatile boolean ending;
    private volatile End end = End.UNKNOWN;

    /** @param progress told of everything that is told to this listener, and who is watched or replaced */
    public RunClaim(Repository repository, Clock clock, ProgressListener progress) {
        this.claims = new Claims(repository, clock);
        this.progress = progress;
    }

    /**
     * Claims what only one run may do at a time. May wait for some 20 seconds.
     *
     * @param scope from {@link Scope}
     * @param run id that stands in the keys of the run's objects
     * @param reads ids of backups that must stay, with all that they build on
     * @throws dev.hindsight.model.failure.BusyException somebody who lives has it (exit 11)
     * @throws dev.hindsight.model.failure.NotFoundException a backup to read is not there any more
     */
    public void acquire(String scope, String run, String verb, List<String> reads) {
        owner = Thread.currentThread();
        HeldClaim claim = claims.acquire(new Wanted(scope, run, verb, reads), progress::note);
        held.add(claim);
        if (ending) {
            close();
            throw new NotAppliedException("the run is being ended", "run the command again");
        }
    }

    /** Keeps backups, with all that they build on, beside what this run has claimed; excludes nobody. */
    public void read(String run, String verb, List<String> reads) {
        String unique = held.isEmpty() ? run : run + " " + held.get(0).number() + "-" + held.size();
        acquire(Scope.read(unique), run, verb, reads);
    }

    /**
     * As {@link #read}, but goes on where the catalogue is so damaged that nothing can be appended: a restore must be
     * possible then, and nothing is expired or collected.
     */
    public void readIfPossible(String run, String verb, List<String> reads) {
        try {
            read(run, verb, reads);
        } catch (CorruptException e) {
            progress.note("goes on without a claim: " + e.getMessage());
        }
    }

    /** As {@link #acquire}, and goes on as {@link #readIfPossible} does. */
    public void acquireIfPossible(String scope, String run, String verb, List<String> reads) {
        try {
            acquire(scope, run, verb, reads);
        } catch (CorruptException e) {
            progress.note("goes on without a claim: " + e.getMessage());
        }
    }

    /** As {@link #readIfPossible}, and goes on also where this user must not write: looking is allowed. */
    public void lookIfPossible(String run, String verb, List<String> reads) {
        try {
            readIfPossible(run, verb, reads);
        } catch (UnauthorisedException | NotAppliedException | CapacityException e) {
            if (ending) {
                throw e;
            }
            progress.note(
                    "goes on without a claim, so that a 'collect' at the same time may delete what is being read: "
                            + e.getMessage());
        }
    }

    /** What names the first claim. */
    public long number() {
        return held.get(0).number();
    }

    /** To publish under the first claim. */
    public Author author() {
        return held.get(0).author();
    }

    /**
     * For what is published under the first claim: all the others must stand at that place as well. They keep what the
     * backup builds on; where one was ended, that may have been expired and collected since.
     */
    public Catalogue.Guard guard() {
        return before -> held.forEach(claim -> before.requireStanding(claim.number()));
    }

    /** @throws dev.hindsight.model.failure.ReplacedException a claim was taken over */
    public void requireHeld() {
        held.forEach(HeldClaim::requireHeld);
    }

    /** What was wrong with the catalogue's newest entry when this run claimed; empty when all was well. */
    public Optional<String> pastDamage() {
        return held.stream().flatMap(claim -> claim.pastDamage().stream()).findFirst();
    }

    /** The run has done all it was to do. */
    public void finished() {
        held.forEach(HeldClaim::finished);
    }

    /** Ends all claims; throws nothing. */
    @Override
    public void close() {
        if (Thread.currentThread() != owner) {
            ending = true;
        }
        HeldClaim.closeAll(List.copyOf(held));
        if (!held.isEmpty()) {
            end = end(held.get(0));
        }
        if (!ending) {
            held.clear();
        }
    }

    private static End end(HeldClaim claim) {
        Optional<CatalogueEntry> over = claim.over();
        if (over.isEmpty()) {
            return End.UNKNOWN;
        }
        boolean same =
                over.get().claim().map(next -> next.run().equals(claim.run())).orElse(false);
        return same ? End.TAKEN_ON : End.OVER;
    }

    /** Once it is closed. */
    public End end() {
        return end;
    }

    /** Lets go of all claims as if the process had died here: the next run of the scope may go on with this one. */
    public void abandon() {
        held.forEach(HeldClaim::abandon);
        held.clear();
    }

    @Override
    public void phase(String name, long totalBytes) {
        bytesOfPhase = totalBytes;
        bytesDone.set(0);
        held.forEach(claim -> claim.phase(name));
        progress.phase(name, totalBytes);
    }

    @Override
    public void advance(long moreBytes) {
        long done = bytesDone.addAndGet(moreBytes);
        long total = bytesOfPhase;
        if (total > 0) {
            int thousandths = (int) Math.min(1000, Math.max(0, Math.round(1000.0 * done / total)));
            held.forEach(claim -> claim.done(thousandths));
        }
        progress.advance(moreBytes);
    }

    @Override
    public void note(String text) {
        progress.note(text);
    }
}
