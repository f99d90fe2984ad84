package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.testkit.fault.FullDisk;
import dev.hindsight.trials.CutRig.Answer;
import dev.hindsight.trials.CutRig.Side;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A disk that is full in the middle of a verb: the verb says so, nothing of it can be seen, and it can be run again. */
class FullDiskTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_125L);
    private static final int NODES = 2;
    private static final List<TableName> TABLES = List.of(SmallTables.PLAIN, SmallTables.CLUSTERED);
    private static final int POINTS = 4;
    private static final Logger PRODUCT = (Logger) LoggerFactory.getLogger("dev.hindsight");
    private static final Level PRODUCT_LEVEL = PRODUCT.getLevel();

    @TempDir
    private Path temp;

    private FakeCluster source;
    private FullDisk scratchDisk;
    private FullDisk repositoryDisk;
    private FullDisk rehearsalDisk;
    private Path repository;
    private CutRig rig;

    @BeforeEach
    void oneFullBackup() throws IOException {
        PRODUCT.setLevel(Level.OFF);
        source = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(SEED, 600).load(source, new Replication.Simple(NODES));
        scratchDisk = new FullDisk(temp);
        repositoryDisk = new FullDisk(temp);
        rehearsalDisk = new FullDisk(temp);
        repository = repositoryDisk.under(temp.resolve("repository"));
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        rig = new CutRig(
                source, repository, scratchDisk.under(Files.createDirectory(temp.resolve("scratch"))), Side.EVERYTHING);
        rig.backup();
    }

    @AfterEach
    void logAgain() {
        PRODUCT.setLevel(PRODUCT_LEVEL);
    }

    @Test
    void scratchFullInABackup() {
        change();
        scratchDisk.room(Long.MAX_VALUE);
        rehearse().backup();

        fill(scratchDisk, scratchDisk.written(), rig::backup);

        assertThat(newest().state()).isEqualTo(BackupManifest.State.COMPLETE);
        assertThat(newest().tables())
                .allMatch(table -> table.coverage().stream()
                        .allMatch(part -> part.missing().isEmpty()));
        requireWhole(newest());
    }

    @Test
    void scratchFullInABackupThatGoesOn() {
        change();
        CutRig rehearsal = rehearse();
        rehearsal.backup();
        int calls = rehearsal.cutter.calls();
        rig.cut(calls - calls / 4, Answer.NOT_DONE);
        assertThat(CutRig.attempt(rig::backup)).isEmpty();
        rig.heal();
        scratchDisk.room(0);

        HindsightException failure = catchThrowableOfType(HindsightException.class, rig::backup);
        scratchDisk.room(Long.MAX_VALUE);

        requireNoSpace(failure, "goes on");
        assertThat(rig.visible()).hasSize(1);
        requireWhole(rig.backup().manifest());
    }

    @Test
    void scratchFullInARebase() {
        change();
        BackupManifest head = rig.backup().manifest();
        scratchDisk.room(Long.MAX_VALUE);
        rehearse().rebase(all());

        fill(scratchDisk, scratchDisk.written(), () -> rig.rebase(all()));

        requireRebased(head);
    }

    @Test
    void repositoryFullInARebase() {
        change();
        BackupManifest head = rig.backup().manifest();
        CutRig rehearsal = rehearse();
        rehearsalDisk.room(Long.MAX_VALUE);
        rehearsal.rebase(all());

        fill(repositoryDisk, rehearsalDisk.written(), () -> rig.rebase(all()));

        requireRebased(head);
    }

    @Test
    void repositoryFullInACollect() {
        change();
        BackupManifest head = rig.backup().manifest();
        String rebased = rig.rebase(all()).made().orElseThrow().id();
        rig.expire(head.id());
        repositoryDisk.room(0);

        HindsightException failure = catchThrowableOfType(HindsightException.class, rig::collect);
        repositoryDisk.room(Long.MAX_VALUE);

        requireNoSpace(failure, "collect");
        assertThat(rig.collect().bytes()).isPositive();
        rig.visible().stream().filter(one -> one.id().equals(rebased)).forEach(this::requireWhole);
    }

    private BackupManifest newest() {
        List<BackupManifest> visible = rig.visible();
        return visible.get(visible.size() - 1);
    }

    private void requireRebased(BackupManifest head) {
        List<BackupManifest> visible = rig.visible();
        assertThat(visible).filteredOn(one -> one.rebaseOf().isPresent()).hasSize(1);
        visible.stream()
                .filter(one -> one.rebaseOf().isPresent() || one.id().equals(head.id()))
                .forEach(this::requireWhole);
    }

    private static RebaseRequest all() {
        return new RebaseRequest(Optional.empty(), Set.of());
    }

    /**
     * The verb, with room for more and more of what it writes. One that goes on with what the one before has stored may be
     * done early.
     */
    private void fill(FullDisk disk, long written, Runnable verb) {
        List<String> visible = ids(rig.visible());
        for (int i = 0; i < POINTS; i++) {
            long room = written * i / POINTS;
            disk.room(room);
            Throwable thrown = catchThrowable(verb::run);
            long refused = disk.refused();
            disk.room(Long.MAX_VALUE);
            String what = "room for " + room + " of " + written + " bytes";
            if (thrown == null) {
                assertThat(i).as(what).isGreaterThan(1);
                return;
            }
            assertThat(refused).as(what).isPositive();
            assertThat(thrown).as("seed %d, %s", SEED, what).isInstanceOf(HindsightException.class);
            requireNoSpace((HindsightException) thrown, what);
            assertThat(ids(rig.visible())).isEqualTo(visible);
            assertThat(rig.leftInScratch()).isEmpty();
        }
        verb.run();
    }

    private static List<String> ids(List<BackupManifest> backups) {
        return backups.stream().map(BackupManifest::id).toList();
    }

    private static void requireNoSpace(HindsightException failure, String what) {
        assertThat(failure).as(what).isNotNull();
        assertThat(failure.exitCode())
                .as("seed %d, %s: %s", SEED, what, failure)
                .isEqualTo(ExitCode.NO_SPACE);
        assertThat(failure.getMessage()).as(what).containsIgnoringCase("no space");
        assertThat(failure.hint()).as(what).isNotBlank();
    }

    /** The same verb on a copy of the repository, with the same scratch, to see what it writes and calls. */
    private CutRig rehearse() {
        Path copy = temp.resolve("copy");
        for (Path path : CutRig.files(temp.resolve("repository"))) {
            Path there =
                    copy.resolve(temp.resolve("repository").relativize(path).toString());
            try {
                if (Files.isDirectory(path)) {
                    Files.createDirectories(there);
                } else {
                    Files.createDirectories(there.getParent());
                    Files.copy(path, there);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new CutRig(
                source, rehearsalDisk.under(copy), scratchDisk.under(temp.resolve("scratch")), Side.EVERYTHING);
    }

    private void requireWhole(BackupManifest manifest) {
        TABLES.forEach(table -> {
            UUID id = source.tableId(table).orElseThrow();
            MergedRows held = MergedRows.of(
                    table,
                    source.agents().stream()
                            .map((DirectoryAgent agent) -> agent.dataFiles(table, id))
                            .flatMap(List::stream)
                            .toList());
            assertThat(rig.stored(manifest, table))
                    .as("seed %d: %s", SEED, table)
                    .isEqualTo(held);
        });
    }

    private void change() {
        UUID id = source.tableId(SmallTables.PLAIN).orElseThrow();
        for (DirectoryAgent agent : source.agents()) {
            try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                    .inDirectory(agent.tableDirectory(SmallTables.PLAIN, id).toString())
                    .forTable("CREATE TABLE small.plain (k int PRIMARY KEY, v text)")
                    .using("UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?")
                    .build()) {
                for (int k = 0; k < 900; k += 2) {
                    writer.addRow(List.of(2_000_000_000_000_000L, "changed " + k * SEED, k));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
