package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.model.window.RestorableWindow.Span;
import dev.hindsight.model.window.Stretch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a history is followed: in sections, each from a base on, up to where the next begins. A pure value.
 *
 * @param fromMicros of the stretch, both ends included
 * @param sections in order; never empty
 * @param missing stretches of which nothing is sure
 * @param weaker stretches in which not every acknowledged write is sure
 */
record HistoryPlan(long fromMicros, long toMicros, List<Section> sections, List<Stretch> missing, List<Span> weaker) {
    /**
     * Two nodes' snapshots are so far apart, at most, and what the later one has that is numbered behind it.
     */
    static final long SETTLED_MICROS = 15_000_000;

    /** @param base that has all up to {@code fromMicros}, together with the journal */
    record Section(long fromMicros, long toMicros, String base) {}

    HistoryPlan {
        sections = List.copyOf(sections);
        missing = List.copyOf(missing);
        weaker = List.copyOf(weaker);
    }

    /**
     * @throws TimeNotRestorableException an end is outside of the window
     * @throws UsageException the ends are in the wrong order
     */
    static HistoryPlan of(TableName table, RestorableWindow window, Optional<Instant> from, Optional<Instant> to) {
        if (window.spans().isEmpty()) {
            throw new TimeNotRestorableException(
                    "the past of table " + table + " is not known: no instant of it can be restored yet",
                    "see its window for why ('hindsight window " + table + "')");
        }
        List<Span> spans = window.spans();
        long first = from.map(instant -> inside(table, window, instant))
                .orElse(spans.get(0).fromMicros());
        long last = to.map(instant -> inside(table, window, instant))
                .orElse(spans.get(spans.size() - 1).toMicros());
        if (first > last) {
            throw new UsageException(
                    "from " + Micros.instant(first) + " is after to " + Micros.instant(last),
                    "give the earlier instant as from");
        }
        List<Section> sections = sections(window, first, last);
        List<Stretch> missing = new ArrayList<>();
        List<Stretch> stretches = window.stretches();
        for (int i = 1; i < stretches.size(); i++) {
            long begin = stretches.get(i - 1).toMicros() + 1;
            long end = stretches.get(i).fromMicros() - 1;
            if (begin > first && end < last) {
                missing.add(new Stretch(begin, end));
            }
        }
        List<Span> weaker = spans.stream()
                .filter(span -> span.guarantees().cluster() != Guarantee.ONE)
                .filter(span -> span.fromMicros() <= last && span.toMicros() >= first)
                .map(span -> new Span(
                        Math.max(first, span.fromMicros()),
                        Math.min(last, span.toMicros()),
                        span.base(),
                        span.guarantees()))
                .toList();
        return new HistoryPlan(first, last, sections, missing, weaker);
    }

    /** A new one after each gap, and after what was not sure as soon as there is another base. */
    private static List<Section> sections(RestorableWindow window, long first, long last) {
        List<Long> starts = new ArrayList<>(List.of(first));
        Span before = null;
        boolean sure = true;
        for (Span span : window.spans()) {
            if (before != null && span.fromMicros() > first) {
                boolean touches = before.toMicros() + 1 == span.fromMicros();
                long settled = Math.min(span.fromMicros() + SETTLED_MICROS, span.toMicros());
                boolean another = !before.base().equals(span.base());
                if (!touches) {
                    starts.add(span.fromMicros());
                    sure = true;
                } else if (another && !sure) {
                    starts.add(settled);
                    sure = true;
                }
            }
            if (span.toMicros() >= first) {
                sure &= span.guarantees().cluster() == Guarantee.ONE;
            }
            before = span;
        }
        List<Long> wanted = starts.stream().filter(start -> start <= last).toList();
        List<Section> out = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            long start = wanted.get(i);
            String base = window.at(start).map(Span::base).orElseThrow();
            out.add(new Section(start, i + 1 < wanted.size() ? wanted.get(i + 1) - 1 : last, base));
        }
        return out;
    }

    private static long inside(TableName table, RestorableWindow window, Instant instant) {
        long micros = Micros.of(instant);
        if (window.at(micros).isPresent()) {
            return micros;
        }
        Optional<Instant> before = window.nearestBefore(micros).map(Micros::instant);
        Optional<Instant> after = window.nearestAfter(micros).map(Micros::instant);
        String nearest = Stream.of(
                        before.map(at -> "the nearest before is " + at), after.map(at -> "the nearest after is " + at))
                .flatMap(Optional::stream)
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
        throw new TimeNotRestorableException(
                "what table " + table + " held at " + instant + " is not known: " + nearest,
                "take one of these, or see the table's window for all ('hindsight window " + table + "')",
                before,
                after);
    }
}
