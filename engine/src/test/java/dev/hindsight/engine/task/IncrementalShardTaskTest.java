package dev.hindsight.engine.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.fixture.CassandraFiles;
import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.engine.local.WorkerCommand;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.document.ShardManifest.Layer;
import dev.hindsight.repository.document.StoredLayer;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.synthesis.Synthesisers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards onto a chain, with Cassandra's files: node 1 was backed up whole; node 2 has the same, and newer rows beside it. */
class IncrementalShardTaskTest {
    private static final String DDL = "CREATE TABLE ks.t (k int PRIMARY KEY, v text);";
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int NEWER_ROWS = CassandraFiles.ROWS / 100;
    private static final String LATER = "20261123T134500Z-4fa0";
    private static final String LATEST = "20261124T134500Z-5fb1";
    private static final ImportTarget TARGET = new ImportTarget(Rig.RESTORE, Rig.TARGET, Rig.TARGET_ID);

    @TempDir
    static Path files;

    @TempDir
    Path directory;

    private Rig rig;
    private List<String> copyAndNewer;
    private ObjectRef plan;
    private StoredLayer base;
    private ShardManifest whole;

    @BeforeAll
    static void writeFiles() throws Exception {
        Process process = new ProcessBuilder(WorkerCommand.forThisJvm(
                        CassandraFiles.class.getName(),
                        DDL,
                        Long.toString(SEED),
                        files.resolve("1").toString(),
                        files.resolve("2").toString(),
                        files.resolve("3").toString()))
                .redirectErrorStream(true)
                .redirectOutput(files.resolve("log").toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(files.resolve("log"))).isZero();
    }

    @BeforeEach
    void backUpNodeOne() throws IOException {
        rig = new Rig(directory, DDL);
        for (String descriptor : copy(1)) {
            rig.listSSTable(1, descriptor);
        }
        copyAndNewer = copy(2);
        plan = rig.putBackupPlan(List.of(Rig.wholeShard(1)), 256L << 20);
        ObjectRef made = run(plan).made().orElseThrow();
        base = new StoredLayer(made, List.of(TokenRange.FULL));
        whole = rig.loadShard(made);
    }

    /** The larger one first. */
    private List<String> copy(int node) throws IOException {
        Path to = Files.createDirectories(rig.snapshotDirectory(node));
        List<Path> data = new ArrayList<>();
        try (Stream<Path> all = Files.list(files.resolve(Integer.toString(node)))) {
            for (Path file : all.sorted().toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
                if (file.toString().endsWith("-Data.db")) {
                    data.add(file);
                }
            }
        }
        data.sort((a, b) -> Long.compare(b.toFile().length(), a.toFile().length()));
        return data.stream()
                .map(file -> file.getFileName().toString())
                .map(name -> name.substring(0, name.length() - "-Data.db".length()))
                .toList();
    }

    private TaskResult run(ObjectRef plan) {
        return run(new ShardTask.Backup(plan, 1));
    }

    private TaskResult run(ShardTask task) {
        try (InProcessEngine engine = new InProcessEngine(rig.context(Synthesisers.named(Synthesisers.DEFAULT)))) {
            return engine.run(List.of(task), EngineProgress.NONE).get(0);
        }
    }

    private TaskResult increment(String backup, List<StoredLayer> onto, String... descriptors) {
        rig.forgetSSTables();
        for (String descriptor : descriptors) {
            rig.listSSTable(2, descriptor);
        }
        return run(rig.putBackupPlan(backup, List.of(Rig.shardOnto(1, onto)), 256L << 20));
    }

    private ShardManifest manifestOf(TaskResult result) {
        assertThat(result.failure()).as("seed " + SEED).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
        return rig.loadShard(result.made().orElseThrow());
    }

    private static Layer layer(ShardManifest shard) {
        return shard.layer().orElseThrow();
    }

    @Test
    void aWholeShardHasFingerprintsThatTakeLittle() {
        ObjectRef fingerprints = layer(whole).fingerprints().orElseThrow();

        assertThat(whole.incremental()).isFalse();
        assertThat(layer(whole).maxTimestampMicros()).isEqualTo(1_000_000L);
        assertThat(fingerprints.key()).endsWith("/fingerprints.bin");
        assertThat((double) fingerprints.sizeBytes() / whole.counts().storedBytes())
                .isLessThan(0.02);
        rig.repository().check(fingerprints);
    }

