package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupForecast;
import dev.hindsight.operations.backup.BackupOperation;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.rebase.RebaseForecast;
import dev.hindsight.operations.rebase.RebaseOperation;
import dev.hindsight.operations.rebase.RebaseReport;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.operations.restore.ExportOperation;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreOperation;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.operations.retention.CollectOperation;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.operations.retention.DiskUsageOperation;
import dev.hindsight.operations.retention.ExpireOperation;
import dev.hindsight.operations.retention.ExpireReport;
import dev.hindsight.operations.retention.ExpireRequest;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.fake.DeadRuns;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.testkit.fault.CallCutter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One cluster, one repository and the verbs between them, all in this process, with every call of a chosen {@link Side}
 * counted and cut at will. Each verb opens the repository anew, as a new process would.
 */
final class CutRig {
    /** Whose calls are counted and cut. */
    enum Side {
        STORE,
        AGENTS,
        /** Store, agents and cluster with one count: the process is cut off from the world. */
        EVERYTHING
    }

    /** Whether the first call that fails was carried out before, and whether it is the only one. */
    enum Answer {
        NOT_DONE,
        LOST,
        NOT_DONE_ONCE,
        LOST_ONCE;

        boolean lost() {
            return this == LOST || this == LOST_ONCE;
        }

        boolean once() {
            return this == NOT_DONE_ONCE || this == LOST_ONCE;
        }
    }

    private static final Synthesiser SYNTHESISER = Synthesisers.named(Synthesisers.DEFAULT);
    static final long SHARD_BYTES = 40 << 10;

    final CallCutter cutter = new CallCutter();
    final FakeCluster cluster;
    /** Of the machine that takes backups. */
    Clock clock = Clock.systemUTC();
    /** Told of every call of the store before it is made: its name and the key. */
    BiConsumer<String, String> watch = (call, key) -> {};
    /** Of each engine that was opened, how many workers it has. */
    final List<Integer> workers = new ArrayList<>();

    private final Path repository;
    private final Path scratch;
    private final ObjectStore store;
    private final Site site;
    private RunSettings settings;
    private final EngineFactory engines;

    CutRig(FakeCluster cluster, Path repository, Path scratch, Side side) {
        this.cluster = cluster;
        this.repository = repository;
        this.scratch = scratch;
        ObjectStore directory = watched(DirectoryStore.open(repository));
        this.store = side == Side.AGENTS ? directory : cutter.over(directory);
        List<AgentClient> agents = cluster.agents().stream()
                .map(agent -> side == Side.STORE ? (AgentClient) agent : cutter.over((AgentClient) agent))
                .toList();
        this.site = new Site(cluster.name(), side == Side.EVERYTHING ? cutter.over(cluster) : cluster, agents);
        this.settings = settings(1, RunSettings.DEFAULT_SCRATCH_LIMIT_BYTES, SHARD_BYTES);
        Map<String, AgentClient> byAddress =
                agents.stream().collect(Collectors.toMap(AgentClient::address, Function.identity()));
        this.engines = (many, own) -> {
            workers.add(many);
            return new InProcessEngine(new TaskContext(
                    store,
                    address -> Optional.ofNullable(byAddress.get(address)).orElseThrow(),
                    SYNTHESISER,
                    own,
                    Clock.systemUTC()));
        };
    }

