package dev.hindsight.operations.journal;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What the agents of one cluster capture, made what the catalogue says is protected there. The catalogue is read again
 * after the agents were told, until it says the same: of two who protect and unprotect side by side the last one to look
 * sees what both wrote. Safe for several threads and processes.
 */
public final class CaptureScopes {
    private static final Duration POLL = Duration.ofMillis(250);

    private final Repository repository;
    private final String cluster;
    private final Duration patience;

    /**
     * @param cluster as its nodes call it
     * @param patience for what an agent was told to be in force
     */
    public CaptureScopes(Repository repository, String cluster, Duration patience) {
        this.repository = repository;
        this.cluster = cluster;
        this.patience = patience;
    }

    /** Keyspaces with a protected table. */
    Set<String> keyspaces() {
        Set<String> out = new TreeSet<>();
        ProtectedTable.standing(repository.catalogue().view(), cluster)
                .forEach(table -> out.add(table.name().keyspace()));
        return out;
    }

    /**
     * Tells each agent that captures less to capture the rest too: that of a node that came, one whose state was lost, one
     * that was away when a table was protected. What an agent captures besides stays, unless its protection ended meanwhile.
     *
     * @return what was changed, and what could not be, for the operator
     */
    public List<String> complete(List<AgentClient> agents) {
        return settle((keyspaces, gone) ->
                ofEach(agents, "may not capture what is protected", agent -> complete(agent, keyspaces, gone)));
    }

    private List<String> complete(AgentClient agent, Set<String> keyspaces, Set<String> gone) {
        CaptureStatus status = agent.captureSoon();
        Set<String> union = new TreeSet<>(status.wanted());
        if (union.removeAll(gone)) {
            tell(agent, union);
        }
        Set<String> missing = new TreeSet<>(keyspaces);
        missing.removeAll(status.wanted());
        if (missing.isEmpty()) {
            return List.of();
        }
        if (status.state() == CaptureStatus.State.NOT_CONFIGURED) {
            return List.of(
                    "agent " + agent.address()
                            + " captures nothing, as its agent.yaml has no section 'capture': its node does not count as a replica");
        }
        union.addAll(keyspaces);
        String told = "agent " + agent.address() + " is to capture keyspaces " + missing;
        return List.of(told
                + begin(agent, union, missing)
                        .map(problem -> ", and does not: " + problem)
                        .orElse(" too, and does"));
    }

    /**
     * Has an agent capture these keyspaces and no others.
     *
     * @param wanted those of them to wait for
     * @return why it does not; empty once the repository has that it does
     */
    Optional<String> begin(AgentClient agent, Set<String> keyspaces, Set<String> wanted) {
        agent.setCapture(keyspaces);
        CaptureStatus status = await(agent, found -> found.stored().containsAll(wanted));
        return status.stored().containsAll(wanted) && status.state() == CaptureStatus.State.RUNNING
                ? Optional.empty()
                : Optional.of(describe(status));
    }

    /** Why what an agent captured does not reach beyond an instant; empty once the repository has it. */
    Optional<String> reach(AgentClient agent, Instant instant) {
        try {
            CaptureStatus status = await(agent, found -> isBeyond(found, instant));
            return isBeyond(status, instant) ? Optional.empty() : Optional.of(describe(status));
        } catch (HindsightException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static boolean isBeyond(CaptureStatus status, Instant instant) {
        return status.storedSeen().filter(instant::isBefore).isPresent();
    }

    /** The last answer before patience ends; the wanted one, if there is one. */
    private CaptureStatus await(AgentClient agent, Predicate<CaptureStatus> wanted) {
        return Failsafe.with(RetryPolicy.<CaptureStatus>builder()
                        .handleResultIf(found ->
                                found != null && found.state() != CaptureStatus.State.STOPPED && !wanted.test(found))
                        .abortOn(failure -> true)
                        .withMaxRetries(-1)
                        .withDelay(POLL)
                        .withMaxDuration(patience)
                        .build())
                .get(agent::capture);
    }

    private String describe(CaptureStatus status) {
        return "capture is " + status.state() + " after " + patience.toSeconds() + " s"
                + status.lastError().map(error -> ": " + error).orElse("");
    }

    /**
     * Tells each agent to capture what is protected and nothing else.
     *
     * @return those that could not be told, for the operator: they go on as they are
     */
    List<String> reduce(List<AgentClient> agents) {
        return settle((keyspaces, gone) -> ofEach(agents, "was not told to capture less", agent -> {
            reduce(agent, keyspaces);
            return List.of();
        }));
    }

    private void reduce(AgentClient agent, Set<String> keyspaces) {
        AgentInfo info = agent.info();
        if (info.nodeUp() && !info.clusterName().equals(cluster)) {
            throw new PreconditionFailedException(
                    "it belongs to cluster '" + info.clusterName() + "', not to '" + cluster + "'",
                    "correct the agents in the configuration");
        }
        tell(agent, keyspaces);
    }

    private static void tell(AgentClient agent, Set<String> keyspaces) {
        if (keyspaces.isEmpty()) {
            agent.stopCapture();
        } else {
            agent.setCapture(keyspaces);
        }
    }

    /** @return what there is to say of each; of one that fails that it {@code failed}, and why */
    private static List<String> ofEach(
            List<AgentClient> agents, String failed, Function<AgentClient, List<String>> call) {
        List<String> notes = new ArrayList<>();
        List<Parallel.Outcome<List<String>>> outcomes = Parallel.forAll(agents, call);
        for (int i = 0; i < agents.size(); i++) {
            String agent = "agent " + agents.get(i).address() + " ";
            Parallel.Outcome<List<String>> outcome = outcomes.get(i);
            outcome.failure()
                    .ifPresentOrElse(
                            failure -> notes.add(agent + failed + ": " + failure.getMessage()),
                            () -> notes.addAll(outcome.get()));
        }
        return notes;
    }

    /** @param tell with the keyspaces that are protected, and with those that were when it was called before */
    private List<String> settle(BiFunction<Set<String>, Set<String>, List<String>> tell) {
        Set<String> told = keyspaces();
        Set<String> gone = Set.of();
        List<String> notes = new ArrayList<>();
        while (true) {
            tell.apply(told, gone).stream()
                    .filter(note -> !notes.contains(note))
                    .forEach(notes::add);
            Set<String> now = keyspaces();
            if (now.equals(told)) {
                return List.copyOf(notes);
            }
            gone = new TreeSet<>(told);
            gone.removeAll(now);
            told = now;
        }
    }
}
