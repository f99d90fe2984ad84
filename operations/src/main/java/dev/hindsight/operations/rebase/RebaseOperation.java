package dev.hindsight.operations.rebase;

import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.sizing.WorkerSizing;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.retention.Reparenting;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.MeasuredRate;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.run.TaskFailures;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.claim.Wanted;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.BackupIds;
import dev.hindsight.repository.layout.Keys;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Makes a backup whole that builds on others, under a new id and with the same restore point, then gives those that build
 * on it to the new one. Production is not asked for anything. What it is made from stays until it expires.
 *
 * <p>Nothing is visible before the catalogue entry stands. A run that died is gone on with when its claim is the one that
 * this run replaces and its plan is still the right one: once a claim was declared over, its objects may be collected, and
 * are never built on again.
 *
 * <p>One thread; {@link #close()} may be called from another.
 */
public final class RebaseOperation implements AutoCloseable {
    private static final int FORMAT = 2;
    private static final int FETCH_STREAMS = 2;
    private static final int MOST_WORKERS = 64;

    private final Repository repository;
    private final Claims claims;
    private final RunSettings settings;
    private final Clock clock;
    private final ProgressListener progress;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final ShardRun run;

    public RebaseOperation(
            Repository repository,
            Claims claims,
            RunSettings settings,
            EngineFactory engines,
            Clock clock,
            ProgressListener progress) {
        this.repository = repository;
        this.claims = claims;
        this.settings = settings;
        this.clock = clock;
        this.progress = progress;
        this.run = new ShardRun(engines, progress, notes::add);
    }

    /** What {@link #execute} would do now; changes nothing. */
    public RebaseForecast plan(RebaseRequest request) {
        CatalogueView view = repository.catalogue().view();
        return new Prepared(view, source(view, request.at()), request).forecast();
    }

    /**
     * Rebases.
     *
     * @throws NotFoundException there is no such backup
     * @throws CorruptException something of the chain is damaged; says which tables and ranges that hurts
     * @throws dev.hindsight.model.failure.BusyException another rebase of this cluster is at work
     */
    public RebaseReport execute(RebaseRequest request) {
        Instant startedAt = clock.instant();
        repository.catalogue().requireAppendable().forEach(this::note);
        notes.addAll(Leftovers.clean(settings.scratch()));
        CatalogueView view = repository.catalogue().view();
        PublishedBackup source = source(view, request.at());
        String cluster =
                repository.load(source.manifest(), BackupManifest.class).ring().clusterName();
        Optional<StandingClaim> cut = cut(view, Scope.rebase(cluster));
        if (cut.isPresent()) {
            String id = cut.get().claim().run();
            try (HeldClaim claim = acquire(cluster, id, source.id())) {
                Prepared prepared = new Prepared(repository.catalogue().view(), source, request);
                if (replaced(cut.get(), claim) && prepared.fits(id)) {
                    return run(prepared, id, claim, startedAt);
                }
                claim.finished();
            } finally {
                close();
            }
        }
        String id = new BackupIds(clock, new SecureRandom()).next();
        try (HeldClaim claim = acquire(cluster, id, source.id())) {
            return run(new Prepared(repository.catalogue().view(), source, request), id, claim, startedAt);
        } finally {
            close();
        }
    }

    private HeldClaim acquire(String cluster, String id, String source) {
        return claims.acquire(new Wanted(Scope.rebase(cluster), id, "rebase", List.of(source)), this::note);
    }

    /** A rebase of the scope that was neither finished nor declared over, and has a plan. */
    private Optional<StandingClaim> cut(CatalogueView view, String scope) {
        return view.claimOf(scope)
                .filter(claim -> view.find(claim.claim().run()).isEmpty())
                .filter(claim -> repository
                        .store()
                        .size(Keys.backupPlan(claim.claim().run()))
                        .isPresent());
    }

    /** Whether nothing came between the dead run's claim and this one, so that nobody may have collected its objects. */
    private boolean replaced(StandingClaim dead, HeldClaim claim) {
        return repository
                .catalogue()
                .view()
                .endOf(dead.number())
                .map(end -> end.number() == claim.number())
                .orElse(false);
    }

    private PublishedBackup source(CatalogueView view, Optional<String> at) {
        Optional<PublishedBackup> found = at.isPresent() ? view.find(at.get()) : view.newest();
        if (found.isEmpty()) {
            view.requireWhole();
        }
        return found.orElseThrow(() -> new NotFoundException(
                at.map(id -> "there is no backup " + id).orElse("the repository holds no backup"),
                at.isPresent() ? "'hindsight list' shows the backups there are" : "run 'hindsight backup' first"));
    }

    /** A rebase as planned from one catalogue. */
    private final class Prepared {
        private final PublishedBackup source;
        private final BackupChain chain;
        private final RebasePlanner planner;
        private final Optional<String> nothing;
        private final Optional<String> already;
        private final List<String> children;

        Prepared(CatalogueView view, PublishedBackup source, RebaseRequest request) {
            this.source = source;
            this.chain = BackupChain.of(repository, view, source.manifest());
            this.already = view.backups().stream()
                    .filter(one -> one.rebaseOf().equals(Optional.of(source.id())))
                    .map(PublishedBackup::id)
                    .reduce((a, b) -> b);
            requireTables(request);
            this.planner = new RebasePlanner(chain, request.tables(), settings.shardBytes());
            this.children = Reparenting.childrenOf(repository, view, source.id());
            this.nothing = already.map(id -> "it was rebased to " + id + partly(view, id))
                    .or(() -> planner.shards().isEmpty()
                            ? Optional.of("everything that was asked for is whole already")
                            : Optional.empty());
        }

        /** A rebase of some tables leaves the others on the chain below; from there on it is it that is rebased. */
        private String partly(CatalogueView view, String rebase) {
            try {
                return view.find(rebase)
                        .map(one -> repository.load(one.manifest(), BackupManifest.class))
                        .filter(manifest -> BackupChain.parentOf(view, manifest).isPresent())
                        .map(manifest -> ", in which not all tables are whole: 'hindsight rebase --at " + rebase
                                + "' merges the others")
                        .orElse("");
            } catch (CorruptException e) {
                return ", which is damaged: 'hindsight verify'";
            }
        }

        private void requireTables(RebaseRequest request) {
            request.tables().forEach(name -> {
                if (chain.manifest().tables().stream()
                        .noneMatch(table -> table.name().equals(name))) {
                    throw new NotFoundException(
                            "backup " + source.id() + " has no table " + name,
                            "'hindsight show " + source.id() + "' lists the tables; case counts");
                }
            });
        }

        RebaseForecast forecast() {
            return new RebaseForecast(
                    source.id(),
                    chain.links().stream().map(link -> link.manifest().id()).toList(),
                    nothing,
                    planner.tables(),
                    children,
                    planner.readBytes(),
                    planner.writeBytes(),
                    planner.shards().size(),
                    planner.shards().isEmpty() ? 0 : sizing().decide().workers());
        }

        WorkerSizing sizing() {
            return new WorkerSizing(
                    planner.readBytes(),
                    planner.shards().size(),
                    planner.scratchBytesPerTask(),
                    settings.scratchLimitBytes(),
                    Runtime.getRuntime().availableProcessors(),
                    MOST_WORKERS,
                    1,
                    MeasuredRate.of(repository),
                    settings.workers());
        }

        /** Whether the plan of a run that was cut is the plan that would be made now. */
        boolean fits(String id) {
            try {
                return nothing.isEmpty()
                        && repository
                                .find(Keys.backupPlan(id), BackupPlan.class)
                                .map(Repository.Found::document)
                                .filter(plan -> plan.rebaseOf().equals(Optional.of(source.id()))
                                        && plan.shards().equals(planner.shards()))
                                .isPresent();
            } catch (CorruptException e) {
                note("does not go on with " + id + ": " + e.getMessage());
                return false;
            }
        }

        ObjectRef putPlan(String id) {
            Optional<ObjectRef> there =
                    repository.find(Keys.backupPlan(id), BackupPlan.class).map(Repository.Found::ref);
            if (there.isPresent()) {
                return there.get();
            }
            Failpoints.hit(Failpoint.PLAN_PUT);
            BackupManifest manifest = chain.manifest();
            return repository.put(
                    Keys.backupPlan(id),
                    new BackupPlan(
                            FORMAT,
                            id,
                            clock.instant(),
                            "",
                            manifest.restorePoint().getEpochSecond(),
                            manifest.ring(),
                            manifest.schema(),
                            List.of(),
                            planner.shards(),
                            new BackupPlan.Limits(
                                    planner.scratchBytesPerTask(), settings.maxSSTableBytes(), FETCH_STREAMS),
                            Optional.empty(),
                            Optional.of(source.id())));
        }
    }

    private RebaseReport run(Prepared prepared, String id, HeldClaim claim, Instant startedAt) {
        if (prepared.nothing.isPresent()) {
            List<String> given = prepared.already.isPresent()
                    ? Reparenting.finish(repository, claim::author, Optional.of(prepared.source.id()))
                    : List.of();
            claim.finished();
            return new RebaseReport(
                    prepared.forecast(), Optional.empty(), given, 0, 0, 0, seconds(startedAt), 0, List.copyOf(notes));
        }
        RebaseForecast forecast = prepared.forecast();
        prepared.planner
                .parent()
                .ifPresent(parent -> note("it goes on building on backup " + parent
                        + ", for tables that are not rebased with it: those that were not asked for, and those that backup "
                        + forecast.source() + " leaves out"));
        run.open(settings.scratch(), id + "-" + claim.number(), "");
        ObjectRef planRef = prepared.putPlan(id);
        List<ShardTask> tasks = new ArrayList<>();
        int resumed = 0;
        for (BackupPlan.Shard shard : prepared.planner.shards()) {
            tasks.add(new ShardTask.Rebase(planRef, shard.number()));
            resumed += repository
                            .store()
                            .size(Keys.shardManifest(id, shard.number()))
                            .isPresent()
                    ? 1
                    : 0;
        }
        claim.phase("shards");
        progress.phase("shards", forecast.readBytes());
        List<TaskResult> results = run.run(tasks, forecast.workers());
        TaskFailures.throwFirst(results);
        Map<Integer, ObjectRef> refs = new TreeMap<>();
        List<ShardManifest> shards = new ArrayList<>();
        for (TaskResult result : results) {
            ObjectRef made = result.made().orElseThrow();
            refs.put(result.task().shard(), made);
            shards.add(repository.load(made, ShardManifest.class));
        }
        RebaseAssembler assembler = new RebaseAssembler(prepared.chain, prepared.planner, refs, shards);
        Optional<ObjectRef> state = assembler.copyState(repository, id);
        BackupManifest manifest = assembler.assemble(id, planRef, state, startedAt, clock.instant());
        claim.phase("publish");
        progress.phase("publish", 0);
        repository.publish(manifest, claim.author());
        List<String> given = Reparenting.finish(repository, claim::author, Optional.of(prepared.source.id()));
        claim.finished();
        return new RebaseReport(
                forecast,
                Optional.of(manifest),
                given,
                results.stream().mapToLong(TaskResult::bytes).sum(),
                manifest.totals().storedBytes(),
                resumed,
                seconds(startedAt),
                assembler.cpuSeconds(),
                List.copyOf(notes));
    }

    private double seconds(Instant startedAt) {
        return Duration.between(startedAt, clock.instant()).toMillis() / 1000.0;
    }

    private void note(String text) {
        notes.add(text);
        progress.note(text);
    }

    /** Ends workers, removes scratch. Safe to repeat. */
    @Override
    public void close() {
        run.close();
    }
}
