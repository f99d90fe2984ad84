package dev.hindsight.trials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.Replication;
import dev.hindsight.operations.backup.BackupForecast;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.testkit.fake.FakeCluster;
import dev.hindsight.testkit.fake.SmallTables;
import dev.hindsight.trials.CutRig.Answer;
import dev.hindsight.trials.CutRig.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.cassandra.io.sstable.CQLSSTableWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backup is said to be going to do is about what it does then. */
class ForecastTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_125L);
    private static final int NODES = 3;
    private static final int ROWS = 600;
    private static final BackupRequest AUTO = new BackupRequest(Set.of(), Set.of());

    @TempDir
    private Path temp;

    private FakeCluster source;
    private Path repository;
    private CutRig rig;
    private long micros = 1_000_000;

    @BeforeEach
    void cluster() throws IOException {
        source = FakeCluster.create("source", temp.resolve("source"), NODES);
        SmallTables.of(SEED, ROWS).load(source, new Replication.Simple(NODES));
        repository = temp.resolve("repository");
        Repository.init(DirectoryStore.create(repository), Clock.systemUTC());
        rig = new CutRig(source, repository, Files.createDirectory(temp.resolve("scratch")), Side.STORE);
    }

    @Test
    void whatIsReadAndStoredIsSaidBefore() throws IOException {
        BackupForecast full = rig.plan(AUTO);
        assertThat(full.onward()).isEmpty();
        assertThat(full.tables()).noneMatch(BackupForecast.Table::incremental);
        requireNear(full, rig.backup());

        BackupForecast nothing = rig.plan(AUTO);
        assertThat(nothing.tables()).allMatch(BackupForecast.Table::incremental);
        assertThat(nothing.bytesToRead()).isZero();
        assertThat(nothing.expectedStoredBytes()).isZero();

        for (int node = 0; node < NODES; node++) {
            write(node, 200);
        }
        micros++;
        BackupForecast changed = rig.plan(AUTO);
        assertThat(changed.bytesToRead()).isPositive();
        assertThat(changed.tables())
                .filteredOn(table -> table.name().equals(SmallTables.CLUSTERED))
                .allMatch(table -> table.bytesToRead() == 0 && table.replicaBytes() > 0);
        requireNear(changed, rig.backup());
        assertThat(Files.list(repository.resolve("backups")))
                .as("plans leave nothing")
                .hasSize(2);
    }

    private static void requireNear(BackupForecast forecast, BackupReport made) {
        assertThat((double) forecast.bytesToRead() / made.manifest().totals().fetchedBytes())
                .as("read: %s, %s", forecast, made.manifest().totals())
                .isBetween(0.33, 3.0);
        assertThat((double) forecast.expectedStoredBytes()
                        / made.manifest().totals().storedBytes())
                .as("stored: %s, %s", forecast, made.manifest().totals())
                .isBetween(0.33, 3.0);
    }

    @Test
    void aBackupThatWasCutIsToldWithWhatIsLeftOfIt() {
        rig.backup();
        int calls = rig.cutter.calls();
        for (int n = calls / 2; n < calls; n += 19) {
            rig.cut(n, Answer.NOT_DONE);
            boolean failed =
                    CutRig.attempt(() -> rig.backup(BackupRequest.Kind.FULL)).isEmpty();
            rig.heal();
            BackupForecast forecast = rig.plan(new BackupRequest(Set.of(), Set.of(), BackupRequest.Kind.FULL));
            BackupForecast afresh = rig.plan(new BackupRequest(Set.of(), Set.of(), BackupRequest.Kind.FULL, true));
            BackupReport next = rig.backup(BackupRequest.Kind.FULL);

            assertThat(afresh.onward()).isEmpty();
            assertThat(forecast.onward().filter(BackupForecast.Onward::goesOn).isPresent())
                    .as("call %d, %s: %s", n, failed, forecast.onward())
                    .isEqualTo(next.resumed().isPresent());
            forecast.onward().filter(BackupForecast.Onward::goesOn).ifPresent(onward -> {
                assertThat(onward.backup()).isEqualTo(next.manifest().id());
                assertThat(onward.gone()).isTrue();
                assertThat(onward.storedShards()).isEqualTo(next.resumed().getAsInt());
                assertThat(forecast.bytesToRead())
                        .isEqualTo(onward.bytesLeft())
                        .isLessThanOrEqualTo(afresh.bytesToRead() * 3 / 2);
            });
            seen |= forecast.onward().filter(BackupForecast.Onward::goesOn).isPresent();
        }
        assertThat(seen).as("some run was gone on with").isTrue();
    }

    private boolean seen;

    private void write(int node, int rows) throws IOException {
        UUID id = source.tableId(SmallTables.PLAIN).orElseThrow();
        try (CQLSSTableWriter writer = CQLSSTableWriter.builder()
                .inDirectory(source.agents()
                        .get(node)
                        .tableDirectory(SmallTables.PLAIN, id)
                        .toString())
                .forTable("CREATE TABLE small.plain (k int PRIMARY KEY, v text)")
                .using("UPDATE small.plain USING TIMESTAMP ? SET v = ? WHERE k = ?")
                .build()) {
            // All nodes get the same.
            SplittableRandom random = new SplittableRandom(SEED);
            for (int k = 0; k < rows; k++) {
                String value = random.longs(100).mapToObj(Long::toHexString).collect(Collectors.joining());
                writer.addRow(List.of(micros, value, k));
            }
        }
    }
}
