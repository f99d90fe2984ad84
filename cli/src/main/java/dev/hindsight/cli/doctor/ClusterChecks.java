package dev.hindsight.cli.doctor;

import dev.hindsight.agent.api.AgentTokens;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.live.Connections;
import dev.hindsight.cluster.CdcRoom;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.operations.survey.Parallel;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** One cluster: the driver's view of it, every agent, and whether the two fit together. */
final class ClusterChecks {
    /** What a cluster is for decides on what its agents must allow. */
    enum Role {
        PROTECTED,
        TARGET
    }

    private final ClusterConfig config;
    private final Role role;
    private final Connections connections;
    private final Clock clock;
    private final List<Finding> findings = new ArrayList<>();

    ClusterChecks(ClusterConfig config, Role role, Connections connections, Clock clock) {
        this.config = config;
        this.role = role;
        this.connections = connections;
        this.clock = clock;
    }

    List<Finding> examine() {
        Optional<Ring> ring = ring();
        agents(ring);
        return findings;
    }

    private Optional<Ring> ring() {
        try (LiveCluster cluster = connections.cluster(config)) {
            List<Ring> views = cluster.ringViews();
            Ring ring = views.get(0);
            boolean agreed = views.stream().allMatch(ring::sameOwnershipAs);
            String detail =
                    "'" + cluster.name() + "', " + ring.nodes().size() + " nodes, seen alike by " + views.size();
            if (!agreed) {
                warn(
                        "driver",
                        config.section(),
                        "the nodes do not agree about the ring",
                        "wait until nodetool status shows the same on all nodes");
            } else if (cluster.schemaVersion().isEmpty()) {
                warn(
                        "driver",
                        config.section(),
                        "the nodes do not agree about the schema",
                        "see nodetool describecluster");
            } else {
                findings.add(Finding.ok("driver", config.section(), detail));
            }
            for (Node node : ring.nodes()) {
                if (!node.up()) {
                    warn(
                            "node",
                            node.address(),
                            "down as the driver sees it",
                            "a backup leaves it out; start it for full coverage");
                }
            }
            roomForCdc(cluster);
            return Optional.of(ring);
        } catch (HindsightException e) {
            findings.add(Finding.fail("driver", config.section(), e));
            return Optional.empty();
        }
    }

    private void roomForCdc(LiveCluster cluster) {
        try {
            for (CdcRoom room : cluster.cdcRooms()) {
                room.problem()
                        .ifPresent(problem -> warn(
                                "cdc",
                                room.node(),
                                problem,
                                "give it room for what the node writes in some seconds: cdc_total_space: 4096MiB"));
            }
        } catch (HindsightException e) {
            warn("cdc", config.section(), "the nodes' settings cannot be read: " + e.getMessage(), e.hint());
        }
    }

    private void agents(Optional<Ring> ring) {
        if (config.agents().isEmpty()) {
            findings.add(Finding.fail(
                    "agents", config.section(), "no agent is configured", "name one for each node under agents:"));
            return;
        }
        AgentTokens tokens;
        try {
            tokens = connections.tokens(config.tokens());
        } catch (HindsightException e) {
            findings.add(Finding.fail("agent-tokens", config.section(), e));
            return;
        }
        List<AgentCheck> checks = Parallel.forAll(
                        config.agents(),
                        (URI address) -> AgentCheck.examine(config, role, address, tokens, connections, clock))
                .stream()
                .map(Parallel.Outcome::get)
                .toList();
        Map<UUID, URI> seen = new HashMap<>();
        for (AgentCheck check : checks) {
            findings.addAll(check.findings());
            check.hostId().ifPresent(id -> place(id, check.address(), seen, ring));
        }
        ring.ifPresent(known -> known.nodes().stream()
                .filter(node -> !seen.containsKey(node.hostId()))
                .forEach(node -> findings.add(Finding.fail(
                        "agent",
                        node.address(),
                        "no agent answers for this node (host id " + node.hostId() + ")",
                        "start 'hindsight agent' beside it and name it under agents:"))));
    }

    private void place(UUID hostId, URI address, Map<UUID, URI> seen, Optional<Ring> ring) {
        URI other = seen.putIfAbsent(hostId, address);
        if (other != null) {
            findings.add(Finding.fail(
                    "agent",
                    address.toString(),
                    "speaks for host id " + hostId + ", and so does " + other,
                    "point each agent's jmx-port at its own node"));
        }
        if (ring.isPresent() && ring.get().find(hostId).isEmpty()) {
            findings.add(Finding.fail(
                    "agent",
                    address.toString(),
                    "its node " + hostId + " is not in the ring of '" + config.name() + "'",
                    "remove it from agents:, or correct its jmx-host and jmx-port"));
        }
    }

    private void warn(String check, String subject, String detail, String next) {
        findings.add(Finding.warn(check, subject, detail, next));
    }
}
