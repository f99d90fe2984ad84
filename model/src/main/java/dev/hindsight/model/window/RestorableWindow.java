package dev.hindsight.model.window;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The instants of one table that can be restored, with what holds in each. Made by {@link WindowArithmetic}.
 *
 * @param spans sorted, disjoint; what lies between two of them cannot be restored
 */
public record RestorableWindow(List<Span> spans) {
    /**
     * Instants with the same base and the same guarantees: {@code [from, to]}, microseconds.
     *
     * @param base the backup that a restore to any of them starts from
     */
    public record Span(long fromMicros, long toMicros, String base, Guarantees guarantees) {}

    public RestorableWindow {
        spans = List.copyOf(spans);
    }

    public Optional<Span> at(long micros) {
        return spans.stream()
                .filter(span -> span.fromMicros() <= micros && micros <= span.toMicros())
                .findFirst();
    }

    /** Whether every instant of a stretch, both ends included, surely has each write that any replica acknowledged. */
    public boolean isSure(long fromMicros, long toMicros) {
        long next = fromMicros;
        for (Span span : spans) {
            if (next <= toMicros
                    && span.fromMicros() <= next
                    && span.toMicros() >= next
                    && span.guarantees().cluster() == Guarantee.ONE) {
                next = span.toMicros() + 1;
            }
        }
        return next > toMicros;
    }

    /** The last instant that can be restored and is not after this one. */
    public Optional<Long> nearestBefore(long micros) {
        return spans.stream()
                .filter(span -> span.fromMicros() <= micros)
                .map(span -> Math.min(span.toMicros(), micros))
                .reduce(Math::max);
    }

    /** The first instant that can be restored and is not before this one. */
    public Optional<Long> nearestAfter(long micros) {
        return spans.stream()
                .filter(span -> span.toMicros() >= micros)
                .map(span -> Math.max(span.fromMicros(), micros))
                .reduce(Math::min);
    }

    /** Neighbours that touch, whatever they guarantee, as one: what a client sees as one window. */
    public List<Stretch> stretches() {
        List<Stretch> out = new ArrayList<>();
        for (Span span : spans) {
            Stretch last = out.isEmpty() ? null : out.get(out.size() - 1);
            if (last != null && last.toMicros() + 1 >= span.fromMicros()) {
                out.set(out.size() - 1, new Stretch(last.fromMicros(), span.toMicros()));
            } else {
                out.add(new Stretch(span.fromMicros(), span.toMicros()));
            }
        }
        return out;
    }
}
