package dev.hindsight.operations.backup;

import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.chain.HurtPoint;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.chain.HurtRestorePoints;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.operations.run.TaskFailures;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.BackupPlan.DamagedLayer;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Runs the shard tasks of a backup's plan. Where a shard cannot be compared with the chain, because a layer of it is damaged,
 * all shards onto that layer are read and stored whole instead, by a plan that takes the first one's place. One thread.
 */
final class ShardsOfPlan {
    private final Repository repository;
    private final ShardRun run;
    private final Consumer<String> notes;
    private final ProgressListener progress;
    private final BackupPlanner planner;
    private final Sizing sizing;

    /** How many workers shards are worth, and scratch has room for. */
    interface Sizing {
        /** @throws dev.hindsight.model.failure.CapacityException not even one task fits the scratch limit */
        int workers(List<BackupPlan.Shard> shards, long scratchBytesPerTask);
    }

    /** @param notes told of damaged inputs that were worked around */
    ShardsOfPlan(
            Repository repository,
            ShardRun run,
            Consumer<String> notes,
            ProgressListener progress,
            BackupPlanner planner,
            Sizing sizing) {
        this.repository = repository;
        this.run = run;
        this.notes = notes;
        this.progress = progress;
        this.planner = planner;
        this.sizing = sizing;
    }

    /**
     * @param first plan of the run
     * @param tables of the first plan
     * @param newest plan of the run
     * @param stored numbers of its shards that are stored
     */
    record Start(LaterPlans.Numbered first, List<TableChoice> tables, LaterPlans.Numbered newest, Set<Integer> stored) {
        static Start afresh(LaterPlans.Numbered first, List<TableChoice> tables) {
            return new Start(first, tables, first, Set.of());
        }

        List<BackupPlan.Shard> left() {
            return newest.plan().shards().stream()
                    .filter(shard -> !stored.contains(shard.number()))
                    .toList();
        }
    }

    /**
     * @param tables as they were backed up in the end
     * @param plan that the shards fit
     * @param workers at first
     * @param damage what of the chain is damaged, one line for each layer
     */
    record Done(
            List<TableChoice> tables,
            BackupPlan plan,
            List<ShardManifest> shards,
            Map<Integer, ObjectRef> refs,
            int workers,
            List<String> damage) {}

    /**
     * Shards that are stored already find that out by themselves.
     *
     * @param insists an incremental backup was asked for: a damaged chain fails it
     * @throws HindsightException a shard failed for good
     */
    Done run(Start start, boolean insists) {
        Map<Integer, ShardManifest> shards = new TreeMap<>();
        Map<Integer, ObjectRef> refs = new HashMap<>();
        OptionalInt workers = OptionalInt.empty();
        LaterPlans.Numbered at = start.newest();
        List<BackupPlan.Shard> left = start.left();
        while (true) {
            BackupPlan plan = at.plan();
            int some = sizing.workers(left, plan.limits().scratchBytesPerTask());
            workers = OptionalInt.of(workers.orElse(some));
            progress.phase("shards", inputBytes(left));
            List<TaskResult> results = run(at, refs.keySet(), some);
            Map<String, String> damaged = insists ? Map.of() : damagedLayers(results);
            TaskFailures.throwFirst(results.stream()
                    .filter(result -> damaged.isEmpty() || layerOf(result).isEmpty())
                    .toList());
            take(results, shards, refs);
            if (damaged.isEmpty()) {
                return done(start, plan, shards, refs, workers.getAsInt());
            }
            at = new LaterPlans(repository)
                    .follow(at, planner.replace(start.first().plan(), start.tables(), plan, damaged));
            Set<Integer> wanted =
                    at.plan().shards().stream().map(BackupPlan.Shard::number).collect(Collectors.toSet());
            shards.keySet().retainAll(wanted);
            refs.keySet().retainAll(wanted);
            left = at.plan().shards().stream()
                    .filter(shard -> !refs.containsKey(shard.number()))
                    .toList();
        }
    }

    private Done done(
            Start start,
            BackupPlan plan,
            Map<Integer, ShardManifest> shards,
            Map<Integer, ObjectRef> refs,
            int workers) {
        return new Done(
                WholeInstead.of(start.first().plan(), plan).tables(start.tables()),
                plan,
                List.copyOf(shards.values()),
                refs,
                workers,
                damage(plan));
    }

    private List<TaskResult> run(LaterPlans.Numbered at, Set<Integer> done, int workers) {
        return run.run(
                at.plan().shards().stream()
                        .map(BackupPlan.Shard::number)
                        .filter(number -> !done.contains(number))
                        .map(number -> (ShardTask) new ShardTask.Backup(at.ref(), number))
                        .toList(),
                workers);
    }

    /** What is wrong, by key of the layer; of several shards that say so the first one's words. */
    private static Map<String, String> damagedLayers(List<TaskResult> results) {
        Map<String, String> out = new TreeMap<>();
        for (TaskResult result : results) {
            layerOf(result)
                    .ifPresent(layer -> out.putIfAbsent(
                            layer, result.failure().orElseThrow().message()));
        }
        return out;
    }

    private static Optional<String> layerOf(TaskResult result) {
        return result.failure().flatMap(TaskResult.Failure::damagedLayer);
    }

    private void take(List<TaskResult> results, Map<Integer, ShardManifest> shards, Map<Integer, ObjectRef> refs) {
        for (TaskResult result : results) {
            result.problems().forEach(notes);
            result.made().ifPresent(made -> {
                shards.put(result.task().shard(), repository.load(made, ShardManifest.class));
                refs.put(result.task().shard(), made);
            });
        }
    }

    static long inputBytes(List<BackupPlan.Shard> shards) {
        return shards.stream().mapToLong(BackupPlan.Shard::estimatedInputBytes).sum();
    }

    /** One line for each damaged layer; looked up once for all of them. */
    private List<String> damage(BackupPlan plan) {
        List<DamagedLayer> layers = plan.damage().orElse(List.of());
        if (layers.isEmpty()) {
            return List.of();
        }
        Function<TableName, String> hurt =
                hurt(layers.stream().map(DamagedLayer::layer).collect(Collectors.toSet()));
        return layers.stream()
                .map(one -> plan.shards().stream()
                        .filter(shard -> one.shards().contains(shard.number()))
                        .findFirst()
                        .map(shard -> "table " + shard.table() + ": " + one.problem()
                                + "; read and stored whole instead: shard " + numbers(one.shards())
                                + hurt.apply(shard.table()))
                        .orElse(one.problem()))
                .toList();
    }

    private static String numbers(List<Integer> shards) {
        return shards.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    /** The restore points that damaged layers hurt, by table, as far as that can be found out. */
    private Function<TableName, String> hurt(Set<String> layers) {
        try {
            List<HurtPoint> points =
                    new HurtRestorePoints(repository, repository.catalogue().view(), layers).find();
            return table -> {
                String backups = points.stream()
                        .filter(point -> point.table().equals(table))
                        .map(HurtPoint::backup)
                        .collect(Collectors.joining(", "));
                return backups.isEmpty() ? "" : "; it hurts the restore points of " + backups;
            };
        } catch (HindsightException e) {
            return table -> "; which restore points it hurts cannot be said now: " + e.getMessage();
        }
    }
}