    private ObjectStore watched(ObjectStore store) {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (self, method, arguments) -> {
                    if (arguments != null && arguments.length > 0 && arguments[0] instanceof String key) {
                        watch.accept(method.getName(), key);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
    }

    private RunSettings settings(int most, long scratchLimitBytes, long shardBytes) {
        return new RunSettings(
                OptionalInt.of(most),
                scratch,
                scratchLimitBytes,
                shardBytes,
                RunSettings.DEFAULT_MAX_SSTABLE_BYTES,
                Duration.ofDays(1),
                RunSettings.Uncovered.PARTIAL,
                RunSettings.DEFAULT_HINT_WINDOW);
    }

    /** From the next verb on. */
    void limit(int most, long scratchLimitBytes, long shardBytes) {
        settings = settings(most, scratchLimitBytes, shardBytes);
    }

    Path place() {
        return repository;
    }

    /** The same repository past the cutter. */
    Repository plainly() {
        return Repository.open(DirectoryStore.open(repository));
    }

    void cut(int n, Answer answer) {
        cutter.heal();
        switch (answer) {
            case NOT_DONE -> cutter.cutFrom(n);
            case LOST -> cutter.cutAfter(n);
            case NOT_DONE_ONCE -> cutter.failOnly(n);
            case LOST_ONCE -> cutter.loseOnly(n);
        }
    }

    /** The run that was cut is gone as if killed, and the world works again. */
    void heal() {
        cutter.heal();
        DeadRuns.declareDead(scratch);
    }

    /** Empty when the verb failed as verbs may; a defect passes through. */
    static <T> Optional<T> attempt(Supplier<T> verb) {
        try {
            return Optional.of(verb.get());
        } catch (HindsightException e) {
            assertThat(e.getMessage()).as("message of %s", e).isNotBlank();
            assertThat(e.hint()).as("hint of %s", e).isNotBlank();
            return Optional.empty();
        }
    }

    BackupReport backup() {
        return backup(BackupRequest.Kind.AUTO);
    }

    BackupReport backup(BackupRequest.Kind kind) {
        return backup(new BackupRequest(Set.of(), Set.of(), kind));
    }

    BackupReport backup(BackupRequest request) {
        try (BackupOperation operation =
                new BackupOperation(Repository.open(store), site, settings, engines, clock, ProgressListener.NONE)) {
            return operation.execute(request);
        }
    }

    BackupForecast plan(BackupRequest request) {
        try (BackupOperation operation =
                new BackupOperation(Repository.open(store), site, settings, engines, clock, ProgressListener.NONE)) {
            return operation.plan(request);
        }
    }

    RebaseReport rebase(RebaseRequest request) {
        Repository opened = Repository.open(store);
        try (RebaseOperation operation = new RebaseOperation(
                opened,
                new Claims(opened, Clock.systemUTC()),
                settings,
                engines,
                Clock.systemUTC(),
                ProgressListener.NONE)) {
            return operation.execute(request);
        }
    }

    RebaseForecast planRebase(RebaseRequest request) {
        Repository opened = Repository.open(store);
        try (RebaseOperation operation = new RebaseOperation(
                opened,
                new Claims(opened, Clock.systemUTC()),
                settings,
                engines,
                Clock.systemUTC(),
                ProgressListener.NONE)) {
            return operation.plan(request);
        }
    }

    ExpireReport expire(String... backups) {
        Repository opened = Repository.open(store);
        try (ExpireOperation operation = new ExpireOperation(
                opened,
                new Claims(opened, Clock.systemUTC()),
                Clock.systemUTC(),
                ProgressListener.NONE,
                Optional.empty())) {
            return operation.execute(new ExpireRequest(Set.of(backups), Optional.empty(), Set.of()));
        }
    }

    CollectReport collect() {
        Repository opened = Repository.open(store);
        try (CollectOperation operation = new CollectOperation(
                opened, new Claims(opened, Clock.systemUTC()), Clock.systemUTC(), ProgressListener.NONE)) {
            return operation.execute();
        }
    }

    DiskUsage usage() {
        return new DiskUsageOperation(Repository.open(store), Clock.systemUTC()).all(Optional.empty());
    }

    RestoreReport restore() {
        return restore(RestoreRequest.LATEST);
    }

    RestoreReport restore(String from) {
        try (RestoreOperation operation = new RestoreOperation(
                Repository.open(store), site, settings, engines, Clock.systemUTC(), ProgressListener.NONE)) {
            return operation.execute(new RestoreRequest(
                    from,
                    Optional.of(SmallTables.KEYSPACE),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    Optional.of(Map.of("class", "SimpleStrategy", "replication_factor", "2")),
                    RestoreRequest.Ttl.KEEP));
        }
    }

    ExportReport export(Path out) {
        try (ExportOperation operation = new ExportOperation(
                Repository.open(store), settings, engines, Clock.systemUTC(), ProgressListener.NONE)) {
            return operation.execute(RestoreRequest.LATEST, List.of(SmallTables.PLAIN, SmallTables.CLUSTERED), out);
        }
    }

    VerifyReport verify() {
        try (VerifyOperation operation = new VerifyOperation(
                Repository.open(store), settings, engines, Clock.systemUTC(), ProgressListener.NONE)) {
            return operation.execute(Optional.empty());
        }
    }

    /** Backups that anybody can see, oldest first, read past the cutter. */
    List<BackupManifest> visible() {
        Repository plain = Repository.open(DirectoryStore.open(repository));
        assertThat(plain.catalogue().inspect().problems()).isEmpty();
        return plain.catalogue().backups().stream()
                .map(one -> plain.load(one.manifest(), BackupManifest.class))
                .toList();
    }

    /** What the objects of a backup and of those it builds on hold, every one of them checked by its digest. */
    MergedRows stored(BackupManifest manifest, TableName table) {
        Repository plain = Repository.open(DirectoryStore.open(repository));
        CatalogueView catalogue = plain.catalogue().view();
        BackupChain chain = BackupChain.of(
                plain, catalogue, catalogue.find(manifest.id()).orElseThrow().manifest());
        UUID id = manifest.tables().stream()
                .filter(one -> one.name().equals(table))
                .findFirst()
                .orElseThrow()
                .tableId();
        List<Path> data = new ArrayList<>();
        chain.layers(table, id)
                .layers()
                .forEach(layer -> layer.shard().manifest().sstables().forEach(sstable -> {
                    sstable.components().forEach(plain::check);
                    sstable.components().stream()
                            .filter(component -> component.key().endsWith("-Data.db"))
                            .forEach(component -> data.add(Path.of(repository.toString(), component.key())));
                }));
        return MergedRows.of(table, data);
    }

    /** Everything but the scratch directory itself. */
    List<Path> leftInScratch() {
        return files(scratch);
    }

    static List<Path> files(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(path -> !path.equals(root)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
