package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.HostNow;
import dev.hindsight.model.chain.SafetyRule;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ShardManifest;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the plan of a backup from its snapshots and from what it may build on. Reads stored shard manifests of the chain,
 * changes nothing.
 */
final class BackupPlanner {
    private final Snapshots taken;
    private final RunSettings settings;
    private final Clock clock;
    private final Map<String, ReplicaMap> owners = new HashMap<>();

    BackupPlanner(Snapshots taken, RunSettings settings, Clock clock) {
        this.taken = taken;
        this.settings = settings;
        this.clock = clock;
    }

    List<TableChoice> choose() {
        if (taken.nodes().stream().noneMatch(NodeSource::readable)) {
            return taken.selection().tables().stream()
                    .map(table -> TableChoice.whole(table, "no node can be read"))
                    .toList();
        }
        return new ChainPlanner(taken.parent(), new SafetyRule(settings.hintWindow()))
                .plan(taken.selection().tables(), this::hosts);
    }

    /** The shards of a plan, and what a task of it may use of scratch. */
    record Cutting(List<BackupPlan.Shard> shards, long scratchBytesPerTask) {}

    Cutting cut(List<TableChoice> tables) {
        ShardPlanner planner = new ShardPlanner(taken.nodes(), this::ownersOf, settings.shardBytes());
        List<BackupPlan.Shard> shards = planner.plan(tables);
        return new Cutting(shards, planner.scratchBytesPerTask(shards));
    }

    BackupPlan plan(List<TableChoice> tables) {
        ShardPlanner planner = new ShardPlanner(taken.nodes(), this::ownersOf, settings.shardBytes());
        List<BackupPlan.Shard> shards = planner.plan(tables);
        return new BackupPlan(
                BackupPlan.FORMAT,
                taken.id(),
                clock.instant(),
                taken.tag(),
                taken.restorePoint(clock).getEpochSecond(),
                taken.survey().ring(),
                taken.selection().keyspaces(),
                taken.nodes().stream()
                        .filter(NodeSource::readable)
                        .map(node -> planner.source(node, tables))
                        .toList(),
                shards,
                new BackupPlan.Limits(
                        planner.scratchBytesPerTask(shards), settings.maxSSTableBytes(), Forecaster.FETCH_STREAMS),
                parentOf(tables).map(ParentChoice.Parent::id),
                Optional.empty(),
                Optional.of(taken.states()));
    }

    /**
     * A plan with other choices for some of its shards, which hold all there is then.
     *
     * @param numbers of those shards
     */
    BackupPlan replace(BackupPlan plan, List<TableChoice> tables, Set<Integer> numbers) {
        ShardPlanner planner = new ShardPlanner(taken.nodes(), this::ownersOf, settings.shardBytes());
        List<BackupPlan.Shard> shards = plan.shards().stream()
                .map(shard -> numbers.contains(shard.number()) ? planner.whole(shard, choiceOf(tables, shard)) : shard)
                .toList();
        return new BackupPlan(
                plan.format(),
                plan.id(),
                plan.createdAt(),
                plan.snapshotTag(),
                plan.nowEpochSeconds(),
                plan.ring(),
                plan.schema(),
                taken.nodes().stream()
                        .filter(NodeSource::readable)
                        .map(node -> planner.source(node, tables))
                        .toList(),
                shards,
                new BackupPlan.Limits(
                        Math.max(plan.limits().scratchBytesPerTask(), planner.scratchBytesPerTask(shards)),
                        plan.limits().maxSSTableBytes(),
                        plan.limits().fetchStreams()),
                parentOf(tables).map(ParentChoice.Parent::id),
                plan.rebaseOf(),
                plan.nodes());
    }

    private static TableChoice choiceOf(List<TableChoice> tables, BackupPlan.Shard shard) {
        return tables.stream()
                .filter(choice -> choice.table().id().equals(shard.tableId()))
                .findFirst()
                .orElseThrow();
    }

    /** What the backup builds on; empty when every table is read whole. */
    Optional<ParentChoice.Parent> parentOf(List<TableChoice> tables) {
        return tables.stream().anyMatch(choice -> choice.decision().incremental())
                ? taken.parent().parent()
                : Optional.empty();
    }

    /**
     * What the chain has seen once these shards are stored.
     *
     * @throws PreconditionFailedException a worker did not make of a shard what the plan says
     */
    ChainState chainState(List<TableChoice> tables, BackupPlan plan, List<ShardManifest> shards) {
        Map<Integer, Boolean> planned = new HashMap<>();
        plan.shards().forEach(shard -> planned.put(shard.number(), shard.onto().isPresent()));
        for (ShardManifest shard : shards) {
            if (!Optional.of(shard.incremental()).equals(Optional.ofNullable(planned.get(shard.number())))) {
                throw new PreconditionFailedException(
                        "shard " + shard.number() + " of table " + shard.table() + " is "
                                + (shard.incremental() ? "incremental" : "whole") + ", but was planned otherwise",
                        "let workers and coordinator be the same version of Hindsight");
            }
        }
        return ChainNotes.of(
                taken.id(),
                parentOf(tables).map(ParentChoice.Parent::state),
                tables,
                this::hosts,
                shards,
                taken.survey().schema());
    }

    private List<HostNow> hosts(TableFacts table) {
        return taken.hosts(table, ownersOf(table.name().keyspace()));
    }

    private ReplicaMap ownersOf(String keyspace) {
        return owners.computeIfAbsent(keyspace, taken::ownersOf);
    }
}
