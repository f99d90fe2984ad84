package dev.hindsight.testkit.fake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.SnapshotRequest;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupOperation;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.restore.RestoreOperation;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.operations.verify.VerifyOperation;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.fault.CallCutter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FakeClusterTest {
    private static final int ROWS = 200;
    private static final long SEED = Long.getLong("test.seed", 7L);

    @TempDir
    private Path temp;

    @Test
    void nodesHoldDifferentRealSSTables() {
        FakeCluster cluster = loaded(3);
        UUID plain = cluster.tableId(SmallTables.PLAIN).orElseThrow();
        List<DirectoryAgent> agents = cluster.agents();

        assertThat(agents.get(0).dataFiles(SmallTables.PLAIN, plain)).hasSize(1);
        assertThat(agents.get(1).dataFiles(SmallTables.PLAIN, plain)).hasSize(2);
        assertThat(cluster.isEmpty(SmallTables.PLAIN)).isFalse();
        assertThat(agents.get(0).tableSizes(Set.of(SmallTables.KEYSPACE))).hasSize(2);
    }

    @Test
    void snapshotOutlivesTheTableAndCanBeCleared() {
        FakeCluster cluster = loaded(1);
        DirectoryAgent agent = cluster.agents().get(0);
        agent.takeSnapshot(new SnapshotRequest("tag", List.of(SmallTables.PLAIN), Optional.empty()));
        cluster.dropTable(SmallTables.PLAIN);

        SnapshotListing.Table table = agent.listSnapshot("tag").tables().get(0);
        SnapshotListing.SSTable sstable = table.sstables().get(0);
        byte[] data = new byte[(int) sstable.dataBytes()];
        agent.read(
                new SnapshotFile("tag", SmallTables.KEYSPACE, table.directory(), 0, sstable.descriptor() + "-Data.db"),
                0,
                data,
                0,
                data.length);

        assertThat(table.name()).isEqualTo(SmallTables.PLAIN);
        assertThat(agent.snapshotTags("t")).containsExactly("tag");
        agent.clearSnapshot("tag");
        assertThat(agent.isClean()).isTrue();
    }

    @Test
    void importMovesStagedSSTablesUnderFreeIds() {
        FakeCluster cluster = loaded(1);
        DirectoryAgent agent = cluster.agents().get(0);
        UUID id = cluster.tableId(SmallTables.PLAIN).orElseThrow();
        ImportTarget target = new ImportTarget("import-1", SmallTables.PLAIN, id);
        FileTrees.files(agent.tableDirectory(SmallTables.PLAIN, id)).forEach(file -> agent.stage(target, file));

        assertThat(agent.importIds()).containsExactly("import-1");
        assertThat(agent.commitImport(target).importedSSTables()).isEqualTo(1);
        assertThat(agent.commitImport(target).importedSSTables())
                .as("the answer once more, and nothing imported twice")
                .isEqualTo(1);
        assertThat(agent.dataFiles(SmallTables.PLAIN, id)).hasSize(2);
        assertThat(agent.isClean()).isTrue();
    }

    @Test
    void productBacksUpAndRestoresInProcessAlsoAfterACutInTheMiddle() throws Exception {
        FakeCluster cluster = loaded(3);
        CallCutter cutter = new CallCutter();
        ObjectStore store = cutter.over(DirectoryStore.create(temp.resolve("repository")));
        Repository repository = Repository.init(store, Clock.systemUTC());
        List<AgentClient> agents = cluster.agents().stream().map(cutter::over).toList();
        Site site = new Site("fake", cutter.over(cluster), agents);
        Map<String, AgentClient> byAddress =
                agents.stream().collect(Collectors.toMap(AgentClient::address, Function.identity()));
        Synthesiser synthesiser = Synthesisers.named(Synthesisers.DEFAULT);
        Path scratch = Files.createDirectories(temp.resolve("scratch"));
        EngineFactory engines = (workers, own) -> new InProcessEngine(new TaskContext(
                store,
                address -> Optional.ofNullable(byAddress.get(address)).orElseThrow(),
                synthesiser,
                own,
                Clock.systemUTC()));
        RunSettings settings = RunSettings.defaults(scratch);
        BackupRequest everything = new BackupRequest(Set.of(), Set.of(), BackupRequest.Kind.FULL);

        cutter.heal();
        backup(repository, site, settings, engines, everything);
        int calls = cutter.calls();
        assertThat(calls).as("calls %s", cutter.log()).isGreaterThan(20);
        assertThat(cluster.agents()).allMatch(DirectoryAgent::isClean);

        for (int n : new int[] {1, calls / 3, calls / 2, calls * 4 / 5}) {
            cutter.heal();
            cutter.cutFrom(n);
            try {
                backup(repository, site, settings, engines, everything);
                throw new AssertionError("cut at call " + n + " of " + calls + " went unnoticed");
            } catch (HindsightException e) {
                assertThat(e).hasMessageContaining("cut off");
            }
        }
        cutter.heal();
        DeadRuns.declareDead(scratch);
        BackupReport last = backup(repository, site, settings, engines, everything);
        assertThat(cluster.agents())
                .as("seed %d", SEED)
                .flatMap(DirectoryAgent::leftovers)
                .isEmpty();
        assertThat(new VerifyOperation(repository, settings, engines, Clock.systemUTC(), ProgressListener.NONE)
                        .execute(Optional.empty())
                        .problems())
                .isEmpty();

        RestoreReport restored = new RestoreOperation(
                        repository, site, settings, engines, Clock.systemUTC(), ProgressListener.NONE)
                .execute(new RestoreRequest(
                        last.manifest().id(),
                        Optional.of(SmallTables.KEYSPACE),
                        Optional.of("back"),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        RestoreRequest.Ttl.KEEP));
        assertThat(restored.complete()).isTrue();
        TableName back = new TableName("back", "plain");
        UUID id = cluster.tableId(back).orElseThrow();
        assertThat(cluster.agents())
                .allMatch(agent -> !agent.dataFiles(back, id).isEmpty() && agent.isClean());
    }

    private static BackupReport backup(
            Repository repository, Site site, RunSettings settings, EngineFactory engines, BackupRequest request) {
        try (BackupOperation operation =
                new BackupOperation(repository, site, settings, engines, Clock.systemUTC(), ProgressListener.NONE)) {
            return operation.execute(request);
        }
    }

    private FakeCluster loaded(int nodes) {
        FakeCluster cluster = FakeCluster.create("fake", temp.resolve("cluster"), nodes);
        SmallTables.of(SEED, ROWS).load(cluster, new Replication.Simple(nodes));
        return cluster;
    }
}
