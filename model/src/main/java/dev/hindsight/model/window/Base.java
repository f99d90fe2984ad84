package dev.hindsight.model.window;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A backup of the table that journal records can be applied to.
 *
 * @param instantMicros its last snapshot instant: nothing earlier can be restored from it
 * @param ranges disjoint: which nodes' snapshots were read of each
 * @param snapshotMicros for every node that was read, when its snapshot was asked for: writes acknowledged before are in it
 */
public record Base(String backup, long instantMicros, List<Range> ranges, Map<UUID, Long> snapshotMicros) {
    public record Range(TokenRange range, List<UUID> read) {
        public Range {
            read = List.copyOf(read);
        }
    }

    public Base {
        ranges = List.copyOf(ranges);
        snapshotMicros = Map.copyOf(snapshotMicros);
    }

    /** Whether the node's snapshot was read of all of the range. */
    boolean read(UUID host, TokenRange of) {
        TokenRanges left = TokenRanges.of(List.of(of));
        for (Range range : ranges) {
            if (range.read().contains(host)) {
                left = left.subtract(TokenRanges.of(List.of(range.range())));
            }
        }
        return left.isEmpty();
    }
}
