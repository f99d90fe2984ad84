package dev.hindsight.engine.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.engine.fixture.TextSynthesiser;
import dev.hindsight.engine.fixture.TextSynthesiser.Row;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.BackupManifest.Coverage;
import dev.hindsight.repository.document.BackupManifest.Missing;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.synthesis.PurgePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole shard of everything, and a later one of its left half, made one. */
class RebaseShardTaskTest {
    private static final TokenRange LEFT = new TokenRange(Long.MIN_VALUE, 0);
    private static final String LATER = "20261123T134500Z-4fa0";
    private static final String REBASE = "20261124T010000Z-5b00";

    @TempDir
    Path directory;

    private Rig rig;
    private TextSynthesiser synthesiser;
    private ObjectRef first;
    private ObjectRef later;

    @BeforeEach
    void chain() {
        rig = new Rig(directory);
        synthesiser = new TextSynthesiser();
        rig.addTextSSTable(1, "oa-1-big", List.of(new Row(-9, 1, "b"), new Row(-5, 1, "a"), new Row(7, 1, "c")));
        first = made(run(new ShardTask.Backup(rig.putBackupPlan(List.of(Rig.wholeShard(1))), 1)));
        rig.forgetSSTables();
        rig.addTextSSTable(2, "oa-2-big", List.of(new Row(-9, 5, "later"), new Row(-3, 5, "added")));
        ObjectRef plan = rig.putBackupPlan(LATER, List.of(Rig.wholeShard(1, LEFT)), 64L << 20);
        later = made(run(new ShardTask.Backup(plan, 1)));
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private ShardTask rebase() {
        return new ShardTask.Rebase(
                rig.putRebasePlan(
                        REBASE,
                        List.of(
                                new StoredLayer(later, List.of(LEFT)),
                                new StoredLayer(first, List.of(TokenRange.FULL)))),
                1);
    }

    private TaskResult run(ShardTask task) {
        try (ShardTaskRunner runner = new ShardTaskRunner(rig.context(synthesiser))) {
            return runner.run(task, EngineProgress.NONE);
        }
    }

    private static ObjectRef made(TaskResult result) {
        assertThat(result.failure()).isEmpty();
        return result.made().orElseThrow();
    }

    @Test
    void theLayersBecomeOneWholeShard() throws IOException {
        ShardManifest shard = rig.loadShard(made(run(rebase())));

        assertThat(shard.backup()).isEqualTo(REBASE);
        assertThat(shard.incremental()).isFalse();
        assertThat(shard.sstables()).hasSize(1);
        assertThat(TextSynthesiser.read(rig.storedFile(dataKey(shard))))
                .containsExactly(
                        new Row(-9, 5, "later"), new Row(-5, 1, "a"), new Row(-3, 5, "added"), new Row(7, 1, "c"));
        assertThat(synthesiser.requests().get(2).purge()).isInstanceOf(PurgePolicy.KeepTombstones.class);
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void itsCoverageIsWhatThePlanSaysOfItsLayers() {
        ShardManifest shard = rig.loadShard(made(run(rebase())));

        assertThat(shard.coverage())
                .filteredOn(part -> !part.missing().isEmpty())
                .containsExactly(new Coverage(
                        new TokenRange(0, 100),
                        List.of(Rig.host(1), Rig.host(2), Rig.host(3)),
                        List.of(new Missing(Rig.host(4), "was down"))));
    }

    @Test
    void noAgentIsAsked() throws IOException {
        for (int node = 1; node <= 3; node++) {
            Path gone = rig.snapshotDirectory(node);
            if (Files.exists(gone)) {
                Files.move(gone, gone.resolveSibling("gone"));
            }
        }

        assertThat(run(rebase()).failure()).isEmpty();
    }

    @Test
    void toDoItAgainGivesWhatIsThere() {
        ShardTask task = rebase();
        ObjectRef one = made(run(task));
        List<String> keys = rig.dataKeys();

        assertThat(made(run(task))).isEqualTo(one);
        assertThat(rig.dataKeys()).isEqualTo(keys);
    }

    @Test
    void anAttemptThatFailsLeavesNothing() {
        List<String> before = rig.dataKeys();
        Failpoints.arm("shard.seal=error");

        assertThat(run(rebase()).failure()).isPresent();

        assertThat(rig.dataKeys()).isEqualTo(before);
        assertThat(rig.store().size(Keys.shardManifest(REBASE, 1))).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aDamagedLayerIsNamedWithWhatItHurts() throws IOException {
        Path data = rig.storedFile(dataKey(rig.loadShard(later)));
        byte[] bytes = Files.readAllBytes(data);
        bytes[bytes.length - 2] ^= 1;
        Files.delete(data);
        Files.write(data, bytes);

        TaskResult.Failure failure = run(rebase()).failure().orElseThrow();

        assertThat(failure.message())
                .contains("rebase " + REBASE, "wrong stored bytes", "table ks.t", "of backup " + Rig.BACKUP);
        assertThat(failure.exitCode()).isEqualTo(ExitCode.VERIFICATION_FAILED.code());
    }

    @Test
    void aMissingLayerIsNamed() throws IOException {
        Files.delete(rig.storedFile(dataKey(rig.loadShard(first))));

        assertThat(run(rebase()).failure().orElseThrow().message()).contains("a missing object", first(first));
    }

    private String first(ObjectRef shard) {
        return dataKey(rig.loadShard(shard));
    }

    private static String dataKey(ShardManifest shard) {
        return shard.sstables().get(0).components().stream()
                .map(ObjectRef::key)
                .filter(key -> key.endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
    }
}
