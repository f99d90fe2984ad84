package dev.hindsight.operations.run;

import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.HindsightException;
import java.util.List;

/** Failed shard tasks, turned back into an error of the whole run. */
public final class TaskFailures {
    private TaskFailures() {}

    /** The first failure with the number of the others; its outcome and exit code are kept. */
    public static void throwFirst(List<TaskResult> results) {
        List<TaskResult> failed =
                results.stream().filter(result -> result.failure().isPresent()).toList();
        if (failed.isEmpty()) {
            return;
        }
        TaskResult.Failure first = failed.get(0).failure().orElseThrow();
        String others = failed.size() == 1 ? "" : " (and " + (failed.size() - 1) + " more shards failed)";
        throw new ShardFailedException(
                "shard " + failed.get(0).task().shard() + ": " + first.message() + others,
                first.hint(),
                first.exitCode());
    }

    /** A shard task failed for good; nothing was published. */
    public static final class ShardFailedException extends HindsightException {
        private static final long serialVersionUID = 1L;

        private final ExitCode exitCode;

        ShardFailedException(String message, String hint, int code) {
            super(message, hint, null);
            ExitCode found = ExitCode.ERROR;
            for (ExitCode candidate : ExitCode.values()) {
                if (candidate.code() == code && code != 0) {
                    found = candidate;
                }
            }
            this.exitCode = found;
        }

        @Override
        public ExitCode exitCode() {
            return exitCode;
        }
    }
}
