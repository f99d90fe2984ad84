package dev.hindsight.agent.node;

import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.PreconditionFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node, with the guards against talking to the wrong one: its cluster must be the configured one and its data
 * directories the configured ones. Remembers what is needed while it is down. Safe for several threads.
 */
public final class GuardedNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedNode.class);

    private final NodeControl control;
    private final AgentConfig config;
    private final NodeMemory memory;
    private volatile boolean wasUp;

    public GuardedNode(NodeControl control, AgentConfig config) {
        this.control = control;
        this.config = config;
        this.memory = new NodeMemory(config.state());
    }

    /**
     * @throws ClusterUnreachableException the node is down
     * @throws PreconditionFailedException it is another node than the configuration means
     */
    public NodeFacts facts() {
        NodeFacts facts;
        try {
            facts = control.facts();
        } catch (ClusterUnreachableException e) {
            if (wasUp) {
                wasUp = false;
                LOG.info("node down cause={}", e.getMessage());
            }
            throw e;
        }
        check(facts);
        memory.remember(facts);
        if (!wasUp) {
            wasUp = true;
            LOG.info(
                    "node up hostId={} cluster={} version={} mode={} dataDirectories={}",
                    facts.hostId(),
                    facts.clusterName(),
                    facts.releaseVersion(),
                    facts.operationMode(),
                    facts.dataDirectories());
        }
        return facts;
    }

    /** Empty when the node is down. */
    public Optional<NodeFacts> factsIfUp() {
        try {
            return Optional.of(facts());
        } catch (ClusterUnreachableException e) {
            return Optional.empty();
        }
    }

    /** The control of a node that answers and is the right one. */
    public NodeControl control() {
        facts();
        return control;
    }

    /** The last one seen; empty when the agent has never seen its node. */
    public Optional<UUID> hostId() {
        return memory.last().map(NodeMemory.Remembered::hostId);
    }

    public Optional<String> lastClusterName() {
        return memory.last()
                .map(NodeMemory.Remembered::clusterName)
                .or(() -> config.cassandra().clusterName());
    }

    public Optional<String> lastReleaseVersion() {
        return memory.last().map(NodeMemory.Remembered::releaseVersion);
    }

    /**
     * @throws ClusterUnreachableException the agent has never seen its node
     */
    public UUID requiredHostId() {
        return hostId().orElseGet(() -> facts().hostId());
    }

    /**
     * In a stable order; also while the node is down.
     *
     * @throws ClusterUnreachableException neither configured nor ever seen
     */
    public List<Path> dataDirectories() {
        if (!config.dataDirectories().isEmpty()) {
            return config.dataDirectories();
        }
        return memory.last().map(NodeMemory.Remembered::dataDirectories).orElseGet(() -> facts().dataDirectories());
    }

    private void check(NodeFacts facts) {
        Optional<String> expected = config.cassandra().clusterName();
        if (expected.isPresent() && !expected.get().equals(facts.clusterName())) {
            throw new PreconditionFailedException(
                    "the node at " + config.cassandra().jmxHost() + ":"
                            + config.cassandra().jmxPort() + " is of cluster '" + facts.clusterName()
                            + "', configured is '" + expected.get() + "'",
                    "correct 'cassandra' in agent.yaml; nothing is served until then");
        }
        if (!config.dataDirectories().isEmpty()) {
            Set<Path> configured = real(config.dataDirectories());
            Set<Path> said = real(facts.dataDirectories());
            if (!configured.equals(said)) {
                throw new PreconditionFailedException(
                        "the node says its data directories are " + said + ", configured are " + configured,
                        "correct 'data-directories' in agent.yaml, or leave it out");
            }
        }
    }

    private static Set<Path> real(List<Path> paths) {
        Set<Path> out = new HashSet<>();
        for (Path path : paths) {
            try {
                out.add(path.toRealPath());
            } catch (IOException e) {
                out.add(path.toAbsolutePath().normalize());
            }
        }
        return out;
    }

    @Override
    public void close() {
        control.close();
    }
}
