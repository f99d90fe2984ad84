package dev.hindsight.cluster;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.metadata.NodeState;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.Ring;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the ring as every node sees it: {@code system.local} and {@code system.peers_v2}, on the node itself.
 *
 * <p>The driver's own metadata comes from one node only, which may be behind; so each statement is pinned to its node.
 * A node is called up when it answered here, just now. A joining node stands in its peers' tables without tokens and is
 * reported so: it owns nothing yet.
 */
final class RingReader {
    private static final Logger LOG = LoggerFactory.getLogger(RingReader.class);
    private static final String COLUMNS = "host_id, data_center, rack, release_version, tokens";
    private static final String LOCAL =
            "SELECT cluster_name, partitioner, rpc_address, rpc_port, " + COLUMNS + " FROM system.local";
    private static final String PEERS =
            "SELECT peer, native_address, native_port, " + COLUMNS + " FROM system.peers_v2";

    private record Member(
            UUID hostId, String address, String datacenter, String rack, List<Long> tokens, String version) {}

    private record View(String clusterName, String partitioner, List<Member> members) {}

    private final CqlSession session;

    RingReader(CqlSession session) {
        this.session = session;
    }

    /**
     * One view per node that answers; equal views are one object, so that a thousand nodes do not take a million.
     *
     * @throws ClusterUnreachableException if no node answers
     */
    List<Ring> views() {
        Map<UUID, View> views = new LinkedHashMap<>();
        Map<View, View> distinct = new LinkedHashMap<>();
        for (Node node : askable(session)) {
            try {
                View view = read(node);
                View known = distinct.putIfAbsent(view, view);
                views.put(view.members().get(0).hostId(), known == null ? view : known);
            } catch (HindsightException e) {
                throw e;
            } catch (RuntimeException e) {
                if (!DriverErrors.isNodeTrouble(e)) {
                    throw DriverErrors.onRead(e, "the ring on node " + node.getEndPoint());
                }
                LOG.debug("ring view not read node={} cause={}", node, e.toString());
            }
        }
        if (views.isEmpty()) {
            throw new ClusterUnreachableException(
                    "no node of the cluster told its view of the ring", "check that at least one node is up");
        }
        Set<UUID> answered = new HashSet<>(views.keySet());
        Map<View, Ring> rings = new LinkedHashMap<>();
        List<Ring> out = new ArrayList<>();
        views.values().forEach(view -> out.add(rings.computeIfAbsent(view, any -> ring(view, answered))));
        return List.copyOf(out);
    }

    /** Nodes that are not known to be down, in a stable order. */
    static List<Node> askable(CqlSession session) {
        return session.getMetadata().getNodes().values().stream()
                .filter(node -> node.getState() != NodeState.DOWN && node.getState() != NodeState.FORCED_DOWN)
                .sorted(Comparator.comparing(node -> node.getEndPoint().toString()))
                .toList();
    }

    static UnsupportedException unsupportedPartitioner(String cluster, String partitioner) {
        return new UnsupportedException(
                "cluster '" + cluster + "' uses partitioner " + partitioner + ", supported is " + Ring.MURMUR3,
                "only clusters with Murmur3Partitioner can be protected");
    }

    private static Ring ring(View view, Set<UUID> answered) {
        List<dev.hindsight.model.ring.Node> nodes = view.members().stream()
                .sorted(Comparator.comparing(Member::address))
                .map(member -> new dev.hindsight.model.ring.Node(
                        member.hostId(),
                        member.address(),
                        member.datacenter(),
                        member.rack(),
                        member.tokens(),
                        member.version(),
                        answered.contains(member.hostId())))
                .toList();
        return new Ring(view.clusterName(), view.partitioner(), nodes);
    }

    /** The node itself is the first member. */
    private View read(Node node) {
        Row local = session.execute(SimpleStatement.newInstance(LOCAL).setNode(node))
                .one();
        if (local == null) {
            throw new PreconditionFailedException(
                    "system.local of node " + node.getEndPoint() + " is empty", "the node is not yet up; try again");
        }
        String partitioner = text(local, "partitioner");
        if (!partitioner.equals(Ring.MURMUR3)) {
            throw unsupportedPartitioner(text(local, "cluster_name"), partitioner);
        }
        List<Member> members = new ArrayList<>();
        members.add(member(
                local,
                ClusterSettings.text(required(local.getInetAddress("rpc_address"), node), local.getInt("rpc_port")),
                node));
        for (Row peer : session.execute(SimpleStatement.newInstance(PEERS).setNode(node))) {
            if (peer.isNull("host_id") && tokens(peer).isEmpty()) {
                LOG.debug("peer without host id and tokens left out node={} peer={}", node, peer.getObject("peer"));
                continue;
            }
            InetAddress address =
                    peer.isNull("native_address") ? peer.getInetAddress("peer") : peer.getInetAddress("native_address");
            members.add(member(
                    peer,
                    ClusterSettings.text(
                            required(address, node),
                            peer.isNull("native_port") ? ClusterSettings.DEFAULT_PORT : peer.getInt("native_port")),
                    node));
        }
        return new View(text(local, "cluster_name"), partitioner, List.copyOf(members));
    }

    private static Member member(Row row, String address, Node teller) {
        UUID hostId = row.getUuid("host_id");
        if (hostId == null || row.isNull("data_center") || row.isNull("rack")) {
            throw new PreconditionFailedException(
                    "node " + teller.getEndPoint() + " does not know host id, datacenter or rack of its peer "
                            + address,
                    "wait until gossip has settled, or remove the left-over row from its system.peers_v2");
        }
        return new Member(
                hostId,
                address,
                text(row, "data_center"),
                text(row, "rack"),
                tokens(row),
                row.isNull("release_version") ? "unknown" : text(row, "release_version"));
    }

    private static List<Long> tokens(Row row) {
        Set<String> texts = row.getSet("tokens", String.class);
        return texts == null
                ? List.of()
                : texts.stream().map(Long::valueOf).sorted().toList();
    }

    private static InetAddress required(@Nullable InetAddress address, Node teller) {
        if (address == null) {
            throw new PreconditionFailedException(
                    "node " + teller.getEndPoint() + " knows a node without an address",
                    "wait until gossip has settled");
        }
        return address;
    }

    private static String text(Row row, String column) {
        String value = row.getString(column);
        return value == null ? "" : value;
    }
}
