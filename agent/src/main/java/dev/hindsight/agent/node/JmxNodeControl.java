package dev.hindsight.agent.node;

import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.agent.node.JmxConnection.Kind;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanException;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.RuntimeErrorException;
import javax.management.RuntimeMBeanException;
import org.jspecify.annotations.Nullable;

/**
 * Cassandra 4.1 to 5.0 over JMX, by attribute and operation names, with no Cassandra class on the class path. Source:
 * {@code StorageServiceMBean} and {@code ColumnFamilyStoreMBean} of 5.0.9.
 */
public final class JmxNodeControl implements NodeControl {
    private static final ObjectName STORAGE = name("org.apache.cassandra.db:type=StorageService");
    private static final ObjectName STREAMS = name("org.apache.cassandra.net:type=StreamManager");
    private static final ObjectName RUNTIME = name("java.lang:type=Runtime");
    private static final Duration READ_LIMIT = Duration.ofSeconds(20);
    private static final Duration SNAPSHOT_LIMIT = Duration.ofMinutes(14);
    private static final Duration IMPORT_LIMIT = Duration.ofHours(6);
    private static final String STRING = "java.lang.String";
    private static final String STRINGS = "[Ljava.lang.String;";
    private static final String BOOLEAN = "boolean";

    private final JmxConnection connection;
    private final StreamListener listener = new StreamListener(STREAMS);

    public JmxNodeControl(AgentConfig.Cassandra config) {
        this.connection = new JmxConnection(config);
    }

    @Override
    public NodeFacts facts() {
        return call("node facts", Kind.READ, READ_LIMIT, node -> {
            Map<String, Object> values = new HashMap<>();
            String[] names = {
                "LocalHostId",
                "ClusterName",
                "ReleaseVersion",
                "OperationMode",
                "SchemaVersion",
                "AllDataFileLocations",
                "UnreachableNodes",
                "JoiningNodes",
                "LeavingNodes",
                "MovingNodes"
            };
            for (Attribute attribute : node.getAttributes(STORAGE, names).asList()) {
                values.put(attribute.getName(), attribute.getValue());
            }
            for (String name : names) {
                if (values.get(name) == null) {
                    // Registered, but the node has not come far enough in its start.
                    throw new ClusterUnreachableException(
                            "the node at " + connection.address() + " does not tell its " + name + " yet",
                            "wait until it has started");
                }
            }
            return new NodeFacts(
                    UUID.fromString(text(values, "LocalHostId")),
                    text(values, "ClusterName"),
                    text(values, "ReleaseVersion"),
                    text(values, "OperationMode"),
                    text(values, "SchemaVersion"),
                    Arrays.stream((Object[]) required(values, "AllDataFileLocations"))
                            .map(path -> Path.of(String.valueOf(path)))
                            .toList(),
                    texts(required(values, "UnreachableNodes")),
                    texts(required(values, "JoiningNodes")),
                    texts(required(values, "LeavingNodes")),
                    texts(required(values, "MovingNodes")));
        });
    }

    @Override
    public LogFacts log() {
        return call(
                "commit log",
                Kind.READ,
                READ_LIMIT,
                node -> new LogFacts(
                        Path.of(String.valueOf(node.getAttribute(STORAGE, "CommitLogLocation"))),
                        ((Number) node.getAttribute(RUNTIME, "StartTime")).longValue()));
    }

    @Override
    public StreamsSeen streams() {
        return call("streams", Kind.READ, READ_LIMIT, listener::hear);
    }

    @Override
    public List<Path> tableDirectories(TableName table) {
        return call("directories of " + table, Kind.READ, READ_LIMIT, node -> paths(node, tableBean(table)));
    }

    @Override
    public Set<String> liveTableDirectories(String keyspace) {
        return call("tables of " + keyspace, Kind.READ, READ_LIMIT, node -> {
            Set<String> out = new HashSet<>();
            for (ObjectName bean :
                    node.queryNames(name("org.apache.cassandra.db:type=Tables,keyspace=" + keyspace + ",*"), null)) {
                try {
                    for (Path path : paths(node, bean)) {
                        out.add(String.valueOf(path.getFileName()));
                    }
                } catch (InstanceNotFoundException e) {
                    // Dropped between the query and now.
                    continue;
                }
            }
            return out;
        });
    }

    @Override
    public long memtableBytes(Collection<TableName> tables) {
        long sum = 0;
        for (TableName table : tables) {
            sum += call("memtable size of " + table, Kind.READ, READ_LIMIT, node -> memtableBytes(node, table));
        }
        return sum;
    }

    private static long memtableBytes(MBeanServerConnection node, TableName table) throws Exception {
        // Operations, deletes among them: some kinds of memtable take memory while they are empty.
        if (metric(node, table, "MemtableColumnsCount") == 0) {
            return 0;
        }
        return metric(node, table, "MemtableOnHeapDataSize") + metric(node, table, "MemtableOffHeapDataSize");
    }

