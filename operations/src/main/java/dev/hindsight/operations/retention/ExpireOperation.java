package dev.hindsight.operations.retention;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.retention.LiveBackup;
import dev.hindsight.model.retention.Retention;
import dev.hindsight.model.retention.RetentionDecision;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.claim.Wanted;
import dev.hindsight.repository.layout.BackupIds;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Lets backups go that no rule keeps, or that are named: one catalogue entry each, children before what they build on.
 * Nothing is deleted here; that is the collector's.
 *
 * <p>Each entry is put only where the catalogue before it says what the decision was made from: who publishes, holds or
 * begins to read in between makes the decision be made again. One thread; {@link #close()} may be called from another.
 */
public final class ExpireOperation implements AutoCloseable {
    /** Makes a synthetic full of a backup, and gives later ones to it; says what it did. */
    public interface Rebaser {
        String rebase(String backup);
    }

    private static final int MOST_DECISIONS = 20;

    /** What the decision was made from has changed. */
    private static final class Outdated extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Outdated() {
            super("outdated", null, false, false);
        }
    }

    private final Repository repository;
    private final Claims claims;
    private final Clock clock;
    private final ProgressListener progress;
    private final Optional<Rebaser> rebaser;
    private final Backups backups;
    private final List<String> notes = new ArrayList<>();
    private final List<String> expired = new ArrayList<>();
    private final List<String> rebased = new ArrayList<>();
    private volatile boolean ending;

    /** @param rebaser for what is cheaper rebased away; empty to leave that */
    public ExpireOperation(
            Repository repository, Claims claims, Clock clock, ProgressListener progress, Optional<Rebaser> rebaser) {
        this.repository = repository;
        this.claims = claims;
        this.clock = clock;
        this.progress = progress;
        this.rebaser = rebaser;
        this.backups = new Backups(repository);
    }

    /** What would go now, and why. */
    public ExpireReport plan(ExpireRequest request) {
        CatalogueView view = requireKnown(request);
        LiveSet live = LiveSet.of(Reparenting.imagined(view, backups), backups);
        RetentionDecision decision = decide(request, live);
        return report(
                true,
                request,
                decision,
                decision.goes().stream().map(RetentionDecision.Go::id).toList(),
                live);
    }

    /**
     * Expires.
     *
     * @throws BusyException another expiry is at work, or the catalogue never stood still long enough
     * @throws dev.hindsight.model.failure.CorruptException the catalogue is damaged; nothing was expired
     */
    public ExpireReport execute(ExpireRequest request) {
        decide(request, live(request));
        String run = "expire-" + new BackupIds(clock, new SecureRandom()).next();
        try (HeldClaim claim = claims.acquire(new Wanted(Scope.EXPIRE, run, "expire", List.of()), progress::note)) {
            Reparenting.finish(repository, claim::author, Optional.empty());
            LiveSet first = live(request);
            if (rebaser.isPresent()) {
                rebaseFirst(decide(request, first).rebases(), claim);
            }
            for (int attempt = 0; attempt < MOST_DECISIONS; attempt++) {
                LiveSet live = live(request);
                RetentionDecision decision = decide(request, live);
                if (expire(decision, live, claim)) {
                    claim.finished();
                    return report(false, request, decision, expired, first);
                }
            }
        }
        throw new BusyException(
                "the catalogue changed during each of " + MOST_DECISIONS + " decisions; " + expired.size()
                        + " backups were expired",
                "run it again when fewer runs are at work");
    }

    private void rebaseFirst(List<RetentionDecision.Rebase> rebases, HeldClaim claim) {
        for (RetentionDecision.Rebase one : rebases) {
            if (ending) {
                return;
            }
            claim.phase("rebase " + one.id());
            try {
                rebased.add(rebaser.orElseThrow().rebase(one.id()));
            } catch (HindsightException e) {
                note("backup " + one.id() + " was not rebased, so what it builds on stays: " + e.getMessage());
            }
        }
    }

    /** False when something changed, so that all is to be decided again. */
    private boolean expire(RetentionDecision decision, LiveSet live, HeldClaim claim) {
        List<PublishedBackup> expected = new ArrayList<>(live.view().backups());
        claim.phase("expire");
        progress.phase("expire", 0);
        for (RetentionDecision.Go go : decision.goes()) {
            if (ending) {
                note("ended before everything was expired; run it again");
                return true;
            }
            Failpoints.hit(Failpoint.EXPIRE_BEFORE);
            try {
                repository.catalogue().append(new Change.Expire(go.id(), go.why()), claim.author(), before -> {
                    if (!before.backups().equals(expected) || !live.pins().containsAll(pins(before))) {
                        throw new Outdated();
                    }
                });
            } catch (Outdated e) {
                return false;
            }
            expired.add(go.id());
            expected.removeIf(one -> one.id().equals(go.id()));
        }
        return true;
    }

    private static Set<String> pins(CatalogueView view) {
        Set<String> out = new HashSet<>();
        view.claims().forEach(claim -> out.addAll(claim.claim().pins()));
        return out;
    }

    private LiveSet live(ExpireRequest request) {
        return LiveSet.of(requireKnown(request), backups);
    }

    private CatalogueView requireKnown(ExpireRequest request) {
        CatalogueView view = repository.catalogue().view().requireWhole();
        for (String id : request.backups()) {
            if (view.find(id).isEmpty() && view.expiryOf(id).isEmpty()) {
                throw new NotFoundException("there is no backup " + id, "'hindsight list' shows the backups there are");
            }
        }
        return view;
    }

    private RetentionDecision decide(ExpireRequest request, LiveSet live) {
        List<LiveBackup> all = live.forDecision();
        if (!request.backups().isEmpty()) {
            return Retention.named(all, request.backups(), request.reallyLast());
        }
        return Retention.byPolicy(
                all,
                request.rules()
                        .orElseThrow(() -> new UsageException(
                                "nothing says what to keep",
                                "add the section 'retention' to the configuration, or name the backups to expire")),
                request.reallyLast(),
                clock.instant());
    }

    private ExpireReport report(
            boolean dryRun, ExpireRequest request, RetentionDecision decision, List<String> gone, LiveSet before) {
        Set<String> stay = new HashSet<>(before.readable().keySet());
        long reached = sum(before, stay);
        stay.removeAll(gone);
        long left = sum(before, stay);
        List<String> refused = request.backups().stream()
                .filter(id -> decision.stay(id).isPresent())
                .sorted()
                .toList();
        List<String> all = new ArrayList<>(notes);
        all.addAll(Windows.shrunk(before, Set.copyOf(gone)));
        return new ExpireReport(dryRun, decision, gone, refused, rebased, reached - left, left, all);
    }

    private long sum(LiveSet live, Set<String> ids) {
        Set<String> roots = new HashSet<>(ids);
        live.pins().stream()
                .filter(id -> live.view().findAlsoExpired(id).isPresent())
                .forEach(roots::add);
        return live.reachedFrom(roots, backups).values().stream()
                .mapToLong(Long::longValue)
                .sum();
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
