package dev.hindsight.lab;

import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotAppliedException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/** A JMX connection to one node, with the calls that tests and the demo make. One thread at a time. */
public final class NodeJmx implements AutoCloseable {
    private static final String STORAGE_SERVICE = "org.apache.cassandra.db:type=StorageService";
    private static final String STRINGS = String[].class.getName();

    private final String node;
    private final JMXConnector connector;
    private final MBeanServerConnection server;

    private NodeJmx(String node, JMXConnector connector) throws IOException {
        this.node = node;
        this.connector = connector;
        this.server = connector.getMBeanServerConnection();
    }

    // JMX of our own child process on loopback.
    @SuppressWarnings("BanJNDI")
    static NodeJmx connect(String node, int port) {
        try {
            return new NodeJmx(
                    node,
                    JMXConnectorFactory.connect(
                            new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi")));
        } catch (IOException e) {
            throw new ClusterUnreachableException(
                    "JMX of " + node + " on port " + port + " does not answer: " + e.getMessage(),
                    "is the node running?",
                    e);
        }
    }

    /** Memtables to SSTables; no tables means all of the keyspace. */
    public void flush(String keyspace, String... tables) {
        storage("forceKeyspaceFlush", signature(String.class.getName(), STRINGS), keyspace, tables);
    }

    /** Major compaction; no tables means all of the keyspace. */
    public void compact(String keyspace, String... tables) {
        storage(
                "forceKeyspaceCompaction",
                signature("boolean", String.class.getName(), STRINGS),
                false,
                keyspace,
                tables);
    }

    public void disableAutoCompaction(String keyspace, String... tables) {
        storage("disableAutoCompaction", signature(String.class.getName(), STRINGS), keyspace, tables);
    }

    public void enableAutoCompaction(String keyspace, String... tables) {
        storage("enableAutoCompaction", signature(String.class.getName(), STRINGS), keyspace, tables);
    }

    /** Drops what the node does not own any more. */
    public void cleanup(String keyspace, String... tables) {
        storage("forceKeyspaceCleanup", signature("int", String.class.getName(), STRINGS), 1, keyspace, tables);
    }

    /** Leaves the ring, streaming its data away first; returns when it has left. */
    public void decommission() {
        // Forced: Cassandra's own keyspaces ask for 3 replicas, which a small ring cannot keep.
        storage("decommission", signature("boolean"), true);
    }

    void stopGossiping() {
        storage("stopGossiping", signature());
    }

    void startGossiping() {
        storage("startGossiping", signature());
    }

    /**
     * Cassandra's own answer to who replicates what.
     *
     * @return addresses by {@code [start, end]} of each range {@code (start, end]}; one may wrap
     */
    public Map<List<String>, List<String>> rangeToEndpoints(String keyspace) {
        Map<?, ?> raw = (Map<?, ?>) Objects.requireNonNull(
                invoke(STORAGE_SERVICE, "getRangeToEndpointMap", signature(String.class.getName()), keyspace));
        Map<List<String>, List<String>> map = new HashMap<>();
        raw.forEach((range, endpoints) -> map.put(strings(range), strings(endpoints)));
        return map;
    }

    /** How many reads of a table this node has served as a replica, by partition or by range. */
    public long localReads(String keyspace, String table) {
        long count = 0;
        for (String metric : List.of("ReadLatency", "RangeLatency")) {
            count += ((Number) attribute(
                            "org.apache.cassandra.metrics:type=Table,keyspace=" + keyspace + ",scope=" + table
                                    + ",name=" + metric,
                            "Count"))
                    .longValue();
        }
        return count;
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(String::valueOf).toList();
    }

    public void drain() {
        storage("drain", signature());
    }

    public void takeSnapshot(String tag, String... keyspacesOrTables) {
        storage(
                "takeSnapshot",
                signature(String.class.getName(), "java.util.Map", STRINGS),
                tag,
                Map.of(),
                keyspacesOrTables);
    }

    public void clearSnapshot(String tag, String... keyspaces) {
        storage("clearSnapshot", signature(String.class.getName(), STRINGS), tag, keyspaces);
    }

    /** {@code nodetool refresh}: takes over files that lie in the table's directory under free ids. */
    public void loadNewSSTables(String keyspace, String table) {
        storage("loadNewSSTables", signature(String.class.getName(), String.class.getName()), keyspace, table);
    }

    /**
     * {@code nodetool import --copy-data} with verification of SSTables and of tokens.
     *
     * @return the directories that failed; empty means all was taken over
     */
    public List<String> importSSTables(String keyspace, String table, String... directories) {
        Object failed = invoke(
                "org.apache.cassandra.db:type=Tables,keyspace=" + keyspace + ",table=" + table,
                "importNewSSTables",
                signature(
                        "java.util.Set",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean"),
                Set.of(directories),
                true,
                true,
                true,
                true,
                true,
                false,
                true,
                false,
                false);
        return ((List<?>) Objects.requireNonNull(failed))
                .stream().map(String::valueOf).toList();
    }

    /**
     * {@code nodetool verify -e}: every row of every SSTable is read, tokens are checked. Of 5.0.
     *
     * @return 0 when all are right
     * @throws NotAppliedException an SSTable is damaged
     */
    public int verifyExtended(String keyspace, String... tables) {
        return (int) Objects.requireNonNull(invoke(
                STORAGE_SERVICE,
                "verify",
                signature(
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        "boolean",
                        String.class.getName(),
                        STRINGS),
                true,
                false,
                false,
                false,
                true,
                false,
                keyspace,
                tables));
    }

    public String clusterName() {
        return String.valueOf(attribute(STORAGE_SERVICE, "ClusterName"));
    }

    public String hostId() {
        return String.valueOf(attribute(STORAGE_SERVICE, "LocalHostId"));
    }

    /** {@code NORMAL}, {@code JOINING}, {@code DECOMMISSIONED} and so on. */
    public String operationMode() {
        return String.valueOf(attribute(STORAGE_SERVICE, "OperationMode"));
    }

    public boolean nativeTransportRunning() {
        return (boolean) attribute(STORAGE_SERVICE, "NativeTransportRunning");
    }

    /** Addresses that this node's failure detector holds for up. */
    public List<String> liveNodes() {
        return ((List<?>) attribute(STORAGE_SERVICE, "LiveNodes"))
                .stream().map(String::valueOf).toList();
    }

    /** Addresses of all nodes that have tokens, as this node's gossip has it. */
    public Set<String> ringMembers() {
        return ((Map<?, ?>) attribute(STORAGE_SERVICE, "TokenToEndpointMap"))
                .values().stream().map(String::valueOf).collect(Collectors.toSet());
    }

    /** How many schema versions the nodes have that this node can reach; those it cannot count as none. */
    public int schemaVersions() {
        Object versions = attribute("org.apache.cassandra.db:type=StorageProxy", "SchemaVersions");
        return (int) ((Map<?, ?>) versions)
                .keySet().stream().filter(key -> !"UNREACHABLE".equals(key)).count();
    }

    public Object attribute(String bean, String attribute) {
        try {
            return server.getAttribute(name(bean), attribute);
        } catch (JMException | RuntimeMBeanException e) {
            throw failed("read " + attribute + " of " + bean, e);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** For whatever has no method here. */
    public @Nullable Object invoke(
            String bean, String operation, List<String> signature, @Nullable Object... arguments) {
        try {
            return server.invoke(name(bean), operation, arguments, signature.toArray(String[]::new));
        } catch (JMException | RuntimeMBeanException e) {
            throw failed(operation + " of " + bean, e);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private void storage(String operation, List<String> signature, @Nullable Object... arguments) {
        invoke(STORAGE_SERVICE, operation, signature, arguments);
    }

    private static List<String> signature(String... types) {
        return List.of(types);
    }

    private static ObjectName name(String bean) throws MalformedObjectNameException {
        return new ObjectName(bean);
    }

    private NotAppliedException failed(String what, Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new NotAppliedException(node + ": " + what + " failed: " + cause, "see the node's log", e);
    }

    private ClusterUnreachableException lost(IOException e) {
        return new ClusterUnreachableException(
                "the JMX connection to " + node + " broke: " + e.getMessage(), "is the node running?", e);
    }

    @Override
    public void close() {
        try {
            connector.close();
        } catch (IOException e) {
            // The node is gone, and its end of the connection with it.
            return;
        }
    }
}
