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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes the plan of a backup from its snapshots and from what it may build on. Reads stored shard manifests of the chain,
 * changes nothing.
 */
final class BackupPlanner {
    private final Snapshots taken;
    private final RunSettings settings;
    private final Clock clock;
    private final Map<String, ReplicaMap> owners = new HashMap<>();
    private List<String> damage;

    BackupPlanner(Snapshots taken, RunSettings settings, Clock clock) {
        this.taken = taken;
        this.settings = settings;
        this.clock = clock;
        this.damage = taken.parent().damage();
    }

    /** What of the chain was found damaged while choosing, one sentence each. */
    List<String> damage() {
        return damage;
    }

    List<TableChoice> choose() {
        damage = taken.parent().damage();
        if (taken.nodes().stream().noneMatch(NodeSource::readable)) {
            return taken.selection().tables().stream()
                    .map(table -> TableChoice.whole(table, "no node can be read"))
                    .toList();
        }
        ChainPlanner chain = new ChainPlanner(taken.parent(), new SafetyRule(settings.hintWindow()));
        List<TableChoice> out = chain.plan(taken.selection().tables(), this::hosts);
        damage = Stream.concat(damage.stream(), chain.damage().stream()).toList();
        return out;
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
                Optional.of(taken.states()),
                Optional.empty());
    }

    /**
     * A plan in which all shards onto damaged layers are replaced by shards that hold all there is in the same ranges. Those
     * have numbers that no shard had before: what was stored under the old ones, or still may be by a process that was
     * replaced, does not count.
     *
     * @param first plan of the run
     * @param choices of the first plan
     * @param plan to be replaced
     * @param damaged what is wrong, by key of the layer's shard manifest
     */
    BackupPlan replace(BackupPlan first, List<TableChoice> choices, BackupPlan plan, Map<String, String> damaged) {
        ShardPlanner planner = new ShardPlanner(taken.nodes(), this::ownersOf, settings.shardBytes());
        List<BackupPlan.Shard> shards = new ArrayList<>();
        Map<String, List<Integer>> instead = new TreeMap<>();
        damaged.keySet().forEach(layer -> instead.put(layer, new ArrayList<>()));
        int next =
                plan.shards().stream().mapToInt(BackupPlan.Shard::number).max().orElse(0) + 1;
        for (BackupPlan.Shard shard : plan.shards()) {
            List<String> layers = damagedLayers(shard, damaged.keySet());
            if (layers.isEmpty()) {
                shards.add(shard);
            } else {
                for (BackupPlan.Shard whole : planner.whole(shard, choiceOf(choices, shard), next)) {
                    layers.forEach(layer ->
                            instead.getOrDefault(layer, new ArrayList<>()).add(whole.number()));
                    shards.add(whole);
                    next++;
                }
            }
        }
        List<BackupPlan.DamagedLayer> damage = new ArrayList<>(plan.damage().orElse(List.of()));
        instead.forEach((layer, numbers) ->
                damage.add(new BackupPlan.DamagedLayer(layer, damaged.getOrDefault(layer, ""), numbers)));
        List<TableChoice> tables = new WholeInstead(first, shards, damage).tables(choices);
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
                plan.nodes(),
                Optional.of(damage));
    }

    private static List<String> damagedLayers(BackupPlan.Shard shard, Set<String> damaged) {
        return shard.onto().orElse(List.of()).stream()
                .map(layer -> layer.shard().key())
                .filter(damaged::contains)
                .distinct()
                .toList();
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
