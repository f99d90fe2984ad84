package dev.hindsight.engine.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.RestoreStepNames;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.engine.fixture.TextSynthesiser;
import dev.hindsight.engine.fixture.TextSynthesiser.Row;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.repository.layout.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restore, export and verification of a backup of two shards. */
class StoredShardTasksTest {
    private static final TokenRange LEFT = new TokenRange(Long.MIN_VALUE, 0);
    private static final TokenRange RIGHT = new TokenRange(0, Long.MAX_VALUE);
    private static final String LATER = "20261123T134500Z-4fa0";
    private static final ImportTarget TARGET = new ImportTarget(Rig.RESTORE, Rig.TARGET, Rig.TARGET_ID);

    @TempDir
    Path directory;

    private Rig rig;
    private TextSynthesiser synthesiser;
    private ObjectRef manifest;
    private List<ObjectRef> shards;

    @BeforeEach
    void backup() {
        rig = new Rig(directory);
        synthesiser = new TextSynthesiser();
        rig.addTextSSTable(1, "oa-1-big", List.of(new Row(-5, 1, "a"), new Row(7, 1, "old")));
        rig.addTextSSTable(2, "oa-1-big", List.of(new Row(-9, 1, "b"), new Row(7, 2, "new")));
        ObjectRef plan = rig.putBackupPlan(List.of(Rig.wholeShard(1, LEFT), Rig.wholeShard(2, RIGHT)));
        shards = new ArrayList<>();
        for (int shard = 1; shard <= 2; shard++) {
            shards.add(run(new ShardTask.Backup(plan, shard)).made().orElseThrow());
        }
        manifest = rig.putManifest(plan, shards);
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private TaskResult run(ShardTask task) {
        try (ShardTaskRunner runner = new ShardTaskRunner(rig.context(synthesiser))) {
            return runner.run(task, EngineProgress.NONE);
        }
    }

    private String dataKey(int shard) {
        return rig.loadShard(shards.get(shard - 1)).sstables().get(0).components().stream()
                .map(ObjectRef::key)
                .filter(key -> key.endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
    }

    private void flip(String key) throws IOException {
        Path file = rig.storedFile(key);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 2] ^= 1;
        Files.delete(file);
        Files.write(file, bytes);
    }

    @Test
    void aRestoreShardIsStagedOnEveryTargetNode() {
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1, 3), "");

        TaskResult result = run(new ShardTask.Restore(plan, 1));

