package dev.hindsight.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupManifest.Totals;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cuts the store at every call of a run that makes a repository and publishes two backups, then looks and goes on. */
class PublishCutTest {
    private static final Instant NOW = Instant.parse("2026-11-22T13:45:00Z");
    private static final byte[] DATA = "data".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    @Test
    void cutBeforeAnyCallLeavesReadersConsistentAndTheRunRepeatable() throws Exception {
        int calls = callsOfAWholeRun();
        for (int n = 1; n <= calls; n++) {
            FaultyObjectStore store = new FaultyObjectStore(emptyStore("before-" + n));
            store.cutFrom(n);
            cutAndGoOn(store, n);
        }
    }

    @Test
    void cutAfterAnyCallLeavesReadersConsistentAndTheRunRepeatable() throws Exception {
        int calls = callsOfAWholeRun();
        for (int n = 1; n <= calls; n++) {
            FaultyObjectStore store = new FaultyObjectStore(emptyStore("after-" + n));
            store.cutAfter(n);
            cutAndGoOn(store, n);
        }
    }

    private int callsOfAWholeRun() throws IOException {
        FaultyObjectStore store = new FaultyObjectStore(emptyStore("whole"));
        run(store);
        assertThat(store.calls()).isBetween(20, 200);
        return store.calls();
    }

    private static void cutAndGoOn(FaultyObjectStore store, int n) {
        try {
            run(store);
        } catch (HindsightException cut) {
            assertThat(cut.hint()).isNotEmpty();
        }
        List<String> log = store.log();
        store.heal();
        String at = "cut at call " + n + ": " + log.get(n - 1);

        int before = requireConsistent(store, at);
        run(store);
        assertThat(before).as(at).isLessThanOrEqualTo(2);
        assertThat(requireConsistent(store, at)).as(at).isEqualTo(2);
        assertThat(store.list("catalog/")).as(at).hasSize(2);
    }

    /** How many backups a reader sees; each of them must be whole. */
    private static int requireConsistent(ObjectStore store, String at) {
        Repository repository;
        try {
            repository = Repository.open(store);
        } catch (RepositoryMissingException e) {
            assertThat(store.list("catalog/")).as(at).isEmpty();
            return 0;
        }
        CatalogueView view = repository.catalogue().inspect();
        assertThat(view.problems()).as(at).isEmpty();
        view.backups().forEach(backup -> {
            BackupManifest manifest = repository.load(backup.manifest(), BackupManifest.class);
            assertThat(manifest.id()).as(at).isEqualTo(backup.id());
            repository.check(manifest.plan());
        });
        return view.backups().size();
    }

    private static void run(ObjectStore store) {
        Repository repository;
        try {
            repository = Repository.open(store);
        } catch (RepositoryMissingException e) {
            repository = Repository.init(store, Clock.fixed(NOW, ZoneOffset.UTC));
        }
        publish(repository, "20261122T134500Z-0001");
        publish(repository, "20261122T134500Z-0002");
    }

    private static void publish(Repository repository, String id) {
        long epoch = repository.catalogue().nextEpoch();
        ObjectRef data = repository.put(Keys.DATA + "ks/t/" + id, Body.of(DATA), Digests.of(DATA));
        repository.publish(
                manifest(id, data, NOW.plusNanos(System.nanoTime() & 0xffff)), new Author(epoch, "test", NOW));
    }

    private static BackupManifest manifest(String id, ObjectRef plan, Instant finishedAt) {
        return new BackupManifest(
                BackupManifest.FORMAT,
                id,
                BackupManifest.Kind.FULL,
                Optional.empty(),
                BackupManifest.State.COMPLETE,
                NOW,
                finishedAt,
                NOW,
                "test",
                new Ring("c", Ring.MURMUR3, List.of()),
                List.of(),
                List.of(),
                List.of(),
                plan,
                new Totals(0, 0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void damagedObjectIsNamedThroughWhateverReadsIt() throws Exception {
        FaultyObjectStore store = new FaultyObjectStore(emptyStore("damaged"));
        run(store);
        for (String key : store.list("")) {
            store.heal();
            store.inject(FaultyObjectStore.Operation.GET, key::equals, FaultyObjectStore.Fault.BIT_FLIP);

            assertThatThrownBy(() -> checkAll(store))
                    .as(key)
                    .isInstanceOf(HindsightException.class)
                    .hasMessageContaining(key);
        }
        store.heal();
        checkAll(store);
    }

    private static void checkAll(ObjectStore store) {
        Repository repository = Repository.open(store);
        repository
                .catalogue()
                .backups()
                .forEach(backup -> repository.check(
                        repository.load(backup.manifest(), BackupManifest.class).plan()));
    }

    private DirectoryStore emptyStore(String name) throws IOException {
        return DirectoryStore.open(Files.createDirectory(directory.resolve(name)));
    }
}
