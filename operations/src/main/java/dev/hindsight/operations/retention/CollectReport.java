package dev.hindsight.operations.retention;

import java.util.List;

/**
 * What a collection deleted, or would delete.
 *
 * @param runs by run, in the order of their ids
 * @param objects of all of them
 * @param bytes that came back
 * @param failed objects that could not be deleted; the next collection tries again
 * @param notes of what an operator should see
 */
public record CollectReport(
        boolean dryRun, List<Run> runs, long objects, long bytes, long failed, long keptObjects, List<String> notes) {
    public CollectReport {
        runs = List.copyOf(runs);
        notes = List.copyOf(notes);
    }

    /**
     * @param run a backup, a restore or another run; for heartbeats {@code claim N}
     * @param why for people
     */
    public record Run(String run, String why, long objects, long bytes) {}
}
