package dev.hindsight.operations.backup;

import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import java.util.Optional;

/**
 * The plans of one backup: the first one, and those that took its place. Each is created once, whichever process of the run
 * comes first, and the others take it; so all of them go through the same plans in the same order.
 */
final class LaterPlans {
    private final Repository repository;

    LaterPlans(Repository repository) {
        this.repository = repository;
    }

    /** @param number 0 for the first plan */
    record Numbered(long number, ObjectRef ref, BackupPlan plan) {
        static Numbered first(Repository.Found<BackupPlan> found) {
            return new Numbered(0, found.ref(), found.document());
        }
    }

    /**
     * The newest that there is.
     *
     * @throws dev.hindsight.model.failure.CorruptException it is damaged
     */
    Numbered newest(Numbered first) {
        Numbered newest = first;
        Optional<Numbered> next = Optional.of(first);
        while (next.isPresent()) {
            newest = next.get();
            next = find(newest.plan().id(), newest.number() + 1);
        }
        return newest;
    }

    /** Puts {@code plan} behind {@code before}, or returns what stands there already. */
    Numbered follow(Numbered before, BackupPlan plan) {
        long number = before.number() + 1;
        try {
            return new Numbered(number, repository.put(Keys.laterPlan(plan.id(), number), plan), plan);
        } catch (AlreadyExistsException e) {
            return find(plan.id(), number).orElseThrow(() -> e);
        }
    }

    private Optional<Numbered> find(String id, long number) {
        return repository
                .find(Keys.laterPlan(id, number), BackupPlan.class)
                .map(found -> new Numbered(number, found.ref(), found.document()));
    }
}
