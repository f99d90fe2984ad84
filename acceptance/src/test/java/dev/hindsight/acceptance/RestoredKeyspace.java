package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.hindsight.cluster.ClusterSettings;
import dev.hindsight.cluster.DriverCluster;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.testkit.dump.DumpDiff;
import dev.hindsight.testkit.dump.TableDumper;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** What a keyspace of an {@link AdversarialSource} became in some ring under some name, held against it. */
final class RestoredKeyspace {
    private static final Duration VIEWS_ARE_BUILT = Duration.ofMinutes(2);
    private static final int QUERIES_PER_INDEX = 8;

    private final AdversarialSource source;
    private final CassandraRing ring;
    private final String from;
    private final String to;

    RestoredKeyspace(AdversarialSource source, CassandraRing ring, String from, String to) {
        this.source = source;
        this.ring = ring;
        this.from = from;
        this.to = to;
    }

    /** Every node by itself, and all together, hold what the source held when read at ALL. */
    void assertDataEqualOnEveryReplica() {
        TableDumper dumper = source.dumper();
        for (TableName table : source.tablesOf(from)) {
            TableName restored = new TableName(to, table.table());
            assertThat(DumpDiff.between(source.dump(table), dumper.atAll(ring, restored))
                            .describe())
                    .as("%s in %s at ALL, seed %d", restored, ring.clusterName(), source.seed())
                    .isEqualTo("equal");
        }
        for (CassandraNode node : ring.nodes()) {
            TokenRanges owned = TableDumper.ownedBy(node, to);
            for (TableName table : source.tablesOf(from)) {
                TableName restored = new TableName(to, table.table());
                assertThat(DumpDiff.between(source.dump(table).within(owned), dumper.ofReplica(ring, node, restored))
                                .describe())
                        .as("%s on %s alone, seed %d", restored, node, source.seed())
                        .isEqualTo("equal");
            }
        }
    }

    /** Nothing that was deleted in the source comes to light when a write older than the deletion arrives. */
    void writeWhatTheDeletionsHide() {
        source.graves().writeWhatIsHidden(ring.session(), to);
    }

    /** Types, functions, aggregates, tables with their dropped columns, indexes and views; ids are new. */
    static void assertSchemaEqual(KeyspaceSchema expected, CassandraRing ring, String name) {
        KeyspaceSchema actual = schema(ring, name);
        assertThat(ddl(actual, expected.name())).isEqualTo(ddl(expected, expected.name()));
        assertThat(actual.durableWrites()).isEqualTo(expected.durableWrites());
    }

