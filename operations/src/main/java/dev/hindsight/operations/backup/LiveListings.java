package dev.hindsight.operations.backup;

import dev.hindsight.agent.api.SnapshotListing;
import dev.hindsight.agent.api.TableSize;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.operations.survey.Survey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The SSTables that nodes have now, for a forecast. Changes nothing on them.
 *
 * @param byHost of nodes whose agent can say
 * @param notes about the others, one line each
 */
record LiveListings(Map<UUID, SnapshotListing> byHost, List<String> notes) {
    LiveListings {
        byHost = Map.copyOf(byHost);
        notes = List.copyOf(notes);
    }

    static LiveListings ask(Survey survey, Selection selection) {
        List<String> keyspaces =
                selection.keyspaces().stream().map(KeyspaceSchema::name).toList();
        List<Map.Entry<UUID, AgentRoster.Member>> asked = survey.agents().members().entrySet().stream()
                .filter(entry -> entry.getValue().info().nodeUp())
                .toList();
        List<Parallel.Outcome<Optional<SnapshotListing>>> answers =
                Parallel.forAll(asked, entry -> entry.getValue().client().liveSSTables(keyspaces));
        Map<UUID, SnapshotListing> byHost = new HashMap<>();
        List<String> notes = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            String agent = asked.get(i).getValue().client().address();
            Optional<HindsightException> failure = answers.get(i).failure();
            if (failure.isPresent()) {
                notes.add("agent " + agent
                        + " did not list what its node has, so that all of it is counted as to be read: "
                        + failure.get().getMessage());
            } else if (answers.get(i).get().isEmpty()) {
                notes.add(
                        "agent " + agent + " is too old to list what its node has: all of it is counted as to be read");
            } else {
                byHost.put(asked.get(i).getKey(), answers.get(i).get().get());
            }
        }
        return new LiveListings(byHost, notes);
    }

    Optional<SnapshotListing> of(UUID host) {
        return Optional.ofNullable(byHost.get(host));
    }

    /** What a node has of a table that nobody listed: its memtable; all, where the agent lists nothing. */
    long unlistedBytes(UUID host, TableSize size) {
        long listed = of(host).map(listing -> listing.tables().stream()
                        .filter(table -> table.tableId().equals(size.tableId()))
                        .flatMap(table -> table.sstables().stream())
                        .mapToLong(TableInputs::bytes)
                        .sum())
                .orElse(0L);
        return Math.max(0, size.componentBytes() - listed);
    }
}
