package dev.hindsight.engine;

/** Told by a {@link ShardEngine} as work goes on; any thread. */
public interface EngineProgress {
    EngineProgress NONE = new EngineProgress() {};

    default void bytes(long moreBytes) {}

    default void taskDone(TaskResult result) {}

    /** A worker died; its tasks go to the others. */
    default void workerLost(String worker, String detail) {}
}
