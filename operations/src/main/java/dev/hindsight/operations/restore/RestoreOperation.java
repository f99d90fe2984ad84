package dev.hindsight.operations.restore;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.model.schema.RestoreSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.RunClaim;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.run.TaskFailures;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.layout.BackupIds;
import dev.hindsight.repository.layout.Keys;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores tables of a backup into a live ring: plan, schema, plan object, shard tasks (SSTables staged with every
 * replica's agent), import on every node, views. Every replica gets the same records, so no repair is needed.
 *
 * <p>Nothing is touched before the plan holds. What is done is marked in the repository, step by step; the same command
 * goes on from there. One thread; {@link #close()} may be called from another and ends the workers.
 */
public final class RestoreOperation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreOperation.class);
    private static final String VERB = "restore";

    private final Repository repository;
    private final Site site;
    private final RunSettings settings;
    private final Clock clock;
    private final ProgressListener progress;
    private final List<String> notes = new ArrayList<>();
    private final RunClaim claim;
    private final ShardRun run;

    public RestoreOperation(
            Repository repository,
            Site target,
            RunSettings settings,
            EngineFactory engines,
            Clock clock,
            ProgressListener progress) {
        this.repository = repository;
        this.site = target;
        this.settings = settings;
        this.clock = clock;
        this.claim = new RunClaim(repository, clock, progress);
        this.progress = claim;
        this.run = new ShardRun(engines, claim, notes::add);
    }

    /** What {@link #execute} would do now; {@code refused} says why it would not. Changes nothing anywhere. */
    public RestoreForecast plan(RestoreRequest request) {
        progress.phase("plan", 0);
        return new RestorePlanner(repository, site, settings, clock)
                .plan(request)
                .forecast();
    }

    /** Of a backup as it is; see {@link #execute(RestoreRequest, UnaryOperator)}. */
    public RestoreReport execute(RestoreRequest request) {
        return execute(request, claimed -> claimed);
    }

    /**
     * @param again asks once more what it is made of, once that is held: nothing of it goes from then on
     * @throws dev.hindsight.model.failure.BusyException another restore into one of these keyspaces is under way; nothing
     *     was done
     * @throws TargetUnsafeException the target has data of its own under a wanted name, or takes no imports
     * @throws PlanStaleException somebody emptied a table while it was being restored, or another base is better now
     * @throws CapacityException a target node has too little space
     */
    public RestoreReport execute(RestoreRequest request, UnaryOperator<RestoreRequest> again) {
        Instant startedAt = clock.instant();
        try {
            RestoreRequest claimed = sameBase(claim(request), again);
            notes.addAll(Leftovers.clean(settings.scratch(), site, repository));
            progress.phase("plan", 0);
            RestoreBlueprint blueprint = new RestorePlanner(repository, site, settings, clock).plan(claimed);
            RestoreBlueprint.Refusal.failure(blueprint.refusals()).ifPresent(failure -> {
                throw failure;
            });
            notes.addAll(blueprint.forecast().notes());
            String id = blueprint.identity().id();
            claim.readIfPossible(id, VERB, List.of());
            run.open(settings.scratch(), "restore-" + id + "-" + clock.millis(), "");
            RestorePlan plan = blueprint.identity().unfinished().isPresent()
                    ? blueprint.identity().unfinished().get()
                    : prepare(blueprint, id);
            ObjectRef planRef = repository
                    .find(Keys.restorePlan(id), RestorePlan.class)
                    .orElseThrow()
                    .ref();
            int workers =
                    RestoreSizing.workers(repository, settings, plan).decide().workers();
            ImportsSoFar soFar = new ImportsSoFar(repository, clock, site.cluster(), blueprint.agents(), plan);
            soFar.adoptFinished();
            long sent = stage(planRef, plan, workers);
            importEverywhere(blueprint, plan, soFar);
            soFar.requireStanding();
            boolean complete = createViews(blueprint);
            // Before it is marked as done: afterwards nobody would come back for what is left.
            discardStaging(blueprint, id);
            blueprint.identity().abandoned().forEach(gone -> discardStaging(blueprint, gone));
            RestoreSteps steps = new RestoreSteps(repository, id, clock);
            Failpoints.hit(Failpoint.RESTORE_DONE);
            steps.mark(RestoreSteps.DONE, blueprint.nodes(), 0);
            claim.finished();
            complete &= blueprint.forecast().tables().stream().noneMatch(RestoreForecast.Table::partial);
            double seconds = Duration.between(startedAt, clock.instant()).toMillis() / 1000.0;
            LOG.info(
                    "restored restore={} backup={} seconds={}",
                    id,
                    blueprint.forecast().backup(),
                    seconds);
            return new RestoreReport(
                    id,
                    blueprint.forecast().backup(),
                    blueprint.forecast().instant(),
                    results(blueprint, plan),
                    sent,
                    workers,
                    seconds,
                    complete,
                    List.copyOf(notes));
        } finally {
            close();
        }
    }

    /** Keeps the backup while it is read, and others from restoring into the same keyspaces meanwhile. */
    private RestoreRequest claim(RestoreRequest request) {
        PublishedBackup backup = BackupContents.find(repository, request.from());
        String run = "restore-" + new BackupIds(clock, new SecureRandom()).next();
        String cluster = site.clusterName();
        List<String> reads = List.of(backup.id());
        for (String keyspace : RestorePlanner.targetKeyspaces(repository, backup, request)) {
            claim.acquireIfPossible(Scope.restore(cluster, keyspace), run, VERB, reads);
            reads = List.of();
        }
        return request.withBackup(backup.id());
    }

    /** What was read of journals before the claim may have been merged, and collected, since. */
    private static RestoreRequest sameBase(RestoreRequest claimed, UnaryOperator<RestoreRequest> again) {
        if (claimed.instant().isEmpty()) {
            return claimed;
        }
        RestoreRequest now = again.apply(claimed);
        if (!now.from().equals(claimed.from())) {
            throw new PlanStaleException(
                    "backup " + now.from() + " took the place of " + claimed.from()
                            + " while the restore was being planned",
                    "run it again");
        }
        return now;
    }

    /** Schema, then the plan object with the ids the new tables got. */
    private RestorePlan prepare(RestoreBlueprint blueprint, String id) {
        progress.phase("schema", 0);
        LiveCluster cluster = site.cluster();
        for (RestoreSchema.Step step : blueprint.steps().beforeImport()) {
            Failpoints.hit(Failpoint.RESTORE_SCHEMA);
            try {
                cluster.executeDdl(step.statement());
            } catch (AlreadyExistsException e) {
                // The planner compared what exists with what is wanted; only a cut attempt of ours can be ahead of it.
                LOG.info("exists already kind={} name={}", step.kind(), step.name());
            }
        }
        List<RestorePlan.Table> tables = new ArrayList<>();
        blueprint.targets().forEach((source, as) -> {
            UUID targetId = cluster.tableId(as)
                    .orElseThrow(() -> new PreconditionFailedException(
                            "table " + as + " is not there although its schema was created",
                            "look for a concurrent DROP, then run it again"));
            RestoreSchemas.TargetTable ddl =
                    Optional.ofNullable(blueprint.tableDdl().get(source)).orElseThrow();
            tables.add(new RestorePlan.Table(
                    source,
                    BackupContents.table(blueprint.contents().manifest(), source)
                            .tableId(),
                    as,
                    targetId,
                    ddl.types(),
                    ddl.ddl(),
                    blueprint
                            .contents()
                            .instant()
                            .flatMap(part -> part.of(source))
                            .map(InstantPart.Records::journal)));
        });
        RestorePlan plan = new RestorePlan(
                RestorePlan.FORMAT,
                id,
                clock.instant(),
                blueprint.contents().ref(),
                TtlNames.of(blueprint.request().ttl()),
                clock.instant().getEpochSecond(),
                blueprint.ring(),
                blueprint.nodes().stream()
                        .map(node -> new RestorePlan.TargetAgent(
                                node,
                                blueprint
                                        .agents()
                                        .find(node)
                                        .orElseThrow()
                                        .client()
                                        .address()))
                        .toList(),
                "",
                tables,
                blueprint.shards(),
                new BackupPlan.Limits(
                        blueprint.scratchBytesPerTask(), settings.maxSSTableBytes(), RestoreSizing.FETCH_STREAMS),
                blueprint.contents().instant().map(InstantPart::instant));
        Failpoints.hit(Failpoint.PLAN_PUT);
        repository.put(Keys.restorePlan(id), plan);
        return plan;
    }

    private long stage(ObjectRef planRef, RestorePlan plan, int workers) {
        progress.phase(
                "shards",
                plan.shards().stream()
                        .mapToLong(RestorePlan.Shard::estimatedBytes)
                        .sum());
        List<ShardTask> tasks = new ArrayList<>();
        RestoreSteps steps = new RestoreSteps(repository, plan.id(), clock);
        for (RestorePlan.Shard shard : plan.shards()) {
            if (!imported(steps, plan, shard)) {
                tasks.add(new ShardTask.Restore(planRef, shard.number()));
            }
        }
        List<TaskResult> results = run.run(tasks, workers);
        TaskFailures.throwFirst(results);
        Failpoints.hit(Failpoint.RESTORE_STAGED);
        return results.stream().mapToLong(this::bytesSent).sum();
    }

    /** Every node of a shard's set gets all its files. */
    private long bytesSent(TaskResult result) {
        return result.made()
                .map(made -> repository.load(made, RestoreStep.class))
                .map(step -> step.nodes().size()
                        * step.files().stream()
                                .mapToLong(RestoreStep.File::sizeBytes)
                                .sum())
                .orElse(0L);
    }

    private static boolean imported(RestoreSteps steps, RestorePlan plan, RestorePlan.Shard shard) {
        UUID target = target(plan, shard.source()).targetId();
        return shard.nodes().stream().allMatch(node -> steps.done(RestoreSteps.imported(node, target)));
    }

    private static RestorePlan.Table target(RestorePlan plan, TableName source) {
        return plan.tables().stream()
                .filter(table -> table.source().equals(source))
                .findFirst()
                .orElseThrow();
    }

    private void importEverywhere(RestoreBlueprint blueprint, RestorePlan plan, ImportsSoFar soFar) {
        progress.phase("import", 0);
        RestoreSteps steps = new RestoreSteps(repository, plan.id(), clock);
        claim.requireHeld();
        soFar.markImporting();
        Parallel.forAll(List.copyOf(ImportsSoFar.tablesByNode(plan).entrySet()), entry -> {
                    AgentClient agent = blueprint
                            .agents()
                            .find(entry.getKey())
                            .orElseThrow()
                            .client();
                    for (RestorePlan.Table table : entry.getValue()) {
                        String step = RestoreSteps.imported(entry.getKey(), table.targetId());
                        if (!steps.done(step)) {
                            claim.requireHeld();
                            Failpoints.hit(Failpoint.IMPORT_BEFORE);
                            agent.commitImport(new ImportTarget(plan.id(), table.target(), table.targetId()));
                            Failpoints.hit(Failpoint.IMPORT_AFTER);
                            steps.mark(step, List.of(entry.getKey()), 0);
                        }
                    }
                    return true;
                })
                .forEach(Parallel.Outcome::get);
    }

    /** Views are made from their base by the node itself, so they come last; false when one could not be made. */
    private boolean createViews(RestoreBlueprint blueprint) {
        boolean all = true;
        for (RestoreSchema.Step step : blueprint.steps().afterImport()) {
            try {
                site.cluster().executeDdl(step.statement());
            } catch (AlreadyExistsException e) {
                LOG.info("exists already kind={} name={}", step.kind(), step.name());
            } catch (HindsightException e) {
                all = false;
                String note = "view " + step.name() + " was not created: " + e.getMessage();
                notes.add(note);
                progress.note(note);
            }
        }
        return all;
    }

    private void discardStaging(RestoreBlueprint blueprint, String id) {
        List<AgentClient> agents = blueprint.nodes().stream()
                .map(node -> blueprint.agents().find(node).orElseThrow().client())
                .toList();
        List<Parallel.Outcome<Boolean>> outcomes = Parallel.forAll(agents, agent -> {
            agent.discardImport(id);
            return true;
        });
        for (int i = 0; i < agents.size(); i++) {
            String address = agents.get(i).address();
            outcomes.get(i)
                    .failure()
                    .ifPresent(failure -> notes.add(
                            "staging of import " + id + " may be left on " + address + ": " + failure.getMessage()));
        }
    }

    private static List<RestoreReport.Result> results(RestoreBlueprint blueprint, RestorePlan plan) {
        return plan.tables().stream()
                .map(table -> new RestoreReport.Result(
                        table.source(),
                        table.target(),
                        table.targetId(),
                        blueprint.contents().rows(table.source()),
                        blueprint.contents().rowsAreExact(table.source()),
                        RestoreSharding.sstablesPerNode(plan.shards().stream()
                                .filter(shard -> shard.source().equals(table.source()))
                                .toList()),
                        blueprint
                                .contents()
                                .instant()
                                .flatMap(part -> part.of(table.source()))
                                .map(RestoreForecast.Records::of)))
                .toList();
    }

    /** Ends workers and removes scratch. Safe to repeat. What is staged stays, for the same command to go on. */
    @Override
    public void close() {
        try {
            run.close();
        } finally {
            claim.close();
        }
    }
}
