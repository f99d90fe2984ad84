package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.ChainLayers;
import dev.hindsight.model.chain.HostNow;
import dev.hindsight.model.chain.SafetyRule;
import dev.hindsight.model.chain.SeenTable;
import dev.hindsight.model.chain.ShardDecision;
import dev.hindsight.model.chain.TableDecision;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableFacts;
import dev.hindsight.operations.backup.ParentChoice.Parent;
import dev.hindsight.operations.backup.TableChoice.Cut;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.chain.BackupChain.StoredShard;
import dev.hindsight.repository.document.ObjectRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Says for every table whether it is stored whole or as what changed, and onto what. Reads the repository. */
final class ChainPlanner {
    private final ParentChoice choice;
    private final SafetyRule rule;
    private final List<String> damage = new ArrayList<>();

    ChainPlanner(ParentChoice choice, SafetyRule rule) {
        this.choice = choice;
        this.rule = rule;
    }

    /** @param ring every node of the ring as one table sees it */
    List<TableChoice> plan(List<TableFacts> tables, Function<TableFacts, Collection<HostNow>> ring) {
        return tables.stream().map(table -> plan(table, ring.apply(table))).toList();
    }

    /** What of the chain turned out damaged while it was planned with, one sentence each. */
    List<String> damage() {
        return List.copyOf(damage);
    }

    private TableChoice plan(TableFacts table, Collection<HostNow> ring) {
        if (choice.parent().isEmpty()) {
            return TableChoice.whole(table, choice.because());
        }
        Parent parent = choice.parent().get();
        Optional<SeenTable> seen = Optional.ofNullable(parent.seen().get(table.id()));
        if (seen.isEmpty()) {
            return TableChoice.whole(table, unknown(parent, table));
        }
        try {
            List<TokenRanges> cuts = parent.chain().cuts(table.id());
            TableDecision decision = rule.decide(seen, table.id(), table.gcGraceSeconds(), ring, cuts);
            if (!decision.incremental()) {
                return TableChoice.whole(table, decision.reason());
            }
            ChainLayers<StoredShard> layers = parent.chain().layers(table.name(), table.id());
            List<Cut> out = new ArrayList<>();
            for (ShardDecision shard : decision.shards()) {
                out.add(shard.incremental() ? onto(layers, shard.ranges()) : Cut.whole(shard.ranges()));
            }
            return new TableChoice(table, decision, seen, out);
        } catch (CorruptException e) {
            damage.add("table " + table.name() + " is read and stored whole: the chain below is damaged: "
                    + e.getMessage());
            return TableChoice.whole(table, "the chain below is damaged: " + e.getMessage());
        }
    }

    private static Cut onto(ChainLayers<StoredShard> layers, TokenRanges ranges) {
        long fingerprints = layers.within(ranges).layers().stream()
                .flatMap(layer -> layer.shard().manifest().layer().stream())
                .flatMap(layer -> layer.fingerprints().stream())
                .mapToLong(ObjectRef::sizeBytes)
                .sum();
        return new Cut(ranges, Optional.of(BackupChain.compared(layers, ranges)), fingerprints);
    }

    private static String unknown(Parent parent, TableFacts table) {
        return parent.chain().manifest().tables().stream()
                        .anyMatch(one -> one.name().equals(table.name()))
                ? "the table was dropped and created again since backup " + parent.id()
                : "backup " + parent.id() + " and those before it in its chain do not have this table";
    }
}
