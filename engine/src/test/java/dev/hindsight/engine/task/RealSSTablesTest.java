package dev.hindsight.engine.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.fixture.CassandraFiles;
import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.engine.fixture.WorkerMain;
import dev.hindsight.engine.local.InProcessEngine;
import dev.hindsight.engine.local.LocalEngine;
import dev.hindsight.engine.local.WorkerCommand;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.Synthesisers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way with Cassandra's files and the reference synthesiser. */
class RealSSTablesTest {
    private static final String DDL = "CREATE TABLE ks.t (k int PRIMARY KEY, v text);";
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int SHARDS = 4;
    private static final ImportTarget TARGET = new ImportTarget(Rig.RESTORE, Rig.TARGET, Rig.TARGET_ID);

    @TempDir
    static Path files;

    @TempDir
    Path directory;

    private final Synthesiser synthesiser = Synthesisers.named(Synthesisers.DEFAULT);
    private Rig rig;
    private ObjectRef plan;
    private List<ShardTask> tasks;

    @BeforeAll
    static void writeFiles() throws Exception {
        List<String> command = WorkerCommand.forThisJvm(
                CassandraFiles.class.getName(),
                DDL,
                Long.toString(SEED),
                files.resolve("1").toString(),
                files.resolve("2").toString(),
                files.resolve("3").toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(files.resolve("log").toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(files.resolve("log"))).isZero();
    }

    @BeforeEach
    void plan() throws IOException {
        rig = new Rig(directory, DDL);
        for (int node = 1; node <= 3; node++) {
            Path to = Files.createDirectories(rig.snapshotDirectory(node));
            List<String> descriptors = new ArrayList<>();
            try (Stream<Path> all = Files.list(files.resolve(Integer.toString(node)))) {
                for (Path file : all.sorted().toList()) {
                    String name = file.getFileName().toString();
                    Files.copy(file, to.resolve(name));
                    if (name.endsWith("-Data.db")) {
                        descriptors.add(name.substring(0, name.length() - "-Data.db".length()));
                    }
                }
            }
            for (String descriptor : descriptors) {
                rig.listSSTable(node, descriptor);
            }
        }
        List<BackupPlan.Shard> shards = new ArrayList<>();
        long start = Long.MIN_VALUE;
        for (int i = 1; i <= SHARDS; i++) {
            long end = i == SHARDS ? Long.MAX_VALUE : Long.MIN_VALUE + i * (Long.MAX_VALUE / SHARDS * 2);
            shards.add(Rig.wholeShard(i, new TokenRange(start, end)));
            start = end;
        }
        plan = rig.putBackupPlan(shards, 256L << 20);
        tasks = shards.stream()
                .<ShardTask>map(shard -> new ShardTask.Backup(plan, shard.number()))
                .toList();
    }

    private List<TaskResult> run(List<ShardTask> all) {
        try (InProcessEngine engine = new InProcessEngine(rig.context(synthesiser))) {
            return engine.run(all, EngineProgress.NONE);
        }
    }

    private List<ShardManifest> backup() {
        return manifests(run(tasks));
    }

    private List<ShardManifest> manifests(List<TaskResult> results) {
        return results.stream()
                .map(result -> {
                    assertThat(result.failure()).as("seed " + SEED).isEmpty();
                    return rig.loadShard(result.made().orElseThrow());
                })
                .toList();
    }

    private static long sum(List<ShardManifest> shards, ToLongFunction<ShardManifest.Counts> part) {
        return shards.stream().map(ShardManifest::counts).mapToLong(part).sum();
    }

    private static Path dataFile(Path in) throws IOException {
        try (Stream<Path> all = Files.list(in)) {
            return all.filter(file -> file.toString().endsWith("-Data.db"))
                    .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void flipTheMiddle(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            long position = channel.size() / 2;
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
            channel.write(one, position);
        }
    }

    @Test
    void threeReplicasBecomeOneCopyAndFewBytesBeyondTheOwnedAreRead() throws IOException {
        long replicaBytes = 0;
        for (int node = 1; node <= 3; node++) {
            try (Stream<Path> all = Files.list(rig.snapshotDirectory(node))) {
                replicaBytes += all.filter(file -> file.toString().endsWith("-Data.db"))
                        .mapToLong(file -> file.toFile().length())
                        .sum();
            }
        }

        List<ShardManifest> shards = backup();

        assertThat(sum(shards, ShardManifest.Counts::rows)).isEqualTo(CassandraFiles.ROWS);
        long fetched = sum(shards, ShardManifest.Counts::fetchedDataBytes);
        long owned = sum(shards, ShardManifest.Counts::ownedDataBytes);
        assertThat((double) owned / replicaBytes).isBetween(0.97, 1.03);
        assertThat((double) fetched / owned).isBetween(0.99, 1.1);
        assertThat((double) sum(shards, ShardManifest.Counts::storedDataBytes) / replicaBytes)
                .isLessThan(0.36);
        assertThat(shards).allSatisfy(shard -> {
            assertThat(shard.counts().cpuMerge()).isPositive();
            assertThat(shard.counts().cpuDigest()).isPositive();
            assertThat(shard.counts().peakScratchBytes()).isPositive();
        });
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aStoredBackupVerifiesRestoresAndExports() {
        List<TaskResult> results = run(tasks);
        List<ObjectRef> shards =
                results.stream().map(result -> result.made().orElseThrow()).toList();
        ObjectRef manifest = rig.putManifest(plan, shards);
        ObjectRef restore = rig.putRestorePlan(manifest, List.of(1, 2, 3, 4), List.of(1, 2), "");

        List<ShardTask> checks = new ArrayList<>();
        for (int shard = 1; shard <= SHARDS; shard++) {
            checks.add(new ShardTask.Verify(manifest, shard, ShardTask.Verify.Depth.RECORDS));
        }
        assertThat(run(checks)).allSatisfy(result -> {
            assertThat(result.failure()).isEmpty();
            assertThat(result.problems()).isEmpty();
        });

        TaskResult restored = run(List.of(new ShardTask.Restore(restore, 1))).get(0);
        assertThat(restored.failure()).isEmpty();
        RestoreStep step = rig.repository().load(restored.made().orElseThrow(), RestoreStep.class);
        assertThat(step.rows()).isEqualTo(CassandraFiles.ROWS);
        assertThat(rig.agent(1).staged(TARGET)).isEqualTo(rig.agent(2).staged(TARGET));
        assertThat(rig.agent(1).staged(TARGET)).hasSameSizeAs(step.files());
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aCorruptChunkOnOneReplicaIsNamedAndTheRecordsComeFromTheOthers() throws IOException {
        Path damaged = dataFile(rig.snapshotDirectory(1));
        flipTheMiddle(damaged);

        List<ShardManifest> shards = backup();

        assertThat(sum(shards, ShardManifest.Counts::rows)).isEqualTo(CassandraFiles.ROWS);
        List<ShardManifest.Damaged> named =
                shards.stream().flatMap(shard -> shard.damaged().stream()).toList();
        assertThat(named).hasSizeBetween(1, 2).allSatisfy(one -> {
            assertThat(one.hostId()).isEqualTo(Rig.host(1));
            assertThat(damaged.getFileName().toString()).startsWith(one.descriptor());
            assertThat(one.reason()).contains("Data.db");
        });
    }

    @Test
    void aFlippedByteInTheRepositoryStopsARestoreAndIsFoundByVerify() throws IOException {
        List<TaskResult> results = run(tasks);
        List<ObjectRef> shards =
                results.stream().map(result -> result.made().orElseThrow()).toList();
        ObjectRef manifest = rig.putManifest(plan, shards);
        String key = rig.loadShard(shards.get(2)).sstables().get(0).components().stream()
                .map(ObjectRef::key)
                .filter(one -> one.endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
        Path file = rig.storedFile(key);
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        Files.write(file, bytes);
        flipTheMiddle(file);
        ObjectRef restore = rig.putRestorePlan(manifest, List.of(1, 2, 3, 4), List.of(1), "");

        List<TaskResult> after = run(List.of(
                new ShardTask.Restore(restore, 1), new ShardTask.Verify(manifest, 3, ShardTask.Verify.Depth.BYTES)));

        assertThat(after.get(0).failure().orElseThrow().type()).isEqualTo("CorruptException");
        String sstable = key.substring(key.lastIndexOf('/') + 1, key.lastIndexOf('-'));
        assertThat(after.get(0).failure().orElseThrow().message())
                .contains("SSTable " + sstable + " of " + key.substring(0, key.lastIndexOf('/')), "Data.db", "ks.t");
        assertThat(rig.agent(1).stagedNow()).isEmpty();
        assertThat(after.get(1).problems()).hasSize(1);
        assertThat(after.get(1).problems().get(0)).contains(key, "changed bytes");
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void workerProcessesHaveTheFlagsThatCassandrasClassesNeed() {
        List<String> command = WorkerCommand.forThisJvm(
                WorkerMain.class.getName(), "synthesiser=service", "repository=" + rig.storedFile(""));
        List<TaskResult> results;
        try (LocalEngine engine = new LocalEngine(command, 1, rig.scratch())) {
            results = engine.run(tasks.subList(0, 2), EngineProgress.NONE);
        }

        assertThat(sum(manifests(results), ShardManifest.Counts::rows)).isPositive();
        assertThat(rig.leftInScratch()).isEmpty();
    }
}
