package dev.hindsight.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("nightly")
class CassandraRingTest {
    @Test
    void threeNodesServeReplicatedDataAndLeaveNothingBehind() {
        Path directory;
        List<CassandraNode> nodes;
        long started = System.nanoTime();
        try (CassandraRing ring = CassandraRing.builder()
                .nodes(3)
                .racks("r1", "r2", "r3")
                .withoutHintedHandoff()
                .start()) {
            directory = ring.directory();
            nodes = ring.nodes();
            report("ring of 3 up", started, ring);
            CqlSession session = ring.session();
            session.execute("CREATE KEYSPACE k WITH replication =" + " {'class': 'NetworkTopologyStrategy', 'dc1': 3}");
            session.execute("CREATE TABLE k.t (a int PRIMARY KEY, b text)");
            session.execute("INSERT INTO k.t (a, b) VALUES (1, 'one')");
            ring.flush("k");
            report("first write", started, ring);

            CassandraNode second = ring.node(1);
            second.kill();
            session.execute("INSERT INTO k.t (a, b) VALUES (2, 'two')");
            second.restart();
            report("second node restarted", started, ring);
            ring.flush("k");

            for (CassandraNode node : nodes) {
                assertThat(coordinatorOf(node)).isEqualTo(node.hostId().toString());
                assertThat(node.dataFiles("k", "t")).isNotEmpty();
                assertThat(node.logErrors()).isEmpty();
            }
            assertThat(second.session()
                            .execute("SELECT count(*) FROM system.local")
                            .one())
                    .isNotNull();
            assertThat(second.nodetool("status", "k").orThrow())
                    .contains(second.hostId().toString())
                    .contains("UN");
            report("end", started, ring);
        }
        assertThat(directory).doesNotExist();
        assertThat(nodes).noneMatch(CassandraNode::isRunning);
        assertThat(Files.exists(directory)).isFalse();
    }

    @Test
    void nodeJoinsAndLeavesRingOfOtherFormatWithSeveralDataDirectories() {
        try (CassandraRing ring = CassandraRing.builder()
                .nodes(2)
                .randomTokens(6, 3)
                .sstableFormat("bti")
                .dataDirectories(2)
                .start()) {
            CqlSession session = ring.session();
            session.execute(
                    "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
            session.execute("CREATE TABLE k.t (a int PRIMARY KEY, b text)");
            for (int i = 0; i < 50; i++) {
                session.execute("INSERT INTO k.t (a, b) VALUES (" + i + ", 'x')");
            }

            CassandraNode third = ring.join("dc1", "r1", 99);
            ring.flush("k");
            assertThat(third.dataFiles("k", "t"))
                    .isNotEmpty()
                    .allMatch(file -> file.toString().contains("-bti-"));
            assertThat(rows(session)).isEqualTo(50);

            ring.decommission(third);
            assertThat(ring.nodes()).hasSize(2).doesNotContain(third);
            assertThat(third.isRunning()).isFalse();
            assertThat(rows(session)).isEqualTo(50);

            CassandraNode second = ring.node(1);
            second.leaveGossip();
            second.rejoinGossip();
            second.stop();
            assertThat(second.process().exitCode()).isPresent();
        }
    }

    private static long rows(CqlSession session) {
        return Objects.requireNonNull(
                        session.execute("SELECT count(*) FROM k.t").one())
                .getLong(0);
    }

    private static void report(String what, long started, CassandraRing ring) {
        StringBuilder out = new StringBuilder();
        ring.running()
                .forEach(node -> out.append(' ')
                        .append(node.process().cpuTime().orElse(Duration.ZERO).toMillis())
                        .append("ms/")
                        .append(node.process().residentBytes() >> 20)
                        .append("MiB"));
        System.getLogger(CassandraRingTest.class.getName())
                .log(
                        System.Logger.Level.INFO,
                        what + " after " + (System.nanoTime() - started) / 1_000_000 + " ms;" + out);
    }

    private static String coordinatorOf(CassandraNode node) {
        Row row = Objects.requireNonNull(
                node.session().execute("SELECT host_id FROM system.local").one());
        return String.valueOf(row.getUuid("host_id"));
    }
}
