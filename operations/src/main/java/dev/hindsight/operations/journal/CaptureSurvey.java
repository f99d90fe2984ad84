package dev.hindsight.operations.journal;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.operations.survey.Parallel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * What the agents of a cluster say of their captures, asked once for all tables.
 *
 * @param streams incarnations that there is something to read of
 * @param awaited hosts that capture now, so that a watermark waits for them
 * @param stored number of the newest object that is in the repository, by stream; what an agent does not know is not there
 * @param silent addresses of agents that did not answer, or do not capture, with the reason
 */
public record CaptureSurvey(
        List<CaptureStream> streams, Set<UUID> awaited, Map<CaptureStream, Long> stored, Map<String, String> silent) {
    public CaptureSurvey {
        streams = List.copyOf(streams);
        awaited = Set.copyOf(awaited);
        stored = Map.copyOf(stored);
        silent = Map.copyOf(silent);
    }

    /** Asks all agents at the same time. One that does not answer is among the silent. */
    public static CaptureSurvey take(List<AgentClient> agents) {
        return take(agents, status -> true);
    }

    /** Counts only those of which {@code wanted} holds. */
    static CaptureSurvey take(List<AgentClient> agents, Predicate<CaptureStatus> wanted) {
        return of(agents, Parallel.forAll(agents, AgentClient::capture), wanted);
    }

    /** @param outcomes of the agents, in their order */
    static CaptureSurvey of(
            List<AgentClient> agents, List<Parallel.Outcome<CaptureStatus>> outcomes, Predicate<CaptureStatus> wanted) {
        List<CaptureStream> streams = new ArrayList<>();
        Set<UUID> awaited = new HashSet<>();
        Map<CaptureStream, Long> stored = new HashMap<>();
        Map<String, String> silent = new HashMap<>();
        for (int i = 0; i < agents.size(); i++) {
            String address = agents.get(i).address();
            if (outcomes.get(i).failure().isPresent()) {
                silent.put(
                        address, String.valueOf(outcomes.get(i).failure().get().getMessage()));
                continue;
            }
            CaptureStatus status = outcomes.get(i).get();
            if (status.state() != CaptureStatus.State.RUNNING) {
                silent.put(
                        address,
                        status.state()
                                + status.lastError().map(error -> ": " + error).orElse(""));
            }
            if (wanted.test(status)) {
                add(status, streams, awaited, stored);
            }
        }
        return new CaptureSurvey(streams, awaited, stored, silent);
    }

    private static void add(
            CaptureStatus status, List<CaptureStream> streams, Set<UUID> awaited, Map<CaptureStream, Long> stored) {
        for (CaptureStatus.Incarnation one : status.incarnations()) {
            Incarnation.parse(one.name()).ifPresent(incarnation -> {
                CaptureStream stream = new CaptureStream(status.hostId(), incarnation);
                streams.add(stream);
                stored.put(stream, one.storedThrough());
            });
        }
        if (status.state() == CaptureStatus.State.RUNNING || status.state() == CaptureStatus.State.WAITING) {
            awaited.add(status.hostId());
        }
    }

    /** Whether every agent answers and captures. */
    public boolean everywhere() {
        return silent.isEmpty();
    }
}
