package dev.hindsight.model.chain;

import dev.hindsight.model.ring.TokenRanges;
import java.util.List;

/**
 * How one table is backed up.
 *
 * @param incremental some shard is; else the table is read whole and needs no parent
 * @param reason one sentence for people
 * @param shards in the order of the cuts they were decided for; none when the table is read whole for a reason of its own,
 *     so that it can be cut afresh
 */
public record TableDecision(boolean incremental, String reason, List<ShardDecision> shards) {
    public TableDecision {
        shards = List.copyOf(shards);
    }

    public static TableDecision whole(String reason) {
        return new TableDecision(false, reason, List.of());
    }

    /** Ranges of the shards that are read whole though the table is incremental. */
    public TokenRanges wholeRanges() {
        TokenRanges out = TokenRanges.NONE;
        for (ShardDecision shard : shards) {
            out = shard.incremental() ? out : out.union(shard.ranges());
        }
        return out;
    }
}
