package dev.hindsight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterruptsTest {
    private final List<String> closed = new ArrayList<>();
    private final Interrupts interrupts = Interrupts.none();

    @Test
    void endOfTheProcessClosesWhatIsOpenNewestFirstAndThenInterruptsTheVerb() {
        interrupts.guard((AutoCloseable) () -> {
            closed.add("first");
            interrupts.finished();
        });
        AutoCloseable released = interrupts.guard((AutoCloseable) () -> closed.add("released"));
        interrupts.guard((AutoCloseable) () -> {
            closed.add("failing");
            throw new IllegalStateException("cannot close");
        });
        interrupts.release(released);
        Thread verb = new Thread(() -> {}, "verb");

        interrupts.end(verb);

        assertThat(closed).containsExactly("failing", "first");
        assertThat(interrupts.ending()).isTrue();
    }

    @Test
    void whatIsOpenedWhenTheEndHasBegunIsClosedAtOnce() {
        interrupts.endWork();
        interrupts.guard((AutoCloseable) () -> closed.add("late"));
        assertThat(closed).containsExactly("late");
    }

    @Test
    void processThatEndsByItselfClosesNothing() {
        interrupts.guard((AutoCloseable) () -> closed.add("open"));
        interrupts.finished();

        interrupts.end(Thread.currentThread());

        assertThat(closed).isEmpty();
        assertThat(interrupts.ending()).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
}
