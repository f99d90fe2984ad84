package dev.hindsight.engine.local;

import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failure.ExitCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The tasks of one run, handed out in the order given; one whose worker died goes back to the front, and fails once it
 * has ended {@link #MAX_DEATHS} workers. Shared by the threads of all workers.
 */
final class Dispatch {
    static final int MAX_DEATHS = 3;

    /** One task on its way. Its fields belong to the dispatch, or to the worker that has it. */
    static final class Work {
        private final int index;
        private final ShardTask task;
        private final List<String> deaths = new ArrayList<>();
        private long reportedBytes;
        private long attemptBytes;

        Work(int index, ShardTask task) {
            this.index = index;
            this.task = task;
        }

        ShardTask task() {
            return task;
        }

        /** How much of {@code moreBytes} goes beyond what earlier attempts had reported. */
        long newBytes(long moreBytes) {
            attemptBytes += moreBytes;
            long beyond = Math.max(0, attemptBytes - reportedBytes);
            reportedBytes += beyond;
            return beyond;
        }
    }

    private final EngineProgress progress;
    private final Deque<Work> waiting = new ArrayDeque<>();
    private final List<Optional<TaskResult>> results = new ArrayList<>();
    private int open;
    private int slots;

    Dispatch(List<ShardTask> tasks, int slots, EngineProgress progress) {
        this.progress = progress;
        this.slots = slots;
        this.open = tasks.size();
        for (ShardTask task : tasks) {
            waiting.add(new Work(results.size(), task));
            results.add(Optional.empty());
        }
    }

    /** Waits while others may still give something back; empty when every task has its result. */
    synchronized Optional<Work> next() throws InterruptedException {
        while (waiting.isEmpty() && open > 0) {
            wait();
        }
        Work work = waiting.poll();
        if (work == null) {
            return Optional.empty();
        }
        work.attemptBytes = 0;
        return Optional.of(work);
    }

    synchronized boolean finished() {
        return open == 0;
    }

    synchronized void done(Work work, TaskResult result) {
        if (results.get(work.index).isPresent()) {
            return;
        }
        results.set(work.index, Optional.of(result));
        open--;
        notifyAll();
        progress.taskDone(result);
    }

    synchronized void died(Work work, String worker, String detail) {
        work.deaths.add(worker + ": " + detail);
        if (work.deaths.size() >= MAX_DEATHS) {
            done(
                    work,
                    failed(
                            work,
                            "ended " + work.deaths.size() + " workers and is not given to another: "
                                    + String.join("; ", work.deaths),
                            "look at the end of the workers' logs above; if it is memory, lower shard-size"));
            return;
        }
        waiting.addFirst(work);
        notifyAll();
    }

    /** A worker that cannot be started again. With the last one, what is still open fails. */
    synchronized void slotGone(String detail) {
        slots--;
        if (slots > 0) {
            return;
        }
        while (!waiting.isEmpty()) {
            Work work = waiting.remove();
            List<String> details = new ArrayList<>(work.deaths);
            details.add(detail);
            done(
                    work,
                    failed(
                            work,
                            "was not done because no worker is left: " + String.join("; ", details),
                            "look at the end of the workers' logs above, then run the same command again"));
        }
    }

    synchronized List<TaskResult> results() {
        return results.stream().map(Optional::orElseThrow).toList();
    }

    private static TaskResult failed(Work work, String what, String hint) {
        return new TaskResult(
                work.task,
                Optional.empty(),
                List.of(),
                Optional.of(new TaskResult.Failure(
                        "NotAppliedException",
                        "shard task " + work.task.shard() + " of "
                                + work.task.plan().key() + " " + what,
                        hint,
                        ExitCode.ERROR.code())),
                0);
    }
}
