package dev.hindsight.operations;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.ring.Ring;
import java.util.List;

/**
 * A live cluster with its agents: what a backup reads and a restore writes.
 *
 * @param name as configured, for messages
 */
public record Site(String name, LiveCluster cluster, List<AgentClient> agents) {
    public Site {
        agents = List.copyOf(agents);
    }

    /** As its nodes call it; who configures it under another name means the same one. */
    public String clusterName() {
        return cluster.ringViews().stream().findFirst().map(Ring::clusterName).orElse(name);
    }
}
