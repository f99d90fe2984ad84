package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.HostNow;
import dev.hindsight.model.chain.SeenTable;
import dev.hindsight.model.chain.SeenTable.Covered;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.operations.chain.ChainStates;
import dev.hindsight.repository.document.BackupManifest.Missing;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ShardManifest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the chain has seen once a backup's shards are stored. A pure function of what it is given. */
final class ChainNotes {
    private ChainNotes() {}

    /**
     * @param parent what an incremental backup's parent noted; its tables that this one leaves out are carried on, as long
     *     as they exist, with a {@code gc_grace_seconds} that is smaller by now: deletes may be purged by it until the next
     * @param schema of the whole cluster
     */
    static ChainState of(
            String backup,
            Optional<ChainState> parent,
            List<TableChoice> tables,
            Function<TableFacts, Collection<HostNow>> ring,
            List<ShardManifest> shards,
            List<KeyspaceSchema> schema) {
        List<ChainState.Table> out = new ArrayList<>();
        Set<UUID> done = new HashSet<>();
        for (TableChoice choice : tables) {
            TableFacts table = choice.table();
            done.add(table.id());
            List<ShardManifest> mine = shards.stream()
                    .filter(shard -> shard.tableId().equals(table.id()))
                    .toList();
            SeenTable seen = SeenTable.after(
                    choice.seen(), table.id(), table.gcGraceSeconds(), ring.apply(table), whole(mine), covered(mine));
            out.add(ChainStates.document(table.name(), seen));
        }
        Map<UUID, Integer> gcGrace = schema.stream()
                .flatMap(keyspace -> keyspace.tables().stream())
                .collect(Collectors.toMap(TableFacts::id, TableFacts::gcGraceSeconds));
        for (ChainState.Table table : parent.map(ChainState::tables).orElse(List.of())) {
            Integer now = gcGrace.get(table.tableId());
            if (now != null && !done.contains(table.tableId())) {
                out.add(carriedOn(table, now));
            }
        }
        return new ChainState(ChainState.FORMAT, backup, out);
    }

    private static ChainState.Table carriedOn(ChainState.Table table, long gcGraceSeconds) {
        return new ChainState.Table(
                table.name(),
                table.tableId(),
                table.baseAt(),
                Math.min(table.leastGcGraceSeconds(), gcGraceSeconds),
                table.hosts());
    }

    private static TokenRanges whole(List<ShardManifest> shards) {
        List<TokenRange> out = new ArrayList<>();
        shards.stream().filter(shard -> !shard.incremental()).forEach(shard -> out.addAll(shard.ranges()));
        return TokenRanges.of(out);
    }

    private static List<Covered> covered(List<ShardManifest> shards) {
        return shards.stream()
                .flatMap(shard -> shard.coverage().stream())
                .map(part -> new Covered(
                        part.range(),
                        Set.copyOf(part.read()),
                        part.missing().stream().map(Missing::hostId).collect(Collectors.toSet())))
                .toList();
    }
}
