package dev.hindsight.operations;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.cluster.LiveCluster;
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
}
