package dev.hindsight.engine.task;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.ImportTarget;
import dev.hindsight.agent.api.StagedFile;
import dev.hindsight.engine.EngineProgress;
import dev.hindsight.engine.RestoreStepNames;
import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.engine.scratch.ScratchDirectory;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.engine.task.TaskDocuments.Stored;
import dev.hindsight.model.failpoint.Failpoint;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.document.RestoreStep;
import dev.hindsight.repository.layout.Keys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Merges the stored shards of one restore shard and sends the result to the agent of every target node, where it waits
 * in staging. Importing is not done here.
 *
 * <p>Done means the step object {@code shard-<n>}. A later run trusts it only if every node still has the files in
 * staging or has imported the table; otherwise it does the work again and replaces the step, which is a note of this
 * restore's own progress and of no use to anybody else. Files that a node already has, by size and SHA-256, are not sent
 * again.
 */
final class RestoreShardTask {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreShardTask.class);

    private final WorkerState state;
    private final ShardTask.Restore task;
    private final RestorePlan plan;
    private final RestorePlan.Shard shard;
    private final Fetches fetches;
    private final RestoreMerge merge;
    private final ImportTarget target;
    private final String stepKey;
    private final long startMillis;

    RestoreShardTask(WorkerState state, ShardTask.Restore task, EngineProgress progress) {
        this.state = state;
        this.task = task;
        this.startMillis = state.clock().millis();
        this.plan = state.shared(task.plan(), RestorePlan.class);
        this.shard = Plans.shard(plan, task.shard());
        this.fetches = new Fetches(progress::bytes);
        this.merge = new RestoreMerge(state, task.plan().key(), plan, shard, fetches);
        this.target = new ImportTarget(
                plan.id(), merge.table().target(), merge.table().targetId());
        this.stepKey = Keys.restoreStep(plan.id(), RestoreStepNames.shard(shard.number()));
    }

    TaskResult run() {
        Optional<Stored<RestoreStep>> done = step();
        if (done.isPresent() && stillThere(done.get().document())) {
            return new TaskResult(task, Optional.of(done.get().ref()), List.of(), Optional.empty(), 0);
        }
        try (ScratchDirectory directory = ScratchDirectory.create(state.scratch(), "restore-" + shard.number() + "-")) {
            RestoreMerge.Outputs outputs = merge.run(directory);
            Map<Path, RestoreStep.File> files = new LinkedHashMap<>();
            outputs.files().forEach(file -> files.put(file, LocalFiles.identify(file)));
            stageEverywhere(files);
            Failpoints.hit(Failpoint.RESTORE_UPLOADED);
            RestoreStep step = new RestoreStep(
                    RestoreStep.FORMAT,
                    plan.id(),
                    RestoreStepNames.shard(shard.number()),
                    state.clock().instant(),
                    shard.nodes(),
                    List.copyOf(files.values()),
                    outputs.rows());
            done.ifPresent(stale -> state.store().delete(stepKey));
            Stored<RestoreStep> stored = state.documents().create(stepKey, step, RestoreStep.class);
            LOG.info(
                    "shard staged restore={} table={} shard={} nodes={} files={} rows={} fetchedBytes={} stagedBytes={} "
                            + "millis={}",
                    plan.id(),
                    target.table(),
                    shard.number(),
                    shard.nodes().size(),
                    files.size(),
                    outputs.rows(),
                    fetches.totalBytes(),
                    files.values().stream()
                            .mapToLong(RestoreStep.File::sizeBytes)
                            .sum(),
                    state.clock().millis() - startMillis);
            return new TaskResult(task, Optional.of(stored.ref()), List.of(), Optional.empty(), fetches.totalBytes());
        }
    }

    /** A damaged step is none: the work is done again. */
    private Optional<Stored<RestoreStep>> step() {
        try {
            return state.documents().find(stepKey, RestoreStep.class);
        } catch (CorruptException e) {
            LOG.warn("step is damaged, its shard is done again restore={} problem={}", plan.id(), e.getMessage());
            state.store().delete(stepKey);
            return Optional.empty();
        }
    }

    private boolean stillThere(RestoreStep step) {
        for (UUID node : shard.nodes()) {
            if (imported(node)) {
                continue;
            }
            Map<String, StagedFile> staged = staged(agent(node));
            for (RestoreStep.File file : step.files()) {
                if (!matches(staged, file)) {
                    return false;
                }
            }
        }
        return step.nodes().containsAll(shard.nodes());
    }

    private boolean imported(UUID node) {
        return state.store()
                .size(Keys.restoreStep(plan.id(), RestoreStepNames.imported(node, target.tableId())))
                .isPresent();
    }

    private void stageEverywhere(Map<Path, RestoreStep.File> files) {
        List<Callable<Void>> perNode = new ArrayList<>();
        for (UUID node : shard.nodes()) {
            perNode.add(() -> {
                if (!imported(node)) {
                    stage(agent(node), files);
                }
                return null;
            });
        }
        Together.run("stage-" + shard.number(), perNode);
    }

    private void stage(AgentClient agent, Map<Path, RestoreStep.File> files) {
        Map<String, StagedFile> there = staged(agent);
        for (Map.Entry<Path, RestoreStep.File> one : files.entrySet()) {
            RestoreStep.File wanted = one.getValue();
            if (matches(there, wanted)) {
                continue;
            }
            StagedFile got = agent.stage(target, one.getKey());
            if (got.sizeBytes() != wanted.sizeBytes() || !got.sha256().equals(wanted.sha256())) {
                throw new CorruptException(
                        "file " + wanted.name() + " of restore " + plan.id() + " arrived at agent " + agent.address()
                                + " with " + got.sizeBytes() + " bytes and SHA-256 " + got.sha256() + ", sent were "
                                + wanted.sizeBytes() + " with " + wanted.sha256(),
                        "run the same command again; look at the network and that node's disk if it happens twice");
            }
        }
    }

    private Map<String, StagedFile> staged(AgentClient agent) {
        Map<String, StagedFile> out = new LinkedHashMap<>();
        agent.staged(target).forEach(file -> out.put(file.name(), file));
        return out;
    }

    private static boolean matches(Map<String, StagedFile> staged, RestoreStep.File wanted) {
        StagedFile there = staged.get(wanted.name());
        return there != null
                && there.sizeBytes() == wanted.sizeBytes()
                && there.sha256().equals(wanted.sha256());
    }

    private AgentClient agent(UUID node) {
        return plan.agents().stream()
                .filter(one -> one.hostId().equals(node))
                .findFirst()
                .map(one -> state.agent(one.agent()))
                .orElseThrow(() -> Plans.lacks("restore plan " + plan.id(), "agent for node " + node));
    }
}
