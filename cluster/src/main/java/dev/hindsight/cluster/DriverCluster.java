package dev.hindsight.cluster;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import com.datastax.oss.driver.api.core.ssl.ProgrammaticSslEngineFactory;
import com.datastax.oss.driver.internal.core.loadbalancing.BasicLoadBalancingPolicy;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.OutcomeUnknownException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A live cluster through the Java driver.
 *
 * <p>The session connects to the nodes of all datacenters, because every node's view of the ring is asked for; nodes of
 * the local datacenter are asked first where any will do. The driver's schema and token metadata are off: both are read
 * here, from a named node. All driver threads are daemons. The driver reports reconnections as warnings to the logger
 * {@code com.datastax.oss.driver}; a distribution sets that to ERROR.
 *
 * <p>One thread at a time. Failures: see {@link LiveCluster}.
 */
public final class DriverCluster implements LiveCluster {
    private static final Duration AGREEMENT_TIMEOUT = Duration.ofSeconds(180);
    private static final Duration AGREEMENT_PAUSE = Duration.ofMillis(50);

    private final CqlSession session;
    private final ClusterSettings settings;
    private final String name;
    private final String datacenter;
    private final SchemaReader schema;

    private DriverCluster(CqlSession session, ClusterSettings settings) {
        this.session = session;
        this.settings = settings;
        this.schema = new SchemaReader(session);
        Row local = session.execute("SELECT cluster_name, partitioner, data_center FROM system.local")
                .one();
        this.name = local == null ? "" : text(local, "cluster_name");
        this.datacenter = settings.localDatacenter().orElseGet(() -> local == null ? "" : text(local, "data_center"));
        checkIdentity(local == null ? "" : text(local, "partitioner"));
    }

    /**
     * Connects and makes sure that this is the expected cluster.
     *
     * @throws ClusterUnreachableException if no contact point answers
     * @throws dev.hindsight.model.failure.UnauthorisedException if the credentials are refused
     * @throws PreconditionFailedException if the cluster has another name than expected or no such datacenter
     * @throws dev.hindsight.model.failure.UnsupportedException for a partitioner other than Murmur3
     * @throws UsageException if a contact point is no address
     */
    public static DriverCluster connect(ClusterSettings settings) {
        CqlSessionBuilder builder = CqlSession.builder()
                .withConfigLoader(config(settings.requestTimeout()))
                .addContactPoints(addresses(settings.contactPoints()));
        settings.credentials().ifPresent(given -> builder.withAuthCredentials(given.user(), given.password()));
        settings.tls()
                .ifPresent(
                        context -> builder.withSslEngineFactory(new ProgrammaticSslEngineFactory(context, null, true)));
        CqlSession session;
        try {
            session = builder.build();
        } catch (RuntimeException e) {
            throw DriverErrors.onConnect(e, settings.contactPoints());
        }
        try {
            return new DriverCluster(session, settings);
        } catch (HindsightException e) {
            SessionClosing.close(session);
            throw e;
        } catch (RuntimeException e) {
            SessionClosing.close(session);
            throw DriverErrors.onConnect(e, settings.contactPoints());
        }
    }

