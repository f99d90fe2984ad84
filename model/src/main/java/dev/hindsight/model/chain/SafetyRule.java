package dev.hindsight.model.chain;

import dev.hindsight.model.chain.SeenHost.Read;
import dev.hindsight.model.ring.TokenRanges;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * Whether reading only new SSTables can lose a delete.
 *
 * <p>A delete is lost when the chain has a row and the tombstone that took it away was purged on every node before any
 * backup read it. Compaction purges a tombstone {@code gc_grace_seconds} after it was written at the earliest. One that was
 * on a host when the chain read that host is in the chain. One that came later was written later, or at most a hint's age
 * before. So while less than gc_grace minus that age has passed since the chain's oldest read that counts, none can have
 * been purged. Otherwise the range is read whole, and what the chain has there counts no more.
 *
 * <p>Reads count of every host that has the range now and of every host the chain ever read it from: either may have
 * handed on, by repair or by streaming, what it got after it was read. A host that joined since, whose data all came from
 * others, counts from the chain's beginning. A host that had the range when the chain began and was never read can hand on
 * tombstones of any age; only while it still has the range and cannot be read now either is it left out of the count, as
 * it is left out of the coverage.
 *
 * @param margin age that a hint may have when it arrives, and by how much clocks may differ; {@code
 *     max_hint_window} (3 h) by default
 */
public record SafetyRule(Duration margin) {
    public static final SafetyRule DEFAULT = new SafetyRule(Duration.ofHours(3));

    /** Whole or incremental, for a table that has been cut as its chain is. */
    public TableDecision decide(
            Optional<SeenTable> parent,
            UUID tableId,
            long gcGraceSeconds,
            Collection<HostNow> ring,
            List<TokenRanges> cuts) {
        if (parent.isEmpty()) {
            return TableDecision.whole("the chain has nothing of this table yet");
        }
        SeenTable seen = parent.get();
        if (!seen.tableId().equals(tableId)) {
            return TableDecision.whole("the table was dropped and created again since: the chain has table id "
                    + seen.tableId() + ", now it is " + tableId);
        }
        Optional<String> truncated = truncated(seen, ring);
        if (truncated.isPresent()) {
            return TableDecision.whole(truncated.get());
        }
        long least = Math.min(seen.leastGcGraceSeconds(), gcGraceSeconds);
        Duration limit = Duration.ofSeconds(least).minus(margin);
        if (limit.isNegative() || limit.isZero()) {
            return TableDecision.whole("gc_grace of " + least + " s is not longer than the " + text(margin)
                    + " that a delete may be under way as a hint, so one may be gone before any backup sees it");
        }
        List<ShardDecision> shards = cuts.stream()
                .map(ranges -> unsafe(seen, ring, ranges, limit)
                        .map(reason -> new ShardDecision(ranges, false, reason))
                        .orElseGet(() -> new ShardDecision(ranges, true, "")))
                .toList();
        List<ShardDecision> whole =
                shards.stream().filter(shard -> !shard.incremental()).toList();
        if (whole.isEmpty()) {
            return new TableDecision(true, "", shards);
        }
        if (whole.size() == shards.size()) {
            return TableDecision.whole(whole.get(0).reason());
        }
        return new TableDecision(
                true,
                whole.size() + " of " + shards.size() + " shards are read whole, the first because "
                        + whole.get(0).reason(),
                shards);
    }

