package dev.hindsight.repository.claim;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Heartbeat;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Takes claims. Of any number of runs that ask for one scope at most one may publish; a holder that died is replaced by
 * whoever asks next, at once when its process is seen to be gone, else after {@value Watch#LOOKS} looks a second apart
 * without a new heartbeat. There is nothing to unlock (FORMAT.md, Claims; decision 0013).
 *
 * <p>Any thread; may wait for some 20 seconds, {@link #endDead} for 75.
 */
public final class Claims {
    /** Thrown and caught in here: somebody else appended what changes everything. */
    private static final class Outrun extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Outrun() {
            super("outrun", null, false, false);
        }
    }

    private final Repository repository;
    private final Catalogue catalogue;
    private final Clock clock;
    private final Machine machine;
    private final Timing timing;
    private final RandomGenerator random;
    private final Beats beats;

    /** For this process, by real time. */
    public Claims(Repository repository, Clock clock) {
        this(repository, clock, ThisMachine.INSTANCE, new SystemTiming(), new SecureRandom());
    }

    /** @param random makes each claim different from all others, also of the same process */
    public Claims(Repository repository, Clock clock, Machine machine, Timing timing, RandomGenerator random) {
        this.repository = repository;
        this.catalogue = repository.catalogue();
        this.clock = clock;
        this.machine = machine;
        this.timing = timing;
        this.random = random;
        this.beats = new Beats(repository.store());
    }

    /**
     * @param notes told what an operator should see: who is watched, who is replaced
     * @throws BusyException somebody who lives has the scope; says who, since when, and what it does
     * @throws dev.hindsight.model.failure.NotFoundException a backup to read is not there, or was expired
     */
    public HeldClaim acquire(Wanted wanted, Consumer<String> notes) {
        String writer = String.format(
                Locale.ROOT, "%s@%s/%d#%016x", wanted.run(), machine.host(), machine.processId(), random.nextLong());
        machine.begin(writer);
        try {
            long epoch = catalogue.nextEpoch();
            Set<Long> silent = new HashSet<>();
            while (true) {
                CatalogueView view = catalogue.view();
                requireFree(wanted, view, silent, notes);
                Pins pins = Pins.of(repository, view, wanted.reads());
                Optional<CatalogueEntry> entry = claim(wanted, pins, view, new Author(epoch, writer, clock.instant()));
                if (entry.isPresent()) {
                    HeldClaim held = new HeldClaim(
                            catalogue, new StandingClaim(entry.get()), epoch, machine, clock, beats, timing);
                    held.beat();
                    return held;
                }
            }
        } catch (RuntimeException | Error e) {
            machine.finish(writer);
            throw e;
        }
    }

    /** Whether it is certain, at once, that nobody holds {@code claim} any more. */
    public boolean isGone(StandingClaim claim) {
        return machine.isGone(claim.entry());
    }

    /** Empty where somebody else appended what this claim must not overlook. */
    private Optional<CatalogueEntry> claim(Wanted wanted, Pins pins, CatalogueView seen, Author author) {
        Optional<Long> before = seen.claimOf(wanted.scope()).map(StandingClaim::number);
        if (before.isPresent()) {
            Failpoints.hit(Failpoint.TAKEOVER);
        }
        CatalogueEntry.Claim claim = new CatalogueEntry.Claim(
                wanted.scope(),
                wanted.run(),
                wanted.verb(),
                pins.ids(),
                machine.host(),
                machine.boot(),
                machine.processId(),
                machine.processStart());
        try {
            return Optional.of(catalogue.append(new Change.Claim(claim), author, view -> {
                if (!view.claimOf(wanted.scope()).map(StandingClaim::number).equals(before) || !pins.fit(view)) {
                    throw new Outrun();
                }
            }));
        } catch (Outrun e) {
            return Optional.empty();
        }
    }

    /**
     * Returns when nobody who lives has the scope.
     *
     * @param silent claims that were watched before, in vain
     */
    private void requireFree(Wanted wanted, CatalogueView view, Set<Long> silent, Consumer<String> notes) {
        Optional<StandingClaim> holder = view.claimOf(wanted.scope()).filter(one -> !silent.contains(one.number()));
        List<Long> watched = new ArrayList<>();
        if (holder.isPresent()) {
            if (machine.isGone(holder.get().entry())) {
                notes.accept("takes over from " + holder.get().describe() + ", whose process is gone");
                silent.add(holder.get().number());
            } else {
                notes.accept(holder.get().describe() + ", holds '" + wanted.scope() + "'; looking whether it lives");
                watched.add(holder.get().number());
            }
        }
        // What cannot be read may be a claim of this scope; it has heartbeats if it is.
        for (long number : view.unreadable()) {
            if (!silent.contains(number) && beats.newest(number) > 0) {
                notes.accept("catalogue entry " + number + " is unreadable and was the claim of a run; looking whether "
                        + "it lives");
                watched.add(number);
            }
        }
        if (watched.isEmpty()) {
            return;
        }
        Set<Long> dead = watch(watched, Watch.LOOKS);
        for (long number : watched) {
            if (dead.contains(number)) {
                notes.accept("claim " + number + " showed no sign of life in " + Watch.LOOKS + " looks");
                silent.add(number);
            } else if (!isOver(number)) {
                throw busy(wanted, number, holder.filter(one -> one.number() == number));
            }
        }
    }

    private Set<Long> watch(List<Long> claims, int looks) {
        return new Watch(beats, timing, looks).silent(claims, this::isOver);
    }

    /** Unreadable ones never are. */
    private boolean isOver(long claim) {
        CatalogueView view = catalogue.view();
        return view.isReadable(claim) && !view.stands(claim);
    }

    private BusyException busy(Wanted wanted, long number, Optional<StandingClaim> holder) {
        String who = holder.map(StandingClaim::describe)
                .orElse("the run that claimed by catalogue entry " + number + ", which is unreadable,");
        return new BusyException(
                who + " holds '" + wanted.scope() + "' and lives"
                        + beats.read(number, beats.newest(number))
                                .map(Claims::progress)
                                .orElse(""),
                "wait until it ends, or end its process; then run the command again, which takes over by itself");
    }

    private static String progress(Heartbeat beat) {
        String share = beat.done() < 0
                ? ""
                : String.format(Locale.ROOT, ", %d.%d %% done", beat.done() / 10, Math.abs(beat.done() % 10));
        return ": " + beat.phase() + share;
    }

    /**
     * Ends the claims of holders that are dead, so that nothing they might still append counts. Waits once for all of
     * them, and longer than who wants a scope: {@value Watch#PATIENT_LOOKS} looks.
     *
     * @param own not looked at
     * @return the claims of others that stand, whose holders live
     */
    public List<StandingClaim> endDead(HeldClaim own, Consumer<String> notes) {
        List<StandingClaim> others = catalogue.view().claims().stream()
                .filter(one -> one.number() != own.number())
                .toList();
        Set<Long> dead = new HashSet<>();
        List<Long> watched = new ArrayList<>();
        for (StandingClaim one : others) {
            if (machine.isGone(one.entry())) {
                dead.add(one.number());
            } else {
                watched.add(one.number());
            }
        }
        dead.addAll(watch(watched, Watch.PATIENT_LOOKS));
        for (StandingClaim one : others) {
            if (dead.contains(one.number())) {
                catalogue.append(new Change.End(one.number(), "its holder was found dead"), own.author());
                notes.accept("ended the claim of " + one.describe() + ", whose holder is dead");
            }
        }
        CatalogueView now = catalogue.view();
        return now.claims().stream().filter(one -> one.number() != own.number()).toList();
    }
}
