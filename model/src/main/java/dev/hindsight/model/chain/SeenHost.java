package dev.hindsight.model.chain;

import dev.hindsight.model.ring.TokenRanges;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a chain has of one table on one host.
 *
 * @param truncation what the node noted of the table's last TRUNCATE; empty for none
 * @param reads ranges of which everything that was on the host at that snapshot instant is in the chain; disjoint
 * @param unread ranges that the host held when the chain began there, and that were never read from it since
 * @param sstables of the host's last snapshot that was read: what of each is in the chain
 */
public record SeenHost(String truncation, List<Read> reads, TokenRanges unread, Map<SSTableId, TokenRanges> sstables) {
    public static final SeenHost NOTHING = new SeenHost("", List.of(), TokenRanges.NONE, Map.of());

    public record Read(Instant at, TokenRanges ranges) {}

    /**
     * @param descriptor {@code oa-12-big}
     * @param identity tells it from another file of that name, which a replaced node may well have
     */
    public record SSTableId(String descriptor, String identity) {}

    public SeenHost {
        reads = List.copyOf(reads);
        sstables = Map.copyOf(sstables);
    }

    public TokenRanges seen(SSTableId sstable) {
        return sstables.getOrDefault(sstable, TokenRanges.NONE);
    }

    /** What of {@code wanted} the chain has not seen. */
    public TokenRanges unseen(SSTableId sstable, TokenRanges wanted) {
        return wanted.subtract(seen(sstable));
    }

    TokenRanges readRanges() {
        TokenRanges out = TokenRanges.NONE;
        for (Read read : reads) {
            out = out.union(read.ranges());
        }
        return out;
    }

    boolean isEmpty() {
        return reads.isEmpty() && unread.isEmpty() && sstables.isEmpty();
    }
}
