package dev.hindsight.engine.task;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.repository.document.BackupManifest.Coverage;
import dev.hindsight.repository.document.BackupManifest.Missing;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.ShardManifest.Damaged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What a backup shard still reads from which replica, as damage comes to light. A pure decision.
 *
 * <p>A replica with a corrupt SSTable counts as missing wherever another replica is whole: half of a replica could
 * bring back what its lost half had deleted. Where no whole replica remains, the good SSTables of damaged ones are
 * better than nothing; such ranges are covered by nobody, and the coverage says so. One thread.
 */
final class ReplicaSelection {
    /** Stands for every SSTable of a host in {@link Damaged}. */
    static final String ALL_SSTABLES = "*";

    private final BackupPlan.Shard shard;
    private final TokenRanges ranges;
    private final Map<UUID, TokenRanges> slices = new LinkedHashMap<>();
    private final Map<UUID, String> reasons = new HashMap<>();
    private final Map<UUID, Set<String>> corrupt = new HashMap<>();
    private final Set<UUID> lost = new HashSet<>();
    private final List<Damaged> damaged = new ArrayList<>();

    ReplicaSelection(BackupPlan.Shard shard) {
        this.shard = shard;
        this.ranges = TokenRanges.of(shard.ranges());
        for (BackupPlan.Slice slice : shard.slices()) {
            slices.merge(
                    slice.hostId(),
                    TokenRanges.of(slice.ranges()).intersect(ranges),
                    (left, right) -> left.union(right));
        }
    }

    /** Replicas with a snapshot, in the plan's order. */
    Set<UUID> hosts() {
        return slices.keySet();
    }

    /** One SSTable has wrong bytes. */
    void corrupt(UUID host, String descriptor, String reason) {
        damaged.add(new Damaged(host, descriptor, reason));
        corrupt.computeIfAbsent(host, any -> new HashSet<>()).add(descriptor);
        reasons.merge(host, reason, (left, right) -> left + "; " + right);
    }

    /** A replica cannot be read any more at all. */
    void lose(UUID host, String reason) {
        damaged.add(new Damaged(host, ALL_SSTABLES, reason));
        lost.add(host);
        reasons.merge(host, reason, (left, right) -> left + "; " + right);
    }

    /** What to read from one SSTable; none means leave it out. */
    TokenRanges wanted(UUID host, String descriptor) {
        TokenRanges owned = slices.getOrDefault(host, TokenRanges.NONE);
        if (!reasons.containsKey(host)) {
            return owned;
        }
        if (lost.contains(host) || corrupt.getOrDefault(host, Set.of()).contains(descriptor)) {
            return TokenRanges.NONE;
        }
        return owned.subtract(wholeRanges());
    }

    /** Whether every range of this host would still be read from some whole replica without it. */
    boolean replaceable(UUID host) {
        TokenRanges others = TokenRanges.NONE;
        for (Map.Entry<UUID, TokenRanges> slice : slices.entrySet()) {
            if (!slice.getKey().equals(host) && !reasons.containsKey(slice.getKey())) {
                others = others.union(slice.getValue());
            }
        }
        return slices.getOrDefault(host, TokenRanges.NONE).subtract(others).isEmpty();
    }

    /** Only then may tombstones be purged. */
    boolean everyReplicaIsRead() {
        return reasons.isEmpty() && shard.missing().isEmpty();
    }

    List<Damaged> damaged() {
        return List.copyOf(damaged);
    }

    /** Exact ranges by who was read and who was not; neighbours with equal content are joined. */
    List<Coverage> coverage() {
        List<Coverage> out = new ArrayList<>();
        TokenRanges whole = wholeRanges();
        for (TokenRange piece : pieces()) {
            Coverage next = coverageOf(piece, whole);
            Coverage last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null
                    && last.range().end() == piece.start()
                    && last.read().equals(next.read())
                    && last.missing().equals(next.missing())) {
                TokenRange joined = new TokenRange(last.range().start(), piece.end());
                out.set(out.size() - 1, new Coverage(joined, last.read(), last.missing()));
            } else {
                out.add(next);
            }
        }
        return List.copyOf(out);
    }

    private Coverage coverageOf(TokenRange piece, TokenRanges whole) {
        List<UUID> read = new ArrayList<>();
        List<Missing> missing = new ArrayList<>();
        slices.forEach((host, owned) -> {
            if (!owned.contains(piece.end())) {
                return;
            }
            String reason = reasons.get(host);
            if (reason == null) {
                read.add(host);
            } else if (lost.contains(host) || whole.contains(piece.end())) {
                missing.add(new Missing(host, reason));
            } else {
                missing.add(new Missing(host, reason + " (its other SSTables were read)"));
            }
        });
        for (BackupPlan.MissingReplica replica : shard.missing()) {
            if (TokenRanges.of(replica.ranges()).contains(piece.end())) {
                missing.add(new Missing(replica.hostId(), replica.reason()));
            }
        }
        return new Coverage(piece, List.copyOf(read), List.copyOf(missing));
    }

    private TokenRanges wholeRanges() {
        TokenRanges out = TokenRanges.NONE;
        for (Map.Entry<UUID, TokenRanges> slice : slices.entrySet()) {
            if (!reasons.containsKey(slice.getKey())) {
                out = out.union(slice.getValue());
            }
        }
        return out;
    }

    /** The shard's ranges, cut wherever any replica's ranges begin or end. */
    private List<TokenRange> pieces() {
        TreeSet<Long> cuts = new TreeSet<>();
        slices.values()
                .forEach(owned -> owned.forEach(range -> {
                    cuts.add(range.start());
                    cuts.add(range.end());
                }));
        shard.missing()
                .forEach(replica -> replica.ranges().forEach(range -> {
                    cuts.add(range.start());
                    cuts.add(range.end());
                }));
        List<TokenRange> out = new ArrayList<>();
        for (TokenRange range : ranges) {
            long start = range.start();
            for (long cut : cuts.subSet(range.start(), false, range.end(), false)) {
                out.add(new TokenRange(start, cut));
                start = cut;
            }
            out.add(new TokenRange(start, range.end()));
        }
        return out;
    }
}