    private List<String> problems(ShardManifest shard, ShardTask.Verify.Depth depth) {
        ObjectRef changed = rig.repository().put(Keys.shardManifest(Rig.BACKUP, 2), withNumber(shard, 2));
        ObjectRef manifest = rig.putManifest(plan, List.of(changed));
        TaskResult result = run(new ShardTask.Verify(manifest, 2, depth));
        assertThat(result.failure()).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
        return result.problems();
    }

    private static ShardManifest withNumber(ShardManifest of, int number) {
        return new ShardManifest(
                of.format(),
                of.backup(),
                number,
                of.table(),
                of.tableId(),
                of.ranges(),
                of.coverage(),
                of.sstables(),
                of.damaged(),
                of.expiry(),
                of.counts(),
                of.layer());
    }

    private static ShardManifest withSSTables(ShardManifest of, List<ShardManifest.StoredSSTable> sstables) {
        return new ShardManifest(
                of.format(),
                of.backup(),
                of.number(),
                of.table(),
                of.tableId(),
                of.ranges(),
                of.coverage(),
                sstables,
                of.damaged(),
                of.expiry(),
                of.counts(),
                of.layer());
    }

    @Test
    void recordsFitTheirFingerprints() {
        assertThat(problems(whole, ShardTask.Verify.Depth.RECORDS)).isEmpty();
    }

    @Test
    void recordsThatAreNotThoseOfTheFingerprintsAreFound() {
        assertThat(problems(withSSTables(whole, List.of()), ShardTask.Verify.Depth.RECORDS))
                .singleElement()
                .asString()
                .contains("fingerprints.bin", "the records of 0 fit", "ks.t");
    }

    @Test
    void aFlippedBitOfFingerprintsIsFound() throws IOException {
        Path file = rig.storedFile(layer(whole).fingerprints().orElseThrow().key());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.delete(file);
        Files.write(file, bytes);

        assertThat(problems(whole, ShardTask.Verify.Depth.BYTES))
                .singleElement()
                .asString()
                .contains("fingerprints.bin", "changed bytes", "hurts no restore");
    }

