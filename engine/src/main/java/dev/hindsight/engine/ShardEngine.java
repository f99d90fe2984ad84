package dev.hindsight.engine;

import java.util.List;

/**
 * Runs shard tasks. Returns when every task has a result; a task whose worker dies is given to another, up to a bound,
 * after which its result is a failure. One run at a time.
 */
public interface ShardEngine extends AutoCloseable {
    List<TaskResult> run(List<ShardTask> tasks, EngineProgress progress);

    /** Ends the workers and removes what they left in scratch. */
    @Override
    void close();
}
