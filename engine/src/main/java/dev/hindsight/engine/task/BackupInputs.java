package dev.hindsight.engine.task;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.SnapshotFile;
import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.engine.source.AgentByteSource;
import dev.hindsight.engine.source.ComponentCache;
import dev.hindsight.engine.source.Fetches;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.BackupPlan.SourceComponent;
import dev.hindsight.repository.document.BackupPlan.SourceSSTable;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.TableDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/** The SSTables of all replicas of a backup shard, as inputs that read from the nodes' agents. One thread. */
final class BackupInputs {
    private final WorkerState state;
    private final BackupPlan plan;
    private final BackupPlan.Shard shard;
    private final Semaphore streams;

    BackupInputs(WorkerState state, BackupPlan plan, BackupPlan.Shard shard) {
        this.state = state;
        this.plan = plan;
        this.shard = shard;
        this.streams = state.streams(plan.limits().fetchStreams());
    }

    TableDefinition table() {
        return Plans.definition(plan.schema(), shard.table());
    }

    /** Only SSTables that {@code replicas} wants, each restricted to what its host owns of the shard and is not seen yet. */
    List<InputSSTable> open(ReplicaSelection replicas, Fetches fetches, Optional<ComponentCache> cache) {
        List<InputSSTable> out = new ArrayList<>();
        for (UUID host : replicas.hosts()) {
            BackupPlan.Source source = source(host);
            for (BackupPlan.SourceTable table : source.tables()) {
                if (!table.tableId().equals(shard.tableId())) {
                    continue;
                }
                for (SourceSSTable sstable : table.sstables()) {
                    TokenRanges wanted = unseen(sstable, replicas.wanted(host, sstable.descriptor()));
                    if (!wanted.isEmpty()) {
                        out.add(open(source, table, sstable, wanted, fetches, cache));
                    }
                }
            }
        }
        return out;
    }

    /** Onto a chain, only what the chain has not seen of it. */
    private TokenRanges unseen(SourceSSTable sstable, TokenRanges wanted) {
        return shard.onto().isPresent() && sstable.seen().isPresent()
                ? wanted.subtract(TokenRanges.of(sstable.seen().get()))
                : wanted;
    }

    private InputSSTable open(
            BackupPlan.Source source,
            BackupPlan.SourceTable table,
            SourceSSTable sstable,
            TokenRanges wanted,
            Fetches fetches,
            Optional<ComponentCache> cache) {
        AgentClient agent = state.agent(source.agent());
        Map<String, ByteSource> components = new LinkedHashMap<>();
        for (SourceComponent component : sstable.components()) {
            SnapshotFile file = new SnapshotFile(
                    plan.snapshotTag(),
                    table.table().keyspace(),
                    table.directory(),
                    sstable.dataDirectory(),
                    sstable.descriptor() + "-" + component.name());
            components.put(
                    component.name(),
                    new AgentByteSource(
                            agent, file, source.hostId(), sstable.descriptor(), component, fetches, cache, streams));
        }
        return new InputSSTable(source.hostId().toString(), sstable.descriptor(), components, wanted);
    }

    private BackupPlan.Source source(UUID host) {
        return plan.sources().stream()
                .filter(source -> source.hostId().equals(host))
                .findFirst()
                .orElseThrow(() -> new PreconditionFailedException(
                        "backup plan " + plan.id() + ": shard " + shard.number() + " names host " + host
                                + " but the plan has no snapshot of it",
                        "plan the backup again"));
    }
}
