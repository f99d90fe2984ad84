package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.model.failure.ClusterUnreachableException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Rounds of sealing go on for all while some agents cannot be asked. */
class CaptureRoundsTest {
    private static final Duration ROUND = Duration.ofSeconds(1);

    private final HandClock clock = new HandClock();
    private Duration takes = Duration.ZERO;
    private boolean away;
    private int asked;

    private AgentClient agent() {
        return (AgentClient) Proxy.newProxyInstance(
                AgentClient.class.getClassLoader(), new Class<?>[] {AgentClient.class}, (proxy, method, arguments) -> {
                    return switch (method.getName()) {
                        case "address" -> "http://one:1";
                        case "captureSoon" -> answer();
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }

    private CaptureStatus answer() {
        asked++;
        clock.advance(takes);
        if (away) {
            throw new ClusterUnreachableException("agent does not answer", "start it");
        }
        return new CaptureStatus(
                CaptureStatus.State.RUNNING,
                new UUID(0, 1),
                Set.of("ks"),
                Set.of("ks"),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                -1,
                0,
                0,
                0,
                0,
                List.of(),
                Optional.empty());
    }

    private CaptureSurvey round(CaptureRounds rounds) {
        clock.advance(ROUND);
        return rounds.take();
    }

    @Test
    void anAgentThatTakesLongToFailIsLeftAloneForAWhileAndIsSilentMeanwhile() {
        CaptureRounds rounds = new CaptureRounds(List.of(agent()), clock);
        assertThat(round(rounds).everywhere()).isTrue();
        away = true;
        takes = Duration.ofSeconds(5);
        asked = 0;
        Instant from = clock.instant();
        for (int i = 0; i < 100; i++) {
            CaptureSurvey survey = round(rounds);
            assertThat(survey.silent()).containsKey("http://one:1");
            assertThat(survey.awaited()).isEmpty();
        }

        assertThat(asked).isBetween(2, 5);
        assertThat(Duration.between(from, clock.instant())).isLessThan(Duration.ofSeconds(130));

        away = false;
        takes = Duration.ZERO;
        for (int i = 0; i < 30; i++) {
            round(rounds);
        }
        assertThat(round(rounds).everywhere()).isTrue();
    }

    @Test
    void anAgentThatSaysAtOnceThatItCannotIsAskedEachTime() {
        CaptureRounds rounds = new CaptureRounds(List.of(agent()), clock);
        away = true;
        for (int i = 0; i < 10; i++) {
            assertThat(round(rounds).everywhere()).isFalse();
        }
        assertThat(asked).isEqualTo(10);
        away = false;
        assertThat(round(rounds).awaited()).containsExactly(new UUID(0, 1));
    }
}
