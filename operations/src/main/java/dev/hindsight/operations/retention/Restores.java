package dev.hindsight.operations.retention;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.layout.Keys;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which plans and steps of restores and exports are garbage. An export has an id of its own and is never gone on with. A
 * restore's id comes from what was asked for, so the same command finds its plan again, and goes by its steps: plans stay,
 * the last step of a restore that is done stays, and one that was cut keeps all of them. That its steps were gone
 * while its plan is there would make it begin again over data that came since.
 *
 * <p>They name nothing that another object needs, and who finds that what a plan names is gone makes a new one, so clocks may
 * decide about them. One thread.
 */
final class Restores {
    private static final String EXPORT = "export-";
    private static final String DONE_STEP = "done";
    private static final Duration LONG = Duration.ofDays(7);

    private final Repository repository;
    private final Instant until;
    /** When a run's last claim was made or was over. */
    private final Map<String, Instant> worked = new HashMap<>();

    private final Map<String, Boolean> old = new HashMap<>();
    private final Map<String, Boolean> done = new HashMap<>();

    /** @param now of this machine; what the newest backup says counts where it is earlier */
    Restores(Repository repository, CatalogueView view, Instant now) {
        this.repository = repository;
        Instant newest = view.entries().stream()
                .filter(entry -> entry.action() == CatalogueEntry.Action.PUBLISH)
                .map(CatalogueEntry::at)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
        this.until = newest.isBefore(now) ? newest : now;
        for (CatalogueEntry entry : view.entries()) {
            entry.claim()
                    .ifPresent(claim -> Stream.concat(Stream.of(entry), view.endOf(entry.number()).stream())
                            .forEach(one -> worked.merge(claim.run(), one.at(), Restores::later)));
        }
    }

    private static Instant later(Instant one, Instant other) {
        return one.isBefore(other) ? other : one;
    }

    /**
     * Of a run that is not at work.
     *
     * @param name of the object below the run's
     */
    boolean isGarbage(String run, String name) {
        if (run.startsWith(EXPORT)) {
            return old.computeIfAbsent(run, this::isOld);
        }
        return name.startsWith("steps/")
                && !name.equals("steps/" + DONE_STEP + ".json")
                && old.computeIfAbsent(run, this::isOld)
                && done.computeIfAbsent(run, this::isDone);
    }

    /** Whether somebody may still go on with a restore that is not at work: one that was not long ago. */
    boolean mayGoOn(String restore) {
        return !Optional.ofNullable(worked.get(restore)).orElse(Instant.EPOCH).isBefore(until.minus(LONG))
                && !done.computeIfAbsent(restore, this::isDone);
    }

    private boolean isDone(String restore) {
        return repository.store().size(Keys.restoreStep(restore, DONE_STEP)).isPresent();
    }

    /** One without a plan, or with one that nobody can read, is not gone on with. */
    private boolean isOld(String restore) {
        try {
            return repository
                    .find(Keys.restorePlan(restore), RestorePlan.class)
                    .map(plan -> plan.document().createdAt().isBefore(until.minus(LONG)))
                    .orElse(true);
        } catch (CorruptException e) {
            return true;
        } catch (FormatTooNewException e) {
            return false;
        }
    }
}
