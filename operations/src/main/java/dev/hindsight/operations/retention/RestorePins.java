package dev.hindsight.operations.retention;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.FormatTooNewException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.document.CatalogueEntry.Claim;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.layout.Keys;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which segments of journals the restores read that may be alive, or were cut and may be gone on with. A restore claims, then
 * reads the journals, then puts its plan, which names segments, under an id that it has claimed as well. While one has claimed
 * and no plan is there yet, all segments count as read. What a restore that was cut names stays as long as its steps do.
 */
record RestorePins(boolean all, Set<String> keys) {
    private static final String VERB = "restore";

    private record Process(String host, String boot, long id) {}

    /** @param now of this machine */
    static RestorePins of(Repository repository, CatalogueView view, Instant now) {
        Map<Process, Set<String>> waiting = new HashMap<>();
        Map<Process, Integer> planned = new HashMap<>();
        Set<String> keys = new HashSet<>();
        Set<String> alive = new HashSet<>();
        for (StandingClaim standing : view.claims()) {
            Claim claim = standing.claim();
            if (!claim.verb().equals(VERB)) {
                continue;
            }
            Process process = new Process(claim.host(), claim.boot(), claim.processId());
            Optional<RestorePlan> plan = mayHaveAPlan(claim) ? plan(repository, claim.run()) : Optional.empty();
            alive.add(claim.run());
            if (plan.isPresent()) {
                planned.merge(process, 1, Integer::sum);
                keys.addAll(segments(plan.get()));
            } else {
                waiting.computeIfAbsent(process, key -> new HashSet<>()).add(claim.run());
            }
        }
        // The first claim of a restore has a run of its own, the one with the plan comes later.
        boolean all = waiting.entrySet().stream()
                .anyMatch(one -> one.getValue().size() > planned.getOrDefault(one.getKey(), 0));
        Restores restores = new Restores(repository, view, now);
        view.entries().stream()
                .flatMap(entry -> entry.claim().stream())
                .filter(claim -> claim.verb().equals(VERB) && mayHaveAPlan(claim) && !alive.contains(claim.run()))
                .map(Claim::run)
                .distinct()
                .filter(restores::mayGoOn)
                .forEach(run -> plan(repository, run).ifPresent(plan -> keys.addAll(segments(plan))));
        return new RestorePins(all, keys);
    }

    private static boolean mayHaveAPlan(Claim claim) {
        return claim.run().startsWith("r-");
    }

    private static List<String> segments(RestorePlan plan) {
        return plan.tables().stream()
                .flatMap(table -> table.journal().stream())
                .flatMap(journal -> journal.segments().stream())
                .map(segment -> segment.object().key())
                .toList();
    }

    /** One that cannot be read counts as one that is not there yet: while its restore lives, all is read. */
    private static Optional<RestorePlan> plan(Repository repository, String run) {
        try {
            return repository.find(Keys.restorePlan(run), RestorePlan.class).map(Repository.Found::document);
        } catch (CorruptException | FormatTooNewException e) {
            return Optional.empty();
        }
    }

    boolean pins(String key) {
        return all || keys.contains(key);
    }
}
