package dev.hindsight.cli.live;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.cli.Interrupts;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.journal.CaptureRounds;
import dev.hindsight.operations.journal.CaptureScopes;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.DueRuns;
import dev.hindsight.operations.journal.HistoryOperation;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.journal.KeyspaceOwners;
import dev.hindsight.operations.journal.Manifests;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.SealOperation;
import dev.hindsight.operations.journal.TableBases;
import dev.hindsight.operations.journal.TableSealers;
import dev.hindsight.operations.journal.UnprotectReport;
import dev.hindsight.operations.journal.WindowOperation;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.server.Backend;
import dev.hindsight.server.RestoreOrder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the service works with: long-lived connections for what it does all the time, the verbs' own ways for the rest. */
public final class LiveBackend implements Backend {
    private static final Logger LOG = LoggerFactory.getLogger(LiveBackend.class);
    private static final int MERGES = 2;

    /** Of one table in one round, so that others get their turn. */
    private static final int COMPLETIONS = 4;

    private final HindsightConfig config;
    private final Connections connections;
    private final LiveWorkbench workbench;
    private final Interrupts interrupts = Interrupts.none();
    private final Clock clock;
    private final List<AgentClient> agents;
    private final CaptureRounds captures;
    private final KeyspaceOwners owners;
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Opened> opened = new AtomicReference<>();

    /**
     * Connects to nothing yet.
     *
     * @param environment of secrets; the agents' are read now
     */
    public LiveBackend(HindsightConfig config, Map<String, String> environment, Clock clock) {
        this.config = config;
        this.connections = new Connections(environment);
        this.workbench = new LiveWorkbench(environment, clock, interrupts);
        this.clock = clock;
        this.agents = connections.agents(config.requireCluster());
        this.captures = new CaptureRounds(agents, clock);
        this.owners = new KeyspaceOwners(() -> connections.cluster(config.requireCluster()), clock);
    }

    @Override
    public String location() {
        return config.repository().text();
    }

    /** What is there once the repository was reached. */
    private record Opened(Repository repository, Manifests manifests, TableSealers sealers) {}

    /**
     * Opened when it is first needed, so that a service starts while its repository is away; without a lock, so that nobody
     * waits for another one's attempt. Of two the first is kept.
     */
    private Opened opened() {
        Opened there = opened.get();
        if (there != null) {
            return there;
        }
        Repository repository = Repository.open(connections.store(config.repository()));
        Opened ours = new Opened(
                repository, new Manifests(repository), new TableSealers(repository, scratch(), clock, owners::of));
        Opened first = opened.compareAndExchange(null, ours);
        return first == null ? ours : first;
    }

    private Repository repository() {
        return opened().repository();
    }

    @Override
    public List<ProtectedTable> protections() {
        return ProtectedTable.standing(
                repository().catalogue().view(), config.requireCluster().name());
    }

    @Override
    public List<ProtectedTable> protections(String keyspace) {
        return ProtectedTable.inKeyspace(
                repository().catalogue().view(), config.requireCluster().name(), keyspace);
    }

    @Override
    public ProtectedTable find(TableName table) {
        return ProtectedTable.find(repository().catalogue().view(), table);
    }

    @Override
    public Optional<UUID> liveId(TableName table) {
        try (LiveCluster cluster = connections.cluster(config.requireCluster())) {
            return cluster.tableId(table);
        }
    }

    @Override
    public CaptureSurvey captures() {
        return captures.take();
    }

    @Override
    public Set<UUID> touched(List<ProtectedTable> tables, CaptureSurvey captures) {
        return opened().sealers().touched(tables, captures);
    }

    @Override
    public SealReport seal(ProtectedTable table, CaptureSurvey captures) {
        return opened().sealers().seal(table, captures);
    }

    @Override
    public boolean merge(ProtectedTable table) {
        return new SealOperation(repository(), agents, Optional.empty(), scratch(), clock)
                        .merge(table, MERGES)
                        .merges()
                > 0;
    }

    @Override
    public DueRuns complete(ProtectedTable table) {
        Opened open = opened();
        return new CompleteOperation(
                        open.repository(),
                        config.backup().scratch(),
                        config.backup().scratchLimitBytes(),
                        clock,
                        open.manifests(),
                        interrupts::ending)
                .completeDue(table, COMPLETIONS);
    }

