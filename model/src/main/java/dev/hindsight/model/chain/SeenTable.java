package dev.hindsight.model.chain;

import dev.hindsight.model.chain.SeenHost.Read;
import dev.hindsight.model.chain.SeenHost.SSTableId;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What a chain has of one table: enough to say what an incremental has to read and whether it may.
 *
 * @param baseAt earliest snapshot instant of the backup that last read the whole table
 * @param leastGcGraceSeconds of all backups since then
 */
public record SeenTable(UUID tableId, Instant baseAt, long leastGcGraceSeconds, Map<UUID, SeenHost> hosts) {
    /**
     * What a backup's shards say of one token range.
     *
     * @param read hosts of which all that they own of the range, and that the chain had not seen, was read
     * @param missing hosts that own it too
     */
    public record Covered(TokenRange range, Set<UUID> read, Set<UUID> missing) {
        public Covered {
            read = Set.copyOf(read);
            missing = Set.copyOf(missing);
        }
    }

    public SeenTable {
        hosts = Map.copyOf(hosts);
    }

    public SeenHost host(UUID host) {
        return hosts.getOrDefault(host, SeenHost.NOTHING);
    }

    /** What of {@code wanted} is not in the chain. */
    public TokenRanges unseen(UUID host, SSTableId sstable, TokenRanges wanted) {
        return host(host).unseen(sstable, wanted);
    }

    /**
     * The same after one more backup.
     *
     * @param parent empty when the backup read the whole table
     * @param wholeRanges of the shards that were read whole: what the chain had there counts no more
     * @param covered every range of the table once
     */
    public static SeenTable after(
            Optional<SeenTable> parent,
            UUID tableId,
            long gcGraceSeconds,
            Collection<HostNow> ring,
            TokenRanges wholeRanges,
            List<Covered> covered) {
        Instant earliest = ring.stream()
                .flatMap(host -> host.snapshotAt().stream())
                .min(Instant::compareTo)
                .orElseThrow(() -> new IllegalArgumentException("no host was read"));
        TokenRanges reset = parent.isEmpty() ? TokenRanges.FULL : wholeRanges;
        Map<UUID, TokenRanges> read = byHost(covered, true);
        Map<UUID, TokenRanges> missing = byHost(covered, false);
        TokenRanges somebodyMissing = TokenRanges.of(covered.stream()
                .filter(one -> !one.missing().isEmpty() || one.read().isEmpty())
                .map(Covered::range)
                .toList());
        Map<UUID, SeenHost> hosts = new LinkedHashMap<>();
        Set<UUID> present = new HashSet<>();
        for (HostNow now : ring) {
            present.add(now.host());
            SeenHost before = parent.map(table -> table.host(now.host())).orElse(SeenHost.NOTHING);
            SeenHost next = next(
                    before,
                    now,
                    reset,
                    read.getOrDefault(now.host(), TokenRanges.NONE),
                    missing.getOrDefault(now.host(), TokenRanges.NONE));
            if (!next.isEmpty() || now.truncationBefore().isPresent()) {
                hosts.put(now.host(), next);
            }
        }
        parent.ifPresent(table -> table.hosts().forEach((host, seen) -> {
            // What a node streamed away when it left may first have been read where all its heirs were.
            List<Read> reads = restrict(seen.reads(), somebodyMissing.subtract(reset));
            if (!present.contains(host) && !reads.isEmpty()) {
                hosts.put(host, new SeenHost(seen.truncation(), reads, TokenRanges.NONE, Map.of()));
            }
        }));
        return new SeenTable(
                tableId,
                parent.map(SeenTable::baseAt).orElse(earliest),
                parent.map(table -> Math.min(table.leastGcGraceSeconds(), gcGraceSeconds))
                        .orElse(gcGraceSeconds),
                hosts);
    }

    private static SeenHost next(
            SeenHost before, HostNow now, TokenRanges reset, TokenRanges read, TokenRanges missing) {
        List<Read> reads = new ArrayList<>(restrict(before.reads(), TokenRanges.FULL.subtract(reset.union(read))));
        now.snapshotAt().filter(at -> !read.isEmpty()).ifPresent(at -> reads.add(new Read(at, read)));
        TokenRanges unread = before.unread().subtract(reset).subtract(read).union(missing.intersect(reset));
        Map<SSTableId, TokenRanges> sstables = new HashMap<>();
        for (SSTableId id : now.readable() ? now.sstables() : before.sstables().keySet()) {
            TokenRanges seen = before.seen(id).subtract(reset).union(read);
            if (!seen.isEmpty()) {
                sstables.put(id, seen);
            }
        }
        return new SeenHost(now.truncationBefore().orElse(before.truncation()), joined(reads), unread, sstables);
    }

    private static List<Read> restrict(List<Read> reads, TokenRanges to) {
        return reads.stream()
                .map(read -> new Read(read.at(), read.ranges().intersect(to)))
                .filter(read -> !read.ranges().isEmpty())
                .toList();
    }

    /** One for each instant, oldest first. */
    private static List<Read> joined(List<Read> reads) {
        Map<Instant, TokenRanges> byInstant = new TreeMap<>();
        reads.forEach(read -> byInstant.merge(read.at(), read.ranges(), TokenRanges::union));
        List<Read> out = new ArrayList<>();
        byInstant.forEach((at, ranges) -> out.add(new Read(at, ranges)));
        return out;
    }

    private static Map<UUID, TokenRanges> byHost(List<Covered> covered, boolean read) {
        Map<UUID, List<TokenRange>> ranges = new HashMap<>();
        for (Covered one : covered) {
            for (UUID host : read ? one.read() : one.missing()) {
                ranges.computeIfAbsent(host, any -> new ArrayList<>()).add(one.range());
            }
        }
        Map<UUID, TokenRanges> out = new HashMap<>();
        ranges.forEach((host, list) -> out.put(host, TokenRanges.of(list)));
        return out;
    }
}
