package dev.hindsight.operations.backup;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.CoverageException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.MeasuredRate;
import dev.hindsight.operations.run.RunClaim;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.run.SnapshotTags;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.BackupIds;
import dev.hindsight.repository.layout.Keys;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backup: survey, snapshot on all nodes together, survey again (if ring or schema changed, all over), plan
 * object, shard tasks, manifest, publish, clean up. Nothing is visible before the catalogue entry stands. What a run that
 * dies leaves, in the repository and on the nodes, the next one goes on with where that gives the very backup that the dead
 * run was to make ({@link CutBackup}); else it is garbage there and cleared here.
 *
 * <p>One thread; {@link #close()} may be called from another (a signal handler) and ends workers and snapshots.
 */
public final class BackupOperation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackupOperation.class);
    private static final String VERB = "backup";
    private static final int MOST_SNAPSHOT_ATTEMPTS = 3;

    private final Repository repository;
    private final Site site;
    private final RunSettings settings;
    private final Clock clock;
    private final ProgressListener progress;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private volatile @Nullable Thread executor;
    /** There may be a plan that another run can go on with, and no backup of it yet. */
    private volatile boolean planned;

    private final RunClaim claim;
    private final ShardRun run;
    private final NodeSnapshots snapshots;
    private final UncoveredRanges uncovered;
    private final ParentOfRun parents;

    public BackupOperation(
            Repository repository,
            Site source,
            RunSettings settings,
            EngineFactory engines,
            Clock clock,
            ProgressListener progress) {
        this.repository = repository;
        this.site = source;
        this.settings = settings;
        this.clock = clock;
        this.claim = new RunClaim(repository, clock, progress);
        this.progress = claim;
        this.run = new ShardRun(engines, claim, notes::add);
        this.uncovered = new UncoveredRanges(settings);
        this.parents = new ParentOfRun(repository, claim, VERB, this::note);
        this.snapshots = new NodeSnapshots(source, settings, run, this::note);
    }

    /** What {@link #execute} would do now; changes nothing anywhere. */
    public BackupForecast plan(BackupRequest request) {
        progress.phase("survey", 0);
        Survey survey = Survey.take(site);
        Selection selection = Selection.of(request, survey.schema());
        LiveListings live = LiveListings.ask(survey, selection);
        Snapshots imagined = Snapshots.imagined(
                survey,
                selection,
                parents.now(request, survey, selection),
                clock.instant(),
                site.cluster().truncations(),
                live);
        BackupPlanner planner = new BackupPlanner(imagined, settings, clock);
        List<TableChoice> tables = planner.choose();
        Optional<BackupForecast.Onward> onward = request.afresh()
                ? Optional.empty()
                : CutBackup.find(repository, settings, clock, Scope.backup(site.clusterName()))
                        .filter(CutBackup::planned)
                        .map(cut -> cut.foresee(
                                survey, selection, () -> parents.now(request, survey, selection), insists(request)));
        return new Forecaster(survey, selection, settings, MeasuredRate.of(repository))
                .forecast(
                        planner.parentOf(tables).map(ParentChoice.Parent::id),
                        tables,
                        imagined.nodes(),
                        live,
                        planner.cut(tables),
                        onward);
    }

    /**
     * Makes and publishes a backup.
     *
     * @throws dev.hindsight.model.failure.BusyException another backup of this cluster is under way; nothing was done
     * @throws dev.hindsight.model.failure.ReplacedException another run took this one's place; nothing was published
     * @throws CorruptException the catalogue is so damaged that nothing can be published; nothing was done
     * @throws dev.hindsight.model.failure.PreconditionFailedException an incremental was asked for and there is nothing to
     *     build on; nothing was done
     * @throws CoverageException policy says FAIL and a token range has no readable replica; nothing was stored
     * @throws HindsightException nothing was published; snapshots are cleared, unless the repository could not be told that
     *     the run is over: then the next one may go on with it
     */
    public BackupReport execute(BackupRequest request) {
        executor = Thread.currentThread();
        Instant startedAt = clock.instant();
        repository.catalogue().requireAppendable().forEach(problem -> note("the catalogue is damaged: " + problem));
        try {
            Prepared prepared = prepare(request);
            Snapshots taken = prepared.taken();
            BackupPlanner planner = prepared.planner();
            LaterPlans.Numbered first = prepared.start().first();
            ShardsOfPlan.Done done = new ShardsOfPlan(repository, run, notes::add, progress, planner, sizing(taken))
                    .run(prepared.start(), insists(request));
            ObjectRef chain = chainState(planner.chainState(done.tables(), done.plan(), done.shards()));
            BackupManifest manifest = new ManifestAssembler(
                            taken, done.tables(), done.plan(), first.ref(), chain, done.shards(), done.refs())
                    .assemble(prepared.goesOn() ? first.plan().createdAt() : startedAt, clock.instant());
            uncovered.refuse(manifest);
            progress.phase("publish", 0);
            PublishedBackup published = repository.publish(manifest, claim.author(), claim.guard());
            planned = false;
            claim.finished();
            LOG.info(
                    "published backup={} state={} stored={}",
                    manifest.id(),
                    manifest.state(),
                    manifest.totals().storedBytes());
            clean();
            double seconds = Duration.between(startedAt, clock.instant()).toMillis() / 1000.0;
            return BackupReport.of(
                    manifest,
                    done.shards(),
                    done.workers(),
                    seconds,
                    claim.pastDamage().or(published.entry()::previousProblem),
                    Stream.concat(planner.damage().stream(), done.damage().stream())
                            .toList(),
                    prepared.resumed(),
                    notes);
        } finally {
            close();
        }
    }

    /**
     * Everything that the shard tasks need.
     *
     * @param goesOn with a run that was cut
     */
    private record Prepared(Snapshots taken, BackupPlanner planner, ShardsOfPlan.Start start, boolean goesOn) {
        OptionalInt resumed() {
            return goesOn ? OptionalInt.of(start.stored().size()) : OptionalInt.empty();
        }
    }

    private static boolean insists(BackupRequest request) {
        return request.kind() == BackupRequest.Kind.INCREMENTAL;
    }

    /** Claims, and goes on with a run that was cut or begins afresh. */
    private Prepared prepare(BackupRequest request) {
        String scope = Scope.backup(site.clusterName());
        Optional<CutBackup> cut = CutBackup.find(repository, settings, clock, scope);
        if (!request.afresh() && cut.isPresent() && cut.get().planned()) {
            Optional<Prepared> onward = goOn(cut.get(), scope, request);
            if (onward.isPresent()) {
                return onward.get();
            }
        }
        String id = new BackupIds(clock, new SecureRandom()).next();
        claim.acquire(scope, id, VERB, List.of());
        cut.ifPresent(dead -> notes.addAll(Leftovers.clearSnapshots(site, dead.id())));
        notes.addAll(Leftovers.clean(settings.scratch(), site, ""));
        run.open(settings.scratch(), id, site.name());
        Snapshots taken = snapshotUnchanged(request, id);
        BackupPlanner planner = new BackupPlanner(taken, settings, clock);
        List<TableChoice> tables = planner.choose();
        BackupPlan plan = planner.plan(tables);
        uncovered.refuseDark(plan);
        Failpoints.hit(Failpoint.PLAN_PUT);
        planned = true;
        ObjectRef ref = repository.put(Keys.backupPlan(id), plan);
        LaterPlans.Numbered first = new LaterPlans.Numbered(0, ref, plan);
        return new Prepared(taken, planner, ShardsOfPlan.Start.afresh(first, tables), false);
    }

    /** Empty when that run is over now, and to be cleaned up after. */
    private Optional<Prepared> goOn(CutBackup cut, String scope, BackupRequest request) {
        claim.acquire(scope, cut.id(), VERB, List.of());
        try {
            progress.phase("survey", 0);
            Survey survey = Survey.take(site);
            Selection selection = Selection.of(request, survey.schema());
            CutBackup.Usable usable = cut.require(
                    claim.number(),
                    survey,
                    selection,
                    () -> parents.pinned(request, survey, selection, cut.id()),
                    insists(request));
            BackupPlan plan = usable.newest();
            run.open(settings.scratch(), cut.id() + "-" + claim.number(), site.name());
            planned = true;
            snapshots.adopt(survey, plan.snapshotTag());
            notes.addAll(Leftovers.clean(settings.scratch(), site, plan.snapshotTag()));
            usable.planner().damage().forEach(progress::note);
            note("goes on with backup " + cut.id() + ", which was cut: "
                    + usable.start().stored().size() + " of " + plan.shards().size()
                    + " shards are stored. Its restore point is that of its snapshots, "
                    + usable.taken().restorePoint(clock)
                    + ": what was written since is not in it; a backup after this one has it (or now: --afresh)");
            uncovered.refuseDark(plan);
            return Optional.of(new Prepared(usable.taken(), usable.planner(), usable.start(), true));
        } catch (CutBackup.Unusable e) {
            note("does not go on with backup " + cut.id() + ", which was cut, but begins afresh: " + e.getMessage());
            claim.close();
            return Optional.empty();
        } catch (HindsightException e) {
            if (!planned) {
                claim.abandon();
            }
            throw e;
        }
    }

    /**
     * What the chain has seen then. Another process of this run, one that was cut or replaced, may have noted it already;
     * where that is of other shards than these, it counts for nothing.
     */
    private ObjectRef chainState(ChainState state) {
        try {
            return repository.put(Keys.chainState(state.backup()), state);
        } catch (AlreadyExistsException e) {
            return repository.put(Keys.laterChainState(state.backup(), claim.number()), state);
        }
    }

    private void note(String note) {
        notes.add(note);
        progress.note(note);
    }

    /** Snapshots that belong to one ring and one schema: taken again while either changes under them. */
    private Snapshots snapshotUnchanged(BackupRequest request, String id) {
        for (int attempt = 1; attempt <= MOST_SNAPSHOT_ATTEMPTS; attempt++) {
            progress.phase("survey", 0);
            Survey before = Survey.take(site);
            Selection selection = Selection.of(request, before.schema());
            uncovered.refuseDark(before, selection);
            ParentChoice parent = parents.pinned(request, before, selection, id);
            progress.phase("snapshot", 0);
            String tag = SnapshotTags.of(id, attempt);
            Map<UUID, Map<UUID, String>> truncated = site.cluster().truncations();
            List<NodeSource> nodes = snapshots.take(before, selection, tag);
            Map<UUID, Map<UUID, String>> truncatedSince = site.cluster().truncations();
            Survey after = Survey.take(site);
            if (before.sameAs(after)) {
                parent.damage().forEach(progress::note);
                return new Snapshots(id, tag, before, selection, parent, nodes, truncated, truncatedSince);
            }
            progress.note("ring or schema changed during the snapshot; taking it again");
            notes.addAll(snapshots.clear());
        }
        throw new PlanStaleException(
                "ring or schema of cluster '" + site.name() + "' changed during each of " + MOST_SNAPSHOT_ATTEMPTS
                        + " snapshots",
                "run the backup when no node joins or leaves and no schema migration runs");
    }

    private ShardsOfPlan.Sizing sizing(Snapshots taken) {
        Forecaster forecaster =
                new Forecaster(taken.survey(), taken.selection(), settings, MeasuredRate.of(repository));
        return (shards, scratchBytesPerTask) -> forecaster
                .sizing(ShardsOfPlan.inputBytes(shards), shards.size(), scratchBytesPerTask)
                .decide()
                .workers();
    }

    private synchronized void clean() {
        run.endWorkers();
        List<String> failures = List.of();
        if (snapshots.standing()) {
            progress.phase("clean up", 0);
            failures = snapshots.clear();
            notes.addAll(failures);
        }
        if (failures.isEmpty()) {
            run.close();
        } else {
            run.abandon();
        }
    }

    /** What others may go on with stays; that nobody does must be sure before it is taken away. */
    private synchronized void cleanUnlessOthersGoOn() {
        run.endWorkers();
        claim.close();
        switch (claim.end()) {
            case OVER -> clean();
            case TAKEN_ON -> run.close();
            case UNKNOWN -> run.abandon();
        }
    }

    /**
     * Ends workers, clears snapshots, removes scratch. Safe to repeat. Where the repository cannot be told that the run is
     * over, its snapshots stay for the run that goes on with it.
     */
    @Override
    public void close() {
        if (Thread.currentThread() != executor) {
            snapshots.end();
        }
        try {
            if (planned) {
                cleanUnlessOthersGoOn();
            } else {
                clean();
            }
        } finally {
            claim.close();
        }
    }
}
