package dev.hindsight.operations.rebase;

import dev.hindsight.operations.Version;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The manifest of a rebase. It stands for the same instant as its source, with that one's ring, schema, coverage and state:
 * merging adds nothing and loses nothing. What the chain has seen of the cluster is the same as well, so that the next
 * incremental can build on either.
 */
final class RebaseAssembler {
    private static final int FORMAT = 2;

    private final BackupChain chain;
    private final RebasePlanner planner;
    private final Map<Integer, ObjectRef> refs;
    private final List<ShardManifest> shards;

    /** @param refs of the shard manifests that were made, by number */
    RebaseAssembler(
            BackupChain chain, RebasePlanner planner, Map<Integer, ObjectRef> refs, List<ShardManifest> shards) {
        this.chain = chain;
        this.planner = planner;
        this.refs = refs;
        this.shards = shards;
    }

    Optional<ObjectRef> copyState(Repository repository, String id) {
        return chain.manifest().chain().map(ref -> {
            ChainState state = repository.load(ref, ChainState.class);
            return repository.put(Keys.chainState(id), new ChainState(state.format(), id, state.tables()));
        });
    }

    BackupManifest assemble(
            String id, ObjectRef plan, Optional<ObjectRef> state, Instant startedAt, Instant finishedAt) {
        BackupManifest source = chain.manifest();
        List<BackupManifest.Table> tables = new ArrayList<>();
        for (BackupManifest.Table table : source.tables()) {
            tables.add(planner.taken().contains(table) ? table : rebased(table));
        }
        return new BackupManifest(
                FORMAT,
                id,
                BackupManifest.Kind.REBASE,
                planner.parent(),
                source.state(),
                startedAt,
                finishedAt,
                source.restorePoint(),
                Version.text(),
                source.ring(),
                source.snapshots(),
                source.schema(),
                tables,
                plan,
                BackupManifest.Totals.of(0, shards).withoutReplicas(),
                Optional.of(source.id()),
                state);
    }

    private BackupManifest.Table rebased(BackupManifest.Table table) {
        List<ObjectRef> made = planner.shards().stream()
                .filter(shard -> shard.tableId().equals(table.tableId()))
                .map(shard -> shard.number())
                .sorted()
                .map(number -> Optional.ofNullable(refs.get(number)).orElseThrow())
                .toList();
        return new BackupManifest.Table(
                table.name(),
                table.tableId(),
                made,
                table.coverage(),
                Optional.of(new BackupManifest.How(
                        false, "rebased from " + chain.manifest().id())));
    }

    double cpuSeconds() {
        long nanos = 0;
        for (ShardManifest shard : shards) {
            ShardManifest.Counts counts = shard.counts();
            nanos += counts.cpuFetch() + counts.cpuMerge() + counts.cpuDigest() + counts.cpuPut();
        }
        return nanos / 1e9;
    }
}
