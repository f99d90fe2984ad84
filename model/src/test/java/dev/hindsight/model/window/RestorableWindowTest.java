package dev.hindsight.model.window;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.window.RestorableWindow.Span;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RestorableWindowTest {
    @Test
    void aStretchIsSureWhereEveryInstantHasAllThatAnyReplicaAcknowledged() {
        RestorableWindow window = new RestorableWindow(List.of(
                span(10, 19, "b1", Guarantee.ONE),
                span(20, 29, "b2", Guarantee.ONE),
                span(30, 39, "b2", Guarantee.QUORUM),
                span(40, 49, "b3", Guarantee.ONE),
                span(60, 69, "b4", Guarantee.ONE)));

        assertThat(window.isSure(10, 29)).isTrue();
        assertThat(window.isSure(15, 15)).isTrue();
        assertThat(window.isSure(15, 30)).isFalse();
        assertThat(window.isSure(25, 45)).isFalse();
        assertThat(window.isSure(35, 45)).isFalse();
        assertThat(window.isSure(40, 49)).isTrue();
        assertThat(window.isSure(40, 50)).isFalse();
        assertThat(window.isSure(45, 65)).isFalse();
        assertThat(window.isSure(55, 65)).isFalse();
        assertThat(window.isSure(9, 12)).isFalse();
        assertThat(new RestorableWindow(List.of()).isSure(1, 2)).isFalse();
    }

    private static Span span(long from, long to, String base, Guarantee guarantee) {
        return new Span(from, to, base, new Guarantees(guarantee, Map.of()));
    }
}
