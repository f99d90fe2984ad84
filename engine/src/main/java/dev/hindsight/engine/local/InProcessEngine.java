package dev.hindsight.engine.local;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardEngine;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.task.ShardTaskRunner;
import java.util.ArrayList;
import java.util.List;

/** Runs tasks one after the other on the calling thread: for tests and tiny runs. */
public final class InProcessEngine implements ShardEngine {
    private final ShardTaskRunner runner;

    public InProcessEngine(TaskContext context) {
        this.runner = new ShardTaskRunner(context);
    }

    @Override
    public List<TaskResult> run(List<ShardTask> tasks, EngineProgress progress) {
        List<TaskResult> results = new ArrayList<>(tasks.size());
        for (ShardTask task : tasks) {
            TaskResult result = runner.run(task, progress);
            results.add(result);
            progress.taskDone(result);
        }
        return List.copyOf(results);
    }

    @Override
    public void close() {
        runner.close();
    }
}
