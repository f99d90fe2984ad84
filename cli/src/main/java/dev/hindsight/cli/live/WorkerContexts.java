package dev.hindsight.cli.live;

import dev.hindsight.agent.api.AgentClient;
import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.engine.TaskContext;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.synthesis.Synthesisers;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What a worker process works with: the same configuration as the run that started it. */
public final class WorkerContexts {
    private final HindsightConfig config;
    private final Map<String, String> environment;
    private final Connections connections;
    private final Map<String, AgentClient> clients = new ConcurrentHashMap<>();

    public WorkerContexts(HindsightConfig config, Map<String, String> environment) {
        this.config = config;
        this.environment = Map.copyOf(environment);
        this.connections = new Connections(environment);
    }

    public TaskContext open() {
        return new TaskContext(
                connections.store(config.repository()),
                this::agent,
                Synthesisers.chosen(environment),
                config.backup().scratch(),
                Clock.systemUTC());
    }

    private AgentClient agent(String address) {
        return clients.computeIfAbsent(address, this::connect);
    }

    /** Plans hold addresses, never secrets: those come from whichever cluster of the configuration has this agent. */
    private AgentClient connect(String address) {
        List<ClusterConfig> clusters = new ArrayList<>(config.targets().values());
        config.cluster().ifPresent(own -> clusters.add(0, own));
        URI uri = URI.create(address);
        Optional<ClusterConfig> owner =
                clusters.stream().filter(one -> one.agents().contains(uri)).findFirst();
        if (owner.isEmpty()) {
            throw new NotFoundException(
                    "agent " + address + " is in no cluster of " + config.file(),
                    "do not change the agents of the configuration while a run goes on");
        }
        AgentTokens tokens = connections.tokens(owner.get().tokens());
        return connections.agent(owner.get(), uri, tokens);
    }
}
