package dev.hindsight.model.window;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A backup of the table that journal records can be applied to.
 *
 * @param instantMicros its last snapshot instant: nothing earlier can be restored from it
 * @param read of each node, where its snapshot was read
 * @param snapshotMicros for every node that was read, when its snapshot was asked for: writes acknowledged before are in it
 */
public record Base(String backup, long instantMicros, Map<UUID, TokenRanges> read, Map<UUID, Long> snapshotMicros) {
    public record Range(TokenRange range, List<UUID> read) {
        public Range {
            read = List.copyOf(read);
        }
    }

    public Base {
        read = Map.copyOf(read);
        snapshotMicros = Map.copyOf(snapshotMicros);
    }

    /** @param ranges disjoint: which nodes' snapshots were read of each */
    public static Base of(String backup, long instantMicros, List<Range> ranges, Map<UUID, Long> snapshotMicros) {
        Map<UUID, List<TokenRange>> byNode = new HashMap<>();
        for (Range range : ranges) {
            range.read()
                    .forEach(host -> byNode.computeIfAbsent(host, key -> new ArrayList<>())
                            .add(range.range()));
        }
        Map<UUID, TokenRanges> read = new HashMap<>();
        byNode.forEach((host, all) -> read.put(host, TokenRanges.of(all)));
        return new Base(backup, instantMicros, read, snapshotMicros);
    }

    /** Whether the node's snapshot was read of all of the range. */
    boolean read(UUID host, TokenRange of) {
        return read.getOrDefault(host, TokenRanges.NONE).contains(of);
    }
}
