package dev.hindsight.operations.journal;

import dev.hindsight.model.window.Evidence;
import dev.hindsight.model.window.Stretch;
import dev.hindsight.model.window.WeakPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Tells why less is sure of some instants where no gap does: one note for each node and kind of cause. */
final class WeakNotes {
    private WeakNotes() {}

    static List<String> of(Evidence evidence) {
        Map<UUID, List<String>> lacking = new TreeMap<>();
        Map<UUID, List<Stretch>> missing = new TreeMap<>();
        for (WeakPoint point : WeakPoint.of(evidence)) {
            if (point instanceof WeakPoint.NotInBase not) {
                lacking.computeIfAbsent(not.host(), host -> new ArrayList<>()).add(not.base());
            } else if (point instanceof WeakPoint.NotCaptured not) {
                missing.computeIfAbsent(not.host(), host -> new ArrayList<>()).add(not.stretch());
            }
        }
        List<String> out = new ArrayList<>();
        lacking.forEach((host, bases) -> out.add("node " + host + " was not read whole for "
                + (bases.size() == 1 ? "backup " : "backups ") + String.join(", ", bases)
                + ", and counts for no instant that is restored from there"));
        missing.forEach((host, stretches) -> out.add("node " + host + " counts for nothing from "
                + Micros.instant(stretches.get(0).fromMicros())
                + more(stretches)
                + " on, to the next backup at most: its agent was away or had not begun, it was captured too late, or so much at once"
                + " that nobody knows when"));
        return out;
    }

    private static String more(List<Stretch> stretches) {
        Stretch last = stretches.get(stretches.size() - 1);
        return stretches.size() == 1
                ? ""
                : " (and " + (stretches.size() - 1) + " times more, at last from " + Micros.instant(last.fromMicros())
                        + ")";
    }
}
