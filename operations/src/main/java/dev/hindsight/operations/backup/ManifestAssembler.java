package dev.hindsight.operations.backup;

import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.operations.Version;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Adds the shards of a run up to the backup's manifest. A pure function of what it is given. */
final class ManifestAssembler {
    private final Snapshots taken;
    private final List<TableChoice> choices;
    private final BackupPlan plan;
    private final ObjectRef planRef;
    private final ObjectRef chain;
    private final List<ShardManifest> shards;
    private final Map<Integer, ObjectRef> refs;

    ManifestAssembler(
            Snapshots taken,
            List<TableChoice> choices,
            BackupPlan plan,
            ObjectRef planRef,
            ObjectRef chain,
            List<ShardManifest> shards,
            Map<Integer, ObjectRef> refs) {
        this.taken = taken;
        this.choices = List.copyOf(choices);
        this.plan = plan;
        this.planRef = planRef;
        this.chain = chain;
        this.shards = shards.stream()
                .sorted(Comparator.comparingInt(ShardManifest::number))
                .toList();
        this.refs = Map.copyOf(refs);
    }

    BackupManifest assemble(Instant startedAt, Instant finishedAt) {
        List<BackupManifest.Table> tables = new ArrayList<>();
        boolean partial = false;
        for (TableChoice choice : choices) {
            TableFacts facts = choice.table();
            List<ObjectRef> ofTable = new ArrayList<>();
            List<BackupManifest.Coverage> coverage = new ArrayList<>();
            for (ShardManifest shard : shards) {
                if (shard.tableId().equals(facts.id())) {
                    ofTable.add(Optional.ofNullable(refs.get(shard.number())).orElseThrow());
                    coverage.addAll(shard.coverage());
                }
            }
            List<BackupManifest.Coverage> joined = Coverages.join(coverage);
            partial |= !Coverages.uncovered(joined).isEmpty();
            BackupManifest.How how = new BackupManifest.How(
                    choice.decision().incremental(), choice.decision().reason());
            tables.add(new BackupManifest.Table(facts.name(), facts.id(), ofTable, joined, Optional.of(how)));
        }
        return new BackupManifest(
                BackupManifest.FORMAT,
                plan.id(),
                plan.parent().isPresent() ? BackupManifest.Kind.INCREMENTAL : BackupManifest.Kind.FULL,
                plan.parent(),
                partial ? BackupManifest.State.PARTIAL : BackupManifest.State.COMPLETE,
                startedAt,
                finishedAt,
                taken.restorePoint(Clock.fixed(startedAt, ZoneOffset.UTC)),
                Version.text(),
                plan.ring(),
                snapshots(startedAt),
                plan.schema(),
                tables,
                planRef,
                totals(),
                Optional.empty(),
                Optional.of(chain));
    }

    private List<BackupManifest.NodeSnapshot> snapshots(Instant startedAt) {
        return taken.nodes().stream()
                .map(node -> new BackupManifest.NodeSnapshot(
                        node.hostId(),
                        node.address(),
                        Optional.ofNullable(node.snapshotAt()),
                        node.problem(),
                        Optional.ofNullable(node.snapshotAt())
                                .filter(at -> !at.isBefore(startedAt))
                                .map(at -> startedAt)))
                .toList();
    }

    private BackupManifest.Totals totals() {
        long replicaData = taken.nodes().stream()
                .filter(NodeSource::readable)
                .mapToLong(node -> ShardPlanner.dataBytes(
                        node.requireListing(), taken.selection().tables()))
                .sum();
        return BackupManifest.Totals.of(replicaData, shards);
    }
}
