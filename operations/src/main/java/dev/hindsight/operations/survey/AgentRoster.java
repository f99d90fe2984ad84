package dev.hindsight.operations.survey;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentInfo;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.UnauthorisedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The configured agents by the host id of their node, as they answered at one time.
 *
 * @param members one for each node whose agent answered; the first one wins if two claim a host id
 * @param silent agents that did not answer, with the reason
 */
public record AgentRoster(Map<UUID, Member> members, List<String> silent) {
    public record Member(AgentClient client, AgentInfo info) {}

    public AgentRoster {
        members = Map.copyOf(members);
        silent = List.copyOf(silent);
    }

    /**
     * Asks all agents at once. Agents of another cluster are listed as silent, by name.
     *
     * @throws UnauthorisedException an agent refused the token: a mistake in the configuration, not a node that is down
     */
    public static AgentRoster ask(List<AgentClient> agents, String clusterName) {
        Map<UUID, Member> members = new LinkedHashMap<>();
        List<String> silent = new ArrayList<>();
        List<Parallel.Outcome<AgentInfo>> answers = Parallel.forAll(agents, AgentClient::info);
        for (int i = 0; i < agents.size(); i++) {
            AgentClient agent = agents.get(i);
            Optional<HindsightException> failure = answers.get(i).failure();
            if (failure.isPresent() && failure.get() instanceof UnauthorisedException) {
                throw failure.get();
            }
            if (failure.isPresent()) {
                silent.add("agent " + agent.address() + ": " + failure.get().getMessage());
                continue;
            }
            AgentInfo info = answers.get(i).get();
            if (info.nodeUp() && !info.clusterName().equals(clusterName)) {
                silent.add("agent " + agent.address() + " belongs to cluster '" + info.clusterName() + "', not to '"
                        + clusterName + "'");
            } else if (members.putIfAbsent(info.hostId(), new Member(agent, info)) != null) {
                silent.add("agent " + agent.address() + " names host id " + info.hostId() + ", which "
                        + members.get(info.hostId()).client().address() + " has already");
            }
        }
        return new AgentRoster(members, silent);
    }

    public Optional<Member> find(UUID hostId) {
        return Optional.ofNullable(members.get(hostId));
    }

    /** Why this node cannot be worked with; empty when it can. */
    public Optional<String> problemOf(UUID hostId) {
        Member member = members.get(hostId);
        if (member == null) {
            return Optional.of("no agent answers for it");
        }
        return member.info().nodeUp() ? Optional.empty() : Optional.of("the node is down");
    }
}
