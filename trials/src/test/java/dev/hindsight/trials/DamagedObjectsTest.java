package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.trials.CutRig.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What backup and verify do over a repository with damaged objects in it. */
class DamagedObjectsTest {
    private static final int NODES = 2;

    @TempDir
    private Path temp;

    @Test
    void backupIsPublishedPastADamagedNewestEntryAndSaysSo() throws IOException {
        CutRig rig = withOneBackup();
        Files.writeString(entry(3), "torn");

        BackupReport past = rig.backup();
        BackupReport next = rig.backup();

        assertThat(past.pastDamage()).get().asString().contains(Keys.catalogueEntry(3));
        assertThat(past.notes()).anyMatch(note -> note.contains("catalogue is damaged"));
        assertThat(next.pastDamage()).isEmpty();
        assertThat(next.notes()).anyMatch(note -> note.contains("catalogue is damaged"));
        assertThat(rig.export(temp.resolve("out")).backup())
                .isEqualTo(next.manifest().id());
        assertThat(rig.verify().problems()).singleElement().asString().contains(Keys.catalogueEntry(3));
    }

    @Test
    void catalogueThatTakesNoEntryIsRefusedBeforeTheSnapshot() throws IOException {
        CutRig rig = withOneBackup();
        rig.heal();
        Files.copy(entry(1), entry(500_000));
        int before = CutRig.files(repository()).size();

        assertThatThrownBy(() -> rig.backup())
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("is missing, although number 500000 is there");

        assertThat(rig.cutter.log()).doesNotContain("AgentClient.takeSnapshot");
        assertThat(CutRig.files(repository())).hasSize(before);
    }

    @Test
    void verificationCountsOnlyWhatItFoundWhole() throws IOException {
        CutRig rig = withOneBackup();
        VerifyReport good = rig.verify();
        List<Path> objects = CutRig.files(repository().resolve(Keys.DATA)).stream()
                .filter(Files::isRegularFile)
                .toList();
        Path missing = objects.get(0);
        Path flipped = objects.get(objects.size() - 1);
        Path plan = repository().resolve(Keys.backupPlan(good.backups().get(0)));
        long lost = Files.size(missing) + Files.size(flipped) + Files.size(plan);
        Files.delete(missing);
        byte[] bytes = Files.readAllBytes(flipped);
        bytes[bytes.length / 2] ^= 1;
        Files.write(flipped, bytes);
        Files.delete(plan);

        VerifyReport report = rig.verify();

        assertThat(good.good()).isTrue();
        assertThat(good.objects()).isGreaterThan(objects.size());
        assertThat(report.problems()).hasSize(3);
        assertThat(report.objects()).isEqualTo(good.objects() - 3);
        assertThat(report.bytes()).isEqualTo(good.bytes() - lost);
        assertThat(report.sstablesOpened()).isLessThan(good.sstablesOpened());
    }

    private CutRig withOneBackup() throws IOException {
        FakeCluster source = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(1, 10).load(source, new Replication.Simple(NODES));
        Repository.init(DirectoryStore.create(repository()), Clock.systemUTC());
        CutRig rig = new CutRig(source, repository(), Files.createDirectory(temp.resolve("scratch")), Side.AGENTS);
        rig.backup();
        return rig;
    }

    private Path repository() {
        return temp.resolve("repository");
    }

    private Path entry(long number) {
        return repository().resolve(Keys.catalogueEntry(number));
    }
}