    private static long metric(MBeanServerConnection node, TableName table, String metric) throws Exception {
        ObjectName name = name("org.apache.cassandra.metrics:type=Table,keyspace=" + table.keyspace() + ",scope="
                + table.table() + ",name=" + metric);
        return ((Number) node.getAttribute(name, "Value")).longValue();
    }

    @Override
    public void takeSnapshot(String tag, Optional<Long> ttlSeconds, List<TableName> tables) {
        Map<String, String> options = new HashMap<>();
        ttlSeconds.ifPresent(seconds -> options.put("ttl", seconds + "s"));
        String[] entities = tables.stream().map(TableName::toString).toArray(String[]::new);
        run(
                "snapshot " + tag,
                SNAPSHOT_LIMIT,
                STORAGE,
                "takeSnapshot",
                new Object[] {tag, options, entities},
                new String[] {STRING, "java.util.Map", STRINGS});
    }

    @Override
    public void clearSnapshot(String tag) {
        if (tag.isEmpty()) {
            throw new IllegalArgumentException("an empty tag would clear every snapshot");
        }
        run(
                "clearing snapshot " + tag,
                SNAPSHOT_LIMIT,
                STORAGE,
                "clearSnapshot",
                new Object[] {tag, new String[0]},
                new String[] {STRING, STRINGS});
    }

    @Override
    public List<String> importSSTables(TableName table, Set<Path> directories) {
        Set<String> paths = new HashSet<>();
        directories.forEach(path -> paths.add(path.toString()));
        boolean resetLevel = true;
        boolean clearRepaired = true;
        boolean verifySSTables = true;
        boolean verifyTokens = true;
        boolean invalidateCaches = true;
        boolean extendedVerify = true;
        boolean copyData = false;
        Object refused = run(
                "import into " + table,
                IMPORT_LIMIT,
                tableBean(table),
                "importNewSSTables",
                new Object[] {
                    paths,
                    resetLevel,
                    clearRepaired,
                    verifySSTables,
                    verifyTokens,
                    invalidateCaches,
                    extendedVerify,
                    copyData
                },
                new String[] {"java.util.Set", BOOLEAN, BOOLEAN, BOOLEAN, BOOLEAN, BOOLEAN, BOOLEAN, BOOLEAN});
        return refused == null ? List.of() : texts(refused);
    }

    @Override
    public void close() {
        connection.close();
    }

    private @Nullable Object run(
            String what, Duration limit, ObjectName bean, String operation, Object[] arguments, String[] signature) {
        return call(
                        what,
                        Kind.CHANGE,
                        limit,
                        node -> Optional.ofNullable(node.invoke(bean, operation, arguments, signature)))
                .orElse(null);
    }

    private <T> T call(String what, Kind kind, Duration limit, JmxConnection.Call<T> call) {
        try {
            return connection.call(what, kind, limit, call);
        } catch (ExecutionException e) {
            throw meaning(what, e.getCause() == null ? e : e.getCause());
        }
    }

    /** What the node itself threw, by the outcome that it means. */
    private HindsightException meaning(String what, Throwable thrown) {
        if (thrown instanceof HindsightException known) {
            return known;
        }
        if (thrown instanceof InstanceNotFoundException) {
            return new NotFoundException(
                    "the node at " + connection.address() + " has no such table: " + what,
                    "wait for the schema to arrive, or check the name",
                    thrown);
        }
        Throwable cause = thrown;
        if (thrown instanceof MBeanException
                || thrown instanceof RuntimeMBeanException
                || thrown instanceof RuntimeErrorException) {
            cause = thrown.getCause() == null ? thrown : thrown.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        if (message.contains("already exists")) {
            return new AlreadyExistsException(
                    "the node at " + connection.address() + " refused " + what + ": " + message,
                    "choose another tag",
                    cause);
        }
        if (message.startsWith("Unknown keyspace/cf pair") || message.contains("does not exist")) {
            return new NotFoundException(
                    "the node at " + connection.address() + " refused " + what + ": " + message,
                    "check the names, or plan again: the schema has changed",
                    cause);
        }
        return new PreconditionFailedException(
                "the node at " + connection.address() + " refused " + what + ": " + cause,
                "see the node's system.log at this time",
                cause);
    }

    private static List<Path> paths(MBeanServerConnection node, ObjectName bean) throws Exception {
        return texts(node.getAttribute(bean, "DataPaths")).stream()
                .map(Path::of)
                .toList();
    }

    private static ObjectName tableBean(TableName table) {
        return name("org.apache.cassandra.db:type=Tables,keyspace=" + table.keyspace() + ",table=" + table.table());
    }

    private static Object required(Map<String, Object> values, String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("checked before: " + name);
        }
        return value;
    }

    private static String text(Map<String, Object> values, String name) {
        return required(values, name).toString();
    }

    private static List<String> texts(Object list) {
        List<String> out = new ArrayList<>();
        for (Object one : (Collection<?>) list) {
            out.add(String.valueOf(one));
        }
        return out;
    }

    /** Names are of word characters only (checked at the wire), so nothing needs quoting. */
    private static ObjectName name(String text) {
        try {
            return new ObjectName(text);
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
