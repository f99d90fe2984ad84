package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.hindsight.acceptance.CutRig.Answer;
import dev.hindsight.acceptance.CutRig.Side;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.testkit.fake.DirectoryAgent;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** What a backup has to be compared with is damaged: the shards concerned are stored whole, and nobody is stopped. */
class DamagedChainTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_124L);
    private static final int NODES = 2;
    private static final int ROWS = 900;
    private static final List<TableName> TABLES = List.of(SmallTables.PLAIN, SmallTables.CLUSTERED);
    private static final Logger PRODUCT = (Logger) LoggerFactory.getLogger("dev.hindsight");
    private static final Level PRODUCT_LEVEL = PRODUCT.getLevel();

    /** What happens to a stored object. */
    enum Damage {
        FLIPPED {
            @Override
            void apply(Path object) throws IOException {
                byte[] bytes = Files.readAllBytes(object);
                bytes[bytes.length / 2] ^= 1;
                Files.delete(object);
                Files.write(object, bytes);
            }
        },
        SHORTER {
            @Override
            void apply(Path object) throws IOException {
                byte[] bytes = Files.readAllBytes(object);
                Files.delete(object);
                Files.write(object, Arrays.copyOf(bytes, bytes.length / 2));
            }
        },
        DELETED {
            @Override
            void apply(Path object) throws IOException {
                Files.delete(object);
            }
        };

        abstract void apply(Path object) throws IOException;
    }

    @TempDir
    private Path temp;

    private FakeCluster source;
    private Path repository;
    private CutRig rig;
    private BackupManifest full;
    private int made;

    @BeforeEach
    void oneFullBackupAndOldWritesAfterIt() throws IOException {
        PRODUCT.setLevel(Level.OFF);
        source = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(SEED, ROWS).load(source, new Replication.Simple(NODES));
        repository = temp.resolve("repository");
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        rig = rig(repository);
        full = rig.backup().manifest();
        writeOlderThanTheChain();
    }

    @AfterEach
    void logAgain() {
        PRODUCT.setLevel(PRODUCT_LEVEL);
    }

    private CutRig rig(Path place) throws IOException {
        return new CutRig(source, place, Files.createDirectory(temp.resolve("scratch" + made++)), Side.EVERYTHING);
    }

    /** So that nobody can tell without looking whether the chain has something newer. */
    private void writeOlderThanTheChain() throws IOException {
        UUID id = source.tableId(SmallTables.PLAIN).orElseThrow();
        Path directory = source.agents().get(0).tableDirectory(SmallTables.PLAIN, id);
        try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                .inDirectory(directory.toString())
                .forTable("CREATE TABLE small.plain (k int PRIMARY KEY, v text)")
                .using("UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?")
                .build()) {
            for (int k = 0; k < ROWS; k += 2) {
                writer.addRow(List.of(500L, "too late", k));
            }
        }
    }

    private Path someData(Path place) {
        return CutRig.files(place.resolve("data/small")).stream()
                .filter(file -> file.toString().contains("/plain-")
                        && file.toString().contains(full.id())
                        && file.toString().endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void theShardsConcernedAreStoredWholeAndTheRunSaysSo(Damage damage) throws IOException {
        Path object = someData(repository);
        damage.apply(object);

        BackupReport report = rig.backup();

        String place = repository.relativize(object.getParent()).toString();
        assertThat(report.damage())
                .singleElement()
                .asString()
                .contains(
                        "table small.plain, shard ",
                        "stored whole",
                        place,
                        "Data.db",
                        "restore points of " + full.id());
        BackupManifest.How how = how(report.manifest(), SmallTables.PLAIN);
        assertThat(how.incremental()).as("the other shards are").isTrue();
        assertThat(how.reason()).contains("1 shard is read whole because ", place);
        assertThat(report.manifest().parent()).contains(full.id());
        assertThat(report.manifest().totals().storedBytes())
                .isPositive()
                .isLessThan(full.totals().storedBytes());
        assertThat(rig.leftInScratch()).isEmpty();
        VerifyReport verified = rig.verify();
        assertThat(verified.good()).isFalse();
        assertThat(verified.hurt()).extracting(point -> point.backup()).containsOnly(full.id());
        TABLES.forEach(table -> assertThat(rig.stored(report.manifest(), table))
                .as("seed %d: %s", SEED, table)
                .isEqualTo(held(table)));
    }

    @Test
    void theNextBackupBuildsOnWhatWasStoredInstead() throws IOException {
        Damage.DELETED.apply(someData(repository));
        rig.backup();
        writeOlderThanTheChain();

        BackupReport next = rig.backup();

        assertThat(next.damage()).isEmpty();
        assertThat(how(next.manifest(), SmallTables.PLAIN)).isEqualTo(new BackupManifest.How(true, ""));
        assertThat(next.manifest().totals().rows()).isZero();
        TABLES.forEach(table -> assertThat(rig.stored(next.manifest(), table)).isEqualTo(held(table)));
    }

    @Test
    void anIncrementalThatWasAskedForIsRefused() throws IOException {
        Damage.FLIPPED.apply(someData(repository));

        assertThatThrownBy(() -> rig.backup(BackupRequest.Kind.INCREMENTAL))
                .isInstanceOfSatisfying(HindsightException.class, failure -> {
                    assertThat(failure.getMessage()).contains("is damaged", "Data.db");
                    assertThat(failure.exitCode()).isEqualTo(ExitCode.VERIFICATION_FAILED);
                    assertThat(failure.hint()).contains("hindsight verify", "--kind full");
                });
        assertThat(rig.visible()).hasSize(1);
    }

    @Test
    void cutAnywhereTheNextOneEndsTheSame() throws IOException {
        Damage.DELETED.apply(someData(repository));
        CutRig counting = rig(copy());
        counting.backup();
        int calls = counting.cutter.calls();
        int resumed = 0;
        for (int n = calls / 4; n <= calls; n += 9) {
            CutRig cut = rig(copy());
            cut.cut(n, Answer.NOT_DONE);
            CutRig.attempt(cut::backup);
            cut.heal();
            String what = "seed " + SEED + ", call " + n + " of " + calls + " " + cut.cutter.log();

            BackupReport next = cut.backup();

            resumed += next.resumed().isPresent() ? 1 : 0;
            assertThat(next.manifest().state()).as(what).isEqualTo(BackupManifest.State.COMPLETE);
            TABLES.forEach(table ->
                    assertThat(cut.stored(next.manifest(), table)).as(what).isEqualTo(held(table)));
        }
        assertThat(resumed).isPositive();
    }

    private Path copy() {
        Path to = temp.resolve("copy" + made++);
        try {
            Files.createDirectory(to);
            for (Path path : CutRig.files(repository)) {
                Path there = to.resolve(repository.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectory(there);
                } else {
                    Files.copy(path, there);
                }
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MergedRows held(TableName table) {
        UUID id = source.tableId(table).orElseThrow();
        return MergedRows.of(
                table,
                source.agents().stream()
                        .map((DirectoryAgent agent) -> agent.dataFiles(table, id))
                        .flatMap(List::stream)
                        .toList());
    }

    private static BackupManifest.How how(BackupManifest manifest, TableName table) {
        return manifest.tables().stream()
                .filter(one -> one.name().equals(table))
                .findFirst()
                .orElseThrow()
                .how()
                .orElseThrow();
    }
}
