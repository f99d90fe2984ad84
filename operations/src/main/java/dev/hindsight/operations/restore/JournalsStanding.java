package dev.hindsight.operations.restore;

import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether the segments that a restore is going to read stay: a collector that deletes after it has read the restore's claim
 * spares what the plan names, and one that read the catalogue before deletes only what is no longer in the journal.
 */
final class JournalsStanding {
    private JournalsStanding() {}

    /**
     * To be asked once the restore has claimed.
     *
     * @throws PlanStaleException segments were merged, or are no longer held, since the instant was looked up
     */
    static void require(Repository repository, BackupManifest base, InstantPart part) {
        part.records().forEach((name, records) -> {
            JournalLog log = new JournalLog(
                    repository.store(), name, BackupContents.table(base, name).tableId());
            Set<String> live = JournalView.find(log)
                    .map(view -> view.segments().stream()
                            .map(segment -> segment.object().key())
                            .collect(Collectors.toSet()))
                    .orElse(Set.of());
            boolean stands = records.journal().segments().stream()
                    .allMatch(segment -> live.contains(segment.object().key()));
            if (!stands) {
                throw new PlanStaleException(
                        "segments of the journal of " + name + " were merged while the restore was being planned",
                        "run it again");
            }
        });
    }

    /** Whether a restore that was cut can go on with its plan. */
    static boolean areThere(Repository repository, RestorePlan plan) {
        return plan.tables().stream()
                .flatMap(table -> table.journal().stream())
                .flatMap(journal -> journal.segments().stream())
                .allMatch(segment ->
                        repository.store().size(segment.object().key()).isPresent());
    }
}
