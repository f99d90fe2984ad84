package dev.hindsight.model.protection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProtectionEstimateTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long MONTH = 30L * 24 * 3600;
    private static final ProtectionEstimate.Agent BUSY = ProtectionEstimate.Agent.assumed(SECOND, 1_000_000);

    private static ProtectionEstimate of(List<ProtectionEstimate.Agent> agents, int tables, int busy) {
        return ProtectionEstimate.of(agents, tables, busy, 3, Duration.ofSeconds(2), Duration.ofSeconds(30));
    }

    @Test
    void threeBusyNodesPutThreeObjectsASecond() {
        ProtectionEstimate made = of(List.of(BUSY, BUSY, BUSY), 1, 1);
        assertThat(made.captures()).isEqualTo(3 * MONTH);
        assertThat(made.captureBytes()).isEqualTo(3_000_000 * MONTH);
        assertThat(made.sealed()).as("an entry and a segment every two seconds").isEqualTo(MONTH);
        assertThat(made.sealedBytes())
                .as("one copy of three, and the entries")
                .isBetween(1_000_000 * MONTH, 1_001_000 * MONTH);
        assertThat(made.assumptions().get(0)).contains("assumed");
    }

    @Test
    void idleTablesCostEntriesOnlyAndFew() {
        ProtectionEstimate one = of(List.of(BUSY), 10, 10);
        ProtectionEstimate many = of(List.of(BUSY), 1000, 10);
        assertThat(many.sealed() - one.sealed()).isEqualTo(990 * MONTH / 30);
        assertThat(many.captures()).isEqualTo(one.captures());
        assertThat(many.requests() - one.requests())
                .as("captures are read once for all tables")
                .isEqualTo(990 * MONTH / 30 * (1 + 2 + 5));
    }

    @Test
    void sealingIsNeverMoreOftenThanCapturesCome() {
        ProtectionEstimate.Agent idle = new ProtectionEstimate.Agent(0.1, 10, true);
        ProtectionEstimate made = of(List.of(idle), 1, 1);
        assertThat(made.captures()).isEqualTo(MONTH / 10);
        assertThat(made.sealed()).isEqualTo(2 * MONTH / 10);
        assertThat(made.assumptions().get(0)).contains("newest captures show");
    }

    @Test
    void nothingCostsNothing() {
        ProtectionEstimate made = of(List.of(), 0, 0);
        assertThat(made.captures() + made.sealed() + made.requests() + made.captureBytes())
                .isZero();
    }
}
