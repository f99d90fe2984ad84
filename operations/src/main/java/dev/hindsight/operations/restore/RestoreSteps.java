package dev.hindsight.operations.restore;

import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The steps of one restore that are done, as create-only objects in the repository. */
final class RestoreSteps {
    /** Marked before the first SSTable is imported: until then the restore's tables hold nothing of it. */
    static final String IMPORTING = "importing";

    static final String DONE = "done";
    private static final int FORMAT = 1;

    private final Repository repository;
    private final String restore;
    private final Clock clock;

    RestoreSteps(Repository repository, String restore, Clock clock) {
        this.repository = repository;
        this.restore = restore;
        this.clock = clock;
    }

    static String imported(UUID node, UUID targetTable) {
        return "imported-" + node + "-" + targetTable;
    }

    boolean done(String step) {
        return repository.store().size(Keys.restoreStep(restore, step)).isPresent();
    }

    /** @throws dev.hindsight.model.failure.CorruptException it is there, and damaged */
    Optional<RestoreStep> find(String step) {
        return repository
                .find(Keys.restoreStep(restore, step), RestoreStep.class)
                .map(Repository.Found::document);
    }

    /** Doing a step again that is done is fine. */
    void mark(String step, List<UUID> nodes, long rows) {
        mark(new RestoreStep(FORMAT, restore, step, clock.instant(), nodes, List.of(), rows));
    }

    /** Says that from now on SSTables are imported, into tables that were last truncated so. */
    void markImporting(List<UUID> nodes, Truncations truncations) {
        mark(new RestoreStep(
                FORMAT,
                restore,
                IMPORTING,
                clock.instant(),
                nodes,
                List.of(),
                0,
                Optional.of(truncations.asText()).filter(text -> !text.isEmpty())));
    }

    private void mark(RestoreStep document) {
        if (!done(document.step())) {
            repository.put(Keys.restoreStep(restore, document.step()), document);
        }
    }
}