    static KeyspaceSchema schema(CassandraRing ring, String name) {
        ClusterSettings settings =
                ClusterSettings.of(List.of(ring.node(0).address())).withClusterName(ring.clusterName());
        try (DriverCluster cluster = DriverCluster.connect(settings)) {
            return cluster.schema().stream()
                    .filter(schema -> schema.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no keyspace " + name + " in " + ring.clusterName()));
        }
    }

    private static Map<String, String> ddl(KeyspaceSchema schema, String underName) {
        Map<String, String> out = new TreeMap<>();
        schema.elements().stream()
                .sorted(Comparator.comparing(SchemaElement::name))
                .forEach(element -> out.put(
                        element.kind() + " " + element.name(),
                        element.ddl()
                                .replaceAll("ID = [0-9a-f-]{36}", "ID = any")
                                // Cassandra keeps milliseconds; only the node that ran the ALTER recalls more.
                                .replaceAll("(DROP .* USING TIMESTAMP \\d+)\\d{3};", "$1000;")
                                .replace(schema.name(), underName)));
        return out;
    }

    /** Secondary and storage-attached indexes find what a scan finds; the view shows its table; functions compute. */
    void assertDerivedThingsAnswer(CqlSession sourceSession) {
        Awaitility.await()
                .atMost(VIEWS_ARE_BUILT)
                .untilAsserted(() -> assertThat(keys("by_v", row -> nonEmpty(row, "v")))
                        .as("view of %s, seed %d", to, source.seed())
                        .isNotEmpty()
                        .isEqualTo(keys("viewed", row -> nonEmpty(row, "v"))));
        assertIndexed("indexed", "a", "a = ?", (row, value) -> Objects.equals(row.getObject("a"), value));
        assertIndexed("searched", "b", "b = ?", (row, value) -> Objects.equals(row.getObject("b"), value));
        assertIndexed(
                "searched", "a", "a = ?", (row, value) -> String.valueOf(value).equalsIgnoreCase(row.getString("a")));
        assertContainsKey();
        assertThat(total(ring.session(), to))
                .as("user-defined aggregate, seed %d", source.seed())
                .isEqualTo(total(sourceSession, from));
    }

    private interface Matching {
        boolean test(Row row, Object value);
    }

    private void assertIndexed(String table, String column, String condition, Matching matching) {
        List<Row> rows = all(table);
        List<Object> values = rows.stream()
                .filter(row -> nonEmpty(row, column))
                .map(row -> Objects.requireNonNull(row.getObject(column)))
                .distinct()
                .limit(QUERIES_PER_INDEX)
                .toList();
        assertThat(values)
                .as("values of %s.%s, seed %d", table, column, source.seed())
                .isNotEmpty();
        for (Object value : values) {
            Set<String> expected = new TreeSet<>();
            rows.stream().filter(row -> matching.test(row, value)).forEach(row -> expected.add(key(row)));
            assertThat(found(table, condition, value))
                    .as("%s.%s WHERE %s with '%s', seed %d", to, table, condition, value, source.seed())
                    .isEqualTo(expected);
        }
    }

    private void assertContainsKey() {
        List<Row> rows = all("indexed");
        List<String> values = rows.stream()
                .flatMap(row -> Objects.requireNonNull(row.getMap("m", String.class, Integer.class)).keySet().stream())
                .distinct()
                .limit(QUERIES_PER_INDEX)
                .toList();
        assertThat(values).as("keys of indexed.m, seed %d", source.seed()).isNotEmpty();
        for (String value : values) {
            Set<String> expected = new TreeSet<>();
            rows.stream()
                    .filter(row -> Objects.requireNonNull(row.getMap("m", String.class, Integer.class))
                            .containsKey(value))
                    .forEach(row -> expected.add(key(row)));
            assertThat(found("indexed", "m CONTAINS KEY ?", value))
                    .as("%s.indexed.m CONTAINS KEY '%s', seed %d", to, value, source.seed())
                    .isEqualTo(expected);
        }
    }

    private Set<String> found(String table, String condition, Object value) {
        Set<String> out = new TreeSet<>();
        ring.session()
                .execute(SimpleStatement.newInstance(
                                "SELECT p, c FROM " + new TableName(to, table).asCql() + " WHERE " + condition, value)
                        .setConsistencyLevel(ConsistencyLevel.ALL))
                .forEach(row -> out.add(key(row)));
        return out;
    }

    private List<Row> all(String table) {
        return ring.session()
                .execute(SimpleStatement.newInstance("SELECT * FROM " + new TableName(to, table).asCql())
                        .setConsistencyLevel(ConsistencyLevel.ALL))
                .all();
    }

    private Set<String> keys(String table, Predicate<Row> wanted) {
        Set<String> out = new TreeSet<>();
        all(table).stream()
                .filter(wanted)
                .forEach(row -> out.add(key(row) + " v=" + row.getInt("v") + " w=" + row.getString("w")));
        return out;
    }

    private static String key(Row row) {
        return row.getInt("p") + "/" + row.getInt("c");
    }

    private static boolean nonEmpty(Row row, String column) {
        @Nullable ByteBuffer bytes = row.getBytesUnsafe(column);
        return bytes != null && bytes.hasRemaining();
    }

    private static long total(CqlSession session, String keyspace) {
        Row row = session.execute(SimpleStatement.newInstance(
                                "SELECT " + keyspace + ".total(b) AS sum FROM " + keyspace + ".indexed")
                        .setConsistencyLevel(ConsistencyLevel.ALL))
                .one();
        return Objects.requireNonNull(row).getLong("sum");
    }
}
