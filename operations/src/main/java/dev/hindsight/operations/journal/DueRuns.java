package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.HindsightException;
import java.util.List;
import java.util.Optional;

/**
 * What was completed as it was due.
 *
 * @param failure of a stretch, which kept no other one from being completed; of several, the first
 */
public record DueRuns(List<CompleteReport.Run> runs, Optional<HindsightException> failure) {
    public static final DueRuns NONE = new DueRuns(List.of(), Optional.empty());

    public DueRuns {
        runs = List.copyOf(runs);
    }

    /** Whether something is stored that was not before. */
    public boolean published() {
        return runs.stream().anyMatch(CompleteReport.Run::published);
    }
}
