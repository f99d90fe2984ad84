package dev.hindsight.operations.journal;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.operations.survey.Parallel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes a {@link CaptureSurvey} before each round of sealing, so that no agent holds up the tables of the others: one that
 * does not answer within seconds counts as silent, and is left alone for {@value #RESTS} times as long as it took. What it
 * captured is sealed when it answers again. Safe for several threads, one of which asks at a time.
 */
public final class CaptureRounds {
    private static final int RESTS = 5;
    private static final Duration SLOW = Duration.ofSeconds(1);

    private final List<AgentClient> agents;
    private final Clock clock;
    private final Map<String, Rest> resting = new HashMap<>();

    private record Rest(Instant until, String reason) {}

    private record Asked(Parallel.Outcome<CaptureStatus> outcome, Instant began, Instant ended) {}

    public CaptureRounds(List<AgentClient> agents, Clock clock) {
        this.agents = List.copyOf(agents);
        this.clock = clock;
    }

    public synchronized CaptureSurvey take() {
        Instant now = clock.instant();
        resting.values().removeIf(rest -> !rest.until().isAfter(now));
        List<AgentClient> awake = agents.stream()
                .filter(agent -> !resting.containsKey(agent.address()))
                .toList();
        List<Asked> asked = Parallel.forAll(awake, this::ask).stream()
                .map(Parallel.Outcome::get)
                .toList();
        Map<String, String> silent = new HashMap<>();
        resting.forEach((address, rest) -> silent.put(address, rest.reason()));
        for (int i = 0; i < awake.size(); i++) {
            rest(awake.get(i).address(), asked.get(i));
        }
        CaptureSurvey answers =
                CaptureSurvey.of(awake, asked.stream().map(Asked::outcome).toList(), status -> true);
        silent.putAll(answers.silent());
        return new CaptureSurvey(answers.streams(), answers.awaited(), answers.stored(), silent);
    }

    private Asked ask(AgentClient agent) {
        Instant began = clock.instant();
        Parallel.Outcome<CaptureStatus> outcome = Parallel.attempt(agent::captureSoon);
        return new Asked(outcome, began, clock.instant());
    }

    private void rest(String address, Asked asked) {
        Duration took = Duration.between(asked.began(), asked.ended());
        if (took.compareTo(SLOW) > 0) {
            asked.outcome()
                    .failure()
                    .ifPresent(failure -> resting.put(
                            address,
                            new Rest(
                                    asked.ended().plus(took.multipliedBy(RESTS)),
                                    String.valueOf(failure.getMessage()))));
        }
    }
}
