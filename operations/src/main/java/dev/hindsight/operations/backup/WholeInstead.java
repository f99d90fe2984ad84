package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.ShardDecision;
import dev.hindsight.model.chain.TableDecision;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.operations.backup.TableChoice.Cut;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.BackupPlan.DamagedLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Shards that were to hold what changed since the chain, and hold all there is instead, because what they were to be
 * compared with turned out damaged. A pure value.
 *
 * @param first plan of the run
 * @param shards of the plan that is carried out
 * @param damage that it names
 */
record WholeInstead(BackupPlan first, List<BackupPlan.Shard> shards, List<DamagedLayer> damage) {
    WholeInstead {
        shards = List.copyOf(shards);
        damage = List.copyOf(damage);
    }

    static WholeInstead of(BackupPlan first, BackupPlan now) {
        return new WholeInstead(first, now.shards(), now.damage().orElse(List.of()));
    }

    /** What the tables of the first plan are then. */
    List<TableChoice> tables(List<TableChoice> before) {
        Set<Integer> asPlanned =
                first.shards().stream().map(BackupPlan.Shard::number).collect(Collectors.toSet());
        List<BackupPlan.Shard> instead = shards.stream()
                .filter(shard -> !asPlanned.contains(shard.number()))
                .toList();
        return before.stream().map(choice -> table(choice, instead)).toList();
    }

    private TableChoice table(TableChoice before, List<BackupPlan.Shard> instead) {
        List<BackupPlan.Shard> mine = instead.stream()
                .filter(shard -> shard.tableId().equals(before.table().id()))
                .toList();
        if (mine.isEmpty()) {
            return before;
        }
        List<Cut> cuts = new ArrayList<>();
        List<ShardDecision> decisions = new ArrayList<>();
        TokenRanges whole = TokenRanges.NONE;
        for (BackupPlan.Shard shard : mine) {
            TokenRanges ranges = TokenRanges.of(shard.ranges());
            whole = whole.union(ranges);
            cuts.add(Cut.whole(ranges));
            decisions.add(new ShardDecision(ranges, false, why(shard.number())));
        }
        boolean incremental = false;
        for (Cut cut : before.cuts()) {
            TokenRanges left = cut.ranges().subtract(whole);
            if (!left.isEmpty()) {
                incremental |= cut.onto().isPresent();
                cuts.add(new Cut(left, cut.onto(), cut.fingerprintBytes()));
                decisions.add(new ShardDecision(left, cut.onto().isPresent(), ""));
            }
        }
        return new TableChoice(
                before.table(), new TableDecision(incremental, reason(before, mine), decisions), before.seen(), cuts);
    }

    private String why(int number) {
        return damage.stream()
                .filter(one -> one.shards().contains(number))
                .map(DamagedLayer::problem)
                .findFirst()
                .orElse("the chain below is damaged");
    }

    private String reason(TableChoice before, List<BackupPlan.Shard> mine) {
        String was = before.decision().reason();
        return (was.isEmpty() ? "" : was + "; ")
                + (mine.size() == 1 ? "1 shard is" : mine.size() + " shards are")
                + " read whole because " + why(mine.get(0).number());
    }
}
