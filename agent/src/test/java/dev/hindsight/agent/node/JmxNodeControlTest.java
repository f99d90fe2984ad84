package dev.hindsight.agent.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.config.AgentConfig;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.ClusterUnreachableException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.schema.TableName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.UnicastRemoteObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a JMX server of this process whose beans have the operations of Cassandra 5.0.9. */
class JmxNodeControlTest {
    private static final UUID HOST = UUID.fromString("6a1f0000-0000-4000-8000-000000000001");
    private static final TableName TABLE = new TableName("shop", "carts");

    public interface Storage {
        String getLocalHostId();

        String getClusterName();

        String getReleaseVersion();

        String getOperationMode();

        String getSchemaVersion();

        String[] getAllDataFileLocations();

        List<String> getUnreachableNodes();

        List<String> getJoiningNodes();

        List<String> getLeavingNodes();

        List<String> getMovingNodes();

        void takeSnapshot(String tag, Map<String, String> options, String... entities) throws IOException;

        void clearSnapshot(String tag, String... keyspaces) throws IOException;
    }

    public interface Table {
        List<String> getDataPaths();

        List<String> importNewSSTables(
                Set<String> paths,
                boolean resetLevel,
                boolean clearRepaired,
                boolean verifySSTables,
                boolean verifyTokens,
                boolean invalidateCaches,
                boolean extendedVerify,
                boolean copyData);
    }

    public interface Gauge {
        Object getValue();
    }

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private int port;
    private Registry registry;
    private JMXConnectorServer server;
    private JmxNodeControl control;

    private final class FakeStorage implements Storage {
        @Override
        public String getLocalHostId() {
            return HOST.toString();
        }

        @Override
        public String getClusterName() {
            return "fake";
        }

        @Override
        public String getReleaseVersion() {
            return "5.0.9";
        }

        @Override
        public String getOperationMode() {
            return "NORMAL";
        }

        @Override
        public String getSchemaVersion() {
            return "s";
        }

        @Override
        public String[] getAllDataFileLocations() {
            return new String[] {"/d1", "/d2"};
        }

        @Override
        public List<String> getUnreachableNodes() {
            return List.of("127.0.0.9");
        }

        @Override
        public List<String> getJoiningNodes() {
            return List.of();
        }

        @Override
        public List<String> getLeavingNodes() {
            return List.of();
        }

        @Override
        public List<String> getMovingNodes() {
            return List.of();
        }

        @Override
        public void takeSnapshot(String tag, Map<String, String> options, String... entities) throws IOException {
            if (tag.equals("twice")) {
                throw new IOException("Snapshot twice already exists.");
            }
            if (tag.equals("bad")) {
                throw new IllegalStateException("disk gone");
            }
            calls.add("snapshot " + tag + " " + new TreeMap<>(options) + " " + List.of(entities));
        }

        @Override
        public void clearSnapshot(String tag, String... keyspaces) {
            calls.add("clear " + tag + " " + List.of(keyspaces));
        }
    }

    private final class FakeTable implements Table {
        @Override
        public List<String> getDataPaths() {
            return new ArrayList<>(List.of("/d1/shop/carts-" + "a".repeat(32), "/d2/shop/carts-" + "a".repeat(32)));
        }

        @Override
        public List<String> importNewSSTables(
                Set<String> paths,
                boolean resetLevel,
                boolean clearRepaired,
                boolean verifySSTables,
                boolean verifyTokens,
                boolean invalidateCaches,
                boolean extendedVerify,
                boolean copyData) {
            calls.add("import " + new TreeSet<>(paths)
                    + List.of(
                            resetLevel,
                            clearRepaired,
                            verifySSTables,
                            verifyTokens,
                            invalidateCaches,
                            extendedVerify,
                            copyData));
            return List.of("/refused");
        }
    }

    @BeforeEach
    void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        registry = LocateRegistry.createRegistry(port);
        server = serve();
        control = new JmxNodeControl(new AgentConfig.Cassandra("127.0.0.1", port, Optional.empty(), Optional.empty()));
    }

    private JMXConnectorServer serve() throws Exception {
        MBeanServer beans = MBeanServerFactory.newMBeanServer();
        beans.registerMBean(
                new StandardMBean(new FakeStorage(), Storage.class),
                new ObjectName("org.apache.cassandra.db:type=StorageService"));
        beans.registerMBean(
                new StandardMBean(new FakeTable(), Table.class),
                new ObjectName("org.apache.cassandra.db:type=Tables,keyspace=shop,table=carts"));
        for (String metric : List.of("MemtableColumnsCount", "MemtableOnHeapDataSize", "MemtableOffHeapDataSize")) {
            beans.registerMBean(
                    new StandardMBean((Gauge) () -> 21L, Gauge.class),
                    new ObjectName("org.apache.cassandra.metrics:type=Table,keyspace=shop,scope=carts,name=" + metric));
        }
        JMXConnectorServer fresh = JMXConnectorServerFactory.newJMXConnectorServer(
                new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"), null, beans);
        fresh.start();
        return fresh;
    }

    @AfterEach
    void stop() throws Exception {
        control.close();
        server.stop();
        UnicastRemoteObject.unexportObject(registry, true);
    }

    @Test
    void factsAndTablesAreRead() {
        NodeFacts facts = control.facts();

        assertThat(facts.hostId()).isEqualTo(HOST);
        assertThat(facts.dataDirectories()).containsExactly(Path.of("/d1"), Path.of("/d2"));
        assertThat(facts.unreachableNodes()).containsExactly("127.0.0.9");
        assertThat(control.liveTableDirectories("shop")).containsExactly("carts-" + "a".repeat(32));
        assertThat(control.tableDirectories(TABLE)).hasSize(2);
        assertThat(control.memtableBytes(List.of(TABLE))).isEqualTo(42);
        assertThatThrownBy(() -> control.tableDirectories(new TableName("shop", "none")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("shop.none");
    }

    @Test
    void changesAreCalledAsCassandraDeclaresThem() {
        control.takeSnapshot("t1", Optional.of(3600L), List.of(TABLE, new TableName("a", "B")));
        control.takeSnapshot("t2", Optional.empty(), List.of(TABLE));
        control.clearSnapshot("t1");
        List<String> refused = control.importSSTables(TABLE, Set.of(Path.of("/s/one"), Path.of("/s/two")));

        assertThat(refused).containsExactly("/refused");
        assertThat(calls)
                .containsExactly(
                        "snapshot t1 {ttl=3600s} [shop.carts, a.B]",
                        "snapshot t2 {} [shop.carts]",
                        "clear t1 []",
                        "import [/s/one, /s/two][true, true, true, true, true, true, false]");
    }

    @Test
    void whatTheNodeThrowsKeepsItsMeaning() {
        assertThatThrownBy(() -> control.takeSnapshot("twice", Optional.empty(), List.of(TABLE)))
                .isInstanceOf(AlreadyExistsException.class);
        assertThatThrownBy(() -> control.takeSnapshot("bad", Optional.empty(), List.of(TABLE)))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("disk gone");
        assertThatThrownBy(() -> control.clearSnapshot("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void connectionComesBackAfterTheNodeDid() throws Exception {
        control.facts();
        server.stop();
        assertThatThrownBy(control::facts).isInstanceOf(ClusterUnreachableException.class);

        server = serve();

        assertThat(control.facts().hostId()).isEqualTo(HOST);
        control.clearSnapshot("t1");
        assertThat(calls).containsExactly("clear t1 []");
    }
}
