package dev.hindsight.acceptance.chain;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupOperation;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.restore.ExportOperation;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.living.LivingClock;
import dev.hindsight.testkit.living.LivingCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
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

    /** @param agents what stands between the verbs and each agent */
    ChainRig(
            LivingCluster living,
            LivingClock clock,
            ObjectStore store,
            Path scratch,
            UnaryOperator<AgentClient> agents) {
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
        return new ChainRig(living, clock, other, settings.scratch(), between);
    }

    private Repository repository() {
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

    VerifyReport verify() {
        try (VerifyOperation operation =
                new VerifyOperation(repository(), settings, engines(List.of()), clock, ProgressListener.NONE)) {
            return operation.execute(Optional.empty());
        }
    }
}
