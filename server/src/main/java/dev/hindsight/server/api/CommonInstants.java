package dev.hindsight.server.api;

import dev.hindsight.operations.journal.WindowReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;

/** The instants that lie in the windows of several tables alike. No state. */
final class CommonInstants {
    private CommonInstants() {}

    /** The last one that is not after {@code at}. */
    static Optional<Instant> before(List<WindowReport> windows, Instant at) {
        return nearest(windows, at, CommonInstants::lastNotAfter, (a, b) -> a.isBefore(b) ? a : b);
    }

    /** The first one that is not before {@code at}. */
    static Optional<Instant> after(List<WindowReport> windows, Instant at) {
        return nearest(windows, at, CommonInstants::firstNotBefore, (a, b) -> a.isBefore(b) ? b : a);
    }

    /** Goes on, from the end of one table's span to that of another, until all agree: always in one direction. */
    private static Optional<Instant> nearest(
            List<WindowReport> windows,
            Instant at,
            BiFunction<WindowReport, Instant, Optional<Instant>> ofOne,
            BinaryOperator<Instant> farther) {
        Instant reached = at;
        while (true) {
            Instant next = reached;
            for (WindowReport window : windows) {
                Optional<Instant> one = ofOne.apply(window, reached);
                if (one.isEmpty()) {
                    return Optional.empty();
                }
                next = farther.apply(next, one.get());
            }
            if (next.equals(reached)) {
                return Optional.of(reached);
            }
            reached = next;
        }
    }

    private static Optional<Instant> lastNotAfter(WindowReport window, Instant at) {
        return window.spans().stream()
                .filter(span -> !span.from().isAfter(at))
                .map(span -> span.to().isBefore(at) ? span.to() : at)
                .reduce((a, b) -> a.isBefore(b) ? b : a);
    }

    private static Optional<Instant> firstNotBefore(WindowReport window, Instant at) {
        return window.spans().stream()
                .filter(span -> !span.to().isBefore(at))
                .map(span -> span.from().isAfter(at) ? span.from() : at)
                .reduce((a, b) -> a.isBefore(b) ? a : b);
    }
}
