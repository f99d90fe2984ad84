package dev.hindsight.model.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of random schedules of writes, snapshots and captures: whatever level of consistency an instant claims, every
 * write that was acknowledged at it before is in what would be restored. What is restored is found by brute force, replica
 * by replica, without any of the arithmetic.
 */
class NoAcknowledgedWriteIsMissingTest {
    private static final long END = 1_000;
    private static final long TIMEOUT = 80;

    /** A write to a range: when each replica applied it, and when its coordinator counted which of them. */
    private record Write(int range, Map<UUID, Long> applied, Set<UUID> acknowledgedBy, long acknowledgedAt) {}

    @Test
    void every_write_acknowledged_at_a_claimed_level_is_restored() {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random seeds = new Random(seed);
        Map<Guarantee, Integer> claims = new HashMap<>();
        for (int i = 0; i < 6_000; i++) {
            long one = seeds.nextLong();
            new Schedule(new Random(one)).check("test.seed " + seed + ", schedule " + i + " of seed " + one, claims);
        }
        assertThat(claims.keySet())
                .as("levels that were claimed at all")
                .contains(Guarantee.ONE, Guarantee.QUORUM, Guarantee.ALL);
        assertThat(claims.values()).allMatch(count -> count > 100);
    }

    private static final class Schedule {
        private final Random random;
        private final List<UUID> hosts = new ArrayList<>();
        private final Map<UUID, String> datacenters = new HashMap<>();
        private final List<ReplicaMap.Entry> entries = new ArrayList<>();
        private final List<HostCapture> captures = new ArrayList<>();
        private final List<Base> bases = new ArrayList<>();
        private final Map<String, List<Base.Range>> readOf = new HashMap<>();
        private final List<Write> writes = new ArrayList<>();

        Schedule(Random random) {
            this.random = random;
            int size = 1 + random.nextInt(6);
            for (int i = 0; i < size; i++) {
                UUID host = new UUID(7, i);
                hosts.add(host);
                datacenters.put(host, random.nextInt(3) == 0 ? "west" : "east");
            }
            ring();
            int bad = random.nextInt(3);
            for (UUID host : hosts) {
                captures.add(new HostCapture(host, known(stretches(bad)), holes(bad)));
            }
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                base(i);
            }
            for (int i = 0; i < 60; i++) {
                write();
            }
        }

        private void ring() {
            int ranges = 1 + random.nextInt(3);
            long start = Long.MIN_VALUE;
            for (int i = 0; i < ranges; i++) {
                long end = i + 1 == ranges ? Long.MAX_VALUE : start + Long.MAX_VALUE / 2;
                List<UUID> replicas = new ArrayList<>(hosts);
                java.util.Collections.shuffle(replicas, random);
                entries.add(new ReplicaMap.Entry(
                        new TokenRange(start, end), replicas.subList(0, 1 + random.nextInt(replicas.size()))));
                start = end;
            }
        }

        /** Some became known only when instants behind their beginning were sealed already. */
        private List<HostCapture.Known> known(List<Stretch> stretches) {
            List<HostCapture.Known> out = new ArrayList<>();
            for (Stretch stretch : stretches) {
                boolean late = random.nextInt(4) == 0;
                out.add(new HostCapture.Known(
                        stretch, late ? stretch.fromMicros() + random.nextInt(900) : stretch.fromMicros()));
            }
            return out;
        }

        private List<Stretch> holes(int bad) {
            List<Stretch> out = new ArrayList<>();
            while (random.nextInt(6) < bad) {
                long from = random.nextInt((int) END);
                out.add(new Stretch(from, from + random.nextInt(100)));
            }
            return out;
        }

        private List<Stretch> stretches(int bad) {
            List<Stretch> out = new ArrayList<>();
            long from = bad == 0 || random.nextBoolean() ? -TIMEOUT : random.nextInt(300);
            while (from < END) {
                boolean hole = random.nextInt(4) < bad;
                long to = hole ? Math.min(END, from + 1 + random.nextInt(700)) : END;
                out.add(new Stretch(from, to));
                from = to + 1 + random.nextInt(150);
            }
            return out;
        }

        private void base(int number) {
            long asked = random.nextInt(600);
            Map<UUID, Long> snapshots = new HashMap<>();
            long instant = asked;
            for (UUID host : hosts) {
                if (random.nextInt(6) > 0) {
                    long at = asked + random.nextInt(40);
                    snapshots.put(host, at);
                    instant = Math.max(instant, at + random.nextInt(10));
                }
            }
            List<Base.Range> read = entries.stream()
                    .map(entry -> new Base.Range(
                            entry.range(),
                            entry.replicas().stream()
                                    .filter(snapshots::containsKey)
                                    .filter(host -> random.nextInt(10) > 0)
                                    .toList()))
                    .toList();
            readOf.put("b" + number, read);
            bases.add(Base.of("b" + number, instant, read, snapshots));
        }

        private void write() {
            int range = random.nextInt(entries.size());
            long acknowledged = random.nextInt((int) END + 1);
            Map<UUID, Long> applied = new HashMap<>();
            Set<UUID> by = new HashSet<>();
            for (UUID host : entries.get(range).replicas()) {
                int fate = random.nextInt(4);
                if (fate > 0) {
                    by.add(host);
                    applied.put(host, acknowledged - random.nextInt((int) TIMEOUT + 1));
                } else if (random.nextBoolean()) {
                    applied.put(host, acknowledged + random.nextInt(200));
                }
            }
            writes.add(new Write(range, applied, by, acknowledged));
        }

