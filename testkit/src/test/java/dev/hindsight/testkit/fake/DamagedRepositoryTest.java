package dev.hindsight.testkit.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.TargetUnsafeException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupOperation;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.restore.RestoreOperation;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.fault.CallCutter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is damaged in a repository hurts only what needs it: other backups go on being made and restored. */
class DamagedRepositoryTest {
    private static final int ROWS = 50;
    private static final long SEED = Long.getLong("test.seed", 11L);
    private static final TableName BACK = new TableName("back", "plain");

    @TempDir
    private Path temp;

    private final CallCutter cutter = new CallCutter();
    private FakeCluster cluster;
    private Site site;
    private RunSettings settings;
    private EngineFactory engines;

    @BeforeEach
    void load() throws IOException {
        cluster = FakeCluster.create("fake", temp.resolve("cluster"), 2);
        SmallTables.of(SEED, ROWS).load(cluster, new Replication.Simple(2));
        ObjectStore store = cutter.over(DirectoryStore.create(temp.resolve("repository")));
        Repository.init(store, Clock.systemUTC());
        List<AgentClient> agents = cluster.agents().stream().map(cutter::over).toList();
        site = new Site("fake", cutter.over(cluster), agents);
        Map<String, AgentClient> byAddress =
                agents.stream().collect(Collectors.toMap(AgentClient::address, Function.identity()));
        Synthesiser synthesiser = Synthesisers.named(Synthesisers.DEFAULT);
        engines = (workers, own) -> new InProcessEngine(new TaskContext(
                store,
                address -> Optional.ofNullable(byAddress.get(address)).orElseThrow(),
                synthesiser,
                own,
                Clock.systemUTC()));
        settings = RunSettings.defaults(Files.createDirectories(temp.resolve("scratch")));
        cutter.heal();
    }

    @Test
    void aLostManifestKeepsNeitherBackupsNorOtherRestoresFromBeingDone() throws IOException {
        String first = backup();
        String second = backup();
        Files.delete(file(Keys.backupManifest(second)));

        assertThat(restore(first).complete()).isTrue();
        assertThat(backup()).isNotEqualTo(second);
        assertThatThrownBy(() -> restore(second))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(second);
    }

    @Test
    void aLostCatalogueEntryHurtsOnlyItsBackup() throws IOException {
        String first = backup();
        String second = backup();
        String third = backup();
        long published =
                repository().catalogue().find(second).orElseThrow().entry().number();
        Files.delete(file(Keys.catalogueEntry(published)));

        assertThat(restore(third).complete()).isTrue();
        cluster.dropTable(BACK);
        assertThat(restore(first).complete()).isTrue();
        assertThat(backup()).isNotEmpty();
        assertThatThrownBy(() -> restore(second)).isInstanceOf(CorruptException.class);
    }

    @Test
    void aDamagedPlanOfACutRestoreBeginsAfresh() throws IOException {
        String backup = backup();
        cutAfterPlan(backup);
        Path plan = restorePlan();
        Files.delete(plan);
        Files.writeString(plan, "{\"format\": 1, \"id\": \"garbage", StandardCharsets.UTF_8);

        assertThat(restore(backup).complete()).isTrue();
        assertThat(cluster.agents()).flatMap(DirectoryAgent::leftovers).isEmpty();
    }

    @Test
    void aDamagedStepOfACutRestoreIsDoneAgain() throws IOException {
        String backup = backup();
        cutAfter(backup, "shard-1.json");
        Path step = restoreFile("shard-1.json").orElseThrow();
        Files.delete(step);
        Files.writeString(step, "garbage", StandardCharsets.UTF_8);

        assertThat(restore(backup).complete()).isTrue();
        assertThat(cluster.agents()).flatMap(DirectoryAgent::leftovers).isEmpty();
    }

    /** Cut before its first import, a restore made nothing but empty tables: what is in them now is somebody else's. */
    @Test
    void aCutRestoreDoesNotGoOnOverDataThatCameSince() throws IOException {
        String first = backup();
        String second = backup();
        cutAfterPlan(first);
        assertThat(restore(second).complete()).isTrue();

        assertThatThrownBy(() -> restore(first))
                .isInstanceOf(TargetUnsafeException.class)
                .hasMessageContaining("holds data");
    }

    private void cutAfterPlan(String backup) throws IOException {
        cutAfter(backup, "plan.json");
    }

    /**
     * Cuts at later and later calls, until that object of the restore stands. In larger steps than the few catalogue entries
     * that every cut run leaves for the next one to read.
     */
    private void cutAfter(String backup, String name) throws IOException {
        for (int n = 10; restoreFile(name).isEmpty(); n += 8) {
            cutter.heal();
            cutter.cutFrom(n);
            try {
                restore(backup);
                throw new AssertionError("the restore ended before " + name + " was found; seed " + SEED);
            } catch (HindsightException e) {
                assertThat(e).hasMessageContaining("cut off");
            }
            DeadRuns.declareDead(settings.scratch());
        }
        cutter.heal();
    }

    private Path restorePlan() throws IOException {
        return restoreFile("plan.json").orElseThrow();
    }

    private Optional<Path> restoreFile(String name) throws IOException {
        if (!Files.isDirectory(file("restores"))) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(file("restores"))) {
            return files.filter(path -> path.endsWith(name)).findFirst();
        }
    }

    private Path file(String key) {
        return temp.resolve("repository").resolve(key);
    }

    /** A fresh look at the repository, as every command takes. */
    private Repository repository() {
        return Repository.open(cutter.over(DirectoryStore.create(temp.resolve("repository"))));
    }

    private String backup() {
        try (BackupOperation operation =
                new BackupOperation(repository(), site, settings, engines, Clock.systemUTC(), ProgressListener.NONE)) {
            return operation
                    .execute(new BackupRequest(Set.of(), Set.of(SmallTables.PLAIN), BackupRequest.Kind.FULL))
                    .manifest()
                    .id();
        }
    }

    private RestoreReport restore(String backup) {
        return new RestoreOperation(repository(), site, settings, engines, Clock.systemUTC(), ProgressListener.NONE)
                .execute(new RestoreRequest(
                        backup,
                        Optional.of(SmallTables.KEYSPACE),
                        Optional.of("back"),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        RestoreRequest.Ttl.KEEP));
    }
}
