package dev.hindsight.cli.live;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.cli.Interrupts;
import dev.hindsight.cli.Main;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.doctor.Doctor;
import dev.hindsight.cli.doctor.Finding;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.engine.local.LocalEngine;
import dev.hindsight.engine.local.WorkerCommand;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupForecast;
import dev.hindsight.operations.backup.BackupOperation;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.operations.journal.HistoryOperation;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.journal.InstantRestore;
import dev.hindsight.operations.journal.ProtectOperation;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.SealOperation;
import dev.hindsight.operations.journal.UnprotectOperation;
import dev.hindsight.operations.journal.UnprotectReport;
import dev.hindsight.operations.journal.WindowOperation;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.operations.rebase.AutomaticRebase;
import dev.hindsight.operations.rebase.RebaseForecast;
import dev.hindsight.operations.rebase.RebaseOperation;
import dev.hindsight.operations.rebase.RebaseReport;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.operations.restore.ExportOperation;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreForecast;
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
import dev.hindsight.operations.retention.HoldOperation;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.operations.verify.VerifyRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The real thing. */
public final class LiveWorkbench implements Workbench {
    /** For the agents' captures to reach an instant that has passed. */
    private static final Duration SEAL_PATIENCE = Duration.ofMinutes(3);

    /** For an agent's first captures to be in the repository. */
    static final Duration CAPTURE_PATIENCE = Duration.ofMinutes(1);

    private final Connections connections;
    private final Clock clock;
    private final Interrupts interrupts;

    public LiveWorkbench(Map<String, String> environment, Clock clock, Interrupts interrupts) {
        this.connections = new Connections(environment);
        this.clock = clock;
        this.interrupts = interrupts;
    }

    @Override
    public Initialised init(HindsightConfig config) {
        ObjectStore store = connections.newStore(config.repository());
        try {
            return initialised(Repository.init(store, clock), true);
        } catch (AlreadyExistsException e) {
            return initialised(Repository.open(store), false);
        }
    }

    private static Initialised initialised(Repository repository, boolean created) {
        return new Initialised(
                repository.info().id(),
                repository.store().location(),
                repository.info().createdAt(),
                created);
    }

    @Override
    public List<Finding> examine(HindsightConfig config) {
        return new Doctor(config, connections, clock).examine();
    }

    @Override
    public RepositoryStatus status(HindsightConfig config) {
        return reads(config).status();
    }

    @Override
    public BackupList backups(HindsightConfig config) {
        return reads(config).backups();
    }

    @Override
    public Listed backup(HindsightConfig config, String id) {
        return reads(config).backup(id);
    }

    @Override
    public BackupForecast planBackup(HindsightConfig config, BackupRequest request, ProgressListener progress) {
        return onSite(config.requireCluster(), site -> using(backup(config, site, progress), one -> one.plan(request)));
    }

    @Override
    public BackupReport backup(HindsightConfig config, BackupRequest request, ProgressListener progress) {
        BackupReport report = onSite(
                config.requireCluster(), site -> using(backup(config, site, progress), one -> one.execute(request)));
        return report.withNotes(using(
                rebase(config, progress),
                one -> AutomaticRebase.after(
                        repository(config), report.manifest().id(), config.rebase(), one)));
    }

    private BackupOperation backup(HindsightConfig config, Site site, ProgressListener progress) {
        return new BackupOperation(repository(config), site, config.backup(), engines(config), clock, progress);
    }

