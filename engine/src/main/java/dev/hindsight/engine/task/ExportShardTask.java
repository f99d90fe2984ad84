package dev.hindsight.engine.task;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.RestoreStepNames;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.engine.task.TaskDocuments.Stored;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.layout.Keys;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the stored shards of one shard into {@code <exportDirectory>/<keyspace>/<table>/}, the shape that {@code
 * sstableloader} and {@code nodetool import} take. Each file appears whole and synced, by a rename; an SSTable's TOC is
 * the last of its files. Ids are unique over all shards, so that one directory holds them.
 */
final class ExportShardTask {
    private static final Logger LOG = LoggerFactory.getLogger(ExportShardTask.class);
    private static final Pattern CASSANDRA_NAME = Pattern.compile("\\w{1,222}");

    private final WorkerState state;
    private final ShardTask.Export task;
    private final RestorePlan plan;
    private final RestorePlan.Shard shard;
    private final Fetches fetches;
    private final RestoreMerge merge;
    private final Path directory;
    private final long startMillis;

    ExportShardTask(WorkerState state, ShardTask.Export task, EngineProgress progress) {
        this.state = state;
        this.task = task;
        this.startMillis = state.clock().millis();
        this.plan = state.shared(task.plan(), RestorePlan.class);
        this.shard = Plans.shard(plan, task.shard());
        this.fetches = new Fetches(progress::bytes);
        this.merge = new RestoreMerge(state, task.plan().key(), plan, shard, fetches);
        this.directory = directory(plan, merge.table().target());
    }

    TaskResult run() {
        String stepKey = Keys.restoreStep(plan.id(), RestoreStepNames.shard(shard.number()));
        Optional<Stored<RestoreStep>> done = state.documents().find(stepKey, RestoreStep.class);
        if (done.isPresent()
                && done.get().document().files().stream().allMatch(file -> LocalFiles.matches(directory, file))) {
            return new TaskResult(task, Optional.of(done.get().ref()), List.of(), Optional.empty(), 0);
        }
        try (ScratchDirectory scratch = ScratchDirectory.create(state.scratch(), "export-" + shard.number() + "-")) {
            RestoreMerge.Outputs outputs = merge.run(scratch);
            List<RestoreStep.File> files = publish(outputs.files());
            Failpoints.hit(Failpoint.RESTORE_UPLOADED);
            RestoreStep step = new RestoreStep(
                    RestoreStep.FORMAT,
                    plan.id(),
                    RestoreStepNames.shard(shard.number()),
                    state.clock().instant(),
                    List.of(),
                    files,
                    outputs.rows());
            done.ifPresent(stale -> state.store().delete(stepKey));
            Stored<RestoreStep> stored = state.documents().create(stepKey, step, RestoreStep.class);
            LOG.info(
                    "shard exported export={} table={} shard={} files={} rows={} fetchedBytes={} millis={}",
                    plan.id(),
                    merge.table().target(),
                    shard.number(),
                    files.size(),
                    outputs.rows(),
                    fetches.totalBytes(),
                    state.clock().millis() - startMillis);
            return new TaskResult(task, Optional.of(stored.ref()), List.of(), Optional.empty(), fetches.totalBytes());
        }
    }

    private List<RestoreStep.File> publish(List<Path> outputs) {
        List<RestoreStep.File> files = new ArrayList<>();
        Path base = Path.of(plan.exportDirectory());
        try (ScratchDirectory incoming = ScratchDirectory.create(base, ".incoming-" + shard.number() + "-")) {
            Files.createDirectories(directory);
            for (Path output : outputs) {
                Path copy = incoming.path().resolve(output.getFileName().toString());
                Files.copy(output, copy, StandardCopyOption.REPLACE_EXISTING);
                sync(copy);
                files.add(LocalFiles.identify(copy));
                Files.move(copy, directory.resolve(copy.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            }
            sync(directory);
            return List.copyOf(files);
        } catch (IOException e) {
            throw new NotAppliedException(
                    "export directory " + directory + " cannot be written: " + e,
                    "check its space and permissions, then run the same command again",
                    e);
        }
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path directory(RestorePlan plan, TableName table) {
        for (String name : List.of(table.keyspace(), table.table())) {
            if (!CASSANDRA_NAME.matcher(name).matches()) {
                throw new UsageException(
                        "export of " + table + ": '" + name + "' is not a name that Cassandra allows",
                        "export into a table named with letters, digits and underscores");
            }
        }
        return Path.of(plan.exportDirectory()).resolve(table.keyspace()).resolve(table.table());
    }
}
