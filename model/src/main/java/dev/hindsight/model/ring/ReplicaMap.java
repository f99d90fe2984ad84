package dev.hindsight.model.ring;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Who replicates what: the whole ring cut into ranges, each with its replicas in placement order.
 *
 * <p>Entries are sorted, disjoint and cover {@code (MIN, MAX]}; neighbours may have equal replica lists.
 */
public record ReplicaMap(List<Entry> entries) {
    public record Entry(TokenRange range, List<UUID> replicas) {
        public Entry {
            replicas = List.copyOf(replicas);
        }
    }

    public ReplicaMap {
        entries = List.copyOf(entries);
    }

    /** Everything that one node owns. */
    public TokenRanges ownedBy(UUID hostId) {
        List<TokenRange> out = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.replicas().contains(hostId)) {
                out.add(entry.range());
            }
        }
        return TokenRanges.of(out);
    }

    public List<UUID> replicasOf(long token) {
        for (Entry entry : entries) {
            if (entry.range().contains(token)) {
                return entry.replicas();
            }
        }
        return List.of();
    }

    public Set<UUID> nodes() {
        Set<UUID> out = new LinkedHashSet<>();
        entries.forEach(entry -> out.addAll(entry.replicas()));
        return out;
    }
}
