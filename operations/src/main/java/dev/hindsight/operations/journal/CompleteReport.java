package dev.hindsight.operations.journal;

import dev.hindsight.model.schema.TableName;
import java.util.List;

/**
 * What was completed, or would be.
 *
 * @param runs by number
 * @param leftRecords about how many of the window are not completed
 * @param leftBytes of their updates
 */
public record CompleteReport(TableName table, boolean dryRun, List<Run> runs, long leftRecords, long leftBytes) {
    public CompleteReport {
        runs = List.copyOf(runs);
    }

    /**
     * Records that were completed at once.
     *
     * @param base id of the backup that they were joined with
     * @param records how many; about, in a plan
     * @param updateBytes that they have
     * @param baseBytes that were read of the base; 0 in a plan
     * @param objects that were put, and how large they are together
     * @param published false when another one was faster, or a collection came in between: then nothing is left of it
     */
    public record Run(
            long firstNumber,
            long lastNumber,
            String base,
            long records,
            long updateBytes,
            long baseBytes,
            int objects,
            long storedBytes,
            double cpuSeconds,
            boolean published) {}
}
