package dev.hindsight.engine.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.fixture.Rig;
import dev.hindsight.engine.fixture.TextSynthesiser.Row;
import dev.hindsight.engine.fixture.WorkerMain;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real worker processes. */
class LocalEngineTest {
    private static final int SHARDS = 6;
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private Rig rig;
    private List<ShardTask> tasks;
    private final Watch watch = new Watch();

    private static final class Watch implements EngineProgress {
        final AtomicLong bytes = new AtomicLong();
        final ConcurrentLinkedQueue<TaskResult> done = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();

        @Override
        public void bytes(long moreBytes) {
            bytes.addAndGet(moreBytes);
        }

        @Override
        public void taskDone(TaskResult result) {
            done.add(result);
        }

        @Override
        public void workerLost(String worker, String detail) {
            lost.add(worker + " " + detail);
        }
    }

    @BeforeEach
    void plan() {
        rig = new Rig(directory);
        List<Row> rows = new ArrayList<>();
        List<BackupPlan.Shard> shards = new ArrayList<>();
        for (int i = 1; i <= SHARDS; i++) {
            rows.add(new Row(i * 10L, 1, "row " + i));
            shards.add(Rig.wholeShard(i, new TokenRange(i * 10L - 1, i * 10L)));
        }
        for (int node = 1; node <= 3; node++) {
            rig.addTextSSTable(node, "oa-1-big", rows);
        }
        ObjectRef plan = rig.putBackupPlan(shards);
        tasks = shards.stream()
                .<ShardTask>map(shard -> new ShardTask.Backup(plan, shard.number()))
                .toList();
    }

    private LocalEngine engine(int workers, String... options) {
        return new LocalEngine(command(options), workers, rig.scratch());
    }

    private List<String> command(String... options) {
        List<String> all = new ArrayList<>(Arrays.asList(options));
        all.add("repository=" + rig.storedFile(""));
        return WorkerCommand.forThisJvm(WorkerMain.class.getName(), all.toArray(String[]::new));
    }

    private void assertAllDone(List<TaskResult> results) {
        assertThat(results).hasSize(SHARDS);
        for (int i = 0; i < SHARDS; i++) {
            assertThat(results.get(i).task()).isEqualTo(tasks.get(i));
            assertThat(results.get(i).failure()).isEmpty();
            assertThat(rig.loadShard(results.get(i).made().orElseThrow())
                            .counts()
                            .rows())
                    .isEqualTo(1);
        }
    }

