package dev.hindsight.model.window;

import dev.hindsight.model.ring.ReplicaMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Why a replica does not count for some instants, where no hole in its log says so: for every instant behind a base of which
 * less is sure than every acknowledged write there is a hole, or one of these, between the base's snapshots and the instant.
 */
public sealed interface WeakPoint {
    UUID host();

    /** What is restored from the base has nothing of the node, or not of all that it replicates. */
    record NotInBase(UUID host, String base) implements WeakPoint {}

    /** What reached the node then is not known to be captured, or was captured too late for instants that had been sealed. */
    record NotCaptured(UUID host, Stretch stretch) implements WeakPoint {}

    /** By node, those of bases first. */
    static List<WeakPoint> of(Evidence evidence) {
        RestorableWindow window = WindowArithmetic.window(evidence);
        List<Base> bases = evidence.bases().stream()
                .sorted(Comparator.comparingLong(Base::instantMicros))
                .toList();
        List<WeakPoint> out = new ArrayList<>();
        Map<UUID, List<Stretch>> missing = new TreeMap<>();
        for (int i = 0; i < bases.size(); i++) {
            Base base = bases.get(i);
            long last = WindowArithmetic.lastInstant(evidence, bases, i);
            if (last >= base.instantMicros() && !window.isSure(base.instantMicros(), last)) {
                for (UUID host : replicas(evidence, last)) {
                    if (!isRead(evidence, base, host, last)) {
                        out.add(new NotInBase(host, base.backup()));
                    }
                    missing.computeIfAbsent(host, key -> new ArrayList<>()).addAll(missing(evidence, base, host, last));
                }
            }
        }
        missing.forEach(
                (host, stretches) -> Stretch.joined(stretches).forEach(one -> out.add(new NotCaptured(host, one))));
        out.sort(Comparator.comparing(WeakPoint::host));
        return List.copyOf(out);
    }

    private static TreeSet<UUID> replicas(Evidence evidence, long micros) {
        TreeSet<UUID> out = new TreeSet<>();
        WindowArithmetic.ringAt(evidence, micros).replicas().entries().forEach(entry -> out.addAll(entry.replicas()));
        return out;
    }

    private static boolean isRead(Evidence evidence, Base base, UUID host, long micros) {
        List<ReplicaMap.Entry> entries =
                WindowArithmetic.ringAt(evidence, micros).replicas().entries();
        return base.snapshotMicros().containsKey(host)
                && entries.stream()
                        .filter(entry -> entry.replicas().contains(host))
                        .allMatch(entry -> base.read(host, entry.range()));
    }

    /** Holes say it themselves, also of what is next to them. */
    private static List<Stretch> missing(Evidence evidence, Base base, UUID host, long last) {
        long before = base.instantMicros() - evidence.writeTimeoutMicros();
        long from = isRead(evidence, base, host, last) ? base.snapshotMicros().getOrDefault(host, before) : before;
        List<Stretch> told = new ArrayList<>();
        for (HostCapture capture : evidence.captures()) {
            if (capture.host().equals(host)) {
                told.addAll(capture.asOf(Long.MIN_VALUE));
                capture.holes()
                        .forEach(hole -> told.add(new Stretch(
                                hole.fromMicros() - evidence.writeTimeoutMicros(),
                                hole.toMicros() + evidence.writeTimeoutMicros())));
            }
        }
        return Stretch.without(List.of(new Stretch(from, Math.max(from, last))), told);
    }
}
