package dev.hindsight.cli.live;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.cli.Interrupts;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.journal.CaptureSurvey;
import dev.hindsight.operations.journal.CompleteOperation;
import dev.hindsight.operations.journal.KeyspaceOwners;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.SealOperation;
import dev.hindsight.operations.journal.TableSealers;
import dev.hindsight.operations.journal.WindowOperation;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.server.Backend;
import dev.hindsight.server.RestoreOrder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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

    /** What is kept of a manifest, which is much larger. */
    private record Held(LastBase base, Set<UUID> tables) {}

    private final HindsightConfig config;
    private final Connections connections;
    private final LiveWorkbench workbench;
    private final Interrupts interrupts = Interrupts.none();
    private final Clock clock;
    private final List<AgentClient> agents;
    private final Map<String, Held> manifests = new HashMap<>();
    private final KeyspaceOwners owners;
    private final Set<String> damaged = new HashSet<>();
    private @Nullable Repository repository;
    private @Nullable TableSealers sealers;

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
        this.owners = new KeyspaceOwners(() -> connections.cluster(config.requireCluster()), clock);
    }

    @Override
    public String location() {
        return config.repository().text();
    }

    /** Opened when it is first needed, so that a service starts while its repository is away. */
    private synchronized Repository repository() {
        Repository open = repository;
        if (open == null) {
            open = Repository.open(connections.store(config.repository()));
            repository = open;
        }
        return open;
    }

    private synchronized TableSealers sealers() {
        TableSealers open = sealers;
        if (open == null) {
            open = new TableSealers(repository(), scratch(), clock, owners::of);
            sealers = open;
        }
        return open;
    }

    @Override
    public List<ProtectedTable> protections() {
        return ProtectedTable.standing(repository().catalogue().view());
    }

    @Override
    public ProtectedTable find(TableName table) {
        return ProtectedTable.find(repository().catalogue().view(), table);
    }

    @Override
    public CaptureSurvey captures() {
        return CaptureSurvey.take(agents);
    }

    @Override
    public SealReport seal(ProtectedTable table, CaptureSurvey captures) {
        return sealers().seal(table, captures);
    }

    @Override
    public void merge(ProtectedTable table) {
        new SealOperation(repository(), agents, Optional.empty(), scratch(), clock).merge(table, MERGES);
    }

    @Override
    public void complete(ProtectedTable table) {
        new CompleteOperation(
                        repository(),
                        config.backup().scratch().resolve("complete"),
                        config.backup().scratchLimitBytes(),
                        clock,
                        ProgressListener.NONE)
                .completeDue(table, COMPLETIONS);
    }

    private Path scratch() {
        return config.backup().scratch().resolve("seal");
    }

    @Override
    public WindowReport window(TableName table, Optional<Instant> at) {
        return new WindowOperation(repository(), clock).window(table, at);
    }

    @Override
    public synchronized Optional<LastBase> lastBase(ProtectedTable table) {
        List<PublishedBackup> backups = repository().catalogue().view().backups();
        Set<String> published = backups.stream().map(PublishedBackup::id).collect(Collectors.toSet());
        manifests.keySet().retainAll(published);
        damaged.retainAll(published);
        return backups.stream()
                .flatMap(backup -> held(backup).stream())
                .filter(held -> held.tables().contains(table.tableId())
                        && held.base().ring().clusterName().equals(table.cluster()))
                .map(Held::base)
                .reduce((older, newer) -> newer.restorePoint().isBefore(older.restorePoint()) ? older : newer);
    }

    /** Empty for one whose manifest is damaged, which is told once: a table whose only base that was needs another. */
    private Optional<Held> held(PublishedBackup backup) {
        try {
            Held held = manifests.computeIfAbsent(backup.id(), id -> load(backup));
            damaged.remove(backup.id());
            return Optional.of(held);
        } catch (CorruptException e) {
            if (damaged.add(backup.id())) {
                LOG.warn(
                        "backup left out backup={} message={} hint={}; run 'hindsight verify'",
                        backup.id(),
                        e.getMessage(),
                        e.hint());
            }
            return Optional.empty();
        }
    }

    private Held load(PublishedBackup backup) {
        BackupManifest manifest = repository().load(backup.manifest(), BackupManifest.class);
        return new Held(
                new LastBase(manifest.id(), manifest.restorePoint(), manifest.ring()),
                manifest.tables().stream().map(BackupManifest.Table::tableId).collect(Collectors.toSet()));
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
        return workbench.unprotect(config, table);
    }

    @Override
    public BackupReport backup(Set<TableName> tables, ProgressListener progress) {
        return workbench.backup(config, new BackupRequest(Set.of(), there(tables, progress)), progress);
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
