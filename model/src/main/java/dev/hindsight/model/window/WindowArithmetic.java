package dev.hindsight.model.window;

import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.window.RestorableWindow.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * From evidence to instants and guarantees.
 *
 * <p>An instant belongs to the newest base that is not after it. Of a token range, a replica counts <em>at the base</em> if
 * its snapshot was read and its capture is whole from when that snapshot was asked for to the base's instant; it counts <em>in
 * a stretch</em> behind the base if its capture is whole from the write timeout before the stretch to its end; what it got
 * before its snapshot was asked for need not be captured where that was read. A write that was acknowledged in the stretch
 * by replicas of which one counts is in that one's capture or snapshot. The guarantee of an instant is the weakest, over all
 * token ranges, of the base's and of all stretches up to it.
 *
 * <p>What was captured counts only for instants that were sealed with it ({@link HostCapture.Known}), so evidence that comes
 * late raises no guarantee of an instant that is final.
 *
 * <p>Outside of it by name: writes at {@code ANY} that only a hint holds, and keyspaces without durable writes.
 */
public final class WindowArithmetic {
    private final Evidence evidence;

    private WindowArithmetic(Evidence evidence) {
        this.evidence = evidence;
    }

    public static RestorableWindow window(Evidence evidence) {
        return new WindowArithmetic(evidence).window();
    }

    private RestorableWindow window() {
        List<Base> bases = evidence.bases().stream()
                .sorted(Comparator.comparingLong(Base::instantMicros))
                .toList();
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < bases.size(); i++) {
            spansOf(bases.get(i), lastInstant(evidence, bases, i), spans);
        }
        return new RestorableWindow(spans);
    }

    /** Up to where the base is the one to restore from, if anything is sure so far; it may lie before the base. */
    static long lastInstant(Evidence evidence, List<Base> bases, int index) {
        Base base = bases.get(index);
        long last = index + 1 < bases.size()
                ? Math.min(bases.get(index + 1).instantMicros() - 1, evidence.sealedMicros())
                : evidence.sealedMicros();
        long first = base.snapshotMicros().values().stream().reduce(base.instantMicros(), Math::min);
        for (OutsideData gap : evidence.outside()) {
            if (gap.toMicros() >= first) {
                last = Math.min(last, gap.fromMicros() - 1);
            }
        }
        return last;
    }

    private void spansOf(Base base, long end, List<Span> spans) {
        // What counts may grow from one instant to the next: each part is walked with what counts in it.
        TreeSet<Long> turns = new TreeSet<>(List.of(base.instantMicros()));
        for (HostCapture capture : evidence.captures()) {
            capture.turns().filter(turn -> turn > base.instantMicros()).forEach(turns::add);
        }
        for (long turn : turns.headSet(end, true)) {
            Long next = turns.higher(turn);
            walk(base, turn, next == null ? end : Math.min(next - 1, end), spans);
        }
    }

    /** The spans of {@code [first, end]}, in which the same captures count. */
    private void walk(Base base, long first, long end, List<Span> spans) {
        Map<UUID, List<Stretch>> captures = new TreeMap<>();
        evidence.captures().forEach(capture -> captures.put(capture.host(), capture.asOf(first)));
        Guarantees holds = atBase(base, captures);
        long before = base.instantMicros() - 1;
        TreeSet<Long> cuts = cuts(captures, base.instantMicros(), end);
        if (first > base.instantMicros()) {
            cuts.add(first - 1);
        }
        for (long cut : cuts) {
            if (cut > base.instantMicros()) {
                holds = holds.weaker(inStretch(base, captures, before, cut));
            }
            if (holds.cluster() == Guarantee.NONE) {
                return;
            }
            if (cut >= first) {
                add(spans, new Span(before + 1, cut, base.backup(), holds));
            }
            before = cut;
        }
    }

    private static void add(List<Span> spans, Span next) {
        Span last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
        if (last != null
                && last.base().equals(next.base())
                && last.guarantees().equals(next.guarantees())
                && last.toMicros() + 1 == next.fromMicros()) {
            spans.set(spans.size() - 1, new Span(last.fromMicros(), next.toMicros(), next.base(), next.guarantees()));
        } else {
            spans.add(next);
        }
    }

    /** The last instant of each stretch in which nothing changes about who counts; the first one is the base's own. */
    private TreeSet<Long> cuts(Map<UUID, List<Stretch>> captures, long base, long end) {
        TreeSet<Long> cuts = new TreeSet<>(List.of(base, end));
        for (List<Stretch> stretches : captures.values()) {
            for (Stretch whole : stretches) {
                cuts.add(whole.fromMicros() + evidence.writeTimeoutMicros());
                cuts.add(whole.toMicros());
            }
        }
        evidence.rings().forEach(ring -> cuts.add(ring.sinceMicros() - 1));
        cuts.removeIf(cut -> cut < base || cut > end);
        return cuts;
    }

    private Guarantees atBase(Base base, Map<UUID, List<Stretch>> captures) {
        BiPredicate<UUID, TokenRange> counts = (host, range) -> {
            Long asked = base.snapshotMicros().get(host);
            return asked != null
                    && base.read(host, range)
                    && covers(captures.get(host), asked, Math.max(asked, base.instantMicros()));
        };
        return guarantees(ringAt(base.instantMicros()), counts);
    }

    private Guarantees inStretch(Base base, Map<UUID, List<Stretch>> captures, long after, long to) {
        BiPredicate<UUID, TokenRange> counts = (host, range) -> {
            long from = after - evidence.writeTimeoutMicros();
            Long asked = base.snapshotMicros().get(host);
            if (asked != null && base.read(host, range)) {
                from = Math.max(from, asked);
            }
            return covers(captures.get(host), Math.min(from, to), to);
        };
        return guarantees(ringAt(to), counts);
    }

    private static boolean covers(@Nullable List<Stretch> whole, long from, long to) {
        return whole != null && whole.stream().anyMatch(stretch -> stretch.covers(from, to));
    }

    private RingSince ringAt(long micros) {
        return ringAt(evidence, micros);
    }

    static RingSince ringAt(Evidence evidence, long micros) {
        RingSince at = evidence.rings().get(0);
        for (RingSince ring : evidence.rings()) {
            if (ring.sinceMicros() <= micros) {
                at = ring;
            }
        }
        return at;
    }

    private static Guarantees guarantees(RingSince ring, BiPredicate<UUID, TokenRange> counts) {
        Guarantee cluster = Guarantee.ONE;
        Map<String, Guarantee> byDatacenter = new TreeMap<>();
        for (ReplicaMap.Entry entry : ring.replicas().entries()) {
            Map<String, int[]> tally = new TreeMap<>();
            int counting = 0;
            for (UUID host : entry.replicas()) {
                int[] of = tally.computeIfAbsent(ring.datacenters().getOrDefault(host, ""), name -> new int[2]);
                of[1]++;
                if (counts.test(host, entry.range())) {
                    of[0]++;
                    counting++;
                }
            }
            cluster = cluster.weaker(Guarantee.of(counting, entry.replicas().size()));
            tally.forEach((name, of) -> byDatacenter.merge(name, Guarantee.of(of[0], of[1]), Guarantee::weaker));
        }
        return new Guarantees(cluster, byDatacenter);
    }
}