    @Override
    public RestoreForecast planRestore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress) {
        return onSite(target, site -> using(restore(config, site, progress), one -> one.plan(request)));
    }

    @Override
    public RestoreReport restore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress) {
        return onSite(target, site -> using(restore(config, site, progress), one -> one.execute(request)));
    }

    private RestoreOperation restore(HindsightConfig config, Site site, ProgressListener progress) {
        return new RestoreOperation(repository(config), site, config.restore(), engines(config), clock, progress);
    }

    @Override
    public RestoreForecast planRestoreAt(
            HindsightConfig config,
            ClusterConfig target,
            RestoreRequest request,
            Instant at,
            ProgressListener progress) {
        return planRestore(config, target, sealedRequest(config, request, at, progress), progress);
    }

    @Override
    public RestoreReport restoreAt(
            HindsightConfig config,
            ClusterConfig target,
            RestoreRequest request,
            Instant at,
            ProgressListener progress) {
        RestoreRequest sealed = sealedRequest(config, request, at, progress);
        return onSite(
                target,
                site -> using(
                        restore(config, site, progress),
                        one -> one.execute(sealed, claimed -> instants(config).at(claimed, at))));
    }

    private InstantRestore instants(HindsightConfig config) {
        return new InstantRestore(repository(config), config.requireCluster().name());
    }

    /** Sealing adds to the journal what has happened anyway, so a plan may do it, too. */
    private RestoreRequest sealedRequest(
            HindsightConfig config, RestoreRequest request, Instant at, ProgressListener progress) {
        Repository repository = repository(config);
        InstantRestore restore = instants(config);
        progress.phase("seal", 0);
        seal(config, repository, restore.tables(request), (sealing, table) -> {
                    sealing.sealBeyond(table, at, SEAL_PATIENCE);
                    return List.of();
                })
                .forEach(progress::note);
        return restore.at(request, at);
    }

    /**
     * Seals those that are protected now. Of what another cluster's nodes captured this one's agents and owners tell nothing,
     * and would be believed: its tables are read as far as they are sealed.
     *
     * @return for the operator
     */
    private List<String> seal(
            HindsightConfig config,
            Repository repository,
            List<ProtectedTable> tables,
            BiFunction<SealOperation, ProtectedTable, List<String>> work) {
        List<String> notes = new ArrayList<>();
        List<ProtectedTable> own = new ArrayList<>();
        for (ProtectedTable table : tables) {
            if (table.standing() && isOwn(config, table)) {
                own.add(table);
            } else if (table.standing()) {
                notes.add("table " + table.name() + " is protected for cluster '" + table.cluster()
                        + "', and this configuration is of cluster '"
                        + config.requireCluster().name()
                        + "': nothing was sealed, and the newest instants are those that were sealed already");
            }
        }
        if (!own.isEmpty()) {
            withSealing(config, repository, sealing -> {
                own.forEach(table -> notes.addAll(work.apply(sealing, table)));
                return true;
            });
        }
        return notes;
    }

    private static boolean isOwn(HindsightConfig config, ProtectedTable table) {
        return config.requireCluster().name().equals(table.cluster());
    }

    private SealOperation sealing(
            HindsightConfig config, Repository repository, List<AgentClient> agents, Optional<LiveCluster> cluster) {
        return new SealOperation(
                repository, agents, cluster, config.backup().scratch().resolve("seal"), clock);
    }

    /** By the agents alone where the cluster cannot be reached: only who replicates a table is not seen then. */
    private <T> T withSealing(HindsightConfig config, Repository repository, Function<SealOperation, T> work) {
        Connections.OpenSite site;
        try {
            site = connections.site(config.requireCluster());
        } catch (ClusterUnreachableException e) {
            return withAgents(
                    config.requireCluster(),
                    agents -> work.apply(sealing(config, repository, agents, Optional.empty())));
        }
        try (Connections.OpenSite open = site) {
            return work.apply(sealing(
                    config,
                    repository,
                    open.site().agents(),
                    Optional.of(open.site().cluster())));
        }
    }

    @Override
    public ProtectReport protect(HindsightConfig config, List<TableName> tables, ProgressListener progress) {
        return onSite(
                config.requireCluster(),
                site -> protection(config, site, progress)
                        .protect(
                                tables,
                                wanted -> using(
                                        backup(config, site, progress),
                                        one -> one.execute(new BackupRequest(Set.of(), wanted)))));
    }

    @Override
    public UnprotectReport unprotect(HindsightConfig config, TableName table) {
        ClusterConfig cluster = config.requireCluster();
        return withAgents(
                cluster,
                agents -> new UnprotectOperation(repository(config), cluster.name(), agents, clock).unprotect(table));
    }

    private ProtectOperation protection(HindsightConfig config, Site site, ProgressListener progress) {
        Repository repository = repository(config);
        return new ProtectOperation(
                repository,
                site,
                sealing(config, repository, site.agents(), Optional.of(site.cluster())),
                clock,
                CAPTURE_PATIENCE,
                progress);
    }

    @Override
    public WindowReport window(HindsightConfig config, TableName table, Optional<Instant> at, boolean seal) {
        Repository repository = repository(config);
        ProtectedTable known = ProtectedTable.find(repository.catalogue().view(), table);
        List<String> notes = seal
                ? seal(
                        config,
                        repository,
                        List.of(known),
                        (sealing, one) -> sealing.seal(one).notes())
                : List.of();
        return new WindowOperation(repository, clock).window(table, at).withNotes(notes);
    }

    @Override
    public HistoryReport history(
            HindsightConfig config, HistoryRequest request, boolean seal, ProgressListener progress) {
        Repository repository = repository(config);
        ProtectedTable table = ProtectedTable.find(repository.catalogue().view(), request.table());
        if (seal) {
            progress.phase("seal", 0);
            seal(config, repository, List.of(table), (sealing, one) -> {
                        request.to()
                                .ifPresentOrElse(
                                        to -> sealing.sealBeyond(one, to, SEAL_PATIENCE), () -> sealing.seal(one));
                        return List.of();
                    })
                    .forEach(progress::note);
        }
        return new HistoryOperation(
                        repository, config.backup().scratch(), config.backup().scratchLimitBytes(), progress)
                .history(request);
    }

    @Override
    public CompleteReport complete(HindsightConfig config, CompleteRequest request, ProgressListener progress) {
        return new CompleteOperation(
                        repository(config),
                        config.backup().scratch(),
                        config.backup().scratchLimitBytes(),
                        clock,
                        progress)
                .complete(request);
    }

    @Override
    public ExportReport export(
            HindsightConfig config, String from, List<TableName> tables, Path directory, ProgressListener progress) {
        return using(
                new ExportOperation(repository(config), config.restore(), engines(config), clock, progress),
                one -> one.execute(from, tables, directory));
    }

    @Override
    public VerifyReport verify(HindsightConfig config, VerifyRequest request, ProgressListener progress) {
        return using(
                new VerifyOperation(repository(config), config.backup(), engines(config), clock, progress),
                one -> one.execute(request));
    }

    @Override
    public RebaseForecast planRebase(HindsightConfig config, RebaseRequest request, ProgressListener progress) {
        return using(rebase(config, progress), one -> one.plan(request));
    }

    @Override
    public RebaseReport rebase(HindsightConfig config, RebaseRequest request, ProgressListener progress) {
        return using(rebase(config, progress), one -> one.execute(request));
    }

    private RebaseOperation rebase(HindsightConfig config, ProgressListener progress) {
        Repository repository = repository(config);
        return new RebaseOperation(
                repository, new Claims(repository, clock), config.backup(), engines(config), clock, progress);
    }

    @Override
    public ExpireReport planExpire(HindsightConfig config, ExpireRequest request, ProgressListener progress) {
        return using(expire(config, progress), one -> one.plan(request));
    }

    @Override
    public ExpireReport expire(HindsightConfig config, ExpireRequest request, ProgressListener progress) {
        return using(expire(config, progress), one -> one.execute(request));
    }

    private ExpireOperation expire(HindsightConfig config, ProgressListener progress) {
        Repository repository = repository(config);
        return new ExpireOperation(
                repository,
                new Claims(repository, clock),
                clock,
                progress,
                Optional.of(backup -> rebase(config, RebaseRequest.at(backup), progress)
                        .made()
                        .map(made -> backup + " to " + made.id())
                        .orElse(backup + " was whole already")));
    }

    @Override
    public CollectReport planCollect(HindsightConfig config, ProgressListener progress) {
        return using(collector(config, progress), CollectOperation::plan);
    }

    @Override
    public CollectReport collect(HindsightConfig config, ProgressListener progress) {
        return using(collector(config, progress), CollectOperation::execute);
    }

    private CollectOperation collector(HindsightConfig config, ProgressListener progress) {
        Repository repository = repository(config);
        return new CollectOperation(repository, new Claims(repository, clock), clock, progress);
    }

    @Override
    public CatalogueEntry hold(HindsightConfig config, String backup, String reason) {
        return new HoldOperation(repository(config), clock).hold(backup, reason);
    }

    @Override
    public CatalogueEntry release(HindsightConfig config, String backup, String reason) {
        return new HoldOperation(repository(config), clock).release(backup, reason);
    }

    @Override
    public DiskUsage usage(HindsightConfig config, boolean byTable) {
        DiskUsageOperation usage = new DiskUsageOperation(repository(config), clock);
        return byTable ? usage.all(config.retention()) : usage.backups(config.retention());
    }

    private <T> T onSite(ClusterConfig cluster, Function<Site, T> work) {
        try (Connections.OpenSite open = connections.site(cluster)) {
            return work.apply(open.site());
        }
    }

    /** Without looking whether the cluster is there. */
    private <T> T withAgents(ClusterConfig cluster, Function<List<AgentClient>, T> work) {
        List<AgentClient> agents = connections.agents(cluster);
        try {
            return work.apply(agents);
        } finally {
            agents.forEach(AgentClient::close);
        }
    }

    /** Closes the operation afterwards, and also when the process is told to end while it works. */
    private <O extends AutoCloseable, T> T using(O operation, Function<O, T> work) {
        interrupts.guard(operation);
        try {
            return work.apply(operation);
        } finally {
            interrupts.release(operation);
            close(operation);
        }
    }

    private static void close(AutoCloseable operation) {
        try {
            operation.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(
                    "cannot close " + operation.getClass().getSimpleName(), e);
        }
    }

    /** Workers are processes of this same program with this same configuration. */
    private static EngineFactory engines(HindsightConfig config) {
        return (workers, scratch) -> new LocalEngine(
                WorkerCommand.forThisJvm(
                        Main.class.getName(), "worker", "-c", config.file().toString()),
                workers,
                scratch);
    }

    private Repository repository(HindsightConfig config) {
        return Repository.open(connections.store(config.repository()));
    }

    private RepositoryReads reads(HindsightConfig config) {
        return new RepositoryReads(repository(config), clock);
    }
}
