package dev.hindsight.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.cluster.ClusterSettings;
import dev.hindsight.cluster.DriverCluster;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.NodeJmx;
import dev.hindsight.lab.RingWithAgents;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.ring.Node;
import dev.hindsight.model.ring.Ownership;
import dev.hindsight.model.ring.ReplicaMap;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.DdlStatement;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.RestoreSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableName;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the driver reads of a real ring, and that its schema can be made again from that. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchemaRoundTripTest {
    private static final String KEYSPACE = "Round_Trip";
    private static final String ADVERSARIAL = """
            CREATE KEYSPACE "Round_Trip" WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 2}
                AND durable_writes = false;
            CREATE TYPE "Round_Trip".z_inner ("Field One" int, "select" text, v vector<float, 3>);
            CREATE TYPE "Round_Trip"."A""outer" (i frozen<z_inner>, l list<frozen<z_inner>>, d duration);
            CREATE TYPE "Round_Trip"."Round_Trip" (x int);
            CREATE TYPE "Round_Trip".unused (x int);
            CREATE FUNCTION "Round_Trip".state_f ("Acc" int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java
                AS $$ int x = "Round_Trip.t;".length(); /* ' " ; */ return Acc == null ? v : Acc + x; $$;
            CREATE FUNCTION "Round_Trip".dollars (v text) RETURNS NULL ON NULL INPUT RETURNS text LANGUAGE java
                AS ' return v + "$$ it''s; " + "$$;"; ';
            CREATE FUNCTION "Round_Trip"."Fun" (a z_inner, b list<text>) RETURNS NULL ON NULL INPUT
                RETURNS "A""outer" LANGUAGE java AS $$ return null; $$;
            CREATE AGGREGATE "Round_Trip"."Sum" (int) SFUNC state_f STYPE int INITCOND 0;
            CREATE TABLE "Round_Trip"."select" ("from" int, "WHERE" text, "c;d" text, s int static, plain int,
                u frozen<"A""outer">, n z_inner, m map<text, frozen<set<int>>>, t tuple<int, frozen<list<text>>>,
                ve vector<float, 4>, du duration, own "Round_Trip", PRIMARY KEY (("from", "WHERE"), "c;d", plain))
                WITH CLUSTERING ORDER BY ("c;d" DESC, plain ASC)
                AND comment = 'it''s; a "comment" /* with */ -- all $$ AND ID = 7' AND gc_grace_seconds = 3600
                AND compression = {'class': 'ZstdCompressor', 'chunk_length_in_kb': 8};
            CREATE TABLE "Round_Trip".counters (k text PRIMARY KEY, c counter);
            CREATE TABLE "Round_Trip".dropped (k int PRIMARY KEY, a int, keep int);
            ALTER TABLE "Round_Trip".dropped DROP a USING TIMESTAMP 1600000000000000;
            ALTER TABLE "Round_Trip".dropped ADD a int;
            CREATE TABLE "Round_Trip".dropped_type (k int PRIMARY KEY, u frozen<unused>, keep int);
            ALTER TABLE "Round_Trip".dropped_type DROP u;
            CREATE TABLE "Round_Trip".compact_dense (k int, c int, v text, PRIMARY KEY (k, c))
                WITH COMPACT STORAGE AND comment = 'a */ b; "';
            CREATE TABLE "Round_Trip".compact_static (k int PRIMARY KEY, v text, "W" text) WITH COMPACT STORAGE;
            CREATE TABLE "Round_Trip".idx (k int, c int, v text, "V 2" text, m map<text, text>, st text static,
                ve vector<float, 3>, PRIMARY KEY (k, c));
            CREATE INDEX idx_v ON "Round_Trip".idx (v);
            CREATE INDEX "Idx_Q" ON "Round_Trip".idx ("V 2");
            CREATE INDEX idx_entries ON "Round_Trip".idx (entries(m));
            CREATE CUSTOM INDEX sai_v ON "Round_Trip".idx (v) USING 'StorageAttachedIndex'
                WITH OPTIONS = {'case_sensitive': 'false', 'normalize': 'true'};
            CREATE CUSTOM INDEX sai_ve ON "Round_Trip".idx (ve) USING 'sai'
                WITH OPTIONS = {'similarity_function': 'dot_product'};
            CREATE TABLE "Round_Trip".base (k int, c int, v text, PRIMARY KEY (k, c));
            CREATE MATERIALIZED VIEW "Round_Trip"."By_V" AS SELECT * FROM "Round_Trip".base
                WHERE v IS NOT NULL AND k IS NOT NULL AND c >= 5 AND c < 1000 PRIMARY KEY ((v), k, c)
                WITH CLUSTERING ORDER BY (k DESC, c ASC) AND comment = 'view WITH ID = x;';
            CREATE KEYSPACE system_orders WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
            """;
    private static final Pattern DESCRIBED_RANGE =
            Pattern.compile("start_token:(-?\\d+), end_token:(-?\\d+), endpoints:\\[([^]]*)]");

    private final RingWithAgents ring = Rings.target();
    private final DriverCluster cluster =
            DriverCluster.connect(ClusterSettings.of(List.of(ring.node(0).address()))
                    .withClusterName(ring.ring().clusterName()));

    @BeforeAll
    void createAdversarialSchema() {
        DdlStatement.split(ADVERSARIAL).forEach(cluster::executeDdl);
    }

    @AfterAll
    void removeWhatWasMade() {
        for (String keyspace : List.of(KEYSPACE, "round_copy", "system_orders")) {
            cluster.executeDdl("DROP KEYSPACE IF EXISTS \"" + keyspace + "\"");
        }
        cluster.close();
    }

    @Test
    void aDroppedKeyspaceComesBackEqualButForIds() {
        KeyspaceSchema before = keyspace(KEYSPACE).orElseThrow();
        cluster.executeDdl("DROP KEYSPACE \"Round_Trip\"");

        execute(RestoreSchema.Request.wholeKeyspace(before, Optional.empty()));

        KeyspaceSchema after = keyspace(KEYSPACE).orElseThrow();
        assertThat(withoutIds(after)).isEqualTo(withoutIds(before));
        assertThat(after.replication()).isEqualTo(before.replication());
        assertThat(after.durableWrites()).isFalse();
        assertThat(after.find("select").orElseThrow().id())
                .isNotEqualTo(before.find("select").orElseThrow().id());
        assertThat(after.find("select").orElseThrow().gcGraceSeconds()).isEqualTo(3600);
        assertThat(after.find("counters").orElseThrow().counter()).isTrue();
        assertThat(after.find("compact_static").orElseThrow().compactStorage()).isTrue();
        assertThat(RestoreSchema.plan(RestoreSchema.Request.wholeKeyspace(before, Optional.of(after)))
                        .steps())
                .isEmpty();
    }

    @Test
    void everyTableCanStandBesideItselfAndInAnotherKeyspace() {
        KeyspaceSchema source = keyspace(KEYSPACE).orElseThrow();

        execute(RestoreSchema.Request.wholeKeyspace(source, Optional.empty())
                .inKeyspace("round_copy")
                .replicated(Map.of("class", "SimpleStrategy", "replication_factor", "1")));
        source.tables().forEach(table -> {
            String name = table.name().table();
            execute(RestoreSchema.Request.wholeKeyspace(source, keyspace("round_copy"))
                    .inKeyspace("round_copy")
                    .of(Set.of(name))
                    .named(Map.of(name, "New_" + name)));
        });

        KeyspaceSchema copy = keyspace("round_copy").orElseThrow();
        assertThat(copy.tables()).hasSize(2 * source.tables().size());
        assertThat(copy.elements().stream().filter(element -> element.table().equals("New_idx")))
                .hasSize(5);
    }

    @Test
    void keyspacesOfTheUserAreListedWhateverTheirNameAndCassandrasOwnAreNot() {
        assertThat(cluster.schema())
                .extracting(KeyspaceSchema::name)
                .contains(KEYSPACE, "system_orders")
                .doesNotContain("system", "system_schema", "system_auth", "system_traces", "system_views");
        assertThat(cluster.schemaVersion()).isPresent();
    }

    @Test
    void everyNodeTellsTheSameRingAndItsPlacementIsOurs() {
        List<Ring> views = cluster.ringViews();

        assertThat(views).hasSize(ring.ring().nodes().size());
        assertThat(new HashSet<>(views)).hasSize(1);
        Ring seen = views.get(0);
        assertThat(seen.nodes()).allMatch(Node::up);
        ring.ring()
                .nodes()
                .forEach(node -> assertThat(
                                seen.find(node.hostId()).orElseThrow().tokens())
                        .isEqualTo(node.tokens().stream().sorted().toList()));
        Map<UUID, String> addresses =
                ring.ring().nodes().stream().collect(Collectors.toMap(CassandraNode::hostId, CassandraNode::address));
        for (KeyspaceSchema schema : cluster.schema()) {
            ReplicaMap ours = Ownership.of(seen, schema.parsedReplication());
            List<String> ranges = describedRing(schema.name());
            assertThat(ranges).isNotEmpty();
            for (String text : ranges) {
                Matcher range = DESCRIBED_RANGE.matcher(text);
                assertThat(range.find()).as(text).isTrue();
                assertThat(ours.replicasOf(Long.parseLong(range.group(2))))
                        .as("%s %s", schema.name(), text)
                        .extracting(addresses::get)
                        .containsExactlyInAnyOrder(range.group(3).split(", "));
            }
        }
    }

    @Test
    void tablesAreEmptyUntilARowIsFound() {
        TableName table = new TableName(KEYSPACE, "select");
        assertThat(cluster.isEmpty(table)).isTrue();

        ring.ring().session().execute("INSERT INTO " + table.asCql() + " (\"from\", \"WHERE\", s) VALUES (1, 'x', 2)");

        assertThat(cluster.isEmpty(table)).isFalse();
        ring.ring().session().execute("TRUNCATE " + table.asCql());
        assertThat(cluster.isEmpty(table)).isTrue();
        assertThat(cluster.tableId(table))
                .isEqualTo(keyspace(KEYSPACE)
                        .flatMap(schema -> schema.find("select"))
                        .map(facts -> facts.id()));
        assertThat(cluster.tableId(new TableName(KEYSPACE, "none"))).isEmpty();
        assertThatThrownBy(() -> cluster.isEmpty(new TableName("none", "none"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void statementsTheServerRejectsAndAnotherClusterAreNamed() {
        assertThatThrownBy(() -> cluster.executeDdl("CREATE TYPE \"Round_Trip\".unused (x int)"))
                .isInstanceOfAny(AlreadyExistsException.class, PreconditionFailedException.class);
        assertThatThrownBy(() -> cluster.executeDdl("CREATE TABLE \"Round_Trip\".counters (k text PRIMARY KEY)"))
                .isInstanceOf(AlreadyExistsException.class);
        assertThatThrownBy(() -> cluster.executeDdl("CREATE TABLE \"Round_Trip\".odd (k missing_type PRIMARY KEY)"))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining("missing_type");
        assertThatThrownBy(() -> DriverCluster.connect(
                        ClusterSettings.of(List.of(ring.node(1).address())).withClusterName("another")))
                .isInstanceOf(PreconditionFailedException.class)
                .hasMessageContaining(ring.ring().clusterName())
                .hasMessageContaining("another");
    }

    private void execute(RestoreSchema.Request request) {
        RestoreSchema.Result result = RestoreSchema.plan(request);
        assertThat(result.refused()).isEmpty();
        result.steps().forEach(step -> cluster.executeDdl(step.statement()));
    }

    private Optional<KeyspaceSchema> keyspace(String name) {
        return cluster.schema().stream()
                .filter(schema -> schema.name().equals(name))
                .findFirst();
    }

    private static Map<String, String> withoutIds(KeyspaceSchema schema) {
        Map<String, String> out = new TreeMap<>();
        schema.elements().stream()
                .sorted(Comparator.comparing(SchemaElement::name))
                .forEach(element -> out.put(
                        element.kind() + " " + element.name(),
                        element.ddl().replaceAll("ID = [0-9a-f-]{36}", "ID = any")));
        return out;
    }

    private List<String> describedRing(String keyspace) {
        try (NodeJmx jmx = ring.node(0).jmx()) {
            Object ranges = jmx.invoke(
                    "org.apache.cassandra.db:type=StorageService",
                    "describeRingJMX",
                    List.of(String.class.getName()),
                    keyspace);
            return ((List<?>) Objects.requireNonNull(ranges))
                    .stream().map(String::valueOf).toList();
        }
    }
}
