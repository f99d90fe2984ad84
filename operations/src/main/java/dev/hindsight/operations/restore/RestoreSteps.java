package dev.hindsight.operations.restore;

import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.util.List;
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

    /** Doing a step again that is done is fine. */
    void mark(String step, List<UUID> nodes, long rows) {
        RestoreStep document = new RestoreStep(FORMAT, restore, step, clock.instant(), nodes, List.of(), rows);
        if (!done(step)) {
            repository.put(Keys.restoreStep(restore, step), document);
        }
    }
}
