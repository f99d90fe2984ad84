package dev.hindsight.operations.run;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.layout.Keys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes the cleaning of runs whose process died: their snapshots on the nodes and their scratch. A run whose nodes
 * cannot all be reached keeps its directory, so that the next run tries again; Cassandra's own ttl ends the snapshot in
 * any case.
 */
public final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    /**
     * What was cleaned and what could not be, one line each. The snapshots of a backup that can be gone on with stay: only
     * the next backup knows whether it does.
     */
    public static List<String> clean(Path scratch, Site site, Repository repository) {
        List<String> cut = repository.catalogue().view().claims().stream()
                .map(claim -> claim.claim().run())
                .filter(run -> repository.store().size(Keys.backupPlan(run)).isPresent())
                .toList();
        return clean(
                scratch,
                owner -> owner.site().equals(site.name())
                                && owner.snapshotTags().stream()
                                        .noneMatch(tag -> cut.stream().anyMatch(run -> SnapshotTags.isOf(run, tag)))
                        ? Optional.of(clear(asked(site, owner), owner.snapshotTags()))
                        : Optional.empty());
    }

    /**
     * As {@link #clean(Path, Site, Repository)}, for a backup, which knows what it goes on with.
     *
     * @param adopted a snapshot that is this run's own from now on, as its own directory says; empty text for none
     */
    public static List<String> clean(Path scratch, Site site, String adopted) {
        return clean(
                scratch,
                owner -> owner.site().equals(site.name())
                        ? Optional.of(clear(
                                asked(site, owner),
                                owner.snapshotTags().stream()
                                        .filter(tag -> !tag.equals(adopted))
                                        .toList()))
                        : Optional.empty());
    }

    private static List<AgentClient> asked(Site site, RunDirectory.Owner owner) {
        return site.agents().stream()
                .filter(agent -> owner.agents().contains(agent.address()))
                .toList();
    }

    /**
     * For verbs that know no cluster: as {@link #clean(Path, Site, Repository)}, but what may have left a snapshot is left
     * to a run that can reach its nodes.
     */
    public static List<String> clean(Path scratch) {
        return clean(scratch, owner -> Optional.empty());
    }

    /** @param snapshots clears those of a run: what failed, or empty when it is not for this verb to try */
    private static List<String> clean(Path scratch, Function<RunDirectory.Owner, Optional<List<String>>> snapshots) {
        List<String> notes = new ArrayList<>();
        for (Path directory : RunDirectory.dead(scratch)) {
            Optional<RunDirectory.Owner> owner = RunDirectory.owner(directory)
                    .filter(one -> !one.snapshotTags().isEmpty());
            if (owner.isPresent()) {
                Optional<List<String>> failures = snapshots.apply(owner.get());
                failures.ifPresent(notes::addAll);
                if (failures.isEmpty() || !failures.get().isEmpty()) {
                    RunDirectory.strip(directory);
                    continue;
                }
            }
            ScratchDirectory.deleteTree(directory);
            LOG.info("cleaned what a dead run left run={}", directory.getFileName());
            notes.add("cleaned what an earlier run left: " + directory.getFileName());
        }
        return notes;
    }

    /** Clears every snapshot that a run which is over left on nodes, wherever its coordinator was; what failed, one line each. */
    public static List<String> clearSnapshots(Site site, String run) {
        List<String> failures = new ArrayList<>();
        List<AgentClient> agents = site.agents();
        List<Parallel.Outcome<Boolean>> outcomes = Parallel.forAll(agents, agent -> {
            agent.snapshotTags(SnapshotTags.prefix(run)).stream()
                    .filter(tag -> SnapshotTags.isOf(run, tag))
                    .forEach(agent::clearSnapshot);
            return true;
        });
        for (int i = 0; i < agents.size(); i++) {
            Optional<HindsightException> failure = outcomes.get(i).failure();
            if (failure.isPresent()) {
                failures.add("a snapshot of " + run + " may be left on "
                        + agents.get(i).address() + " until its ttl ends: "
                        + failure.get().getMessage());
            }
        }
        return failures;
    }

    /** Clears the tags on all agents; what failed, one line each. */
    public static List<String> clear(List<AgentClient> agents, List<String> tags) {
        List<String> failures = new ArrayList<>();
        for (String tag : tags) {
            List<Parallel.Outcome<Boolean>> outcomes = Parallel.forAll(agents, agent -> {
                agent.clearSnapshot(tag);
                return true;
            });
            for (int i = 0; i < agents.size(); i++) {
                Optional<HindsightException> failure = outcomes.get(i).failure();
                if (failure.isPresent()) {
                    failures.add("snapshot " + tag + " may be left on "
                            + agents.get(i).address() + " until its ttl ends: "
                            + failure.get().getMessage());
                }
            }
        }
        return failures;
    }
}
