package dev.hindsight.operations.journal;

import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.model.window.RestorableWindow.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of a window in which it is known from one base, and the journal, what rows were before a record. A pure value.
 *
 * @param fromMicros with {@code toMicros}: instants of its records, both ends included
 * @param ended whether no more records come to it
 * @param settled where the base stands in the window, if the stretch begins when all of its snapshots are settled
 */
record CompletionStretch(long fromMicros, long toMicros, String base, boolean ended, Optional<Long> settled) {
    /**
     * One for each base. Where the window has no hole in front of a base, the one before it goes on until all of the snapshots
     * are settled: what a later snapshot has of it was not there before an earlier record.
     */
    static List<CompletionStretch> of(RestorableWindow window) {
        List<CompletionStretch> out = new ArrayList<>();
        List<Span> spans = window.spans();
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            CompletionStretch before = out.isEmpty() ? null : out.get(out.size() - 1);
            boolean touches = before != null && spans.get(i - 1).toMicros() + 1 == span.fromMicros();
            if (before != null && touches && before.base().equals(span.base())) {
                out.set(out.size() - 1, before.until(span.toMicros(), false));
                continue;
            }
            long from = span.fromMicros();
            Optional<Long> settled = Optional.empty();
            if (before != null) {
                long end = before.toMicros();
                if (touches) {
                    from = Math.min(span.fromMicros() + HistoryPlan.SETTLED_MICROS, span.toMicros());
                    end = from - 1;
                    settled = Optional.of(span.fromMicros())
                            .filter(begin -> begin + HistoryPlan.SETTLED_MICROS <= span.toMicros());
                }
                out.set(out.size() - 1, before.until(end, true));
            }
            out.add(new CompletionStretch(from, span.toMicros(), span.base(), false, settled));
        }
        return out;
    }

    private CompletionStretch until(long micros, boolean noMoreCome) {
        return new CompletionStretch(fromMicros, micros, base, noMoreCome, settled);
    }

    /** Whether the base, and the journal up to an instant, surely have all that another base would have. */
    boolean isSure(RestorableWindow window, long upToMicros) {
        return settled.filter(begin -> window.isSure(begin, upToMicros)).isPresent();
    }
}
