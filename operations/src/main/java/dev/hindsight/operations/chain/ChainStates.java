package dev.hindsight.operations.chain;

import dev.hindsight.model.chain.SeenHost;
import dev.hindsight.model.chain.SeenHost.SSTableId;
import dev.hindsight.model.chain.SeenTable;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.ChainState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Between {@link SeenTable}, on which decisions are made, and {@link ChainState}, which a repository holds. */
public final class ChainStates {
    private ChainStates() {}

    /**
     * Tables by their id.
     *
     * @throws CorruptException a number in it leads nowhere
     */
    public static Map<UUID, SeenTable> of(ChainState state) {
        Map<UUID, SeenTable> out = new HashMap<>();
        for (ChainState.Table table : state.tables()) {
            Map<UUID, SeenHost> hosts = new HashMap<>();
            for (ChainState.Host host : table.hosts()) {
                hosts.put(host.hostId(), host(state, host));
            }
            out.put(
                    table.tableId(),
                    new SeenTable(table.tableId(), table.baseAt(), table.leastGcGraceSeconds(), hosts));
        }
        return out;
    }

    private static SeenHost host(ChainState state, ChainState.Host host) {
        List<TokenRanges> sets = host.rangeSets().stream()
                .map(set -> TokenRanges.of(set.ranges()))
                .toList();
        Map<SSTableId, TokenRanges> sstables = new HashMap<>();
        for (ChainState.SSTable sstable : host.sstables()) {
            if (sstable.rangeSet() < 0 || sstable.rangeSet() >= sets.size()) {
                throw new CorruptException(
                        "chain state of backup " + state.backup() + ": SSTable " + sstable.descriptor() + " of host "
                                + host.hostId() + " has range set " + sstable.rangeSet() + " of " + sets.size(),
                        "run 'hindsight backup --kind full' to begin a new chain");
            }
            sstables.put(new SSTableId(sstable.descriptor(), sstable.identity()), sets.get(sstable.rangeSet()));
        }
        return new SeenHost(
                host.truncation(),
                host.reads().stream()
                        .map(read -> new SeenHost.Read(read.at(), TokenRanges.of(read.ranges())))
                        .toList(),
                TokenRanges.of(host.unread()),
                sstables);
    }

    /** Sorted, so that equal states are equal bytes. */
    public static ChainState.Table document(TableName name, SeenTable table) {
        List<ChainState.Host> hosts = table.hosts().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> document(entry.getKey(), entry.getValue()))
                .toList();
        return new ChainState.Table(name, table.tableId(), table.baseAt(), table.leastGcGraceSeconds(), hosts);
    }

    private static ChainState.Host document(UUID hostId, SeenHost host) {
        Map<List<TokenRange>, Integer> sets = new LinkedHashMap<>();
        List<ChainState.SSTable> sstables = new ArrayList<>();
        host.sstables().entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<SSTableId, TokenRanges> entry) ->
                                entry.getKey().descriptor())
                        .thenComparing(entry -> entry.getKey().identity()))
                .forEach(entry -> {
                    int set = sets.computeIfAbsent(entry.getValue().ranges(), any -> sets.size());
                    sstables.add(new ChainState.SSTable(
                            entry.getKey().descriptor(), entry.getKey().identity(), set));
                });
        return new ChainState.Host(
                hostId,
                host.truncation(),
                host.reads().stream()
                        .map(read ->
                                new ChainState.Read(read.at(), read.ranges().ranges()))
                        .toList(),
                host.unread().ranges(),
                sets.keySet().stream().map(ChainState.RangeSet::new).toList(),
                sstables);
    }
}
