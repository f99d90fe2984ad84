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
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which segments of journals the restores read that may be alive, or were cut and may be gone on with. A restore claims, then
 * reads the journals, then claims under the id of its plan, which says in its scope what the first claim was, and puts the
 * plan, which names segments. While one has claimed and no plan of it is known, or one that a newer program has written, all
 * segments count as read. What a restore that was cut names stays as long as somebody may go on with it.
 */
record RestorePins(boolean all, Set<String> keys) {
    private static final String VERB = "restore";

    /** {@code read <run> <first claim>-<which>} */
    private static final Pattern SECOND = Pattern.compile("read r-\\S+ ([0-9]{1,18})-[0-9]+");

    /** @param now of this machine */
    static RestorePins of(Repository repository, CatalogueView view, Instant now) {
        Pinned pinned = new Pinned(repository);
        // The first claims of a restore have a run of their own, one for each keyspace.
        Map<String, Set<Long>> first = new HashMap<>();
        Set<Long> planned = new HashSet<>();
        Set<String> alive = new HashSet<>();
        for (StandingClaim standing : view.claims()) {
            Claim claim = standing.claim();
            if (!claim.verb().equals(VERB)) {
                continue;
            }
            if (!mayHaveAPlan(claim)) {
                first.computeIfAbsent(claim.run(), run -> new HashSet<>()).add(standing.number());
                continue;
            }
            alive.add(claim.run());
            pinned.all |= !pinned.add(claim.run());
            Matcher second = SECOND.matcher(claim.scope());
            if (second.matches()) {
                planned.add(Long.parseLong(second.group(1)));
            }
        }
        pinned.all |= first.values().stream().anyMatch(claims -> Collections.disjoint(claims, planned));
        Restores restores = new Restores(repository, view, now);
        view.entries().stream()
                .flatMap(entry -> entry.claim().stream())
                .filter(claim -> claim.verb().equals(VERB) && mayHaveAPlan(claim) && !alive.contains(claim.run()))
                .map(Claim::run)
                .distinct()
                .filter(restores::mayGoOn)
                .forEach(pinned::add);
        return new RestorePins(pinned.all, pinned.keys);
    }

    private static boolean mayHaveAPlan(Claim claim) {
        return claim.run().startsWith("r-");
    }

    /** Adds up. One thread. */
    private static final class Pinned {
        private final Repository repository;
        private final Set<String> keys = new HashSet<>();
        private boolean all;

        Pinned(Repository repository) {
            this.repository = repository;
        }

        /** Whether the run has a plan; nobody goes on with one that is damaged. */
        boolean add(String run) {
            try {
                Optional<RestorePlan> plan = repository
                        .find(Keys.restorePlan(run), RestorePlan.class)
                        .map(Repository.Found::document);
                plan.ifPresent(this::add);
                return plan.isPresent();
            } catch (CorruptException e) {
                return false;
            } catch (FormatTooNewException e) {
                all = true;
                return true;
            }
        }

        private void add(RestorePlan plan) {
            plan.tables().stream()
                    .flatMap(table -> table.journal().stream())
                    .flatMap(journal -> journal.segments().stream())
                    .forEach(segment -> keys.add(segment.object().key()));
        }
    }

    boolean pins(String key) {
        return all || keys.contains(key);
    }
}
