package dev.hindsight.repository.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What entries mean together, and what may be appended after them. */
class CatalogueViewTest {
    private static final Instant AT = Instant.parse("2026-11-22T13:52:10Z");

    @TempDir
    Path directory;

    private ObjectStore store = new ForwardingStore(DirectoryStore.open(Path.of(".")));
    private Catalogue catalogue = new Catalogue(store);

    @BeforeEach
    void open() {
        store = DirectoryStore.open(directory);
        catalogue = new Catalogue(store);
    }

    @Test
    void expiredBackupIsNotShownAndCannotComeBack() {
        publish("b1");
        publish("b2");
        CatalogueEntry expiry = append(new Change.Expire("b1", "older than 30 d"));

        assertThat(catalogue.backups()).extracting(PublishedBackup::id).containsExactly("b2");
        assertThat(catalogue.find("b1")).isEmpty();
        assertThat(catalogue.view().expired()).containsExactly("b1");
        assertThat(catalogue.view().expiryOf("b1")).contains(expiry);
        assertThat(append(new Change.Expire("b1", "again"))).isEqualTo(expiry);
        assertThatThrownBy(() -> publish("b1")).isInstanceOf(PreconditionFailedException.class);
        assertThatThrownBy(() -> append(new Change.Hold("b1", ""))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void heldBackupDoesNotExpireUntilItIsReleased() {
        publish("b1");
        CatalogueEntry hold = append(new Change.Hold("b1", "audit"));

        assertThat(append(new Change.Hold("b1", "again"))).isEqualTo(hold);
        assertThat(catalogue.find("b1")).map(PublishedBackup::held).contains(true);
        assertThatThrownBy(() -> append(new Change.Expire("b1", "old")))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("held");

        append(new Change.Release("b1", ""));
        assertThat(catalogue.find("b1")).map(PublishedBackup::held).contains(false);
        append(new Change.Expire("b1", "old"));
        assertThat(catalogue.backups()).isEmpty();
    }

    @Test
    void newestReparentingHolds() {
        publish("b1");
        publish("b2");
        publish("r1");
        assertThat(catalogue.find("b2").orElseThrow().parentOr(Optional.of("b1")))
                .contains("b1");

        append(new Change.Reparent("b2", "r1"));

        assertThat(catalogue.find("b2").orElseThrow().parentOr(Optional.of("b1")))
                .contains("r1");
        append(new Change.Reparent("b2", "b1"));
        assertThat(catalogue.find("b2")).map(PublishedBackup::parent).contains(Optional.of("b1"));
        assertThatThrownBy(() -> append(new Change.Reparent("b2", "gone"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void rebaseTakesThePlaceOfTheBackupWhoseRecordsItHolds() {
        publish("b1");
        publish("b2");
        append(new Change.Publish("r1", ref("r1"), Optional.of("b1")));

        assertThat(catalogue.backups()).extracting(PublishedBackup::id).containsExactly("b1", "r1", "b2");
        assertThat(catalogue.latest()).map(PublishedBackup::id).contains("b2");

        append(new Change.Expire("b1", "rebased"));
        append(new Change.Publish("r2", ref("r2"), Optional.of("r1")));
        assertThat(catalogue.backups()).extracting(PublishedBackup::id).containsExactly("r1", "r2", "b2");
    }

    @Test
    void backupsWithTheSameRecordsHaveOneRootAlsoWhenTheyHaveExpired() {
        publish("b1");
        publish("b2");
        append(new Change.Publish("r1", ref("r1"), Optional.of("b1")));
        append(new Change.Expire("b1", "rebased"));
        append(new Change.Publish("r2", ref("r2"), Optional.of("r1")));
        append(new Change.Expire("r1", "rebased"));

        CatalogueView view = catalogue.view();

        assertThat(List.of("b1", "r1", "r2")).allMatch(id -> view.rootOf(id).equals("b1"));
        assertThat(view.rootOf("b2")).isEqualTo("b2");
        assertThat(view.rootOf("of another repository")).isEqualTo("of another repository");
    }

    @Test
    void laterClaimOfTheSameScopeReplacesTheEarlierOne() {
        CatalogueEntry first = claim("backup prod", "run-1");
        CatalogueEntry other = claim("collect", "run-2");
        CatalogueEntry second = claim("backup prod", "run-3");
        CatalogueView view = catalogue.view();

        assertThat(view.claims()).extracting(StandingClaim::number).containsExactly(other.number(), second.number());
        assertThat(view.claimOf("backup prod")).map(StandingClaim::number).contains(second.number());
        assertThat(view.stands(first.number())).isFalse();
        assertThat(view.endOf(first.number())).contains(second);
        assertThatThrownBy(() -> catalogue.append(new Change.Publish("b1", ref("b1")), under(first)))
                .isInstanceOf(ReplacedException.class)
                .hasMessageContaining("backup run-3 on host host-a, process 7")
                .hasMessageContaining("nothing was published");
        assertThat(catalogue.backups()).isEmpty();
        catalogue.append(new Change.Publish("b3", ref("b3")), under(second));
        assertThat(catalogue.backups()).hasSize(1);
    }

    @Test
    void endedClaimPublishesNothingMore() {
        CatalogueEntry claim = claim("expire", "run-1");
        publish("b1");
        CatalogueEntry end = append(new Change.End(claim.number(), "done"));

        assertThat(append(new Change.End(claim.number(), "again"))).isEqualTo(end);
        assertThat(catalogue.view().claims()).isEmpty();
        assertThatThrownBy(() -> catalogue.append(new Change.Expire("b1", "old"), under(claim)))
                .isInstanceOf(ReplacedException.class)
                .hasMessageContaining("declared over by writer");
    }

    @Test
    void entryOfAReplacedClaimThatLandedAllTheSameIsVoid() throws Exception {
        CatalogueEntry first = claim("backup prod", "run-1");
        claim("backup prod", "run-2");
        byte[] previous = Files.readAllBytes(directory.resolve(Keys.catalogueEntry(2)));
        CatalogueEntry late =
                new Change.Publish("b1", ref("b1")).asEntry(under(first), 3, Digests.of(previous), Optional.empty());
        Files.write(
                directory.resolve(Keys.catalogueEntry(3)), dev.hindsight.repository.document.Documents.toBytes(late));

        assertThat(catalogue.view().isVoid(3)).isTrue();
        assertThat(catalogue.backups()).isEmpty();
        assertThat(catalogue.view().entries()).hasSize(3);
        // The same backup under a claim that stands is another entry.
        CatalogueEntry third = claim("backup prod", "run-3");
        catalogue.append(new Change.Publish("b1", ref("b1")), under(third));
        assertThat(catalogue.backups()).hasSize(1);
    }

    @Test
    void unreadableClaimFreesNothingAndLetsNothingExpire() throws Exception {
        publish("b1");
        CatalogueEntry claim = claim("expire", "run-1");
        catalogue.append(new Change.Expire("b1", "old"), under(claim));
        CatalogueEntry backup = claim("backup prod", "run-2");
        append(new Change.End(backup.number(), "done"));
        assertThat(new Catalogue(store).view().find("b1")).isEmpty();
        assertThat(new Catalogue(store).view().stands(backup.number())).isFalse();

        tear(claim.number());
        tear(backup.number() + 1);

        CatalogueView view = new Catalogue(store).inspect();
        assertThat(view.problems()).hasSize(2);
        assertThat(view.find("b1")).isPresent();
        assertThat(view.stands(backup.number())).isTrue();
        assertThatThrownBy(view::requireWhole).isInstanceOf(CorruptException.class);
        assertThatThrownBy(() -> new Catalogue(store).append(new Change.Expire("b1", "old"), author()))
                .isInstanceOf(CorruptException.class);
    }

    @Test
    void guardSeesEverythingBeforeTheEntryAlsoAfterALostRace() {
        publish("b1");
        Catalogue rival = new Catalogue(store);
        int[] calls = {0};

        assertThatThrownBy(() -> catalogue.append(new Change.Expire("b1", "old"), author(), before -> {
                    if (calls[0]++ == 0) {
                        rival.append(new Change.Hold("b1", "audit"), author());
                    }
                }))
                .isInstanceOf(PreconditionFailedException.class);
        assertThat(calls[0]).isEqualTo(1);
        assertThat(new Catalogue(store).backups()).singleElement().matches(PublishedBackup::held);
    }

    private void publish(String backup) {
        append(new Change.Publish(backup, ref(backup)));
    }

    private CatalogueEntry append(Change change) {
        return catalogue.append(change, author());
    }

    private CatalogueEntry claim(String scope, String run) {
        return append(
                new Change.Claim(new CatalogueEntry.Claim(scope, run, "backup", List.of(), "host-a", "boot-1", 7, 8)));
    }

    private void tear(long number) throws Exception {
        Files.write(directory.resolve(Keys.catalogueEntry(number)), "torn".getBytes(StandardCharsets.UTF_8));
    }

    private static Author author() {
        return new Author(1, "writer", AT);
    }

    private static Author under(CatalogueEntry claim) {
        return new Author(1, "writer", AT, Optional.of(claim.number()));
    }

    private static ObjectRef ref(String backup) {
        return new ObjectRef(Keys.backupManifest(backup), 3, Digests.of(new byte[3]));
    }
}
