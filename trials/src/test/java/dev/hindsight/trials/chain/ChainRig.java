package dev.hindsight.trials.chain;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.retention.Keep;
import dev.hindsight.model.retention.RetentionPolicy;
import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupOperation;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.rebase.RebaseOperation;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.operations.restore.ExportOperation;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreOperation;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.operations.retention.CollectOperation;
import dev.hindsight.operations.retention.ExpireOperation;
import dev.hindsight.operations.retention.ExpireRequest;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.living.LivingClock;
import dev.hindsight.testkit.living.LivingCluster;
import dev.hindsight.testkit.living.LivingSSTables.Part;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The verbs over one living cluster and one repository, all in this process. Each opens the repository anew, as a new
 * process would. Safe for several threads as far as the verbs are.
 */
final class ChainRig {
    private static final Synthesiser SYNTHESISER = Synthesisers.named(Synthesisers.DEFAULT);
    private static final long SHARD_BYTES = 60 << 10;

    private final LivingCluster living;
    private final LivingClock clock;
    private final ObjectStore store;
    private final UnaryOperator<AgentClient> agents;
    private final RunSettings settings;
    private final Path place;
    private final Queue<Given> given;

    /**
     * What came back of a backup.
     *
     * @param how by which verb, for messages
     * @param tables its SSTables, by the name that the table had
     */
    record Given(String how, String backup, Function<TableName, List<Part>> tables) {}

    /** Where to restore to. */
    record Target(String name, FakeCluster cluster) {}

    private static final AtomicInteger TARGETS = new AtomicInteger();

    /**
     * @param place directory for what is exported and restored
     * @param agents what stands between the verbs and each agent
     */
    ChainRig(
            LivingCluster living,
            LivingClock clock,
            ObjectStore store,
            Path scratch,
            Path place,
            UnaryOperator<AgentClient> agents) {
        this(living, clock, store, scratch, place, agents, new ConcurrentLinkedQueue<>());
    }

    private ChainRig(
            LivingCluster living,
            LivingClock clock,
            ObjectStore store,
            Path scratch,
            Path place,
            UnaryOperator<AgentClient> agents,
            Queue<Given> given) {
        this.place = place;
        this.given = given;
        this.living = living;
        this.clock = clock;
        this.store = store;
        this.agents = agents;
        this.settings = new RunSettings(
                OptionalInt.of(1),
                scratch,
                RunSettings.DEFAULT_SCRATCH_LIMIT_BYTES,
                SHARD_BYTES,
                RunSettings.DEFAULT_MAX_SSTABLE_BYTES,
                Duration.ofDays(1),
                RunSettings.Uncovered.PARTIAL,
                RunSettings.DEFAULT_HINT_WINDOW);
    }

    /** The same over another store. */
    ChainRig over(ObjectStore other) {
        return over(other, agents);
    }

    /** The same over another store, with something else between it and the agents. */
    ChainRig over(ObjectStore other, UnaryOperator<AgentClient> between) {
        return new ChainRig(living, clock, other, settings.scratch(), place, between, given);
    }

    /** Opens it a second later: ids of runs have the second and four random digits, too few for a thousand at once. */
    private Repository repository() {
        clock.pass(Duration.ofSeconds(1));
        return Repository.open(store);
    }

    private List<AgentClient> clients() {
        return living.cluster().agents().stream()
                .map(agent -> agents.apply((AgentClient) agent))
                .toList();
    }

    private Site site(List<AgentClient> clients) {
        return new Site(living.cluster().name(), living.cluster(), clients);
    }

    private EngineFactory engines(List<AgentClient> clients) {
        return (workers, own) -> new InProcessEngine(new TaskContext(
                store,
                address -> clients.stream()
                        .filter(client -> client.address().equals(address))
                        .findFirst()
                        .orElseThrow(),
                SYNTHESISER,
                own,
                clock));
    }

    BackupReport backup(BackupRequest.Kind kind) {
        List<AgentClient> clients = clients();
        try (BackupOperation operation = new BackupOperation(
                repository(), site(clients), settings, engines(clients), clock, ProgressListener.NONE)) {
            return operation.execute(new BackupRequest(Set.of(), Set.of(), kind));
        }
    }

    ExportReport export(String backup, List<TableName> tables, Path out) {
        try (ExportOperation operation =
                new ExportOperation(repository(), settings, engines(List.of()), clock, ProgressListener.NONE)) {
            return operation.execute(backup, tables, out);
        }
    }

    /** What {@link #exportAny} and {@link #restoreAny} gave, of this rig and of those made from it. */
    Queue<Given> given() {
        return given;
    }