        assertThat(result.failure()).isEmpty();
        RestoreStep step = rig.repository().load(result.made().orElseThrow(), RestoreStep.class);
        assertThat(step.step()).isEqualTo("shard-1");
        assertThat(step.rows()).isEqualTo(3);
        assertThat(step.files()).extracting(RestoreStep.File::name).contains("nb-1001-big-Data.db");
        for (int node : List.of(1, 3)) {
            assertThat(TextSynthesiser.read(rig.agent(node).staging(TARGET).resolve("nb-1001-big-Data.db")))
                    .containsExactly(new Row(-9, 1, "b"), new Row(-5, 1, "a"), new Row(7, 2, "new"));
        }
        assertThat(rig.agent(2).stagedNow()).isEmpty();
        assertThat(synthesiser.requests().get(2).target().name()).isEqualTo(Rig.TARGET);
        assertThat(rig.leftInScratch()).isEmpty();
    }

    /** A later shard of the table's left half, and what a restore reads when it counts within {@code ranges} only. */
    private List<StoredLayer> layers(TokenRange ranges) {
        rig.forgetSSTables();
        rig.addTextSSTable(2, "oa-2-big", List.of(new Row(-9, 5, "later"), new Row(-3, 5, "added")));
        ObjectRef plan = rig.putBackupPlan(LATER, List.of(Rig.wholeShard(1, LEFT)), 64L << 20);
        ObjectRef later = run(new ShardTask.Backup(plan, 1)).made().orElseThrow();
        return List.of(
                new StoredLayer(later, List.of(ranges)),
                new StoredLayer(shards.get(0), List.of(LEFT)),
                new StoredLayer(shards.get(1), List.of(RIGHT)));
    }

    @Test
    void aRestoreOfAChainMergesItsLayers() {
        Optional<List<StoredLayer>> layers = Optional.of(layers(LEFT));
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(), List.of(1), "", layers);

        assertThat(run(new ShardTask.Restore(plan, 1)).failure()).isEmpty();

        assertThat(TextSynthesiser.read(rig.agent(1).staging(TARGET).resolve("nb-1001-big-Data.db")))
                .containsExactly(
                        new Row(-9, 5, "later"), new Row(-5, 1, "a"), new Row(-3, 5, "added"), new Row(7, 2, "new"));
    }

    @Test
    void ofALayerOnlyTheRangesThatCountAreRead() {
        Optional<List<StoredLayer>> layers = Optional.of(layers(new TokenRange(-5, 0)));
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(), List.of(1), "", layers);

        assertThat(run(new ShardTask.Restore(plan, 1)).failure()).isEmpty();

        assertThat(TextSynthesiser.read(rig.agent(1).staging(TARGET).resolve("nb-1001-big-Data.db")))
                .containsExactly(
                        new Row(-9, 1, "b"), new Row(-5, 1, "a"), new Row(-3, 5, "added"), new Row(7, 2, "new"));
    }

    @Test
    void aRestoreOfAChainStopsAtAMissingLayer() throws IOException {
        List<StoredLayer> layers = layers(LEFT);
        Files.delete(rig.storedFile(layers.get(0).shard().key()));
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(), List.of(1), "", Optional.of(layers));

        TaskResult.Failure failure =
                run(new ShardTask.Restore(plan, 1)).failure().orElseThrow();

        assertThat(failure.type()).isEqualTo("NotFoundException");
        assertThat(failure.message()).contains(layers.get(0).shard().key(), "ks.t", Rig.BACKUP);
        assertThat(rig.agent(1).stagedNow()).isEmpty();
    }

    @Test
    void aStagedShardIsNotDoneAgain() {
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1, 3), "");
        TaskResult first = run(new ShardTask.Restore(plan, 1));

        TaskResult second = run(new ShardTask.Restore(plan, 1));

        assertThat(second.made()).isEqualTo(first.made());
        assertThat(synthesiser.requests()).hasSize(3);
    }

    @Test
    void onlyWhatANodeLacksIsSentAgain() throws IOException {
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1, 3), "");
        run(new ShardTask.Restore(plan, 1));
        Files.delete(rig.agent(3).staging(TARGET).resolve("nb-1001-big-Data.db"));
        rig.agent(1).stagedNow().clear();
        rig.agent(3).stagedNow().clear();

        assertThat(run(new ShardTask.Restore(plan, 1)).failure()).isEmpty();

        assertThat(rig.agent(1).stagedNow()).isEmpty();
        assertThat(rig.agent(3).stagedNow()).containsExactly("nb-1001-big-Data.db");
    }

    @Test
    void aNodeThatHasImportedIsLeftAlone() throws IOException {
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1, 3), "");
        TaskResult first = run(new ShardTask.Restore(plan, 1));
        String imported = RestoreStepNames.imported(Rig.host(3), Rig.TARGET_ID);
        rig.repository()
                .put(
                        Keys.restoreStep(Rig.RESTORE, imported),
                        new RestoreStep(1, Rig.RESTORE, imported, Rig.NOW, List.of(Rig.host(3)), List.of(), 0));
        deleteStaged(3);

        assertThat(run(new ShardTask.Restore(plan, 1)).made()).isEqualTo(first.made());

        deleteStaged(1);
        rig.agent(3).stagedNow().clear();
        assertThat(run(new ShardTask.Restore(plan, 1)).failure()).isEmpty();
        assertThat(rig.agent(3).stagedNow()).isEmpty();
        assertThat(rig.agent(1).staged(TARGET)).hasSize(3);
    }

    private void deleteStaged(int node) throws IOException {
        try (Stream<Path> files = Files.list(rig.agent(node).staging(TARGET))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aRestoreThatFailedAfterUploadGoesOn() {
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1), "");
        Failpoints.arm("restore.uploaded=error");
        assertThat(run(new ShardTask.Restore(plan, 1)).failure()).isPresent();
        assertThat(rig.leftInScratch()).isEmpty();
        rig.agent(1).stagedNow().clear();

        assertThat(run(new ShardTask.Restore(plan, 1)).failure()).isEmpty();

        assertThat(rig.agent(1).stagedNow()).isEmpty();
    }

    @Test
    void everyCutOfAnAgentLeavesAStateFromWhichTheRestoreSucceeds() {
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1, 3), "");
        int cuts = 0;
        while (true) {
            rig.agent(3).cutAfter(cuts);
            TaskResult result = run(new ShardTask.Restore(plan, 1));
            rig.agent(3).cutAfter(Long.MAX_VALUE);
            if (result.failure().isEmpty()) {
                break;
            }
            assertThat(result.failure().get().type()).isEqualTo("ClusterUnreachableException");
            assertThat(rig.leftInScratch()).isEmpty();
            cuts++;
        }

        assertThat(cuts).isGreaterThan(1);
        assertThat(rig.agent(3).staged(TARGET)).isEqualTo(rig.agent(1).staged(TARGET));
        assertThat(rig.agent(3).stagedNow()).doesNotHaveDuplicates();
    }

    @Test
    void aTargetNodeThatIsDownFailsTheTaskByName() {
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1, 3), "");
        rig.agent(3).goDown();

        TaskResult.Failure failure =
                run(new ShardTask.Restore(plan, 1)).failure().orElseThrow();

        assertThat(failure.type()).isEqualTo("ClusterUnreachableException");
        assertThat(failure.message()).contains("node3");
    }

    @Test
    void aRestoreStopsAtWrongStoredBytesAndSaysWhatTheyHurt() throws IOException {
        flip(dataKey(2));
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1), "");

        TaskResult.Failure failure =
                run(new ShardTask.Restore(plan, 1)).failure().orElseThrow();

        assertThat(failure.type()).isEqualTo("CorruptException");
        assertThat(failure.exitCode()).isEqualTo(4);
        assertThat(failure.message()).contains(dataKey(2), "sha256:", "ks.t", Rig.BACKUP, TokenRange.FULL.toString());
        assertThat(rig.agent(1).stagedNow()).isEmpty();
    }

    @Test
    void aRestoreStopsAtAMissingObject() throws IOException {
        Files.delete(rig.storedFile(dataKey(1)));
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(1), "");

        TaskResult.Failure failure =
                run(new ShardTask.Restore(plan, 1)).failure().orElseThrow();

        assertThat(failure.type()).isEqualTo("NotFoundException");
        assertThat(failure.message()).contains(dataKey(1), "missing", "ks.t", Rig.BACKUP);
    }

    @Test
    void anExportIsADirectoryAsCassandrasToolsWantIt() throws IOException {
        Path out = directory.resolve("export");
        ObjectRef plan = rig.putRestorePlan(manifest, List.of(1, 2), List.of(), out.toString());

        TaskResult result = run(new ShardTask.Export(plan, 1));

        assertThat(result.failure()).isEmpty();
        assertThat(names(out.resolve("ks2/t2")))
                .containsExactly("nb-1001-big-Data.db", "nb-1001-big-Statistics.db", "nb-1001-big-TOC.txt");
        assertThat(TextSynthesiser.read(out.resolve("ks2/t2/nb-1001-big-Data.db")))
                .hasSize(3);
        assertThat(names(out)).containsExactly("ks2");

        assertThat(run(new ShardTask.Export(plan, 1)).made()).isEqualTo(result.made());
        Files.delete(out.resolve("ks2/t2/nb-1001-big-Data.db"));
        assertThat(run(new ShardTask.Export(plan, 1)).failure()).isEmpty();
        assertThat(out.resolve("ks2/t2/nb-1001-big-Data.db")).exists();
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aGoodShardVerifiesWithoutProblems() {
        TaskResult result = run(new ShardTask.Verify(manifest, 1, ShardTask.Verify.Depth.RECORDS));

        assertThat(result.failure()).isEmpty();
        assertThat(result.problems()).isEmpty();
        assertThat(result.bytes()).isPositive();
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aFlippedByteIsNamedWithWhatItHurts() throws IOException {
        flip(dataKey(2));

        assertThat(run(new ShardTask.Verify(manifest, 1, ShardTask.Verify.Depth.BYTES))
                        .problems())
                .isEmpty();
        TaskResult result = run(new ShardTask.Verify(manifest, 2, ShardTask.Verify.Depth.BYTES));

        assertThat(result.failure()).isEmpty();
        assertThat(result.problems()).hasSize(1);
        assertThat(result.problems().get(0))
                .contains("changed bytes", dataKey(2), "sha256:", "ks.t", Rig.BACKUP, RIGHT.toString());
    }

    @Test
    void aMissingObjectIsToldFromAChangedOne() throws IOException {
        Files.delete(rig.storedFile(dataKey(1)));

        List<String> problems = run(new ShardTask.Verify(manifest, 1, ShardTask.Verify.Depth.BYTES))
                .problems();

        assertThat(problems).hasSize(1);
        assertThat(problems.get(0)).contains("is missing", dataKey(1), "ks.t", LEFT.toString());
    }

    @Test
    void aCutObjectIsNamedByItsSizes() throws IOException {
        Path file = rig.storedFile(dataKey(1));
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        Files.write(file, Arrays.copyOf(bytes, 5));

        assertThat(run(new ShardTask.Verify(manifest, 1, ShardTask.Verify.Depth.BYTES))
                        .problems()
                        .get(0))
                .contains("has 5 bytes, expected " + bytes.length);
    }

    @Test
    void aMissingOrDamagedShardManifestHurtsTheWholeShard() throws IOException {
        flip(shards.get(0).key());
        Files.delete(rig.storedFile(shards.get(1).key()));

        String damaged = run(new ShardTask.Verify(manifest, 1, ShardTask.Verify.Depth.BYTES))
                .problems()
                .get(0);
        String missing = run(new ShardTask.Verify(manifest, 2, ShardTask.Verify.Depth.BYTES))
                .problems()
                .get(0);

        assertThat(damaged).contains(shards.get(0).key(), "digest", "all token ranges of shard 1", "ks.t");
        assertThat(missing).contains(shards.get(1).key(), "is missing", "all token ranges of shard 2");
    }
}