        void check(String about, Map<Guarantee, Integer> claims) {
            ReplicaMap map = new ReplicaMap(entries);
            long sealed = random.nextInt((int) END + 1);
            Evidence evidence = new Evidence(
                    bases, captures, List.of(new RingSince(-TIMEOUT, map, datacenters)), List.of(), sealed, TIMEOUT);
            RestorableWindow window = WindowArithmetic.window(evidence);
            requireCauses(about, evidence, window);
            for (RestorableWindow.Span span : window.spans()) {
                claims.merge(span.guarantees().cluster(), 1, Integer::sum);
                assertThat(span.toMicros()).as(about).isLessThanOrEqualTo(sealed);
                for (long instant : List.of(span.fromMicros(), span.toMicros())) {
                    Base base = bases.stream()
                            .filter(one -> one.backup().equals(span.base()))
                            .findFirst()
                            .orElseThrow();
                    for (Write write : writes) {
                        if (write.acknowledgedAt() <= instant && claimed(write, span.guarantees())) {
                            assertThat(restored(write, base, instant))
                                    .as("%s: %s at %d from %s, which claims %s", about, write, instant, base, span)
                                    .isTrue();
                        }
                    }
                }
            }
        }

        /** For every instant behind a base of which less than all is sure. */
        private void requireCauses(String about, Evidence evidence, RestorableWindow window) {
            List<WeakPoint> points = WeakPoint.of(evidence);
            for (long at = 0; at <= evidence.sealedMicros(); at += 7) {
                long instant = at;
                bases.stream()
                        .filter(base -> base.instantMicros() <= instant)
                        .reduce((one, next) -> next.instantMicros() >= one.instantMicros() ? next : one)
                        .filter(base -> !window.isSure(instant, instant))
                        .ifPresent(base -> assertThat(cause(points, base, instant))
                                .as(
                                        "%s: why it is weaker at %d from %s: %s in %s",
                                        about, instant, base, points, window)
                                .isTrue());
            }
            if (bases.stream()
                    .map(Base::instantMicros)
                    .reduce(Math::min)
                    .map(first -> first <= evidence.sealedMicros() && window.isSure(first, evidence.sealedMicros()))
                    .orElseThrow()) {
                assertThat(points).as(about).isEmpty();
            }
        }

        private boolean cause(List<WeakPoint> points, Base base, long instant) {
            long first = base.instantMicros() - TIMEOUT - 40 - 10;
            Stream<Stretch> missing = points.stream()
                    .filter(WeakPoint.NotCaptured.class::isInstance)
                    .map(point -> ((WeakPoint.NotCaptured) point).stretch());
            Stream<Stretch> holes = captures.stream().flatMap(capture -> capture.holes().stream());
            return points.stream()
                            .anyMatch(point -> point instanceof WeakPoint.NotInBase lacking
                                    && lacking.base().equals(base.backup()))
                    || Stream.concat(missing, holes)
                            .anyMatch(
                                    one -> one.fromMicros() <= instant + TIMEOUT && one.toMicros() >= first - TIMEOUT);
        }

        /** Whether the write was acknowledged at a level that is claimed. */
        private boolean claimed(Write write, Guarantees claims) {
            List<UUID> replicas = entries.get(write.range()).replicas();
            if (acknowledged(write, replicas, claims.cluster())) {
                return true;
            }
            for (String name : claims.byDatacenter().keySet()) {
                List<UUID> there = replicas.stream()
                        .filter(host -> datacenters.getOrDefault(host, "").equals(name))
                        .toList();
                if (!there.isEmpty()
                        && acknowledged(write, there, claims.byDatacenter().get(name))) {
                    return true;
                }
            }
            return false;
        }

        private static boolean acknowledged(Write write, List<UUID> replicas, Guarantee level) {
            long count =
                    replicas.stream().filter(write.acknowledgedBy()::contains).count();
            return switch (level) {
                case NONE -> false;
                case ONE -> count >= 1;
                case QUORUM -> count >= replicas.size() / 2 + 1;
                case ALL -> count == replicas.size();
            };
        }

        private boolean restored(Write write, Base base, long instant) {
            for (UUID host : write.applied().keySet()) {
                long at = write.applied().get(host);
                Long snapshot = base.snapshotMicros().get(host);
                boolean read = readOf.getOrDefault(base.backup(), List.of())
                        .get(write.range())
                        .read()
                        .contains(host);
                if (read && snapshot != null && at <= snapshot) {
                    return true;
                }
                if (at <= instant && captured(host, at, instant)) {
                    return true;
                }
            }
            return false;
        }

        /** Whether what the host applied then is in what was sealed when the instant was. */
        private boolean captured(UUID host, long at, long instant) {
            HostCapture of = captures.stream()
                    .filter(capture -> capture.host().equals(host))
                    .findFirst()
                    .orElseThrow();
            return of.whole().stream()
                            .anyMatch(whole -> whole.stretch().covers(at, at) && whole.sinceMicros() <= instant)
                    && of.holes().stream().noneMatch(hole -> hole.covers(at, at));
        }
    }
}