    /** Why {@code ranges} must be read whole; empty when it is safe not to. */
    private static Optional<String> unsafe(
            SeenTable seen, Collection<HostNow> ring, TokenRanges ranges, Duration limit) {
        Map<UUID, HostNow> now = new HashMap<>();
        ring.forEach(host -> now.put(host.host(), host));
        Instant latest = ring.stream()
                .flatMap(host -> host.snapshotAt().stream())
                .max(Instant::compareTo)
                .orElseThrow(() -> new IllegalArgumentException("no host can be read"));
        Set<UUID> hosts = new HashSet<>(seen.hosts().keySet());
        hosts.addAll(now.keySet());
        Optional<Since> oldest = Optional.empty();
        for (UUID host : hosts.stream().sorted().toList()) {
            SeenHost was = seen.host(host);
            TokenRanges owned = Optional.ofNullable(now.get(host))
                    .map(HostNow::owned)
                    .orElse(TokenRanges.NONE)
                    .intersect(ranges);
            boolean readable =
                    Optional.ofNullable(now.get(host)).map(HostNow::readable).orElse(false);
            TokenRanges unread = was.unread().intersect(ranges).subtract(readable ? TokenRanges.NONE : owned);
            if (!unread.isEmpty()) {
                return Optional.of("node " + host + " held " + first(unread)
                        + " when the chain began and was never read for it: deletes that only it had may have come and"
                        + " gone elsewhere");
            }
            TokenRanges known = was.readRanges();
            for (Read read : was.reads()) {
                if (!read.ranges().intersect(ranges).isEmpty()) {
                    if (read.at().isAfter(latest)) {
                        return Optional.of("a clock went backwards: node " + host + " was read at " + read.at()
                                + ", after the newest snapshot instant now, " + latest);
                    }
                    oldest = older(oldest, new Since(read.at(), "node " + host + " was last read"));
                }
            }
            if (!owned.subtract(known).subtract(was.unread()).isEmpty()) {
                oldest = older(
                        oldest,
                        new Since(seen.baseAt(), "node " + host + " has not been read for it since the chain began"));
            }
        }
        Since since = oldest.orElseGet(() -> new Since(seen.baseAt(), "the chain began"));
        if (since.at().isAfter(latest)) {
            return Optional.of("a clock went backwards: the chain began at " + since.at()
                    + ", after the newest snapshot instant now, " + latest);
        }
        Duration age = Duration.between(since.at(), latest);
        if (age.compareTo(limit) >= 0) {
            return Optional.of(since.what() + " at " + since.at() + ", " + text(age)
                    + " ago: deletes since then may be purged already (gc_grace less the hint window is " + text(limit)
                    + ")");
        }
        return Optional.empty();
    }

    private record Since(Instant at, String what) {}

    private static Optional<Since> older(Optional<Since> one, Since other) {
        return one.filter(since -> !other.at().isBefore(since.at())).or(() -> Optional.of(other));
    }

    private static Optional<String> truncated(SeenTable seen, Collection<HostNow> ring) {
        boolean asked = false;
        for (HostNow host : ring) {
            SeenHost was = seen.hosts().get(host.host());
            if (was == null) {
                continue;
            }
            for (Function<HostNow, Optional<String>> when :
                    List.<Function<HostNow, Optional<String>>>of(HostNow::truncationBefore, HostNow::truncationAfter)) {
                Optional<String> note = when.apply(host);
                asked |= note.isPresent();
                if (note.isPresent() && !Objects.equals(note.get(), was.truncation())) {
                    return Optional.of("the table was truncated since, as node " + host.host() + " notes");
                }
            }
        }
        return asked
                ? Optional.empty()
                : Optional.of("no node that the chain has read says whether the table was truncated since");
    }

    private static String first(TokenRanges ranges) {
        int more = ranges.ranges().size() - 1;
        return ranges.ranges().get(0) + (more == 0 ? "" : " and " + more + " ranges more");
    }

    /** The two greatest units: {@code 9 d 21 h}. */
    private static String text(Duration duration) {
        long seconds = duration.toSeconds();
        long[] units = {86_400, 3_600, 60, 1};
        String[] names = {"d", "h", "min", "s"};
        StringBuilder out = new StringBuilder();
        int given = 0;
        for (int i = 0; i < units.length && given < 2; i++) {
            long count = seconds / units[i];
            seconds %= units[i];
            if (count > 0) {
                out.append(given++ == 0 ? "" : " ").append(count).append(' ').append(names[i]);
            } else if (given > 0) {
                break;
            }
        }
        return given == 0 ? "0 s" : out.toString();
    }
}
