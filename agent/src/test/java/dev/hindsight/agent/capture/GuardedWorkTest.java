package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GuardedWorkTest {
    private final List<Optional<String>> told = new ArrayList<>();
    private long nanos;
    private boolean fails = true;
    private int done;

    private final GuardedWork work = new GuardedWork(
            "reading",
            () -> {
                done++;
                if (fails) {
                    throw new NoClassDefFoundError("gone");
                }
            },
            (what, why) -> told.add(why),
            () -> nanos);

    @Test
    void anErrorIsToldAndTheWorkIsTriedAgainAfterARest() {
        for (int i = 0; i < 100; i++) {
            work.run();
            nanos += 100_000_000;
        }
        assertThat(done).isEqualTo(10);
        assertThat(told)
                .hasSize(10)
                .allSatisfy(why -> assertThat(why.orElse("")).contains("NoClassDefFoundError"));

        fails = false;
        for (int i = 0; i < 20; i++) {
            work.run();
            nanos += 100_000_000;
        }
        assertThat(done).isEqualTo(30);
        assertThat(told).hasSize(11).last().isEqualTo(Optional.empty());
    }
}
