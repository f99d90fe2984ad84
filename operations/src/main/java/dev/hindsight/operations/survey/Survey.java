package dev.hindsight.operations.survey;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.hindsight.cluster.LiveCluster;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.operations.Site;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Ring, schema and agents of one cluster, read so that they belong together: every reachable node sees the same
 * ownership, and all agree on the schema version.
 */
public record Survey(Ring ring, UUID schemaVersion, List<KeyspaceSchema> schema, AgentRoster agents) {
    private static final RetryPolicy<Survey> UNTIL_AGREED = RetryPolicy.<Survey>builder()
            .handle(PlanStaleException.class)
            .withMaxRetries(20)
            .withDelay(Duration.ofMillis(500))
            .build();

    /** What a node tells while it takes a change over does not fit together, which says nothing about the schema. */
    private static final RetryPolicy<List<KeyspaceSchema>> UNTIL_UNDERSTOOD =
            RetryPolicy.<List<KeyspaceSchema>>builder()
                    .handle(UnsupportedException.class)
                    .withMaxRetries(6)
                    .withDelay(Duration.ofMillis(500))
                    .build();

    public Survey {
        schema = List.copyOf(schema);
    }

    /**
     * @throws PlanStaleException when the nodes do not agree for ten seconds
     */
    public static Survey take(Site site) {
        return Failsafe.with(UNTIL_AGREED).get(() -> once(site));
    }

    private static Survey once(Site site) {
        LiveCluster cluster = site.cluster();
        UUID before = agreedVersion(cluster);
        List<Ring> views = cluster.ringViews();
        Ring ring = views.get(0);
        for (Ring view : views) {
            if (!view.sameOwnershipAs(ring)) {
                throw new PlanStaleException(
                        "the nodes of cluster '" + cluster.name() + "' do not agree about the ring: " + describe(ring)
                                + " against " + describe(view),
                        "wait until 'nodetool status' shows the same on all nodes, then run it again");
            }
        }
        if (!ring.partitioner().equals(Ring.MURMUR3)) {
            throw new UnsupportedException(
                    "partitioner " + ring.partitioner() + " is not supported", "only Murmur3Partitioner is");
        }
        List<KeyspaceSchema> schema = Failsafe.with(UNTIL_UNDERSTOOD).get(cluster::schema);
        AgentRoster agents = AgentRoster.ask(site.agents(), cluster.name());
        if (!agreedVersion(cluster).equals(before)) {
            throw new PlanStaleException(
                    "the schema of cluster '" + cluster.name() + "' changed while it was read", "run it again");
        }
        return new Survey(ring, before, schema, agents);
    }

    private static UUID agreedVersion(LiveCluster cluster) {
        return cluster.schemaVersion()
                .orElseThrow(() -> new PlanStaleException(
                        "the nodes of cluster '" + cluster.name() + "' do not agree about the schema",
                        "look at 'nodetool describecluster'"));
    }

    private static String describe(Ring ring) {
        return ring.nodes().size() + " nodes with "
                + ring.nodes().stream().mapToInt(node -> node.tokens().size()).sum() + " tokens";
    }

    public Optional<KeyspaceSchema> keyspace(String name) {
        return schema.stream().filter(keyspace -> keyspace.name().equals(name)).findFirst();
    }

    public ReplicaMap owners(Replication replication) {
        return Ownership.of(ring, replication);
    }

    /**
     * Who replicates a keyspace that exists.
     *
     * @throws UnsupportedException its replication class or option is not supported; named
     */
    public ReplicaMap ownersOf(String keyspace) {
        KeyspaceSchema found = keyspace(keyspace).orElseThrow();
        try {
            return owners(found.parsedReplication());
        } catch (IllegalArgumentException e) {
            throw new UnsupportedException(
                    "keyspace " + keyspace + ": " + e.getMessage(), "leave it out with --keyspace or --table", e);
        }
    }

    /** Equal in everything that a plan depends on. */
    public boolean sameAs(Survey other) {
        return ring.sameOwnershipAs(other.ring) && schemaVersion.equals(other.schemaVersion);
    }
}
