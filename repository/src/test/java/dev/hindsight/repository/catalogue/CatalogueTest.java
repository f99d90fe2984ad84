package dev.hindsight.repository.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.SampleDocuments;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.MisreadOnce;
import dev.hindsight.repository.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final Instant AT = Instant.parse("2026-11-22T13:52:10Z");

    @TempDir
    Path directory;

    private ObjectStore store = new ForwardingStore(DirectoryStore.open(Path.of(".")));

    @BeforeEach
    void open() {
        store = DirectoryStore.open(directory);
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    @Test
    void entriesAreDenseAndNameTheDigestOfTheOneBefore() throws Exception {
        publish(3);

        List<CatalogueEntry> entries = new Catalogue(store).entries();
        assertThat(entries).extracting(CatalogueEntry::number).containsExactly(1L, 2L, 3L);
        assertThat(entries.get(0).previous()).isEqualTo("none");
        assertThat(entries.get(1).previous()).isEqualTo(Digests.of(file(1)));
        assertThat(entries.get(2).previous()).isEqualTo(Digests.of(file(2)));
    }

    @Test
    void whatIsMisreadOnceOnlyIsNotDamaged() {
        publish(3);
        Catalogue catalogue = new Catalogue(new MisreadOnce(store, key -> true));

        assertThat(catalogue.view().problems()).isEmpty();
        assertThat(catalogue.backups()).extracting(PublishedBackup::id).containsExactly("b1", "b2", "b3");
        assertThat(catalogue.append(publication("b4"), author(1)).number()).isEqualTo(4);
        assertThat(new Catalogue(store).view().problems()).isEmpty();
    }

    @Test
    void emptyCatalogueIsNoFailure() {
        Catalogue catalogue = new Catalogue(store);

        assertThat(catalogue.backups()).isEmpty();
        assertThat(catalogue.latest()).isEmpty();
        assertThat(catalogue.nextEpoch()).isEqualTo(1);
    }

    @Test
    void openReaderSeesWhatAnotherProcessPublishes() {
        Catalogue reader = new Catalogue(store);
        assertThat(reader.backups()).isEmpty();

        publish(2);

        assertThat(reader.backups()).extracting(PublishedBackup::id).containsExactly("b1", "b2");
        assertThat(reader.latest()).map(PublishedBackup::id).contains("b2");
        assertThat(reader.nextEpoch()).isEqualTo(3);
    }

    @Test
    void newestEntryAboutABackupWins() {
        Catalogue catalogue = new Catalogue(store);
        catalogue.append(publication("b1"), author(1));
        catalogue.append(publication("b2"), author(1));

        CatalogueEntry newest = catalogue.append(new Change.Publish("b1", ref("b1-new")), author(2));

        assertThat(newest.number()).isEqualTo(3);
        assertThat(catalogue.backups())
                .containsExactly(
                        new PublishedBackup("b2", ref("b2"), catalogue.entries().get(1), Optional.empty(), false),
                        new PublishedBackup("b1", ref("b1-new"), newest, Optional.empty(), false));
    }

    @Test
    void publishingTwiceGivesTheSameEntry() {
        CatalogueEntry first = new Catalogue(store).append(publication("b1"), author(1));

        Author later = new Author(7, "another process", AT.plusSeconds(60));
        assertThat(new Catalogue(store).append(publication("b1"), later)).isEqualTo(first);
        assertThat(store.list("catalog/")).hasSize(1);
    }

    @Test
    void racingPublishersAllGetTheirOwnNumber() throws Exception {
        int publishers = 8;
        int each = 5;
        ExecutorService threads = Executors.newFixedThreadPool(publishers);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> running = new ArrayList<>();
        try {
            for (int p = 0; p < publishers; p++) {
                String name = "p" + p + "-";
                Catalogue mine = new Catalogue(DirectoryStore.open(directory));
                running.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < each; i++) {
                        mine.append(publication(name + i), author(1));
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }

        List<CatalogueEntry> entries = new Catalogue(store).entries();
        assertThat(entries).hasSize(publishers * each);
        assertThat(entries).extracting(CatalogueEntry::backup).doesNotHaveDuplicates();
        for (int p = 0; p < publishers; p++) {
            String name = "p" + p + "-";
            assertThat(entries.stream().map(CatalogueEntry::backup).filter(b -> b.startsWith(name)))
                    .containsExactly(name + 0, name + 1, name + 2, name + 3, name + 4);
        }
    }

    @Test
    void listingThatOmitsAnythingChangesNothing() {
        publish(7);
        List<CatalogueEntry> truth = new Catalogue(store).entries();
        Random random = new Random(SEED);
        for (int i = 0; i < 60; i++) {
            ObjectStore forgetful = new ForwardingStore(store) {
                @Override
                public List<String> list(String prefix) {
                    return super.list(prefix).stream()
                            .filter(key -> random.nextBoolean())
                            .toList();
                }
            };

            assertThat(new Catalogue(forgetful).entries()).as("seed %d", SEED).isEqualTo(truth);
            assertThat(new Catalogue(forgetful).inspect().problems()).isEmpty();
        }
    }

    @Test
    void listingThatStillShowsWhatIsGoneChangesNothing() {
        publish(2);
        ObjectStore stale = new ForwardingStore(store) {
            @Override
            public List<String> list(String prefix) {
                List<String> keys = new ArrayList<>(super.list(prefix));
                keys.add(Keys.catalogueEntry(9));
                keys.add("catalog/readme.txt");
                return keys;
            }
        };

        assertThat(new Catalogue(stale).entries()).hasSize(2);
    }

    @Test
    void lostAnswerAboutOurOwnEntryIsSuccess() {
        ObjectStore forgetful = new ForwardingStore(store) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                super.putIfAbsent(key, body);
                throw new OutcomeUnknownException("connection reset", "look first");
            }
        };

        CatalogueEntry entry = new Catalogue(forgetful).append(publication("b1"), author(1));

        assertThat(new Catalogue(store).entries()).containsExactly(entry);
    }

    @Test
    void unknownOutcomeOfAPutThatIsNotThereStaysUnknown() {
        ObjectStore dropping = new ForwardingStore(store) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                throw new OutcomeUnknownException("connection reset", "look first");
            }
        };

        assertThatThrownBy(() -> new Catalogue(dropping).append(publication("b1"), author(1)))
                .isInstanceOf(OutcomeUnknownException.class);
        assertThat(new Catalogue(store).backups()).isEmpty();
    }

    @Test
    void cutBeforePublishShowsNothingAndCutAfterShowsItOnce() {
        Catalogue catalogue = new Catalogue(store);
        Failpoints.arm("publish.before=error");
        assertThatThrownBy(() -> catalogue.append(publication("b1"), author(1)))
                .isInstanceOf(NotAppliedException.class);
        assertThat(new Catalogue(store).backups()).isEmpty();

        Failpoints.arm("publish.after=error");
        assertThatThrownBy(() -> catalogue.append(publication("b1"), author(1)))
                .isInstanceOf(NotAppliedException.class);
        assertThat(new Catalogue(store).backups()).hasSize(1);

        Failpoints.disarmAll();
        catalogue.append(publication("b1"), author(2));
        assertThat(new Catalogue(store).entries()).hasSize(1);
    }

    @Test
    void everyFlippedByteOfEveryEntryIsNamedWithItsKey() throws Exception {
        publish(3);
        for (int n = 1; n <= 3; n++) {
            byte[] good = file(n);
            for (int i = 0; i < good.length; i += 7) {
                byte[] bad = good.clone();
                bad[i] ^= 0x02;
                Files.write(path(n), bad);

                assertThatThrownBy(() -> new Catalogue(store).backups())
                        .as("entry %d byte %d", n, i)
                        .isInstanceOf(CorruptException.class)
                        .hasMessageContaining(Keys.catalogueEntry(n));
            }
            Files.write(path(n), good);
        }
        assertThat(new Catalogue(store).backups()).hasSize(3);
    }

    @Test
    void replacedEntryIsFoundByItsSuccessorAndBothBackupsAreNamed() throws Exception {
        publish(3);
        CatalogueEntry second = new Catalogue(store).entries().get(1);
        CatalogueEntry forged = new CatalogueEntry(
                1, 2, second.previous(), Optional.empty(), 9, "forger", AT, second.action(), "evil", second.manifest());
        Files.write(path(2), Documents.toBytes(forged));

        assertThatThrownBy(() -> new Catalogue(store).backups())
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("entry 3")
                .hasMessageContaining("entry 2")
                .hasMessageContaining("hurts: backup evil and b3");
    }

    @Test
    void missingEntryIsNamedWithTheBackupItProbablyPublished() throws Exception {
        publish(4);
        store.putIfAbsent(Keys.backupManifest("b1"), Body.of("m"));
        store.putIfAbsent(Keys.backupManifest("b2"), Body.of("m"));
        Files.delete(path(2));

        Catalogue catalogue = new Catalogue(store);
        CatalogueView view = catalogue.inspect();

        assertThat(view.problems())
                .singleElement()
                .asString()
                .contains("entry 2 (catalog/0000000000000002.json) is missing, although number 4 is there")
                .contains("hurts: backup b2");
        assertThat(view.entries()).extracting(CatalogueEntry::number).containsExactly(1L, 3L, 4L);
        assertThatThrownBy(catalogue::backups).isInstanceOf(CorruptException.class);
        assertThat(catalogue.latest()).map(PublishedBackup::id).contains("b4");
        assertThat(catalogue.find("b3")).isPresent();
        assertThatThrownBy(() -> catalogue.find("b2")).isInstanceOf(CorruptException.class);
    }

    @Test
    void damageInTheMiddleDoesNotStopNewBackups() throws Exception {
        publish(3);
        Files.delete(path(1));

        CatalogueEntry fourth = new Catalogue(store).append(publication("b4"), author(4));

        assertThat(fourth.number()).isEqualTo(4);
        assertThat(fourth.previousProblem()).isEmpty();
        assertThat(new Catalogue(store).latest()).map(PublishedBackup::id).contains("b4");
    }

    @Test
    void damagedNewestEntryIsChainedOnAsItWasFoundAndStaysReported() throws Exception {
        publish(3);
        Files.write(path(3), "torn".getBytes(StandardCharsets.UTF_8));
        Catalogue catalogue = new Catalogue(store);
        assertThat(catalogue.requireAppendable()).singleElement().asString().contains(Keys.catalogueEntry(3));
        assertThat(catalogue.nextEpoch()).isEqualTo(4);
        assertThatThrownBy(catalogue::latest).isInstanceOf(CorruptException.class);

        CatalogueEntry fourth = catalogue.append(publication("b4"), author(catalogue.nextEpoch()));

        assertThat(fourth.number()).isEqualTo(4);
        assertThat(fourth.previous()).isEqualTo(Digests.of(file(3)));
        assertThat(fourth.previousProblem()).get().asString().contains("cut off or damaged");
        CatalogueView view = new Catalogue(store).inspect();
        assertThat(view.problems()).singleElement().asString().contains(Keys.catalogueEntry(3));
        assertThat(view.entries()).extracting(CatalogueEntry::number).containsExactly(1L, 2L, 4L);
        assertThat(new Catalogue(store).latest()).map(PublishedBackup::id).contains("b4");
        assertThat(new Catalogue(store).append(publication("b5"), author(5)).previousProblem())
                .isEmpty();
    }

    @Test
    void rightBytesPutBackUnderLaterEntriesMakeTheCatalogueWholeAgain() throws Exception {
        publish(3);
        byte[] good = file(3);
        Files.write(path(3), new byte[0]);
        new Catalogue(store).append(publication("b4"), author(4));

        Files.write(path(3), good);

        assertThat(new Catalogue(store).inspect().problems()).isEmpty();
        assertThat(new Catalogue(store).backups())
                .extracting(PublishedBackup::id)
                .containsExactly("b1", "b2", "b3", "b4");
    }

    @Test
    void publishingOverADamagedEntryOfItsOwnShowsTheBackupAgain() throws Exception {
        publish(3);
        Files.write(path(3), "torn".getBytes(StandardCharsets.UTF_8));

        new Catalogue(store).append(publication("b3"), author(4));

        assertThat(new Catalogue(store).find("b3")).isPresent();
    }

    @Test
    void entryThatWasDamagedOnlyOnItsWayIsChainedOnWhole() throws Exception {
        publish(3);
        boolean[] torn = {true};
        ObjectStore flaky = new ForwardingStore(store) {
            @Override
            public InputStream get(String key) {
                if (torn[0] && key.equals(Keys.catalogueEntry(3))) {
                    torn[0] = false;
                    return new ByteArrayInputStream(new byte[9]);
                }
                return super.get(key);
            }
        };

        CatalogueEntry fourth = new Catalogue(flaky).append(publication("b4"), author(4));

        assertThat(torn[0]).isFalse();
        assertThat(fourth.previous()).isEqualTo(Digests.of(file(3)));
        assertThat(fourth.previousProblem()).isEmpty();
    }

    @Test
    void racingPublishersBehindADamagedEntryAllGetTheirOwnNumber() throws Exception {
        publish(2);
        Files.write(path(2), "torn".getBytes(StandardCharsets.UTF_8));
        Catalogue one = new Catalogue(store);
        Catalogue other = new Catalogue(store);
        one.requireAppendable();
        other.requireAppendable();

        assertThat(one.append(publication("b3"), author(3)).number()).isEqualTo(3);
        CatalogueEntry fourth = other.append(publication("b4"), author(3));

        assertThat(fourth.number()).isEqualTo(4);
        assertThat(fourth.previous()).isEqualTo(Digests.of(file(3)));
        assertThat(fourth.previousProblem()).isEmpty();
    }

    @Test
    void numbersThatNobodyCanFillAreRefusedBeforeAnythingElseIsDone() throws Exception {
        publish(1);
        Files.write(path(500_000), file(1));
        Catalogue catalogue = new Catalogue(store);

        assertThatThrownBy(catalogue::requireAppendable).isInstanceOf(CorruptException.class);
        assertThatThrownBy(() -> catalogue.append(publication("b2"), author(2))).isInstanceOf(CorruptException.class);
    }

    @Test
    void entryUnderAnotherNumberIsDamage() throws Exception {
        publish(2);
        Files.write(path(3), file(2));

        assertThatThrownBy(() -> new Catalogue(store).backups())
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("entry 3")
                .hasMessageContaining("says that it is number 2");
    }

    @Test
    void newerEntryStopsAReaderAlsoBehindARemovedBeginning() throws Exception {
        publish(2);
        Files.write(path(3), SampleDocuments.newerFormat());

        assertThatThrownBy(() -> new Catalogue(store).backups()).isInstanceOf(FormatTooNewException.class);
        assertThatThrownBy(() -> new Catalogue(store).find("b1")).isInstanceOf(FormatTooNewException.class);

        Files.delete(path(1));
        Files.delete(path(2));
        assertThatThrownBy(() -> new Catalogue(store).inspect()).isInstanceOf(FormatTooNewException.class);
    }

    private void publish(int count) {
        Catalogue catalogue = new Catalogue(DirectoryStore.open(directory));
        for (int i = 1; i <= count; i++) {
            catalogue.append(publication("b" + i), author(i));
        }
    }

    private static Change publication(String backup) {
        return new Change.Publish(backup, ref(backup));
    }

    private static Author author(long epoch) {
        return new Author(epoch, "writer", AT);
    }

    private static ObjectRef ref(String backup) {
        return new ObjectRef(Keys.backupManifest(backup), 3, Digests.of(new byte[3]));
    }

    private Path path(int number) {
        return directory.resolve(Keys.catalogueEntry(number));
    }

    private byte[] file(int number) throws Exception {
        return Files.readAllBytes(path(number));
    }
}
