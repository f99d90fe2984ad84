package dev.hindsight.operations.backup;

import dev.hindsight.model.failure.CoverageException;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.survey.Survey;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import java.util.List;

/** Refuses, where the settings say so, what leaves token ranges out that no replica can be read for. */
final class UncoveredRanges {
    private final RunSettings settings;

    UncoveredRanges(RunSettings settings) {
        this.settings = settings;
    }

    /** @throws CoverageException before anything was done on the nodes */
    void refuseDark(Survey survey, Selection selection) {
        if (mustFail()) {
            refuse(new Forecaster(survey, selection, settings, 1).uncovered());
        }
    }

    /** @throws CoverageException before anything is stored */
    void refuseDark(BackupPlan plan) {
        if (mustFail()) {
            refuse(plan.shards().stream()
                    .filter(shard ->
                            shard.slices().isEmpty() && !shard.missing().isEmpty())
                    .map(shard -> shard.table() + " " + shard.ranges())
                    .toList());
        }
    }

    /** @throws CoverageException before it is published */
    void refuse(BackupManifest manifest) {
        if (mustFail() && manifest.state() == BackupManifest.State.PARTIAL) {
            refuse(manifest.tables().stream()
                    .flatMap(table -> Coverages.uncovered(table.coverage()).stream()
                            .map(part -> table.name() + " " + part.range()))
                    .toList());
        }
    }

    private boolean mustFail() {
        return settings.uncovered() == RunSettings.Uncovered.FAIL;
    }

    private static void refuse(List<String> uncovered) {
        if (!uncovered.isEmpty()) {
            throw new CoverageException(
                    "no replica can be read for " + String.join("; ", uncovered),
                    "bring a node of these ranges up, or set backup.uncovered to partial");
        }
    }
}
