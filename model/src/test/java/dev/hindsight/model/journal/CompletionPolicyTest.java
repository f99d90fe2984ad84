package dev.hindsight.model.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.journal.CompletionPolicy.Part;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompletionPolicyTest {
    private static final CompletionPolicy POLICY = new CompletionPolicy(0.1, 100, 1000, 50);

    @Test
    void itIsDueOnceTheJournalIsLargeAgainstTheBaseAndNotSmallByItself() {
        assertThat(POLICY.due(List.of(new Part(10, 5, 99)), 0, false)).isEmpty();
        assertThat(POLICY.due(List.of(new Part(10, 5, 100)), 1000, false)).contains(10L);
        assertThat(POLICY.due(List.of(new Part(10, 5, 100)), 1001, false)).isEmpty();
        assertThat(POLICY.due(List.of(new Part(10, 5, 60), new Part(20, 5, 60)), 1001, false))
                .contains(20L);
    }

    @Test
    void whatHasEndedIsDueHoweverSmall() {
        assertThat(POLICY.due(List.of(new Part(10, 1, 1)), 1L << 40, true)).contains(10L);
        assertThat(POLICY.due(List.of(), 1L << 40, true)).isEmpty();
    }

    @Test
    void noMoreIsDoneAtOnceThanIsAllowedButOnePartAlways() {
        assertThat(POLICY.next(List.of(new Part(10, 5, 600), new Part(20, 5, 600))))
                .contains(10L);
        assertThat(POLICY.next(List.of(new Part(10, 30, 6), new Part(20, 30, 6))))
                .contains(10L);
        assertThat(POLICY.next(List.of(new Part(10, 90, 6000), new Part(20, 1, 1))))
                .contains(10L);
        assertThat(POLICY.next(List.of())).isEqualTo(Optional.empty());
        assertThatThrownBy(() -> new CompletionPolicy(-1, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
