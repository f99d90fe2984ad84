package dev.hindsight.model.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.chain.SeenHost.SSTableId;
import dev.hindsight.model.chain.SeenTable.Covered;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Plays a small cluster (writes and deletes at ONE, late hints, repair, compaction that purges, nodes that are away, join,
 * leave, lose ranges and get them again) against a chain that is kept by the rule. Whenever all that own a token can be
 * read, the chain must not show as live what a delete took away, unless the cluster itself does.
 */
class NoDeleteIsLostTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_122L);
    private static final int TOKENS = 3;
    private static final long HINT_SECONDS = 3 * 3600;
    private static final UUID TABLE = new UUID(7, 7);

    @Test
    void whateverHappensBetweenBackups() {
        int incremental = 0;
        int whole = 0;
        for (int round = 0; round < 400; round++) {
            Play play = new Play(SEED + round);
            play.run();
            incremental += play.incremental;
            whole += play.whole;
        }
        assertThat(incremental).as("shards that were incremental").isGreaterThan(2_000);
        assertThat(whole).as("shards that were whole").isGreaterThan(500);
    }

    /** @param deletedAt seconds, the tombstone's local deletion time; 0 for a value */
    private record Version(long timestamp, long deletedAt) {
        boolean tombstone() {
            return deletedAt > 0;
        }

        static Version newer(Version a, Version b) {
            return a.timestamp >= b.timestamp ? a : b;
        }
    }

    private record Hint(UUID host, int token, Version version, long until) {}

    private static final class Host {
        private final Map<SSTableId, Map<Integer, Version>> sstables = new HashMap<>();
        private boolean away;

        Optional<Version> read(int token) {
            return sstables.values().stream()
                    .flatMap(one -> Optional.ofNullable(one.get(token)).stream())
                    .reduce(Version::newer);
        }
    }

    private static final class Play {
        private final long seed;
        private final SplittableRandom random;
        private final Map<UUID, Host> hosts = new TreeMap<>();
        private final Map<Integer, Set<UUID>> owners = new TreeMap<>();
        private final List<Hint> hints = new ArrayList<>();
        private final Map<Integer, Long> deleted = new HashMap<>();
        private final long gcGraceSeconds;
        private final Map<Integer, Version> chain = new HashMap<>();
        private Optional<SeenTable> seen = Optional.empty();
        private long now = 1_800_000_000L;
        private long clock = 1;
        private int files;
        private int born;
        private int incremental;
        private int whole;

        Play(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            gcGraceSeconds = new long[] {0, 3 * 3600, 6 * 3600, 86_400, 3 * 86_400}[random.nextInt(5)];
            for (int i = 0; i < 3; i++) {
                born();
            }
            for (int token = 1; token <= TOKENS; token++) {
                owners.put(token, new TreeSet<>(hosts.keySet()));
            }
        }

        private UUID born() {
            UUID id = new UUID(1, ++born);
            hosts.put(id, new Host());
            return id;
        }

        void run() {
            long pace = Math.max(600, gcGraceSeconds / 4);
            for (int step = 0; step < 150; step++) {
                now += random.nextLong(random.nextInt(6) == 0 ? 3 * pace : pace / 4);
                deliverHints();
                switch (random.nextInt(16)) {
                    case 0, 1 -> write(new Version(clock++, 0));
                    case 2, 3 -> write(new Version(clock++, now));
                    case 4 -> repair(1 + random.nextInt(TOKENS));
                    case 5, 6 -> compact(any(hosts.keySet()));
                    case 7 -> host(any(hosts.keySet())).away ^= true;
                    case 8 -> move();
                    case 9 -> joinOrLeave();
                    case 10, 11, 12 -> maintain();
                    default -> backup();
                }
            }
        }

        private Host host(UUID id) {
            return Optional.ofNullable(hosts.get(id)).orElseThrow();
        }

        private Set<UUID> owners(int token) {
            return Optional.ofNullable(owners.get(token)).orElseThrow();
        }

        private UUID any(Set<UUID> from) {
            return List.copyOf(from).get(random.nextInt(from.size()));
        }

        private void put(UUID host, Map<Integer, Version> content) {
            if (!content.isEmpty()) {
                host(host).sstables.put(new SSTableId("oa-" + ++files + "-big", "x"), new HashMap<>(content));
            }
        }

        private void write(Version version) {
            int token = 1 + random.nextInt(TOKENS);
            Set<UUID> up = owners(token).stream().filter(id -> !host(id).away).collect(Collectors.toSet());
            if (up.isEmpty()) {
                return;
            }
            UUID sure = any(up);
            for (UUID id : owners(token)) {
                if (id.equals(sure) || up.contains(id) && random.nextBoolean()) {
                    put(id, Map.of(token, version));
                } else if (random.nextBoolean()) {
                    hints.add(new Hint(id, token, version, now + HINT_SECONDS - 1));
                }
            }
            if (version.tombstone()) {
                deleted.put(token, version.timestamp());
            }
        }

        private void deliverHints() {
            hints.removeIf(hint -> hint.until() < now || !hosts.containsKey(hint.host()));
            hints.removeIf(hint -> {
                boolean arrives = !host(hint.host()).away && random.nextInt(3) == 0;
                if (arrives) {
                    put(hint.host(), Map.of(hint.token(), hint.version()));
                }
                return arrives;
            });
        }

        private void repair(int token) {
            Set<UUID> up = owners(token).stream().filter(id -> !host(id).away).collect(Collectors.toSet());
            List<Version> all =
                    up.stream().flatMap(id -> host(id).read(token).stream()).toList();
            up.forEach(id -> all.forEach(version -> put(id, Map.of(token, version))));
        }

        private void maintain() {
            if (random.nextBoolean()) {
                owners.keySet().forEach(this::repair);
            }
            hosts.keySet().forEach(this::compact);
        }

        /** All of a host's SSTables become one; tombstones that are old enough go. */
        private void compact(UUID id) {
            Map<Integer, Version> merged = new HashMap<>();
            host(id).sstables
                    .values()
                    .forEach(one -> one.forEach((token, version) -> merged.merge(token, version, Version::newer)));
            merged.values().removeIf(version -> version.tombstone() && version.deletedAt() + gcGraceSeconds < now);
            host(id).sstables.clear();
            put(id, merged);
        }

        private void stream(UUID from, UUID to, int token) {
            host(from).read(token).ifPresent(version -> put(to, Map.of(token, version)));
        }

        /** One host gets a token from one that loses it; what that had of it stays there. */
        private void move() {
            int token = 1 + random.nextInt(TOKENS);
            Set<UUID> others = new TreeSet<>(hosts.keySet());
            others.removeAll(owners(token));
            UUID loser = any(owners(token));
            if (others.isEmpty() || host(loser).away) {
                return;
            }
            UUID winner = any(others);
            stream(loser, winner, token);
            owners(token).remove(loser);
            owners(token).add(winner);
        }

        private void joinOrLeave() {
            if (random.nextBoolean() && hosts.size() < 5) {
                born();
                return;
            }
            UUID leaving = any(hosts.keySet());
            if (hosts.size() <= 3 || host(leaving).away) {
                return;
            }
            owners.forEach((token, replicas) -> {
                Set<UUID> others = new TreeSet<>(hosts.keySet());
                others.removeAll(replicas);
                if (replicas.contains(leaving)) {
                    UUID heir = any(others);
                    stream(leaving, heir, token);
                    replicas.remove(leaving);
                    replicas.add(heir);
                }
            });
            hosts.remove(leaving);
        }

        private void backup() {
            if (hosts.values().stream().allMatch(host -> host.away)) {
                return;
            }
            List<HostNow> ring = hosts.keySet().stream().map(this::now).toList();
            List<TokenRanges> cuts = List.of(ranges(0, 1), ranges(1, TOKENS));
            TableDecision decision = SafetyRule.DEFAULT.decide(seen, TABLE, gcGraceSeconds, ring, cuts);
            TokenRanges unsafe = decision.incremental() ? decision.wholeRanges() : TokenRanges.FULL;
            List<Covered> covered = new ArrayList<>();
            for (int token = 1; token <= TOKENS; token++) {
                boolean afresh = unsafe.contains(token);
                whole += afresh ? 1 : 0;
                incremental += afresh ? 0 : 1;
                if (afresh) {
                    chain.remove(token);
                }
                covered.add(read(token, afresh));
            }
            seen = Optional.of(SeenTable.after(
                    decision.incremental() ? seen : Optional.empty(), TABLE, gcGraceSeconds, ring, unsafe, covered));
            check();
        }

        private Covered read(int token, boolean afresh) {
            Set<UUID> read = new HashSet<>();
            Set<UUID> missing = new HashSet<>();
            for (UUID id : owners(token)) {
                if (host(id).away || random.nextInt(25) == 0) {
                    missing.add(id);
                    continue;
                }
                read.add(id);
                host(id).sstables.forEach((sstable, content) -> {
                    boolean known = !afresh
                            && seen.orElseThrow()
                                    .unseen(id, sstable, ranges(token - 1, token))
                                    .isEmpty();
                    if (!known && content.containsKey(token)) {
                        chain.merge(
                                token, Optional.ofNullable(content.get(token)).orElseThrow(), Version::newer);
                    }
                });
            }
            return new Covered(ranges(token - 1, token).ranges().get(0), read, missing);
        }

        private HostNow now(UUID id) {
            TokenRanges owned = TokenRanges.of(owners.entrySet().stream()
                    .filter(entry -> entry.getValue().contains(id))
                    .map(entry -> new TokenRange(entry.getKey() - 1L, entry.getKey()))
                    .toList());
            boolean away = host(id).away;
            return new HostNow(
                    id,
                    owned,
                    away ? Optional.empty() : Optional.of(Instant.ofEpochSecond(now)),
                    Optional.of(""),
                    Optional.of(""),
                    away ? Set.of() : host(id).sstables.keySet());
        }

        private void check() {
            chain.forEach((token, version) -> {
                boolean allWereRead = owners(token).stream()
                        .allMatch(id -> seen.orElseThrow().host(id).reads().stream()
                                .anyMatch(read -> read.at().getEpochSecond() == now
                                        && read.ranges().contains(token)));
                Long gone = deleted.get(token);
                if (!allWereRead || version.tombstone() || gone == null || gone < version.timestamp()) {
                    return;
                }
                Optional<Version> there = owners(token).stream()
                        .flatMap(id -> host(id).read(token).stream())
                        .reduce(Version::newer);
                assertThat(there)
                        .as("seed %d: token %d was deleted at %d", seed, token, gone)
                        .contains(version);
            });
        }

        private static TokenRanges ranges(long start, long end) {
            return TokenRanges.of(new TokenRange(start, end));
        }
    }

    @Test
    void theMarginIsTheHintWindow() {
        assertThat(SafetyRule.DEFAULT.margin()).isEqualTo(Duration.ofSeconds(HINT_SECONDS));
    }
}
