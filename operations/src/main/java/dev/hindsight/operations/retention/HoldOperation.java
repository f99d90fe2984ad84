package dev.hindsight.operations.retention;

import dev.hindsight.operations.run.Writer;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Clock;

/**
 * Keeps a backup from expiring, with all that it builds on, until it is released. A hold counts from its catalogue entry
 * on: an expiry that was decided before it and comes after it does not happen.
 */
public final class HoldOperation {
    private final Repository repository;
    private final Clock clock;

    public HoldOperation(Repository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
    }

    /** @throws dev.hindsight.model.failure.NotFoundException there is no such backup, or it has expired */
    public CatalogueEntry hold(String backup, String reason) {
        return append(new Change.Hold(backup, reason), "hold");
    }

    /** @throws dev.hindsight.model.failure.PreconditionFailedException the backup is not held */
    public CatalogueEntry release(String backup, String reason) {
        return append(new Change.Release(backup, reason), "release");
    }

    private CatalogueEntry append(Change change, String verb) {
        return repository
                .catalogue()
                .append(change, new Author(repository.catalogue().nextEpoch(), Writer.describe(verb), clock.instant()));
    }
}
