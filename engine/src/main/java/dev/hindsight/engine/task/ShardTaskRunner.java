package dev.hindsight.engine.task;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.SuppressForbidden;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs shard tasks one after the other on the calling thread, and keeps between them what the next one may need: plans,
 * agent connections, small components. One per worker. Whatever goes wrong in a task is its result; nothing is thrown
 * but {@link Error}s of the virtual machine.
 */
public final class ShardTaskRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShardTaskRunner.class);

    private final WorkerState state;

    public ShardTaskRunner(TaskContext context) {
        this.state = new WorkerState(context);
    }

    /** @param progress told of bytes only */
    @SuppressForbidden(reason = "the thread boundary: any failure of a task becomes its result")
    public TaskResult run(ShardTask task, EngineProgress progress) {
        long startMillis = state.clock().millis();
        try {
            TaskResult result = dispatch(task, progress);
            LOG.debug(
                    "task done plan={} shard={} millis={}",
                    task.plan().key(),
                    task.shard(),
                    state.clock().millis() - startMillis);
            return result;
        } catch (HindsightException e) {
            LOG.error("task failed plan={} shard={} hint={}", task.plan().key(), task.shard(), e.hint(), e);
            Optional<String> layer =
                    e instanceof DamagedLayerException damaged ? Optional.of(damaged.layer()) : Optional.empty();
            return failed(task, e.getClass().getSimpleName(), e.getMessage(), e.hint(), e.exitCode(), layer);
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            LOG.error("task failed plan={} shard={}", task.plan().key(), task.shard(), e);
            return failed(
                    task,
                    e.getClass().getSimpleName(),
                    "shard task " + task.shard() + " of " + task.plan().key() + " failed: " + e,
                    "this is a defect of Hindsight; the worker's log has the stack trace",
                    ExitCode.ERROR,
                    Optional.empty());
        }
    }

    private TaskResult dispatch(ShardTask task, EngineProgress progress) {
        if (task instanceof ShardTask.Backup backup) {
            return new BackupShardTask(state, backup, progress).run();
        }
        if (task instanceof ShardTask.Restore restore) {
            return new RestoreShardTask(state, restore, progress).run();
        }
        if (task instanceof ShardTask.Export export) {
            return new ExportShardTask(state, export, progress).run();
        }
        if (task instanceof ShardTask.Rebase rebase) {
            return new RebaseShardTask(state, rebase, progress).run();
        }
        if (task instanceof ShardTask.Verify verify) {
            return new VerifyShardTask(state, verify, progress).run();
        }
        throw new IllegalArgumentException("unknown task " + task);
    }

    private static TaskResult failed(
            ShardTask task,
            String type,
            @org.jspecify.annotations.Nullable String message,
            String hint,
            ExitCode code,
            Optional<String> damagedLayer) {
        String text = message == null || message.isEmpty() ? type : message;
        return new TaskResult(
                task,
                Optional.empty(),
                List.of(),
                Optional.of(new TaskResult.Failure(type, text, hint, code.code(), damagedLayer)),
                0);
    }

    /** Closes the agents' clients and removes what was kept in scratch. */
    @Override
    public void close() {
        state.close();
    }
}
