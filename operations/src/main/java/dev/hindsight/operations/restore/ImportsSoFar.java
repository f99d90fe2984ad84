package dev.hindsight.operations.restore;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.engine.RestoreStepNames;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.operations.survey.AgentRoster;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.document.RestoreStep;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What the nodes of a target have of a restore, and whether that can be believed. The steps in the repository say what was
 * imported once; only the nodes know what was truncated since, and what was imported although nobody heard of it.
 */
final class ImportsSoFar {
    private final LiveCluster cluster;
    private final AgentRoster agents;
    private final RestorePlan plan;
    private final RestoreSteps steps;

    ImportsSoFar(Repository repository, Clock clock, LiveCluster cluster, AgentRoster agents, RestorePlan plan) {
        this.cluster = cluster;
        this.agents = agents;
        this.plan = plan;
        this.steps = new RestoreSteps(repository, plan.id(), clock);
    }

    /** The tables of each node that gets data. */
    static Map<UUID, List<RestorePlan.Table>> tablesByNode(RestorePlan plan) {
        Map<UUID, List<RestorePlan.Table>> out = new LinkedHashMap<>();
        for (RestorePlan.Shard shard : plan.shards()) {
            RestorePlan.Table table = plan.tables().stream()
                    .filter(one -> one.source().equals(shard.source()))
                    .findFirst()
                    .orElseThrow();
            for (UUID node : shard.nodes()) {
                List<RestorePlan.Table> tables = out.computeIfAbsent(node, key -> new ArrayList<>());
                if (!tables.contains(table)) {
                    tables.add(table);
                }
            }
        }
        return out;
    }

    /**
     * Why what was imported cannot be counted on, a sentence; empty when it can, or when nothing was. Then only a restore
     * that begins afresh, on empty tables, makes all replicas equal.
     */
    Optional<String> lost() {
        Optional<RestoreStep> importing;
        try {
            importing = steps.find(RestoreSteps.IMPORTING);
        } catch (CorruptException e) {
            return Optional.of("its step '" + RestoreSteps.IMPORTING + "' is damaged: " + e.getMessage());
        }
        if (importing.isEmpty()) {
            return Optional.empty();
        }
        List<String> truncated = truncatedSince(importing.get());
        if (!truncated.isEmpty()) {
            return Optional.of("since its first import there was a TRUNCATE of " + String.join(", ", truncated));
        }
        return emptied();
    }

    private List<String> truncatedSince(RestoreStep importing) {
        Truncations before = Truncations.parse(importing.truncations().orElse(""));
        return Truncations.read(cluster, plan).since(before, plan);
    }

    /** A node that took over SSTables holds bytes; if it has none, somebody took them away. */
    private Optional<String> emptied() {
        for (Map.Entry<UUID, List<RestorePlan.Table>> entry : tablesByNode(plan).entrySet()) {
            for (RestorePlan.Table table : entry.getValue()) {
                Optional<AgentRoster.Member> member = agents.find(entry.getKey());
                if (member.isPresent()
                        && steps.done(RestoreSteps.imported(entry.getKey(), table.targetId()))
                        && gotFiles(entry.getKey(), table)
                        && member.get().client().tableBytes(table.target()) == 0) {
                    return Optional.of("node " + entry.getKey() + " had imported table " + table.target()
                            + " and holds nothing of it now");
                }
            }
        }
        return Optional.empty();
    }

    private boolean gotFiles(UUID node, RestorePlan.Table table) {
        for (RestorePlan.Shard shard : plan.shards()) {
            if (shard.source().equals(table.source()) && shard.nodes().contains(node)) {
                try {
                    if (steps.find(RestoreStepNames.shard(shard.number()))
                            .filter(step -> !step.files().isEmpty())
                            .isPresent()) {
                        return true;
                    }
                } catch (CorruptException e) {
                    continue;
                }
            }
        }
        return false;
    }

    /** Before the first import. */
    void markImporting() {
        if (!steps.done(RestoreSteps.IMPORTING)) {
            steps.markImporting(List.copyOf(tablesByNode(plan).keySet()), Truncations.read(cluster, plan));
        }
    }

    /** Marks the imports that agents have carried out though their answer was lost, so that nothing is sent twice. */
    void adoptFinished() {
        if (!steps.done(RestoreSteps.IMPORTING)) {
            return;
        }
        Parallel.forAll(List.copyOf(tablesByNode(plan).entrySet()), entry -> {
                    AgentClient agent =
                            agents.find(entry.getKey()).orElseThrow().client();
                    for (RestorePlan.Table table : entry.getValue()) {
                        String step = RestoreSteps.imported(entry.getKey(), table.targetId());
                        ImportTarget target = new ImportTarget(plan.id(), table.target(), table.targetId());
                        if (!steps.done(step) && agent.finishedImport(target).isPresent()) {
                            steps.mark(step, List.of(entry.getKey()), 0);
                        }
                    }
                    return true;
                })
                .forEach(Parallel.Outcome::get);
    }

    /**
     * After the last import: nobody truncated or dropped a table while others were still being imported.
     *
     * @throws PlanStaleException somebody did
     */
    void requireStanding() {
        List<String> gone = new ArrayList<>();
        steps.find(RestoreSteps.IMPORTING).ifPresent(importing -> gone.addAll(truncatedSince(importing)));
        for (RestorePlan.Table table : plan.tables()) {
            if (!cluster.tableId(table.target())
                    .filter(table.targetId()::equals)
                    .isPresent()) {
                gone.add(table.target() + ", which was dropped");
            }
        }
        if (!gone.isEmpty()) {
            throw new PlanStaleException(
                    "while they were being restored, somebody emptied these tables: " + String.join("; ", gone)
                            + "; replicas may differ",
                    "drop what is there of them, then run the same command again");
        }
    }
}