    private Optional<BackupManifest> any(SplittableRandom random) {
        Repository repository = repository();
        List<PublishedBackup> all = repository.catalogue().view().backups();
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        repository.load(all.get(random.nextInt(all.size())).manifest(), BackupManifest.class));
    }

    void exportAny(SplittableRandom random) {
        Path out = place.resolve("export" + TARGETS.incrementAndGet());
        any(random).filter(manifest -> !manifest.tables().isEmpty()).ifPresent(manifest -> {
            export(
                    manifest.id(),
                    manifest.tables().stream().map(BackupManifest.Table::name).toList(),
                    out);
            given.add(new Given("export", manifest.id(), name -> RestorePoints.exported(out, name)));
        });
    }

    /** Into a cluster of its own. */
    void restoreAny(SplittableRandom random) {
        Target target = target();
        any(random)
                .filter(manifest -> !manifest.tables().isEmpty())
                .ifPresent(manifest -> restore(manifest.id(), target));
    }

    /** A cluster that holds nothing yet. */
    Target target() {
        String name = "target" + TARGETS.incrementAndGet();
        return new Target(name, FakeCluster.create(name, place.resolve(name), 2));
    }

    /** Every node of the target gets a replica of everything; what it has then is {@link #given}. */
    void restore(String backup, Target target) {
        List<AgentClient> clients = target.cluster().agents().stream()
                .map(agent -> agents.apply((AgentClient) agent))
                .toList();
        try (RestoreOperation operation = new RestoreOperation(
                repository(),
                new Site(target.name(), target.cluster(), clients),
                settings,
                engines(clients),
                clock,
                ProgressListener.NONE)) {
            operation.execute(new RestoreRequest(
                    backup,
                    Optional.of(LivingCluster.KEYSPACE),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    Optional.of(Map.of("class", "SimpleStrategy", "replication_factor", "2")),
                    RestoreRequest.Ttl.KEEP));
        }
        took(backup, target);
    }

    /** What a target has is what the backup gave. */
    void took(String backup, Target target) {
        for (DirectoryAgent agent : target.cluster().agents()) {
            given.add(new Given(
                    "restore, one replica",
                    backup,
                    table -> agent
                            .dataFiles(table, target.cluster().tableId(table).orElseThrow())
                            .stream()
                            .map(file -> new Part(file, TokenRanges.FULL))
                            .toList()));
        }
    }

    VerifyReport verify() {
        try (VerifyOperation operation =
                new VerifyOperation(repository(), settings, engines(List.of()), clock, ProgressListener.NONE)) {
            return operation.execute(Optional.empty());
        }
    }

    private Claims claims(Repository repository) {
        return new Claims(repository, clock);
    }

    private RebaseOperation rebaser(Repository repository) {
        return new RebaseOperation(
                repository, claims(repository), settings, engines(List.of()), clock, ProgressListener.NONE);
    }

    /** Any backup that can be seen, the newest more often; nothing where there is none. */
    void rebase(SplittableRandom random) {
        Repository repository = repository();
        List<PublishedBackup> all = repository.catalogue().view().backups();
        if (all.isEmpty()) {
            return;
        }
        int at = random.nextBoolean() ? all.size() - 1 : random.nextInt(all.size());
        try (RebaseOperation operation = rebaser(repository)) {
            operation.execute(RebaseRequest.at(all.get(at).id()));
        }
    }

    /** By rules that keep few restore points, with or without rebasing what is in the way. */
    void expire(SplittableRandom random) {
        Repository repository = repository();
        RetentionRules rules = RetentionRules.of(new RetentionPolicy(
                new Keep(Duration.ofHours(random.nextBoolean() ? 0 : random.nextInt(12)), 0, 0, 0), 2));
        Optional<ExpireOperation.Rebaser> rebase = random.nextBoolean()
                ? Optional.empty()
                : Optional.of(backup -> {
                    try (RebaseOperation operation = rebaser(repository)) {
                        return operation.execute(RebaseRequest.at(backup)).toString();
                    }
                });
        try (ExpireOperation operation =
                new ExpireOperation(repository, claims(repository), clock, ProgressListener.NONE, rebase)) {
            operation.execute(new ExpireRequest(Set.of(), Optional.of(rules), Set.of()));
        }
    }

    void collect() {
        Repository repository = repository();
        try (CollectOperation operation =
                new CollectOperation(repository, claims(repository), clock, ProgressListener.NONE)) {
            operation.execute();
        }
    }
}
