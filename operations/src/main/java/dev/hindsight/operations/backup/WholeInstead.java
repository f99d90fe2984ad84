package dev.hindsight.operations.backup;

import dev.hindsight.model.chain.ShardDecision;
import dev.hindsight.model.chain.TableDecision;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.operations.backup.TableChoice.Cut;
import dev.hindsight.repository.document.BackupPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Shards of a plan that were to hold what changed since the chain, and hold all there is instead, because what they were to
 * be compared with turned out damaged. They keep number and ranges, so that whichever of the two is stored first is right.
 * A pure value.
 *
 * @param reasons by shard number, one sentence each
 */
record WholeInstead(Map<Integer, String> reasons) {
    WholeInstead {
        reasons = Map.copyOf(reasons);
    }

    boolean isEmpty() {
        return reasons.isEmpty();
    }

    /** What the tables of the plan are then. */
    List<TableChoice> tables(List<TableChoice> before, BackupPlan plan) {
        return before.stream().map(choice -> table(choice, plan)).toList();
    }

    private TableChoice table(TableChoice before, BackupPlan plan) {
        Map<Integer, TokenRanges> mine = new TreeMap<>();
        for (BackupPlan.Shard shard : plan.shards()) {
            if (reasons.containsKey(shard.number())
                    && shard.tableId().equals(before.table().id())) {
                mine.put(shard.number(), TokenRanges.of(shard.ranges()));
            }
        }
        if (mine.isEmpty()) {
            return before;
        }
        List<Cut> cuts = new ArrayList<>();
        List<ShardDecision> shards = new ArrayList<>();
        TokenRanges whole = TokenRanges.NONE;
        for (Map.Entry<Integer, TokenRanges> one : mine.entrySet()) {
            whole = whole.union(one.getValue());
            cuts.add(Cut.whole(one.getValue()));
            shards.add(new ShardDecision(one.getValue(), false, reasons.getOrDefault(one.getKey(), "")));
        }
        boolean incremental = false;
        for (Cut cut : before.cuts()) {
            TokenRanges left = cut.ranges().subtract(whole);
            if (!left.isEmpty()) {
                incremental |= cut.onto().isPresent();
                cuts.add(new Cut(left, cut.onto(), cut.fingerprintBytes()));
                shards.add(new ShardDecision(left, cut.onto().isPresent(), ""));
            }
        }
        return new TableChoice(
                before.table(), new TableDecision(incremental, reason(before, mine), shards), before.seen(), cuts);
    }

    private String reason(TableChoice before, Map<Integer, TokenRanges> mine) {
        String first = mine.keySet().stream()
                .map(number -> reasons.getOrDefault(number, ""))
                .findFirst()
                .orElse("");
        String was = before.decision().reason();
        return (was.isEmpty() ? "" : was + "; ")
                + (mine.size() == 1 ? "1 shard is" : mine.size() + " shards are")
                + " read whole because " + first;
    }
}