    @Test
    void tasksAreSharedByWorkersAndAnEngineRunsMoreThanOnce() {
        try (LocalEngine engine = engine(2)) {
            assertAllDone(engine.run(tasks, watch));
            assertThat(engine.workerPids()).hasSize(2);

            assertAllDone(engine.run(tasks, watch));
        }

        assertThat(watch.done).hasSize(2 * SHARDS);
        assertThat(watch.bytes.get()).isPositive();
        assertThat(watch.lost).isEmpty();
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aWorkerThatCrashesHalfWayIsReplacedAndItsTaskDone() {
        Map<String, String> cutTheFirst = Map.of(LocalEngine.FIRST_WORKER_FAILPOINTS, "shard.seal=crash@2");
        // One at a time: of two, the other may have done every task before the first has done its second.
        try (LocalEngine engine = new LocalEngine(command(), 1, rig.scratch(), cutTheFirst)) {
            assertAllDone(engine.run(tasks, watch));
        }

        assertThat(watch.lost).hasSize(1);
        assertThat(watch.lost.peek()).contains("status 137");
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aWorkerKilledInTheMiddleOfATaskLeavesItToTheOther() throws Exception {
        Path hold = Files.createFile(directory.resolve("hold"));
        try (LocalEngine engine = engine(2, "hold=" + hold)) {
            CompletableFuture<List<TaskResult>> running = CompletableFuture.supplyAsync(() -> engine.run(tasks, watch));
            await().atMost(SOON)
                    .until(() -> rig.leftInScratch().stream()
                                    .filter(path -> path.toString().endsWith("-TOC.txt"))
                                    .count()
                            == 2);
            long victim = engine.workerPids().get(0);

            assertThat(ProcessHandle.of(victim).orElseThrow().destroyForcibly()).isTrue();
            await().atMost(SOON).until(() -> !watch.lost.isEmpty());
            Files.delete(hold);

            assertAllDone(running.get(60, TimeUnit.SECONDS));
            assertThat(engine.workerPids()).doesNotContain(victim);
        }
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aTaskThatEndsEveryWorkerFailsAndTheOthersAreDone() {
        List<TaskResult> results;
        try (LocalEngine engine = engine(2, "poison=3")) {
            results = engine.run(tasks, watch);
        }

        TaskResult.Failure failure = results.get(2).failure().orElseThrow();
        assertThat(failure.message()).contains("ended 3 workers", "shard task 3", "status 137");
        assertThat(results.stream().filter(result -> result.failure().isEmpty()))
                .hasSize(SHARDS - 1);
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aCommandThatIsNoWorkerFailsAllTasksWithWhatItSaid() {
        List<String> command = WorkerCommand.forThisJvm("dev.hindsight.NoSuchMain");
        List<TaskResult> results;
        try (LocalEngine engine = new LocalEngine(command, 1, rig.scratch())) {
            results = engine.run(tasks.subList(0, 2), watch);
        }

        assertThat(results).hasSize(2);
        assertThat(results.get(1).failure().orElseThrow().message()).contains("no worker is left", "NoSuchMain");
        assertThat(rig.leftInScratch()).isEmpty();
    }

    @Test
    void aFailureInAWorkerKeepsItsTypeAndExitCode() {
        ObjectRef noSuchPlan =
                new ObjectRef("backups/none/plan.json", 10, tasks.get(0).plan().digest());
        List<TaskResult> results;
        try (LocalEngine engine = engine(1)) {
            results = engine.run(List.of(new ShardTask.Backup(noSuchPlan, 1)), watch);
        }

        TaskResult.Failure failure = results.get(0).failure().orElseThrow();
        assertThat(failure.type()).isEqualTo("NotFoundException");
        assertThat(failure.exitCode()).isEqualTo(1);
        assertThat(failure.hint()).isNotEmpty();
    }

    @Test
    void aWorkerEndsWhenItsCoordinatorIsGone() throws Exception {
        Path hold = Files.createFile(directory.resolve("hold"));
        ProcessBuilder builder = new ProcessBuilder(command("hold=" + hold));
        builder.environment().put(WorkerLoop.SCRATCH_VARIABLE, rig.scratch().toString());
        Process worker =
                builder.redirectError(directory.resolve("log").toFile()).start();
        worker.getOutputStream()
                .write((new WireMessage.Run(tasks.get(0)).toLine() + "\n").getBytes(StandardCharsets.UTF_8));
        worker.getOutputStream().flush();
        await().atMost(SOON)
                .until(() -> rig.leftInScratch().stream()
                        .anyMatch(path -> path.toString().endsWith("-TOC.txt")));

        worker.getOutputStream().close();

        assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatADeadCoordinatorLeftIsRemovedAndWhatALiveOneUsesIsNot() throws IOException {
        Path dead = rig.scratch().resolve("engine-dead");
        Files.createDirectories(dead.resolve("worker-1-1"));
        Files.writeString(dead.resolve("lock"), "");
        Files.writeString(dead.resolve("worker-1-1").resolve("leftover"), "x");
        Path unnamed = Files.createDirectories(rig.scratch().resolve(".new-engine-dead"));
        Files.setLastModifiedTime(unnamed, FileTime.from(Instant.EPOCH));

        try (LocalEngine live = engine(1);
                LocalEngine next = engine(1)) {
            assertThat(dead).doesNotExist();
            assertThat(unnamed).doesNotExist();
            assertThat(live.run(tasks.subList(0, 1), watch).get(0).failure()).isEmpty();
            assertThat(next.run(tasks.subList(1, 2), watch).get(0).failure()).isEmpty();
        }
        assertThat(rig.leftInScratch()).isEmpty();
    }
}
