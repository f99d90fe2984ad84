package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.agent.api.SnapshotResult;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.CoverageException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.sizing.WorkerSizing;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.MeasuredRate;
import dev.hindsight.operations.run.RunClaim;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.run.TaskFailures;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.BackupIds;
import dev.hindsight.repository.layout.Keys;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backup: survey, snapshot on all nodes together, survey again (if ring or schema changed, all over), plan
 * object, shard tasks, manifest, publish, clean up. Nothing is visible before the catalogue entry stands; what a run
 * that dies leaves in the repository is garbage, and what it leaves on the nodes the next run cleans.
 *
 * <p>One thread; {@link #close()} may be called from another (a signal handler) and ends workers and snapshots.
 */
public final class BackupOperation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackupOperation.class);
    private static final int MOST_SNAPSHOT_ATTEMPTS = 3;

    private final Repository repository;
    private final Site site;
    private final RunSettings settings;
    private final Clock clock;
    private final ProgressListener progress;
    /** Tags that may stand on nodes. */
    private final List<String> snapshotTags = new CopyOnWriteArrayList<>();
    /** Every tag this run ever asked for, also those that were cleared. */
    private final List<String> everAsked = new CopyOnWriteArrayList<>();

    private final List<String> notes = new CopyOnWriteArrayList<>();
    private volatile List<AgentClient> snapshotAgents = List.of();
    private volatile boolean ending;
    private volatile @Nullable Thread executor;
    private final RunClaim claim;
    private final ShardRun run;

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
    }

    /** What {@link #execute} would do now; changes nothing anywhere. */
    public BackupForecast plan(BackupRequest request) {
        progress.phase("survey", 0);
        Survey survey = Survey.take(site);
        Selection selection = Selection.of(request, survey.schema());
        Snapshots imagined = Snapshots.imagined(
                survey,
                selection,
                parent(request, survey, selection),
                clock.instant(),
                site.cluster().truncations());
        BackupPlanner planner = new BackupPlanner(imagined, settings, clock);
        List<TableChoice> tables = planner.choose();
        return new Forecaster(survey, selection, settings, MeasuredRate.of(repository))
                .forecast(planner.parentOf(tables).map(ParentChoice.Parent::id), tables);
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
     * @throws HindsightException nothing was published; snapshots are cleared
     */
    public BackupReport execute(BackupRequest request) {
        executor = Thread.currentThread();
        Instant startedAt = clock.instant();
        String id = new BackupIds(clock, new SecureRandom()).next();
        noteDamage(repository.catalogue().requireAppendable());
        try {
            claim.acquire(Scope.backup(site.clusterName()), id, "backup", List.of());
            notes.addAll(Leftovers.clean(settings.scratch(), site));
            run.open(settings.scratch(), id, site.name());
            Snapshots taken = snapshotUnchanged(request, id);
            BackupPlanner planner = new BackupPlanner(taken, settings, clock);
            List<TableChoice> tables = planner.choose();
            BackupPlan plan = planner.plan(tables);
            refuseDark(plan);
            Failpoints.hit(Failpoint.PLAN_PUT);
            ObjectRef planRef = repository.put(Keys.backupPlan(id), plan);
            int workers = sizing(taken, plan).decide().workers();
            List<ShardManifest> shards = new ArrayList<>();
            Map<Integer, ObjectRef> refs = new HashMap<>();
            for (TaskResult result : run(planRef, plan, workers)) {
                ObjectRef made = result.made().orElseThrow();
                notes.addAll(result.problems());
                shards.add(repository.load(made, ShardManifest.class));
                refs.put(result.task().shard(), made);
            }
            ChainState state = planner.chainState(tables, plan, shards);
            ObjectRef chain = repository.put(Keys.chainState(id), state);
            BackupManifest manifest = new ManifestAssembler(taken, tables, plan, planRef, chain, shards, refs)
                    .assemble(startedAt, clock.instant());
            refuseUncovered(manifest);
            progress.phase("publish", 0);
            PublishedBackup published = repository.publish(manifest, claim.author());
            claim.finished();
            LOG.info(
                    "published backup={} state={} stored={}",
                    id,
                    manifest.state(),
                    manifest.totals().storedBytes());
            clean();
            double seconds = Duration.between(startedAt, clock.instant()).toMillis() / 1000.0;
            return BackupReport.of(
                    manifest,
                    shards,
                    workers,
                    seconds,
                    claim.pastDamage().or(published.entry()::previousProblem),
                    notes);
        } finally {
            close();
        }
    }

    private void noteDamage(List<String> problems) {
        for (String problem : problems) {
            note("the catalogue is damaged: " + problem);
        }
    }

    private void note(String note) {
        notes.add(note);
        progress.note(note);
    }

    private List<TaskResult> run(ObjectRef planRef, BackupPlan plan, int workers) {
        progress.phase(
                "shards",
                plan.shards().stream()
                        .mapToLong(BackupPlan.Shard::estimatedInputBytes)
                        .sum());
        List<ShardTask> tasks = new ArrayList<>();
        plan.shards().forEach(shard -> tasks.add(new ShardTask.Backup(planRef, shard.number())));
        List<TaskResult> results = run.run(tasks, workers);
        TaskFailures.throwFirst(results);
        return results;
    }

    /** Snapshots that belong to one ring and one schema: taken again while either changes under them. */
    private Snapshots snapshotUnchanged(BackupRequest request, String id) {
        for (int attempt = 1; attempt <= MOST_SNAPSHOT_ATTEMPTS; attempt++) {
            progress.phase("survey", 0);
            Survey before = Survey.take(site);
            Selection selection = Selection.of(request, before.schema());
            if (settings.uncovered() == RunSettings.Uncovered.FAIL) {
                refuse(new Forecaster(before, selection, settings, 1).uncovered());
            }
            ParentChoice parent = pinnedParent(request, before, selection, id);
            progress.phase("snapshot", 0);
            String tag = "hindsight-" + id + (attempt == 1 ? "" : "-" + attempt);
            Map<UUID, Map<UUID, String>> truncated = site.cluster().truncations();
            List<NodeSource> nodes = takeSnapshots(before, selection, tag);
            Map<UUID, Map<UUID, String>> truncatedSince = site.cluster().truncations();
            Survey after = Survey.take(site);
            if (before.sameAs(after)) {
                parent.notes().forEach(this::note);
                return new Snapshots(id, tag, before, selection, parent, nodes, truncated, truncatedSince);
            }
            progress.note("ring or schema changed during the snapshot; taking it again");
            clearSnapshots();
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
                claim.read(id, "backup", List.of(parent));
                pinned.add(parent);
            } catch (NotFoundException e) {
                note("backup " + parent + " went while it was being chosen as parent; choosing again");
            }
        }
    }

    private List<NodeSource> takeSnapshots(Survey survey, Selection selection, String tag) {
        snapshotTags.add(tag);
        everAsked.add(tag);
        snapshotAgents = survey.agents().members().values().stream()
                .filter(member -> member.info().nodeUp())
                .map(AgentRoster.Member::client)
                .toList();
        run.directory()
                .recordSnapshots(
                        snapshotTags,
                        snapshotAgents.stream().map(AgentClient::address).toList());
        Failpoints.hit(Failpoint.SNAPSHOT_BEFORE);
        List<TableName> tables =
                selection.tables().stream().map(TableFacts::name).toList();
        List<Node> nodes = survey.ring().nodes();
        List<Parallel.Outcome<NodeSource>> outcomes =
                Parallel.forAll(nodes, node -> takeSnapshot(node, survey.agents(), tag, tables));
        Failpoints.hit(Failpoint.SNAPSHOT_AFTER);
        List<NodeSource> sources = new ArrayList<>();
        for (Parallel.Outcome<NodeSource> outcome : outcomes) {
            NodeSource source = outcome.get();
            if (!source.readable()) {
                note("node " + source.address() + " is not read: " + source.problem());
            }
            sources.add(source);
        }
        if (sources.stream().noneMatch(NodeSource::readable)) {
            throw new ClusterUnreachableException(
                    "no node of cluster '" + site.name() + "' can be read: "
                            + sources.get(0).address() + ": " + sources.get(0).problem(),
                    "run 'hindsight doctor'");
        }
        return sources;
    }

    private NodeSource takeSnapshot(Node node, AgentRoster agents, String tag, List<TableName> tables) {
        Optional<String> problem = agents.problemOf(node.hostId());
        if (problem.isPresent()) {
            return NodeSource.missing(node.hostId(), node.address(), problem.get());
        }
        AgentRoster.Member member = agents.find(node.hostId()).orElseThrow();
        if (ending) {
            return NodeSource.missing(node.hostId(), node.address(), "the backup is being ended");
        }
        try {
            Optional<Long> ttl = member.info().snapshotTtlSupported()
                    ? Optional.of(settings.snapshotTtl().toSeconds())
                    : Optional.empty();
            SnapshotResult result = member.client().takeSnapshot(new SnapshotRequest(tag, tables, ttl));
            SnapshotListing listing = member.client().listSnapshot(tag);
            return NodeSource.of(node.hostId(), node.address(), member.client(), result.finishedAt(), listing);
        } catch (UnauthorisedException e) {
            throw e;
        } catch (HindsightException e) {
            LOG.warn("no snapshot host={} address={}", node.hostId(), node.address(), e);
            return NodeSource.missing(node.hostId(), node.address(), String.valueOf(e.getMessage()));
        }
    }

    private void refuseDark(BackupPlan plan) {
        if (settings.uncovered() == RunSettings.Uncovered.FAIL) {
            refuse(plan.shards().stream()
                    .filter(shard ->
                            shard.slices().isEmpty() && !shard.missing().isEmpty())
                    .map(shard -> shard.table() + " " + shard.ranges())
                    .toList());
        }
    }

    private WorkerSizing sizing(Snapshots taken, BackupPlan plan) {
        long bytes = plan.shards().stream()
                .mapToLong(BackupPlan.Shard::estimatedInputBytes)
                .sum();
        return new Forecaster(taken.survey(), taken.selection(), settings, MeasuredRate.of(repository))
                .sizing(bytes, plan.shards().size(), plan.limits().scratchBytesPerTask());
    }

    private void refuseUncovered(BackupManifest manifest) {
        if (settings.uncovered() == RunSettings.Uncovered.FAIL && manifest.state() == BackupManifest.State.PARTIAL) {
            refuse(manifest.tables().stream()
                    .flatMap(table -> Coverages.uncovered(table.coverage()).stream()
                            .map(part -> table.name() + " " + part.range()))
                    .toList());
        }
    }

    private static void refuse(List<String> uncovered) {
        if (!uncovered.isEmpty()) {
            throw new CoverageException(
                    "no replica can be read for " + String.join("; ", uncovered),
                    "bring a node of these ranges up, or set backup.uncovered to partial");
        }
    }

    private void clearSnapshots() {
        if (!snapshotTags.isEmpty()) {
            Failpoints.hit(Failpoint.SNAPSHOT_CLEAR);
            notes.addAll(Leftovers.clear(snapshotAgents, snapshotTags));
            snapshotTags.clear();
        }
    }

    private synchronized void clean() {
        if (ending) {
            // A snapshot that was under way when somebody else ended this run may stand after it was cleared.
            everAsked.stream().filter(tag -> !snapshotTags.contains(tag)).forEach(snapshotTags::add);
        }
        run.endWorkers();
        boolean cleared = true;
        if (!snapshotTags.isEmpty()) {
            progress.phase("clean up", 0);
            int before = notes.size();
            clearSnapshots();
            cleared = notes.size() == before;
        }
        if (cleared) {
            run.close();
        } else {
            run.abandon();
        }
    }

    /** Ends workers, clears snapshots, removes scratch. Safe to repeat. */
    @Override
    public void close() {
        if (Thread.currentThread() != executor) {
            ending = true;
        }
        try {
            clean();
        } finally {
            claim.close();
        }
    }
}
