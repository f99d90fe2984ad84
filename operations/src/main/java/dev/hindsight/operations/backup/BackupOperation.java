package dev.hindsight.operations.backup;

import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.CoverageException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.model.sizing.WorkerSizing;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
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
                parent(request, survey, selection),
                clock.instant(),
                site.cluster().truncations(),
                live);
        BackupPlanner planner = new BackupPlanner(imagined, settings, clock);
        List<TableChoice> tables = planner.choose();
        Optional<BackupForecast.Onward> onward = request.afresh()
                ? Optional.empty()
                : CutBackup.find(repository, settings, clock, Scope.backup(site.clusterName()))
                        .filter(CutBackup::planned)
                        .map(cut -> cut.foresee(survey, selection, () -> parent(request, survey, selection)));
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
            BackupPlan plan = prepared.plan();
            Snapshots taken = prepared.taken();
            int workers = sizing(prepared).decide().workers();
            progress.phase("shards", inputBytes(prepared.left()));
            ShardsOfPlan.Done done = new ShardsOfPlan(repository, run, notes::add, prepared.planner(), claim.number())
                    .run(
                            prepared.tables(),
                            plan,
                            prepared.planRef(),
                            workers,
                            request.kind() == BackupRequest.Kind.INCREMENTAL);
            ObjectRef chain = chainState(prepared, done);
            BackupManifest manifest = new ManifestAssembler(
                            taken, done.tables(), done.plan(), prepared.planRef(), chain, done.shards(), done.refs())
                    .assemble(prepared.stored().isPresent() ? plan.createdAt() : startedAt, clock.instant());
            uncovered.refuse(manifest);
            progress.phase("publish", 0);
            PublishedBackup published = repository.publish(manifest, claim.author(), claim.guard());
            planned = false;
            claim.finished();
            LOG.info(
                    "published backup={} state={} stored={}",
                    plan.id(),
                    manifest.state(),
                    manifest.totals().storedBytes());
            clean();
            double seconds = Duration.between(startedAt, clock.instant()).toMillis() / 1000.0;
            return BackupReport.of(
                    manifest,
                    done.shards(),
                    workers,
                    seconds,
                    claim.pastDamage().or(published.entry()::previousProblem),
                    done.damage(),
                    prepared.resumed(),
                    notes);
        } finally {
            close();
        }
    }

    /**
     * Everything that the shard tasks need.
     *
     * @param stored numbers of the shards that a run which was cut has stored; empty for a run that begins afresh
     */
    private record Prepared(
            Snapshots taken,
            BackupPlanner planner,
            List<TableChoice> tables,
            BackupPlan plan,
            ObjectRef planRef,
            Optional<Set<Integer>> stored) {
        OptionalInt resumed() {
            return stored.map(numbers -> OptionalInt.of(numbers.size())).orElse(OptionalInt.empty());
        }

        List<BackupPlan.Shard> left() {
            return plan.shards().stream()
                    .filter(shard -> !stored.map(numbers -> numbers.contains(shard.number()))
                            .orElse(false))
                    .toList();
        }
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
        ObjectRef planRef = repository.put(Keys.backupPlan(id), plan);
        return new Prepared(taken, planner, tables, plan, planRef, Optional.empty());
    }

    /** Empty when that run is over now, and to be cleaned up after. */
    private Optional<Prepared> goOn(CutBackup cut, String scope, BackupRequest request) {
        claim.acquire(scope, cut.id(), VERB, List.of());
        try {
            progress.phase("survey", 0);
            Survey survey = Survey.take(site);
            Selection selection = Selection.of(request, survey.schema());
            CutBackup.Usable usable = cut.require(
                    claim.number(), survey, selection, () -> pinnedParent(request, survey, selection, cut.id()));
            BackupPlan plan = usable.plan().document();
            run.open(settings.scratch(), cut.id() + "-" + claim.number(), site.name());
            planned = true;
            snapshots.adopt(survey, plan.snapshotTag());
            notes.addAll(Leftovers.clean(settings.scratch(), site, plan.snapshotTag()));
            usable.taken().parent().notes().forEach(this::note);
            note("goes on with backup " + cut.id() + ", which was cut: "
                    + usable.stored().size() + " of " + plan.shards().size()
                    + " shards are stored. Its restore point is that of its snapshots, "
                    + usable.taken().restorePoint(clock)
                    + ": what was written since is not in it; a backup after this one has it (or now: --afresh)");
            uncovered.refuseDark(plan);
            return Optional.of(new Prepared(
                    usable.taken(),
                    usable.planner(),
                    usable.tables(),
                    plan,
                    usable.plan().ref(),
                    Optional.of(usable.stored())));
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

    /** What the chain has seen then; of a run that was cut, as it noted it itself if it came that far. */
    private ObjectRef chainState(Prepared prepared, ShardsOfPlan.Done done) {
        ChainState state = prepared.planner().chainState(done.tables(), done.plan(), done.shards());
        String key = Keys.chainState(prepared.plan().id());
        Optional<ObjectRef> there = prepared.stored().isPresent()
                ? repository.find(key, ChainState.class).map(Repository.Found::ref)
                : Optional.empty();
        return there.orElseGet(() -> repository.put(key, state));
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
            ParentChoice parent = pinnedParent(request, before, selection, id);
            progress.phase("snapshot", 0);
            String tag = SnapshotTags.of(id, attempt);
            Map<UUID, Map<UUID, String>> truncated = site.cluster().truncations();
            List<NodeSource> nodes = snapshots.take(before, selection, tag);
            Map<UUID, Map<UUID, String>> truncatedSince = site.cluster().truncations();
            Survey after = Survey.take(site);
            if (before.sameAs(after)) {
                parent.notes().forEach(this::note);
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

    private ParentChoice parent(BackupRequest request, Survey survey, Selection selection) {
        return ParentChoice.of(
                repository,
                repository.catalogue().view(),
                request.kind(),
                survey.ring().clusterName(),
                selection.tables());
    }

    /** Chosen again once it is pinned: it may have been expired, or given another parent, until then. */
    private ParentChoice pinnedParent(BackupRequest request, Survey survey, Selection selection, String id) {
        Set<String> pinned = new HashSet<>();
        while (true) {
            ParentChoice choice = parent(request, survey, selection);
            if (choice.parent().isEmpty()
                    || pinned.contains(choice.parent().get().id())) {
                return choice;
            }
            String parent = choice.parent().get().id();
            try {
                claim.read(id, VERB, List.of(parent));
                pinned.add(parent);
            } catch (NotFoundException e) {
                note("backup " + parent + " went while it was being chosen as parent; choosing again");
            }
        }
    }

    private WorkerSizing sizing(Prepared prepared) {
        Snapshots taken = prepared.taken();
        List<BackupPlan.Shard> left = prepared.left();
        return new Forecaster(taken.survey(), taken.selection(), settings, MeasuredRate.of(repository))
                .sizing(inputBytes(left), left.size(), prepared.plan().limits().scratchBytesPerTask());
    }

    private static long inputBytes(List<BackupPlan.Shard> shards) {
        return shards.stream().mapToLong(BackupPlan.Shard::estimatedInputBytes).sum();
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
