package dev.hindsight.operations.run;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardEngine;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The scratch directory and the workers of one run of a verb. One thread; {@link #close} and {@link #endWorkers} may be
 * called from another (a signal handler), and are safe to repeat.
 */
public final class ShardRun implements AutoCloseable {
    private final EngineFactory engines;
    private final ProgressListener progress;
    private final Consumer<String> notes;
    private @Nullable RunDirectory directory;
    private @Nullable ShardEngine engine;

    /** @param notes told what an operator must find in the report: a worker that was lost */
    public ShardRun(EngineFactory engines, ProgressListener progress, Consumer<String> notes) {
        this.engines = engines;
        this.progress = progress;
        this.notes = notes;
    }

    /** @param site name of the cluster that snapshots are taken on; empty for runs that take none */
    public synchronized void open(Path scratch, String id, String site) {
        directory = RunDirectory.create(scratch, id, site);
    }

    public synchronized RunDirectory directory() {
        return Optional.ofNullable(directory)
                .orElseThrow(() -> new IllegalStateException("the run is not open, or was ended"));
    }

    /** Results of all tasks, failed ones included. */
    public List<TaskResult> run(List<ShardTask> tasks, int workers) {
        return open(workers).run(tasks, new EngineProgress() {
            @Override
            public void bytes(long moreBytes) {
                progress.advance(moreBytes);
            }

            @Override
            public void workerLost(String worker, String detail) {
                progress.note("worker " + worker + " was lost, its shards go to the others: " + detail);
                notes.accept("worker " + worker + " was lost: " + detail);
            }
        });
    }

    private synchronized ShardEngine open(int workers) {
        endWorkers();
        ShardEngine opened = engines.open(workers, directory().path());
        engine = opened;
        return opened;
    }

    public synchronized void endWorkers() {
        ShardEngine running = engine;
        engine = null;
        if (running != null) {
            running.close();
        }
    }

    /** Ends the workers but leaves the directory's owner, so that a later run finds what there is still to clean. */
    public synchronized void abandon() {
        endWorkers();
        RunDirectory made = directory;
        directory = null;
        if (made != null) {
            made.strip();
        }
    }

    @Override
    public synchronized void close() {
        endWorkers();
        RunDirectory made = directory;
        directory = null;
        if (made != null) {
            made.close();
        }
    }
}