    private Path scratch() {
        return config.backup().scratch().resolve("seal");
    }

    @Override
    public WindowReport window(TableName table, Optional<Instant> at) {
        Opened open = opened();
        return new WindowOperation(open.repository(), clock, open.manifests()).window(table, at);
    }

    @Override
    public HistoryReport history(HistoryRequest request) {
        return new HistoryOperation(
                        repository(),
                        config.backup().scratch(),
                        config.backup().scratchLimitBytes(),
                        ProgressListener.NONE)
                .history(request);
    }

    @Override
    public Optional<LastBase> lastBase(ProtectedTable table) {
        Opened open = opened();
        TableBases bases = TableBases.read(open.repository().catalogue().view(), table, open.manifests());
        bases.unread().forEach(this::tell);
        return bases.newest().map(base -> new LastBase(base.id(), base.restorePoint(), base.ring()));
    }

    /** Once: a table whose only base that was needs another. */
    private void tell(TableBases.Unread damaged) {
        if (told.add(damaged.backup())) {
            LOG.warn(
                    "backup left out backup={} message={} hint=run 'hindsight verify'",
                    damaged.backup(),
                    damaged.problem());
        }
    }

    @Override
    public Ring ring() {
        try (LiveCluster cluster = connections.cluster(config.requireCluster())) {
            return cluster.ringViews().stream()
                    .findFirst()
                    .orElseThrow(() -> new ClusterUnreachableException(
                            "no node of cluster '" + config.requireCluster().name() + "' says what its ring is",
                            "run 'hindsight doctor'"));
        }
    }

    @Override
    public ProtectReport protect(List<TableName> tables, ProgressListener progress) {
        return workbench.protect(config, tables, progress);
    }

    @Override
    public ProtectedTable unprotect(TableName table) {
        UnprotectReport report = workbench.unprotect(config, table);
        report.notes().forEach(note -> LOG.warn("{}", note));
        return report.table();
    }

    @Override
    public BackupReport backup(Set<TableName> tables, ProgressListener progress) {
        captureEverywhere(progress);
        return workbench.backup(config, new BackupRequest(Set.of(), there(tables, progress)), progress);
    }

    /** What a node that came writes is in no journal before its agent captures; so before the base, from which it counts. */
    private void captureEverywhere(ProgressListener progress) {
        new CaptureScopes(repository(), config.requireCluster().name(), LiveWorkbench.CAPTURE_PATIENCE)
                .complete(agents)
                .forEach(note -> {
                    LOG.info("{}", note);
                    progress.note(note);
                });
    }

    /** One table that was dropped must not keep the others from their base. */
    private Set<TableName> there(Set<TableName> tables, ProgressListener progress) {
        Set<TableName> out;
        try (LiveCluster cluster = connections.cluster(config.requireCluster())) {
            out = tables.stream()
                    .filter(table -> cluster.tableId(table).isPresent())
                    .collect(Collectors.toSet());
        }
        tables.stream()
                .filter(table -> !out.contains(table))
                .forEach(table -> progress.note("table " + table + " is not there any more, and was left out"));
        if (out.isEmpty()) {
            throw new NotFoundException(
                    "none of the tables " + tables + " is there any more", "end their protection if they were dropped");
        }
        return out;
    }

    @Override
    public RestoreForecast planRestore(RestoreOrder order, ProgressListener progress) {
        return workbench.planRestoreAt(config, config.target(order.to()), request(order), order.at(), progress);
    }

    @Override
    public RestoreReport restore(RestoreOrder order, ProgressListener progress) {
        return workbench.restoreAt(config, config.target(order.to()), request(order), order.at(), progress);
    }

    private RestoreRequest request(RestoreOrder order) {
        return new RestoreRequest(
                "",
                order.keyspace(),
                order.asKeyspace(),
                order.table().stream().toList(),
                order.as(),
                order.replication(),
                order.ttl()
                        .map(text -> RestoreRequest.Ttl.valueOf(text.toUpperCase(Locale.ROOT)))
                        .orElse(config.restoreTtl()));
    }

    @Override
    public void close() {
        interrupts.endWork();
        owners.close();
        agents.forEach(AgentClient::close);
    }
}
