package dev.hindsight.operations.backup;

import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.chain.HurtPoint;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.operations.chain.HurtRestorePoints;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.run.TaskFailures;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Runs the shard tasks of a backup's plan. Where a shard cannot be compared with the chain, because a layer of it is damaged,
 * all of it is read and stored instead, by a second plan that replaces these shards. One thread.
 */
final class ShardsOfPlan {
    private final Repository repository;
    private final ShardRun run;
    private final Consumer<String> notes;
    private final BackupPlanner planner;
    private final long claim;

    /**
     * @param notes told of damaged inputs that were worked around
     * @param claim of this run: its second plan is named by it
     */
    ShardsOfPlan(Repository repository, ShardRun run, Consumer<String> notes, BackupPlanner planner, long claim) {
        this.repository = repository;
        this.run = run;
        this.notes = notes;
        this.planner = planner;
        this.claim = claim;
    }

    /**
     * @param tables as they were backed up in the end
     * @param plan that the shards fit
     * @param damage what of the chain is damaged, one line for each shard that was stored whole for it
     */
    record Done(
            List<TableChoice> tables,
            BackupPlan plan,
            List<ShardManifest> shards,
            Map<Integer, ObjectRef> refs,
            List<String> damage) {}

    /**
     * Shards that are stored already find that out by themselves.
     *
     * @param insists an incremental backup was asked for: a damaged chain fails it
     * @throws HindsightException a shard failed for good
     */
    Done run(List<TableChoice> tables, BackupPlan plan, ObjectRef planRef, int workers, boolean insists) {
        List<TaskResult> results = run(planRef, plan, any -> true, workers);
        Map<Integer, String> layers = new TreeMap<>();
        if (!insists) {
            results.forEach(result -> result.failure()
                    .flatMap(TaskResult.Failure::damagedLayer)
                    .ifPresent(layer -> layers.put(result.task().shard(), layer)));
        }
        TaskFailures.throwFirst(results.stream()
                .filter(result -> !layers.containsKey(result.task().shard()))
                .toList());
        List<ShardManifest> shards = new ArrayList<>();
        Map<Integer, ObjectRef> refs = new HashMap<>();
        take(results, shards, refs);
        Map<Integer, String> reasons = new TreeMap<>();
        List<String> damage = new ArrayList<>();
        for (int number : wholeAlready(plan, shards)) {
            String reason = "the run that was cut found the chain below damaged";
            reasons.put(number, reason);
            damage.add(what(plan, number) + reason);
        }
        for (TaskResult result : results) {
            int number = result.task().shard();
            if (layers.containsKey(number)) {
                String message = result.failure().orElseThrow().message();
                reasons.put(number, message);
                damage.add(what(plan, number) + message + hurt(shard(plan, number), layers.getOrDefault(number, "")));
            }
        }
        WholeInstead whole = new WholeInstead(reasons);
        if (whole.isEmpty()) {
            return new Done(tables, plan, shards, refs, damage);
        }
        List<TableChoice> chosen = whole.tables(tables, plan);
        BackupPlan replaced = planner.replace(plan, chosen, reasons.keySet());
        if (!layers.isEmpty()) {
            ObjectRef ref = repository.put(Keys.laterPlan(plan.id(), claim), replaced);
            List<TaskResult> again = run(ref, replaced, layers::containsKey, workers);
            TaskFailures.throwFirst(again);
            take(again, shards, refs);
        }
        return new Done(chosen, replaced, shards, refs, damage);
    }

    private List<TaskResult> run(ObjectRef planRef, BackupPlan plan, Predicate<Integer> wanted, int workers) {
        List<ShardTask> tasks = new ArrayList<>();
        for (BackupPlan.Shard shard : plan.shards()) {
            if (wanted.test(shard.number())) {
                tasks.add(new ShardTask.Backup(planRef, shard.number()));
            }
        }
        return run.run(tasks, workers);
    }

    private void take(List<TaskResult> results, List<ShardManifest> shards, Map<Integer, ObjectRef> refs) {
        for (TaskResult result : results) {
            result.problems().forEach(notes);
            result.made().ifPresent(made -> {
                shards.add(repository.load(made, ShardManifest.class));
                refs.put(result.task().shard(), made);
            });
        }
    }

    private static Set<Integer> wholeAlready(BackupPlan plan, List<ShardManifest> shards) {
        return shards.stream()
                .filter(stored -> !stored.incremental()
                        && shard(plan, stored.number()).onto().isPresent())
                .map(ShardManifest::number)
                .collect(Collectors.toSet());
    }

    private static String what(BackupPlan plan, int number) {
        return "table " + shard(plan, number).table() + ", shard " + number + " is stored whole: ";
    }

    private static BackupPlan.Shard shard(BackupPlan plan, int number) {
        return plan.shards().stream()
                .filter(shard -> shard.number() == number)
                .findFirst()
                .orElseThrow();
    }

    /** The restore points that a damaged layer hurts, as far as that can be found out. */
    private String hurt(BackupPlan.Shard shard, String layer) {
        try {
            List<String> backups = new HurtRestorePoints(
                            repository, repository.catalogue().view(), Set.of(layer))
                    .find().stream()
                            .filter(point -> point.table().equals(shard.table()))
                            .map(HurtPoint::backup)
                            .toList();
            return backups.isEmpty() ? "" : "; it hurts the restore points of " + String.join(", ", backups);
        } catch (HindsightException e) {
            return "; which restore points it hurts cannot be said now: " + e.getMessage();
        }
    }
}