    private static List<InetSocketAddress> addresses(List<String> contactPoints) {
        try {
            return contactPoints.stream().map(ClusterSettings::address).toList();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), "name contact points as host or host:port", e);
        }
    }

    private static DriverConfigLoader config(Duration timeout) {
        return DriverConfigLoader.programmaticBuilder()
                .withClass(DefaultDriverOption.LOAD_BALANCING_POLICY_CLASS, BasicLoadBalancingPolicy.class)
                .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, timeout)
                .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(20))
                .withDuration(DefaultDriverOption.CONNECTION_SET_KEYSPACE_TIMEOUT, Duration.ofSeconds(20))
                .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(20))
                .withDuration(DefaultDriverOption.CONTROL_CONNECTION_AGREEMENT_TIMEOUT, Duration.ZERO)
                .withBoolean(DefaultDriverOption.CONTROL_CONNECTION_AGREEMENT_WARN, false)
                .withBoolean(DefaultDriverOption.CONNECTION_WARN_INIT_ERROR, false)
                .withBoolean(DefaultDriverOption.REQUEST_LOG_WARNINGS, false)
                .withBoolean(DefaultDriverOption.METADATA_SCHEMA_ENABLED, false)
                .withBoolean(DefaultDriverOption.METADATA_TOKEN_MAP_ENABLED, false)
                .withBoolean(DefaultDriverOption.NETTY_DAEMON, true)
                .withInt(DefaultDriverOption.NETTY_IO_SIZE, 2)
                .withInt(DefaultDriverOption.NETTY_ADMIN_SIZE, 1)
                .withInt(DefaultDriverOption.NETTY_IO_SHUTDOWN_QUIET_PERIOD, 0)
                .withInt(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_QUIET_PERIOD, 0)
                .build();
    }

    private void checkIdentity(String partitioner) {
        String expected = settings.clusterName().orElse(name);
        if (!expected.equals(name)) {
            throw new PreconditionFailedException(
                    "the cluster at " + String.join(", ", settings.contactPoints()) + " is called '" + name
                            + "', expected was '" + expected + "'",
                    "check the contact points and the cluster's name in the configuration");
        }
        if (!partitioner.equals(Ring.MURMUR3)) {
            throw RingReader.unsupportedPartitioner(name, partitioner);
        }
        Set<String> datacenters = new HashSet<>();
        session.getMetadata()
                .getNodes()
                .values()
                .forEach(node -> datacenters.add(String.valueOf(node.getDatacenter())));
        if (!datacenters.contains(datacenter)) {
            throw new PreconditionFailedException(
                    "cluster '" + name + "' has no datacenter '" + datacenter + "', it has " + datacenters,
                    "correct the local datacenter in the configuration, or leave it out");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Ring> ringViews() {
        return new RingReader(session).views();
    }

    @Override
    public List<KeyspaceSchema> schema() {
        return fromAnyNode("the schema", schema::read);
    }

    @Override
    public Optional<UUID> schemaVersion() {
        Set<UUID> versions = schemaVersions();
        if (versions.isEmpty()) {
            throw new ClusterUnreachableException(
                    "no node of cluster '" + name + "' told its schema version", "check that at least one node is up");
        }
        return versions.size() == 1 ? Optional.of(versions.iterator().next()) : Optional.empty();
    }

    /** Of all nodes that answer, each asked itself. */
    private Set<UUID> schemaVersions() {
        List<CompletionStage<UUID>> asked =
                RingReader.askable(session).stream().map(schema::versionAsync).toList();
        Set<UUID> versions = new HashSet<>();
        for (CompletionStage<UUID> answer : asked) {
            try {
                versions.add(answer.toCompletableFuture().join());
            } catch (CompletionException e) {
                RuntimeException cause = e.getCause() instanceof RuntimeException given ? given : e;
                if (cause instanceof HindsightException) {
                    throw cause;
                }
                if (!DriverErrors.isNodeTrouble(cause)) {
                    throw DriverErrors.onRead(cause, "the schema versions of cluster '" + name + "'");
                }
            }
        }
        return versions;
    }

    @Override
    public void executeDdl(String statement) {
        SimpleStatement ddl = SimpleStatement.newInstance(statement)
                .setTimeout(settings.requestTimeout().multipliedBy(2))
                .setIdempotent(false);
        RuntimeException unsent = null;
        for (Node node : preferred()) {
            try {
                session.execute(ddl.setNode(node));
                awaitAgreement(statement);
                return;
            } catch (HindsightException e) {
                throw e;
            } catch (RuntimeException e) {
                if (!DriverErrors.notSent(e)) {
                    throw DriverErrors.onDdl(e, statement);
                }
                unsent = e;
            }
        }
        throw unsent == null ? noNode() : DriverErrors.onDdl(unsent, statement);
    }

    /**
     * The driver's own check asks its control node only; when that node has not yet heard of the change, it sees the old
     * version everywhere and calls it agreement. So every node is asked here.
     */
    private void awaitAgreement(String statement) {
        long deadline = System.nanoTime() + AGREEMENT_TIMEOUT.toNanos();
        while (schemaVersions().size() != 1) {
            if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                throw new OutcomeUnknownException(
                        "the nodes of cluster '" + name + "' did not agree on the schema within "
                                + AGREEMENT_TIMEOUT.toSeconds() + " s after ["
                                + statement.lines().findFirst().orElse("") + "]",
                        "compare 'nodetool describecluster' on all nodes, then run the same command again");
            }
            LockSupport.parkNanos(AGREEMENT_PAUSE.toNanos());
        }
    }

    @Override
    public Optional<UUID> tableId(TableName table) {
        return fromAnyNode("the id of table " + table, node -> Optional.ofNullable(schema.tableId(node, table)));
    }

    /** {@inheritDoc} Read from {@code system.local.truncated_at}: commit-log position and instant (5.0, SystemKeyspace). */
    @Override
    public Map<UUID, Map<UUID, String>> truncations() {
        Map<UUID, Map<UUID, String>> out = new HashMap<>();
        for (Node node : RingReader.askable(session)) {
            try {
                Row row = session.execute(SimpleStatement.newInstance("SELECT host_id, truncated_at FROM system.local")
                                .setNode(node))
                        .one();
                UUID hostId = row == null ? null : row.getUuid("host_id");
                if (row != null && hostId != null) {
                    Map<UUID, String> notes = new HashMap<>();
                    Map<UUID, ByteBuffer> found = row.getMap("truncated_at", UUID.class, ByteBuffer.class);
                    if (found != null) {
                        found.forEach((table, note) -> notes.put(table, hex(note)));
                    }
                    out.put(hostId, notes);
                }
            } catch (RuntimeException e) {
                if (!DriverErrors.isNodeTrouble(e)) {
                    throw DriverErrors.onRead(e, "the truncations on node " + node.getEndPoint());
                }
            }
        }
        return out;
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Empty is only claimed after all replicas of all ranges have said so. Rows that are deleted do not count, their
     * tombstones may still be there.
     *
     * @throws NotFoundException if there is no such table
     * @throws ClusterUnreachableException if no row was found but not every replica could be asked
     */
    @Override
    public boolean isEmpty(TableName table) {
        try {
            return !holdsRow(table, DefaultConsistencyLevel.ALL);
        } catch (InvalidQueryException e) {
            throw new NotFoundException(
                    "table " + table + " of cluster '" + name + "': " + e.getMessage(), "check the table's name", e);
        } catch (UnauthorizedException e) {
            throw DriverErrors.onRead(e, "table " + table);
        } catch (RuntimeException e) {
            for (ConsistencyLevel weaker : List.of(DefaultConsistencyLevel.QUORUM, DefaultConsistencyLevel.ONE)) {
                if (foundRow(table, weaker)) {
                    return false;
                }
            }
            throw new ClusterUnreachableException(
                    "nobody can say that table " + table + " is empty: reading it at ALL failed: "
                            + DriverErrors.words(e),
                    "bring the nodes that are down back up, then try again",
                    e);
        }
    }

    private boolean foundRow(TableName table, ConsistencyLevel level) {
        try {
            return holdsRow(table, level);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private boolean holdsRow(TableName table, ConsistencyLevel level) {
        return session.execute(SimpleStatement.newInstance("SELECT * FROM " + table.asCql() + " LIMIT 1")
                                .setConsistencyLevel(level))
                        .one()
                != null;
    }

    /** Asks the next node when one does not answer. */
    @Override
    public Optional<Map<String, String>> replication(String keyspace) {
        return fromAnyNode(
                "the replication of keyspace " + keyspace,
                node -> Optional.ofNullable(session.execute(SimpleStatement.newInstance(
                                                "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?",
                                                keyspace)
                                        .setNode(node))
                                .one())
                        .map(row -> row.getMap("replication", String.class, String.class)));
    }

    @Override
    public Optional<Duration> logDelay() {
        return settings().values().stream().map(LogSettings::delay).max(Comparator.naturalOrder());
    }

    @Override
    public List<CdcRoom> cdcRooms() {
        List<CdcRoom> out = new ArrayList<>();
        settings()
                .forEach((node, settings) -> LogSettings.cdcRoom(node, settings).ifPresent(out::add));
        return out;
    }

    /** Of those that answer, by address. */
    private Map<String, Map<String, String>> settings() {
        Map<String, Map<String, String>> out = new TreeMap<>();
        for (Node node : RingReader.askable(session)) {
            try {
                Map<String, String> settings = new HashMap<>();
                session.execute(SimpleStatement.newInstance("SELECT name, value FROM system_views.settings")
                                .setNode(node))
                        .forEach(row -> {
                            String value = row.getString("value");
                            if (value != null) {
                                settings.put(text(row, "name"), value);
                            }
                        });
                out.put(String.valueOf(node.getEndPoint()), settings);
            } catch (RuntimeException e) {
                if (!DriverErrors.isNodeTrouble(e)) {
                    throw DriverErrors.onRead(e, "the settings of node " + node.getEndPoint());
                }
            }
        }
        return out;
    }

    private <T> T fromAnyNode(String what, Function<Node, T> question) {
        RuntimeException last = null;
        for (Node node : preferred()) {
            try {
                return question.apply(node);
            } catch (HindsightException e) {
                throw e;
            } catch (RuntimeException e) {
                last = e;
                if (!DriverErrors.isNodeTrouble(e)) {
                    break;
                }
            }
        }
        throw last == null ? noNode() : DriverErrors.onRead(last, what + " of cluster '" + name + "'");
    }

    private List<Node> preferred() {
        List<Node> nodes = new ArrayList<>(RingReader.askable(session));
        nodes.sort(Comparator.comparing(node -> !datacenter.equals(node.getDatacenter())));
        return nodes;
    }

    private ClusterUnreachableException noNode() {
        return new ClusterUnreachableException(
                "all nodes of cluster '" + name + "' are down", "check that at least one node is up");
    }

    @Override
    public void close() {
        SessionClosing.close(session);
    }

    private static String text(Row row, String column) {
        String value = row.getString(column);
        return value == null ? "" : value;
    }
}
