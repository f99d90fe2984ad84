package dev.hindsight.model.window;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Microseconds since the epoch, both ends included: {@code [from, to]}. */
public record Stretch(long fromMicros, long toMicros) {
    public Stretch {
        if (fromMicros > toMicros) {
            throw new IllegalArgumentException("a stretch from " + fromMicros + " to " + toMicros);
        }
    }

    public boolean covers(long from, long to) {
        return fromMicros <= from && to <= toMicros;
    }

    /** Sorted, and those that overlap, or leave no microsecond between each other, made one. */
    public static List<Stretch> joined(List<Stretch> stretches) {
        List<Stretch> out = new ArrayList<>();
        stretches.stream().sorted(Comparator.comparingLong(Stretch::fromMicros)).forEach(next -> {
            Stretch last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null && (next.fromMicros <= last.toMicros || next.fromMicros - 1 == last.toMicros)) {
                out.set(out.size() - 1, new Stretch(last.fromMicros, Math.max(last.toMicros, next.toMicros)));
            } else {
                out.add(next);
            }
        });
        return out;
    }

    /** What of {@code stretches} is in none of {@code holes}, joined. */
    public static List<Stretch> without(List<Stretch> stretches, List<Stretch> holes) {
        List<Stretch> left = joined(stretches);
        for (Stretch hole : holes) {
            List<Stretch> next = new ArrayList<>();
            for (Stretch one : left) {
                if (one.toMicros < hole.fromMicros || one.fromMicros > hole.toMicros) {
                    next.add(one);
                    continue;
                }
                if (one.fromMicros < hole.fromMicros) {
                    next.add(new Stretch(one.fromMicros, hole.fromMicros - 1));
                }
                if (one.toMicros > hole.toMicros) {
                    next.add(new Stretch(hole.toMicros + 1, one.toMicros));
                }
            }
            left = next;
        }
        return left;
    }
}
