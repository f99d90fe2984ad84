package dev.hindsight.operations.journal;

import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.model.window.RestorableWindow.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of a window in which it is known from one base, and the journal, what rows were before a record. A pure value.
 *
 * @param fromMicros with {@code toMicros}: instants of its records, both ends included
 * @param ended whether no more records come to it
 */
record CompletionStretch(long fromMicros, long toMicros, String base, boolean ended) {
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
                out.set(
                        out.size() - 1,
                        new CompletionStretch(before.fromMicros(), span.toMicros(), span.base(), false));
                continue;
            }
            long from = span.fromMicros();
            if (before != null) {
                long end = before.toMicros();
                if (touches) {
                    from = Math.min(span.fromMicros() + HistoryPlan.SETTLED_MICROS, span.toMicros());
                    end = from - 1;
                }
                out.set(out.size() - 1, new CompletionStretch(before.fromMicros(), end, before.base(), true));
            }
            out.add(new CompletionStretch(from, span.toMicros(), span.base(), false));
        }
        return out;
    }
}
