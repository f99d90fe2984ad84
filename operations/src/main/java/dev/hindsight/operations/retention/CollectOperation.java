package dev.hindsight.operations.retention;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.claim.Wanted;
import dev.hindsight.repository.layout.BackupIds;
import dev.hindsight.repository.layout.Keys;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Deletes what nothing that counts reaches any more, and counts the bytes that come back.
 *
 * <p>First the claims of the dead are ended, so that nothing they might still append counts. Then the objects are listed,
 * and only then the catalogue is read: whatever was listed belongs to a run that the catalogue knows by now. What is
 * garbage once stays garbage ({@link RunStates}), whoever publishes, expires, rebases or reads in the meantime; even so the
 * catalogue is read on before each batch of deletes, and what is left is judged again when it says anything more.
 *
 * <p>Journals and captures have no runs that claim; the orders of their own logs decide ({@link JournalGarbage}, {@link
 * CaptureGarbage}).
 *
 * <p>Nothing is repaired, and nothing at all is deleted when the catalogue or a manifest that says what is reached is
 * damaged. One thread; {@link #close()} may be called from another, and ends the run after its present batch.
 */
public final class CollectOperation implements AutoCloseable {
    private static final int BATCH = 500;

    private final Repository repository;
    private final Claims claims;
    private final Clock clock;
    private final ProgressListener progress;
    private final List<String> notes = new ArrayList<>();
    private final Set<String> told = new HashSet<>();
    private volatile boolean ending;

    public CollectOperation(Repository repository, Claims claims, Clock clock, ProgressListener progress) {
        this.repository = repository;
        this.claims = claims;
        this.clock = clock;
        this.progress = progress;
    }

    /** What a collection would delete now. Claims of the dead count as those of the living. */
    public CollectReport plan() {
        progress.phase("list", 0);
        List<String> keys = list();
        Garbage garbage = judge(repository.catalogue().inspect(), new Backups(repository));
        List<Garbage.Candidate> found = new ArrayList<>(garbage.of(keys));
        JournalGarbage journals = new JournalGarbage(repository, keys, clock);
        CaptureGarbage captures = new CaptureGarbage(repository, clock);
        found.addAll(journals.imagined());
        Map<CaptureStream, Long> limits = captures.imagined();
        noteNew(garbage.problems());
        noteNew(journals.problems());
        noteNew(captures.problems());
        CollectTally tally = new CollectTally(keys.size() + captures.listed());
        progress.phase("measure", found.size() + captures.count(limits));
        for (int from = 0; from < found.size(); from += BATCH) {
            measure(found.subList(from, Math.min(from + BATCH, found.size())), tally);
        }
        CaptureGarbage.Sweep sweep = captures.sweep();
        for (List<Garbage.Candidate> batch = sweep.next(BATCH, limits);
                !batch.isEmpty();
                batch = sweep.next(BATCH, limits)) {
            measure(batch, tally);
        }
        return tally.report(true, notes);
    }

    private void measure(List<Garbage.Candidate> batch, CollectTally tally) {
        List<Parallel.Outcome<Long>> sizes = Parallel.forAll(batch, this::size);
        for (int i = 0; i < batch.size(); i++) {
            tally.add(batch.get(i), sizes.get(i).get());
        }
        progress.advance(batch.size());
    }

    /**
     * Deletes.
     *
     * @throws dev.hindsight.model.failure.BusyException another collection is at work
     * @throws dev.hindsight.model.failure.CorruptException the catalogue, or a manifest that says what is reached, is
     *     damaged; nothing was deleted
     * @throws dev.hindsight.model.failure.ReplacedException this run was taken for dead; it deletes nothing more
     */
    public CollectReport execute() {
        repository.catalogue().inspect().requireWhole();
        String run = "collect-" + new BackupIds(clock, new SecureRandom()).next();
        try (HeldClaim claim = claims.acquire(new Wanted(Scope.COLLECT, run, "collect", List.of()), progress::note)) {
            var living = claims.endDead(claim, this::note);
            living.forEach(one -> note("leaves alone what " + one.describe() + " works on"));
            claim.phase("list");
            progress.phase("list", 0);
            List<String> keys = list();
            CollectReport report = delete(keys, claim);
            claim.finished();
            return report;
        }
    }

    private CollectReport delete(List<String> keys, HeldClaim claim) {
        Backups backups = new Backups(repository);
        JournalGarbage journals = new JournalGarbage(repository, keys, clock);
        CaptureGarbage captures = new CaptureGarbage(repository, clock);
        journals.settle(claim::requireHeld);
        captures.settle(claim::requireHeld);
        // Who claimed or was protected before the fences and floors is known from here on.
        CatalogueView seen = repository.catalogue().view();
        List<Garbage.Candidate> left = inOrder(all(keys, seen, judge(seen, backups), journals));
        Map<CaptureStream, Long> limits = captures.limits(seen);
        noteNew(captures.problems());
        CollectTally tally = new CollectTally(keys.size() + captures.listed());
        claim.phase("delete");
        progress.phase("delete", left.size() + captures.count(limits));
        while (!left.isEmpty() && !ending) {
            claim.requireHeld();
            CatalogueView now = repository.catalogue().view();
            if (now.entries().size() != seen.entries().size() || !now.problems().isEmpty()) {
                seen = now;
                Set<Garbage.Candidate> still = new HashSet<>(all(keys, now, judge(now, backups), journals));
                left = left.stream().filter(still::contains).toList();
            }
            int size = Math.min(BATCH, left.size());
            delete(left.subList(0, size), tally);
            left = left.subList(size, left.size());
            progress.advance(size);
        }
        deleteCaptures(captures, tally, claim);
        if (ending) {
            note("ended before everything was deleted; run it again");
        }
        return tally.report(false, notes);
    }

    private void deleteCaptures(CaptureGarbage captures, CollectTally tally, HeldClaim claim) {
        CaptureGarbage.Sweep sweep = captures.sweep();
        Map<CaptureStream, Long> limits = Map.of();
        int entries = -1;
        while (!ending) {
            claim.requireHeld();
            CatalogueView now = repository.catalogue().view().requireWhole();
            if (now.entries().size() != entries) {
                entries = now.entries().size();
                limits = captures.limits(now);
                noteNew(captures.problems());
            }
            List<Garbage.Candidate> batch = sweep.next(BATCH, limits);
            if (batch.isEmpty()) {
                return;
            }
            delete(batch, tally);
            progress.advance(batch.size());
        }
    }

    private List<Garbage.Candidate> all(
            List<String> keys, CatalogueView view, Garbage garbage, JournalGarbage journals) {
        List<Garbage.Candidate> out = new ArrayList<>(garbage.of(keys));
        out.addAll(journals.of(view));
        noteNew(garbage.problems());
        noteNew(journals.problems());
        return out;
    }

    private void delete(List<Garbage.Candidate> batch, CollectTally tally) {
        Failpoints.hit(Failpoint.DELETE_BEFORE);
        List<Parallel.Outcome<Long>> outcomes = Parallel.forAll(batch, one -> {
            long bytes = size(one);
            repository.store().delete(one.key());
            return bytes;
        });
        Optional<HindsightException> failure = Optional.empty();
        int failed = 0;
        for (int i = 0; i < batch.size(); i++) {
            Optional<HindsightException> problem = outcomes.get(i).failure();
            if (problem.isPresent()) {
                failure = failure.isPresent() ? failure : problem;
                failed++;
            } else {
                tally.add(batch.get(i), outcomes.get(i).get());
            }
        }
        tally.failed(failed);
        if (failure.isPresent()) {
            if (failed == batch.size()) {
                throw failure.get();
            }
            note(failed + " objects could not be deleted, the next collection tries again: "
                    + failure.get().getMessage());
        }
        Failpoints.hit(Failpoint.DELETE_AFTER);
    }

    private Garbage judge(CatalogueView view, Backups backups) {
        return new Garbage(repository, view, backups, new Restores(repository, view, clock.instant()), clock.instant());
    }

    /** Stable, so that what names an object goes after it, run by run. */
    private static List<Garbage.Candidate> inOrder(List<Garbage.Candidate> all) {
        return all.stream()
                .sorted(Comparator.comparing(Garbage.Candidate::run)
                        .thenComparingInt(Garbage.Candidate::order)
                        .thenComparing(Garbage.Candidate::key))
                .toList();
    }

    private List<String> list() {
        List<String> out = new ArrayList<>();
        for (String prefix : List.of(Keys.DATA, Keys.BACKUPS, Keys.RESTORES, Keys.RUNS, "probe/", Keys.JOURNAL)) {
            out.addAll(repository.store().list(prefix));
        }
        return out;
    }

    private long size(Garbage.Candidate candidate) {
        return repository.store().size(candidate.key()).orElse(0);
    }

    /** What is found when things are judged again is said as well, each once. */
    private void noteNew(Collection<String> problems) {
        problems.stream().filter(told::add).forEach(this::note);
    }

    private void note(String text) {
        notes.add(text);
        progress.note(text);
    }

    @Override
    public void close() {
        ending = true;
    }
}
