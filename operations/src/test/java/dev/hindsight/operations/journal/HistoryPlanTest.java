package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.model.window.Guarantees;
import dev.hindsight.model.window.RestorableWindow;
import dev.hindsight.model.window.RestorableWindow.Span;
import dev.hindsight.model.window.Stretch;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where a history is followed from; time counts in seconds since 1970. */
class HistoryPlanTest {
    private static final TableName TABLE = new TableName("shop", "orders");

    @Test
    void aWindowWithoutGapsIsOneSectionFromTheBaseOfItsBeginning() {
        RestorableWindow window = window(span(100, 199, "b1"), span(200, 299, "b2"));

        assertThat(plan(window, Optional.empty(), Optional.empty()))
                .isEqualTo(new HistoryPlan(at(100), end(299), List.of(section(100, 299, "b1")), List.of(), List.of()));
        assertThat(plan(window, Optional.of(220L), Optional.of(230L)).sections())
                .containsExactly(new HistoryPlan.Section(at(220), at(230), "b2"));
        assertThat(plan(window, Optional.of(150L), Optional.of(230L)).sections())
                .containsExactly(new HistoryPlan.Section(at(150), at(230), "b1"));
    }

    @Test
    void behindAGapTheNextBaseIsTakenAndTheGapIsTold() {
        RestorableWindow window = window(span(100, 179, "b1"), span(210, 299, "b2"));

        HistoryPlan plan = plan(window, Optional.empty(), Optional.empty());

        assertThat(plan.sections()).containsExactly(section(100, 209, "b1"), section(210, 299, "b2"));
        assertThat(plan.missing()).containsExactly(new Stretch(at(180), at(210) - 1));
        assertThat(plan(window, Optional.of(220L), Optional.empty()).missing()).isEmpty();
        assertThat(plan(window, Optional.empty(), Optional.of(170L)).sections())
                .containsExactly(new HistoryPlan.Section(at(100), at(170), "b1"));
    }

    @Test
    void whereNotEverythingIsSureItIsToldAndTheNextBaseIsTakenOnceItIsSettled() {
        RestorableWindow window = window(
                span(100, 149, "b1"),
                new Span(at(150), end(199), "b1", new Guarantees(Guarantee.QUORUM, Map.of())),
                span(200, 299, "b2"),
                span(300, 400, "b3"));

        HistoryPlan plan = plan(window, Optional.empty(), Optional.of(350L));

        assertThat(plan.weaker()).extracting(Span::fromMicros).containsExactly(at(150));
        assertThat(plan.sections())
                .containsExactly(
                        new HistoryPlan.Section(at(100), at(215) - 1, "b1"),
                        new HistoryPlan.Section(at(215), at(350), "b2"));
        assertThat(plan(window, Optional.of(170L), Optional.of(180L)).weaker())
                .extracting(Span::fromMicros, Span::toMicros)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(at(170), at(180)));
    }

    @Test
    void endsOutsideOfTheWindowAreRefusedWithTheNearestInstants() {
        RestorableWindow window = window(span(100, 179, "b1"), span(210, 299, "b2"));

        assertThatThrownBy(() -> plan(window, Optional.of(99L), Optional.empty()))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining(
                        "at 1970-01-01T00:01:39Z is not known: the nearest after is 1970-01-01T00:01:40Z");
        assertThatThrownBy(() -> plan(window, Optional.empty(), Optional.of(190L)))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining("the nearest before is 1970-01-01T00:02:59.999999Z, the nearest after is 1970");
        assertThatThrownBy(() -> HistoryPlan.of(
                        TABLE, window, Optional.of(Instant.parse("0001-01-01T00:00:00Z")), Optional.empty()))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining(
                        "at 0001-01-01T00:00:00Z is not known: the nearest after is 1970-01-01T00:01:40Z");
        assertThatThrownBy(() -> HistoryPlan.of(
                        TABLE, window, Optional.empty(), Optional.of(Instant.parse("9999-12-31T23:59:59Z"))))
                .isInstanceOf(TimeNotRestorableException.class);
        assertThatThrownBy(() -> plan(window, Optional.of(150L), Optional.of(120L)))
                .isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> plan(new RestorableWindow(List.of()), Optional.empty(), Optional.empty()))
                .isInstanceOf(TimeNotRestorableException.class)
                .hasMessageContaining("no instant of it can be restored yet");
    }

    private static HistoryPlan plan(RestorableWindow window, Optional<Long> from, Optional<Long> to) {
        return HistoryPlan.of(TABLE, window, from.map(Instant::ofEpochSecond), to.map(Instant::ofEpochSecond));
    }

    private static RestorableWindow window(Span... spans) {
        return new RestorableWindow(List.of(spans));
    }

    private static Span span(long from, long to, String base) {
        return new Span(at(from), end(to), base, new Guarantees(Guarantee.ONE, Map.of()));
    }

    private static HistoryPlan.Section section(long from, long to, String base) {
        return new HistoryPlan.Section(at(from), end(to), base);
    }

    private static long at(long second) {
        return second * 1_000_000;
    }

    private static long end(long second) {
        return at(second + 1) - 1;
    }
}
