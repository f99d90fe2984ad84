package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.HostNow;
import dev.hindsight.model.chain.SeenTable;
import dev.hindsight.model.chain.SeenTable.Covered;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.operations.backup.ParentChoice.Parent;
import dev.hindsight.operations.chain.ChainStates;
import dev.hindsight.repository.document.BackupManifest.Missing;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ShardManifest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the chain has seen once a backup's shards are stored. A pure function of what it is given. */
final class ChainNotes {
    private ChainNotes() {}

    /**
     * @param parent of an incremental backup; its tables that this one leaves out are carried on, as long as they exist
     * @param schema of the whole cluster
     */
    static ChainState of(
            String backup,
            Optional<Parent> parent,
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
        Set<UUID> existing = schema.stream()
                .flatMap(keyspace -> keyspace.tables().stream())
                .map(TableFacts::id)
                .collect(Collectors.toSet());
        parent.ifPresent(one -> one.state().tables().stream()
                .filter(table -> !done.contains(table.tableId()) && existing.contains(table.tableId()))
                .forEach(out::add));
        return new ChainState(ChainState.FORMAT, backup, out);
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
