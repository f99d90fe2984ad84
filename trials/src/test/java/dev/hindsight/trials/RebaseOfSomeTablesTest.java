package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.Replication;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.rebase.RebaseReport;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.trials.CutRig.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A chain in which one backup leaves a table out, and the next one goes on with it: what that one builds on must not be lost
 * when the one in between is rebased.
 */
class RebaseOfSomeTablesTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);

    @TempDir
    private Path temp;

    private CutRig rig;
    private BackupManifest full;
    private BackupManifest some;
    private BackupManifest last;
    private MergedRows rows;

    @BeforeEach
    void aChainThatLeavesATableOutOnce() throws IOException {
        FakeCluster cluster = FakeCluster.create("source", temp.resolve("source"), 2);
        SmallTables.of(SEED, 20).load(cluster, new Replication.Simple(2));
        Path repository = temp.resolve("repository");
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        rig = new CutRig(cluster, repository, Files.createDirectory(temp.resolve("scratch")), Side.STORE);
        full = rig.backup().manifest();
        some = rig.backup(new BackupRequest(Set.of(), Set.of(SmallTables.PLAIN)))
                .manifest();
        last = rig.backup().manifest();
        assertThat(some.parent()).contains(full.id());
        assertThat(last.parent()).contains(some.id());
        rows = rig.stored(last, SmallTables.CLUSTERED);
    }

    private Optional<String> parentOf(String id) {
        return rig.usage().backups().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .flatMap(DiskUsage.Backup::parent);
    }

    @Test
    void aLaterBackupKeepsTheTableThatTheRebasedOneLeavesOut() {
        RebaseReport report = rig.rebase(RebaseRequest.at(some.id()));

        BackupManifest made = report.made().orElseThrow();
        assertThat(made.tables()).extracting(BackupManifest.Table::name).containsExactly(SmallTables.PLAIN);
        assertThat(parentOf(last.id())).contains(made.id());
        assertThat(rig.stored(last, SmallTables.CLUSTERED)).isEqualTo(rows);
        assertThat(made.parent()).contains(full.id());
        assertThat(report.notes()).anyMatch(note -> note.contains(full.id()));

        rig.expire(full.id(), some.id());
        rig.collect();
        assertThat(rig.stored(last, SmallTables.CLUSTERED)).isEqualTo(rows);
        assertThat(rig.verify().problems()).isEmpty();
    }

    @Test
    void onceEverythingIsWholeTheRestCanGo() {
        BackupManifest made = rig.rebase(RebaseRequest.at(some.id())).made().orElseThrow();
        BackupManifest whole = rig.rebase(RebaseRequest.at(last.id())).made().orElseThrow();

        assertThat(whole.parent()).isEmpty();
        rig.expire(full.id(), some.id(), made.id(), last.id());
        rig.collect();
        assertThat(rig.visible()).extracting(BackupManifest::id).containsExactly(whole.id());
        assertThat(rig.stored(whole, SmallTables.CLUSTERED)).isEqualTo(rows);
        assertThat(rig.verify().problems()).isEmpty();
    }
}
