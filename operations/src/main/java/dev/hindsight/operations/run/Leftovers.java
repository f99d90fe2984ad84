package dev.hindsight.operations.run;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.Site;
import dev.hindsight.operations.survey.Parallel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** What was cleaned and what could not be, one line each. */
    public static List<String> clean(Path scratch, Site site) {
        List<String> notes = new ArrayList<>();
        for (Path directory : RunDirectory.dead(scratch)) {
            Optional<RunDirectory.Owner> owner = RunDirectory.owner(directory);
            if (owner.isPresent() && !owner.get().snapshotTags().isEmpty()) {
                if (!owner.get().site().equals(site.name())) {
                    continue;
                }
                List<String> asked = owner.get().agents();
                List<String> failures = clear(
                        site.agents().stream()
                                .filter(agent -> asked.contains(agent.address()))
                                .toList(),
                        owner.get().snapshotTags());
                if (!failures.isEmpty()) {
                    notes.addAll(failures);
                    continue;
                }
            }
            RunDirectory.delete(directory);
            LOG.info("cleaned what a dead run left run={}", directory.getFileName());
            notes.add("cleaned what an earlier run left: " + directory.getFileName());
        }
        return notes;
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
