package dev.hindsight.engine;

import dev.hindsight.repository.document.ObjectRef;
import java.util.List;
import java.util.Optional;

/**
 * How one task ended.
 *
 * @param made the shard manifest (backup) or step object (restore); empty where none is made or the task failed
 * @param problems damaged inputs that were worked around, or what a verification found; one sentence each. Those that say
 *     {@link #HURTS_NO_RESTORE} take no record from any restore point
 * @param failure empty when the task did its work
 * @param bytes read from agents or the store
 * @param whole of a verification: what was read to its end and is as it should be
 */
public record TaskResult(
        ShardTask task,
        Optional<ObjectRef> made,
        List<String> problems,
        Optional<Failure> failure,
        long bytes,
        Whole whole) {
    public static final String HURTS_NO_RESTORE = "this hurts no restore";

    public TaskResult(
            ShardTask task, Optional<ObjectRef> made, List<String> problems, Optional<Failure> failure, long bytes) {
        this(task, made, problems, failure, bytes, Whole.NOTHING);
    }

    /**
     * @param objects with the right size and digest, the shard's manifest among them
     * @param bytes of those
     * @param sstables of which every row was read
     */
    public record Whole(long objects, long bytes, int sstables) {
        public static final Whole NOTHING = new Whole(0, 0, 0);
    }

    /**
     * @param type simple class name of the exception, so that outcome and exit code survive the process boundary
     * @param damagedLayer key of the shard manifest of a stored layer that could not be compared with: the shard can be made
     *     without it, by reading all of it from the nodes
     */
    public record Failure(String type, String message, String hint, int exitCode, Optional<String> damagedLayer) {
        public Failure(String type, String message, String hint, int exitCode) {
            this(type, message, hint, exitCode, Optional.empty());
        }
    }
}
