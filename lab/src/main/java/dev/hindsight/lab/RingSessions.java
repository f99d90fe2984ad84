package dev.hindsight.lab;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.loadbalancing.NodeDistance;
import com.datastax.oss.driver.api.core.metadata.EndPoint;
import dev.hindsight.model.failure.NotAppliedException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Driver sessions for loopback rings: long timeouts, few threads, and never a session with somebody else's cluster. */
final class RingSessions {
    private static final int CLOSING_QUIET_MILLIS = 100;
    private static final int CLOSING_MOST_MILLIS = 15_000;

    private RingSessions() {}

    /** QUORUM by default; any node may coordinate. */
    static CqlSession open(String clusterName, Collection<CassandraNode> contacts) {
        CqlSessionBuilder builder = builder();
        List<CassandraNode> running =
                contacts.stream().filter(CassandraNode::isRunning).toList();
        if (running.isEmpty()) {
            throw new IllegalStateException("no node of " + clusterName + " is running");
        }
        running.forEach(node -> builder.addContactPoint(new InetSocketAddress(node.address(), node.nativePort())));
        builder.withLocalDatacenter(running.get(0).datacenter());
        return checked(clusterName, builder.build());
    }

    /** Every other node is ignored, so this one coordinates whatever is sent. */
    static CqlSession pinned(String clusterName, CassandraNode node) {
        InetSocketAddress address = new InetSocketAddress(node.address(), node.nativePort());
        CqlSession session = builder()
                .addContactPoint(address)
                .withLocalDatacenter(node.datacenter())
                .withNodeDistanceEvaluator((candidate, dc) ->
                        isAt(candidate.getEndPoint(), address) ? NodeDistance.LOCAL : NodeDistance.IGNORED)
                .build();
        return checked(clusterName, session);
    }

    private static boolean isAt(EndPoint endPoint, InetSocketAddress address) {
        return endPoint.resolve().equals(address);
    }

    private static CqlSessionBuilder builder() {
        return CqlSession.builder()
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withString(DefaultDriverOption.REQUEST_CONSISTENCY, "QUORUM")
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(90))
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(30))
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_AGREEMENT_TIMEOUT, Duration.ofSeconds(60))
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_AGREEMENT_INTERVAL, Duration.ofMillis(50))
                        .withDuration(DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, Duration.ofSeconds(60))
                        .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofMillis(200))
                        .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(2))
                        .withBoolean(DefaultDriverOption.REQUEST_WARN_IF_SET_KEYSPACE, false)
                        .withInt(DefaultDriverOption.NETTY_IO_SIZE, 1)
                        .withInt(DefaultDriverOption.NETTY_ADMIN_SIZE, 1)
                        // Without any, a thread that closes a session may come too late to hear of it, which Netty
                        // logs.
                        .withString(DefaultDriverOption.NETTY_IO_SHUTDOWN_UNIT, "MILLISECONDS")
                        .withInt(DefaultDriverOption.NETTY_IO_SHUTDOWN_QUIET_PERIOD, CLOSING_QUIET_MILLIS)
                        .withInt(DefaultDriverOption.NETTY_IO_SHUTDOWN_TIMEOUT, CLOSING_MOST_MILLIS)
                        .withString(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_UNIT, "MILLISECONDS")
                        .withInt(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_QUIET_PERIOD, CLOSING_QUIET_MILLIS)
                        .withInt(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_TIMEOUT, CLOSING_MOST_MILLIS)
                        .build());
    }

    private static CqlSession checked(String clusterName, CqlSession session) {
        Row row = session.execute("SELECT cluster_name FROM system.local").one();
        String found = row == null ? "" : row.getString("cluster_name");
        if (!clusterName.equals(found)) {
            session.close();
            throw new NotAppliedException(
                    "connected to cluster '" + found + "' instead of '" + clusterName + "'",
                    "somebody else runs Cassandra on these addresses; start the ring again");
        }
        return session;
    }
}
