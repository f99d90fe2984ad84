package dev.hindsight.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.RepositoryMissingException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RepositoryInfo;
import dev.hindsight.repository.document.SampleDocuments;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.MisreadOnce;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T13:45:00.123Z"), ZoneOffset.UTC);

    @TempDir
    Path directory;

    @Test
    void openNamesInitWhenThereIsNone() {
        assertThatThrownBy(() -> Repository.open(DirectoryStore.open(directory)))
                .isInstanceOf(RepositoryMissingException.class)
                .hasMessageContaining("repository.json")
                .satisfies(
                        e -> assertThat(((RepositoryMissingException) e).hint()).contains("hindsight init"));
        assertThatThrownBy(() -> DirectoryStore.open(directory.resolve("absent")))
                .isInstanceOf(RepositoryMissingException.class);
    }

    @Test
    void whatIsMisreadOnceOnlyIsNotDamaged() {
        Repository made = Repository.init(DirectoryStore.create(directory), CLOCK);
        BackupManifest manifest = SampleDocuments.manifest();
        String key = Keys.backupManifest(manifest.id());
        ObjectRef ref = made.put(key, manifest);

        assertThat(misreading().info()).isEqualTo(made.info());
        assertThat(misreading().load(ref, BackupManifest.class)).isEqualTo(manifest);
        assertThat(misreading().find(key, BackupManifest.class).orElseThrow().ref())
                .isEqualTo(ref);
        misreading().check(ref);
    }

    private Repository misreading() {
        return Repository.open(new MisreadOnce(DirectoryStore.open(directory), key -> true));
    }

    @Test
    void initMakesTheDirectoryAndLeavesOnlyTheRepositoryDocument() {
        Path deep = directory.resolve("a/b/c");

        RepositoryInfo made =
                Repository.init(DirectoryStore.create(deep), CLOCK).info();

        DirectoryStore store = DirectoryStore.open(deep);
        assertThat(Repository.open(store).info()).isEqualTo(made);
        assertThat(made.createdAt()).isEqualTo(Instant.parse("2026-11-22T13:45:00Z"));
        assertThat(store.list("")).containsExactly("repository.json");
    }

    @Test
    void initRefusesASecondTime() {
        Repository.init(DirectoryStore.open(directory), CLOCK);

        assertThatThrownBy(() -> Repository.init(DirectoryStore.open(directory), CLOCK))
                .isInstanceOf(AlreadyExistsException.class);
    }

    @Test
    void initRefusesACatalogueWithoutRepositoryDocument() {
        DirectoryStore store = DirectoryStore.open(directory);
        store.putIfAbsent(Keys.catalogueEntry(1), Body.of("anything"));

        assertThatThrownBy(() -> Repository.init(store, CLOCK)).isInstanceOf(CorruptException.class);
    }

    @Test
    void initRefusesAStoreThatOverwrites() {
        ObjectStore overwriting = new ForwardingStore(DirectoryStore.open(directory)) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                super.delete(key);
                return super.putIfAbsent(key, body);
            }
        };

        assertThatThrownBy(() -> Repository.init(overwriting, CLOCK))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("a second create of one key is accepted");
        assertThat(overwriting.list("")).isEmpty();
    }

    @Test
    void documentsComeBackThroughTheirReference() {
        Repository repository = Repository.init(DirectoryStore.open(directory), CLOCK);
        BackupManifest manifest = SampleDocuments.manifest();

        ObjectRef ref = repository.put(Keys.backupManifest(manifest.id()), manifest);

        assertThat(repository.load(ref, BackupManifest.class)).isEqualTo(manifest);
        assertThat(repository.put(ref.key(), manifest)).isEqualTo(ref);
        assertThat(repository.find(ref.key(), BackupManifest.class)).contains(new Repository.Found<>(ref, manifest));
        assertThat(repository.find("backups/none/manifest.json", BackupManifest.class))
                .isEmpty();
    }

    @Test
    void nothingIsOverwrittenByAnotherDocument() {
        Repository repository = Repository.init(DirectoryStore.open(directory), CLOCK);
        ObjectRef ref = repository.put("x/info.json", repository.info());
        RepositoryInfo other = new RepositoryInfo(1, "other", Instant.EPOCH, "somebody");

        assertThatThrownBy(() -> repository.put("x/info.json", other)).isInstanceOf(AlreadyExistsException.class);
        assertThat(repository.load(ref, RepositoryInfo.class)).isEqualTo(repository.info());
    }

    @Test
    void everyFlippedByteOfADocumentIsNamed() throws Exception {
        Repository repository = Repository.init(DirectoryStore.open(directory), CLOCK);
        Path file = directory.resolve("repository.json");
        byte[] good = Files.readAllBytes(file);
        ObjectRef ref = new ObjectRef("repository.json", good.length, Digests.of(good));

        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x10;
            Files.write(file, bad);

            assertThatThrownBy(() -> Repository.open(DirectoryStore.open(directory)))
                    .as("byte %d", i)
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining("repository.json");
            assertThatThrownBy(() -> repository.load(ref, RepositoryInfo.class))
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining(ref.digest());
        }
    }

    @Test
    void everyLengthOfACutDocumentIsNamed() throws Exception {
        Repository.init(DirectoryStore.open(directory), CLOCK);
        Path file = directory.resolve("repository.json");
        byte[] good = Files.readAllBytes(file);

        for (int length = 0; length < good.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(good, length));

            assertThatThrownBy(() -> Repository.open(DirectoryStore.open(directory)))
                    .as("%d bytes", length)
                    .isInstanceOf(CorruptException.class);
        }
    }

    @Test
    void missingObjectIsCorruptionOfWhatNamesIt() {
        Repository repository = Repository.init(DirectoryStore.open(directory), CLOCK);
        ObjectRef ref = new ObjectRef("data/a", 3, Digests.of(new byte[3]));

        assertThatThrownBy(() -> repository.check(ref))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("data/a is missing");
    }

    @Test
    void envelopeOfALaterVersionIsRefusedByName() {
        Repository repository = Repository.init(DirectoryStore.open(directory), CLOCK);
        ObjectRef ref = new ObjectRef("data/a", 3, Digests.of(new byte[3]), "aes-gcm");

        assertThatThrownBy(() -> repository.open(ref))
                .isInstanceOf(FormatTooNewException.class)
                .hasMessageContaining("aes-gcm");
    }

    @Test
    void publishedBackupIsSeenByTheNextProcess() {
        Repository writer = Repository.init(DirectoryStore.open(directory), CLOCK);
        BackupManifest manifest = SampleDocuments.manifest();

        PublishedBackup published =
                writer.publish(manifest, author(writer.catalogue().nextEpoch()));

        Repository reader = Repository.open(DirectoryStore.open(directory));
        assertThat(reader.catalogue().backups()).containsExactly(published);
        assertThat(reader.catalogue().latest()).contains(published);
        assertThat(reader.catalogue().find(manifest.id())).contains(published);
        assertThat(reader.catalogue().find("20000101T000000Z-0000")).isEqualTo(Optional.empty());
        assertThat(reader.load(published.manifest(), BackupManifest.class)).isEqualTo(manifest);
        assertThat(reader.catalogue().nextEpoch()).isEqualTo(2);
    }

    @Test
    void manifestOfARunThatDiedIsAdoptedByTheNextOne() {
        Repository repository = Repository.init(DirectoryStore.open(directory), CLOCK);
        BackupManifest first = SampleDocuments.manifest();
        ObjectRef left = repository.put(Keys.backupManifest(first.id()), first);
        BackupManifest again =
                SampleDocuments.finishedAt(first, first.finishedAt().plusSeconds(60));

        PublishedBackup published = repository.publish(again, author(1));

        assertThat(published.manifest()).isEqualTo(left);
        assertThat(repository.publish(again, author(2))).isEqualTo(published);
        assertThat(repository.catalogue().entries()).hasSize(1);
    }

    private static Author author(long epoch) {
        return new Author(epoch, "run", Instant.EPOCH);
    }
}