    @Test
    void ofACopyNothingIsKeptAndOnlyFingerprintsAreRead() {
        ShardManifest shard = manifestOf(increment(LATER, List.of(base), copyAndNewer.get(0)));

        assertThat(shard.incremental()).isTrue();
        assertThat(shard.sstables()).isEmpty();
        assertThat(shard.counts().storedBytes()).isZero();
        assertThat(layer(shard).redundantPartitions()).isEqualTo(CassandraFiles.ROWS);
        assertThat(layer(shard).comparedBytes())
                .isEqualTo(layer(whole).fingerprints().orElseThrow().sizeBytes());
        assertThat(layer(shard).maxTimestampMicros()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void whatIsNewerThanTheChainIsKeptWithoutReadingIt() {
        ShardManifest shard = manifestOf(increment(LATER, List.of(base), copyAndNewer.get(1)));

        assertThat(shard.counts().rows()).isEqualTo(NEWER_ROWS);
        assertThat(layer(shard).maxTimestampMicros()).isEqualTo(2_000_000L);
        assertThat(layer(shard).comparedBytes())
                .isEqualTo(layer(whole).fingerprints().orElseThrow().sizeBytes());
    }

    @Test
    void betweenCopiesOnlyRowsThatChangedAreKept() {
        ShardManifest shard = manifestOf(increment(LATER, List.of(base), copyAndNewer.toArray(new String[0])));

        assertThat(shard.counts().rows()).isEqualTo(NEWER_ROWS);
        assertThat(layer(shard).redundantPartitions()).isEqualTo(CassandraFiles.ROWS - NEWER_ROWS);
        assertThat(layer(shard).fingerprints()).isPresent();
        assertThat(layer(shard).comparedBytes()).isLessThan(whole.counts().storedBytes());
    }

    @Test
    void whatWasComparedOnceIsKnownTheNextTime() {
        ObjectRef second = increment(LATER, List.of(base), copyAndNewer.toArray(new String[0]))
                .made()
                .orElseThrow();
        long read = layer(rig.loadShard(second)).fingerprints().orElseThrow().sizeBytes()
                + layer(whole).fingerprints().orElseThrow().sizeBytes();
        StoredLayer upper = new StoredLayer(second, List.of(TokenRange.FULL));

        ShardManifest third = manifestOf(increment(LATEST, List.of(upper, base), copyAndNewer.toArray(new String[0])));

        assertThat(third.sstables()).isEmpty();
        assertThat(layer(third).comparedBytes()).isEqualTo(read);
        assertThat(layer(third).redundantPartitions()).isEqualTo(CassandraFiles.ROWS);
    }

    @Test
    void theChainRestoresWhatIsNewest() {
        ObjectRef upper = increment(LATER, List.of(base), copyAndNewer.toArray(new String[0]))
                .made()
                .orElseThrow();
        List<StoredLayer> layers = List.of(base, new StoredLayer(upper, List.of(TokenRange.FULL)));
        ObjectRef manifest = rig.putManifest(plan, List.of(upper));

        TaskResult restored = run(
                new ShardTask.Restore(rig.putRestorePlan(manifest, List.of(), List.of(1), "", Optional.of(layers)), 1));

        assertThat(restored.failure()).isEmpty();
        RestoreStep step = rig.repository().load(restored.made().orElseThrow(), RestoreStep.class);
        assertThat(step.rows()).isEqualTo(CassandraFiles.ROWS);
        assertThat(rig.agent(1).staged(TARGET)).isNotEmpty();
    }

    @Test
    void withoutFingerprintsAllIsComparedAndTheSameIsKept() throws IOException {
        Files.delete(rig.storedFile(layer(whole).fingerprints().orElseThrow().key()));

        ShardManifest shard = manifestOf(increment(LATER, List.of(base), copyAndNewer.toArray(new String[0])));

        assertThat(shard.counts().rows()).isEqualTo(NEWER_ROWS);
        assertThat(layer(shard).comparedBytes()).isGreaterThan(whole.counts().storedDataBytes() / 2);
    }

    @Test
    void wrongFingerprintsAreNotBelieved() throws IOException {
        Path file = rig.storedFile(layer(whole).fingerprints().orElseThrow().key());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.delete(file);
        Files.write(file, bytes);

        assertThat(manifestOf(increment(LATER, List.of(base), copyAndNewer.toArray(new String[0])))
                        .counts()
                        .rows())
                .isEqualTo(NEWER_ROWS);
    }

    @Test
    void aDamagedLayerStopsTheShardAndIsNamed() throws IOException {
        String key = whole.sstables().get(0).components().stream()
                .map(ObjectRef::key)
                .filter(one -> one.endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
        Files.delete(rig.storedFile(layer(whole).fingerprints().orElseThrow().key()));
        Path file = rig.storedFile(key);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.delete(file);
        Files.write(file, bytes);

        TaskResult.Failure failure = increment(LATER, List.of(base), copyAndNewer.toArray(new String[0]))
                .failure()
                .orElseThrow();

        assertThat(failure.type()).isEqualTo("DamagedLayerException");
        assertThat(failure.exitCode()).isEqualTo(ExitCode.VERIFICATION_FAILED.code());
        assertThat(failure.message()).contains(key.substring(0, key.lastIndexOf('/')), "Data.db");
        assertThat(failure.damagedLayer()).contains(base.shard().key());
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void whatTheChainHasSeenIsNotRead() {
        rig.forgetSSTables();
        copyAndNewer.forEach(descriptor -> rig.listSSTable(2, descriptor, Optional.of(List.of(TokenRange.FULL))));

        TaskResult result = run(rig.putBackupPlan(LATER, List.of(Rig.shardOnto(1, List.of(base))), 256L << 20));

        ShardManifest shard = manifestOf(result);
        assertThat(result.bytes()).isZero();
        assertThat(shard.incremental()).isTrue();
        assertThat(shard.sstables()).isEmpty();
        assertThat(shard.coverage().get(0).read()).contains(Rig.host(2));
    }
}
