package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.backup.BackupOperation;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.Synthesisers;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A backup holds two claims: its scope, and what it builds on. Whoever finds the second one silent may end it alone, and
 * then expire and collect what it kept: from there on the backup must not be published.
 */
class LostPinsTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);

    @TempDir
    private Path temp;

    private FakeCluster cluster;
    private ObjectStore store;

    @BeforeEach
    void source() {
        cluster = FakeCluster.create("source", temp.resolve("source"), 2);
        SmallTables.of(SEED, 10).load(cluster, new Replication.Simple(2));
        store = DirectoryStore.create(temp.resolve("repository"));
        Repository.init(store, Clock.systemUTC());
    }

    @Test
    void aBackupThatLostWhatItBuildsOnPublishesNothing() {
        String full = backup(store, BackupRequest.Kind.FULL).manifest().id();

        assertThatThrownBy(() -> backup(beforeTheManifest(this::endPins), BackupRequest.Kind.INCREMENTAL))
                .isInstanceOf(ReplacedException.class)
                .hasMessageContaining("found dead");

        Repository repository = Repository.open(store);
        assertThat(repository.catalogue().backups())
                .extracting(PublishedBackup::id)
                .containsExactly(full);
        assertThat(repository.catalogue().view().claims()).isEmpty();
        backup(store, BackupRequest.Kind.INCREMENTAL);
    }

    private BackupReport backup(ObjectStore over, BackupRequest.Kind kind) {
        List<AgentClient> agents =
                cluster.agents().stream().map(agent -> (AgentClient) agent).toList();
        RunSettings settings = new RunSettings(
                OptionalInt.of(1),
                temp.resolve("scratch"),
                RunSettings.DEFAULT_SCRATCH_LIMIT_BYTES,
                40 << 10,
                RunSettings.DEFAULT_MAX_SSTABLE_BYTES,
                Duration.ofDays(1),
                RunSettings.Uncovered.FAIL,
                RunSettings.DEFAULT_HINT_WINDOW);
        try (BackupOperation operation = new BackupOperation(
                Repository.open(over),
                new Site(cluster.name(), cluster, agents),
                settings,
                (workers, scratch) -> new InProcessEngine(new TaskContext(
                        over,
                        address -> agents.stream()
                                .filter(agent -> agent.address().equals(address))
                                .findFirst()
                                .orElseThrow(),
                        Synthesisers.named(Synthesisers.DEFAULT),
                        scratch,
                        Clock.systemUTC())),
                Clock.systemUTC(),
                ProgressListener.NONE)) {
            return operation.execute(new BackupRequest(Set.of(), Set.of(), kind));
        }
    }

    /** The store, with something else done right before a backup's manifest is put. */
    private ObjectStore beforeTheManifest(Runnable action) {
        Object proxy = Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (self, method, arguments) -> {
                    if (method.getName().equals("putIfAbsent")
                            && String.valueOf(arguments[0]).endsWith("/manifest.json")) {
                        action.run();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause() == null ? e : e.getCause();
                    }
                });
        return (ObjectStore) proxy;
    }

    private void endPins() {
        Catalogue catalogue = Repository.open(store).catalogue();
        for (StandingClaim claim : catalogue.view().claims()) {
            if (claim.claim().scope().startsWith("read ")) {
                catalogue.append(
                        new Change.End(claim.number(), "its holder was found dead"),
                        new Author(catalogue.nextEpoch(), "test", Instant.EPOCH));
            }
        }
    }
}
