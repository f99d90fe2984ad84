package dev.hindsight.model.ring;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Who replicates what: the whole ring cut into ranges, each with its replicas in placement order.
 *
 * <p>Entries are sorted, disjoint and cover {@code (MIN, MAX]}; neighbours may have equal replica lists until {@link
 * #joined()}. Made by {@link Ownership}.
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

    /** The same map with neighbours of equal replicas (in equal order) made one entry. */
    public ReplicaMap joined() {
        List<Entry> out = new ArrayList<>();
        for (Entry entry : entries) {
            Entry last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null
                    && last.range().end() == entry.range().start()
                    && last.replicas().equals(entry.replicas())) {
                out.set(
                        out.size() - 1,
                        new Entry(
                                new TokenRange(
                                        last.range().start(), entry.range().end()),
                                last.replicas()));
            } else {
                out.add(entry);
            }
        }
        return new ReplicaMap(out);
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

    /** Empty for a token that no entry holds, which is only {@code Long.MIN_VALUE}. */
    public List<UUID> replicasOf(long token) {
        int index = firstEndingAtOrAfter(token);
        if (index < entries.size() && entries.get(index).range().contains(token)) {
            return entries.get(index).replicas();
        }
        return List.of();
    }

    /** The entries that share a token with {@code range}, uncut, in order. */
    public List<Entry> intersecting(TokenRange range) {
        List<Entry> out = new ArrayList<>();
        for (int i = firstEndingAtOrAfter(range.start()); i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.range().start() >= range.end()) {
                break;
            }
            if (entry.range().intersects(range)) {
                out.add(entry);
            }
        }
        return out;
    }

    public Set<UUID> nodes() {
        Set<UUID> out = new LinkedHashSet<>();
        entries.forEach(entry -> out.addAll(entry.replicas()));
        return out;
    }

    private int firstEndingAtOrAfter(long token) {
        int low = 0;
        int high = entries.size();
        while (low < high) {
            int mid = (low + high) >>> 1;
            if (entries.get(mid).range().end() < token) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }
}
