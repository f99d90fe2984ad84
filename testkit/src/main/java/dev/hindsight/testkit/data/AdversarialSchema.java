package dev.hindsight.testkit.data;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.loadbalancing.NodeDistance;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.metadata.NodeState;
import dev.hindsight.lab.Await;
import dev.hindsight.model.schema.Identifiers;
import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Two keyspaces with a table for every shape that CQL of Cassandra 5.0, or of 4.1, has: {@code <name>} and, with names that need
 * quotes everywhere, {@code <Name>Mixed}. All tables have {@code read_repair = 'NONE'}, so that replicas that were made to
 * differ stay so. One thread at a time.
 */
public final class AdversarialSchema {
    private static final String OPTIONS = "read_repair = 'NONE' AND speculative_retry = 'NONE'";

    private final String keyspace;
    private final String mixedKeyspace;
    private final String replication;
    private final boolean five;
    private final List<String> statements = new ArrayList<>();
    private final Map<Integer, List<String>> alterations = new TreeMap<>();
    private final List<TableName> tables = new ArrayList<>();
    private final List<TableName> views = new ArrayList<>();

    private AdversarialSchema(String name, String replication, boolean five) {
        this.keyspace = name;
        this.mixedKeyspace = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + "Mixed";
        this.replication = replication;
        this.five = five;
    }

    /**
     * @param name of the keyspace, lower case
     * @param replication CQL map, {@code {'class': 'SimpleStrategy', 'replication_factor': '3'}}
     */
    public static AdversarialSchema create(String name, String replication) {
        return create(name, replication, true);
    }

    /** Without vectors, SAI and unified compaction. */
    public static AdversarialSchema createFor41(String name, String replication) {
        return create(name, replication, false);
    }

    private static AdversarialSchema create(String name, String replication, boolean five) {
        AdversarialSchema schema = new AdversarialSchema(name, replication, five);
        schema.keyspaces();
        schema.types();
        schema.keyShapes();
        schema.collections();
        schema.storageShapes();
        schema.evolution();
        schema.names();
        schema.derived();
        return schema;
    }

    public String keyspace() {
        return keyspace;
    }

    /** Case-sensitive. */
    public String mixedKeyspace() {
        return mixedKeyspace;
    }

    /** All tables of both keyspaces, views not among them. */
    public List<TableName> tables() {
        return List.copyOf(tables);
    }

    public List<TableName> views() {
        return List.copyOf(views);
    }

    public List<String> statements() {
        return List.copyOf(statements);
    }

    public void create(CqlSession session) {
        executeAll(session, statements);
    }

    /** What changes in the schema after a round of writes: columns and fields added, dropped, added again. */
    public void alter(CqlSession session, int afterRound) {
        executeAll(session, alterations.getOrDefault(afterRound, List.of()));
    }

    public void drop(CqlSession session) {
        executeAll(
                session,
                List.of(
                        "DROP KEYSPACE IF EXISTS " + Identifiers.quote(keyspace),
                        "DROP KEYSPACE IF EXISTS " + Identifiers.quote(mixedKeyspace)));
    }

    // The driver would read the whole schema again after each statement, and without that it does not wait for
    // agreement.
    // Unless each statement is agreed on before the next one, nodes pull halves of the schema from each other, fail to
    // merge them ("Unknown type") and stay different for ever.
    private static void executeAll(CqlSession session, List<String> statements) {
        Node coordinator = session.getMetadata().getNodes().values().stream()
                .filter(node -> node.getState() == NodeState.UP)
                .findFirst()
                .orElseThrow();
        session.setSchemaMetadataEnabled(false);
        try {
            for (String statement : statements) {
                session.execute(SimpleStatement.newInstance(statement).setNode(coordinator));
                Await.until("schema agreement after " + statement, Duration.ofMinutes(2), () -> versions(session) == 1);
            }
        } finally {
            session.setSchemaMetadataEnabled(null);
        }
    }

    // Asked of each node: the driver's own check trusts what gossip has told one of them, which may be yesterday's.
    private static long versions(CqlSession session) {
        return session.getMetadata().getNodes().values().stream()
                .filter(node -> node.getState() == NodeState.UP && node.getDistance() != NodeDistance.IGNORED)
                .map(node -> session.execute(SimpleStatement.newInstance("SELECT schema_version FROM system.local")
                                .setNode(node))
                        .one())
                .map(row -> String.valueOf(Objects.requireNonNull(row).getUuid("schema_version")))
                .distinct()
                .count();
    }

    private void keyspaces() {
        for (String name : List.of(keyspace, mixedKeyspace)) {
            statements.add("CREATE KEYSPACE " + Identifiers.quote(name) + " WITH replication = " + replication);
        }
    }

    private void table(String name, String columns, String... options) {
        add(new TableName(keyspace, name), columns, options);
    }

    private void add(TableName table, String columns, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add(OPTIONS);
        statements.add("CREATE TABLE " + table.asCql() + " (" + columns + ") WITH " + String.join(" AND ", all));
        tables.add(table);
    }

    private String type(String name) {
        return Identifiers.quote(keyspace) + "." + name;
    }

    private void types() {
        statements.add("CREATE TYPE " + type("address") + " (street text, zip int, tags frozen<set<text>>)");
        statements.add("CREATE TYPE " + type("place") + " (x double, label text)");
        statements.add("CREATE TYPE " + type("person")
                + " (name text, home frozen<address>, phones frozen<map<text, text>>, scores frozen<list<double>>)");
        table(
                "all_types",
                """
                p int, c int, v_ascii ascii, v_bigint bigint, v_blob blob, v_boolean boolean, v_date date,
                v_decimal decimal, v_double double, v_duration duration, v_float float, v_inet inet, v_int int,
                v_smallint smallint, v_text text, v_time time, v_timestamp timestamp, v_timeuuid timeuuid,
                v_tinyint tinyint, v_uuid uuid, v_varchar varchar, v_varint varint,""" + (five ? " v_vector vector<float, 3>, v_texts vector<text, 2>," : "") + " PRIMARY KEY (p, c)",
                "CLUSTERING ORDER BY (c DESC)");
    }

    private void keyShapes() {
        table(
                "composite_key",
                "a text, b int, c uuid, k1 timeuuid, k2 decimal, k3 inet, s1 text static, s2 int static, v text,"
                        + " w bigint, PRIMARY KEY ((a, b, c), k1, k2, k3)",
                "CLUSTERING ORDER BY (k1 ASC, k2 DESC, k3 ASC)");
        table(
                "reversed_clusterings",
                "p blob, k1 date, k2 varint, k3 text, k4 boolean, v double, PRIMARY KEY (p, k1, k2, k3, k4)",
                "CLUSTERING ORDER BY (k1 DESC, k2 DESC, k3 DESC, k4 DESC)");
        table(
                "odd_clusterings",
                "p timeuuid, k1 tinyint, k2 time, k3 double, k4 blob, k5 frozen<tuple<int, text>>, v smallint,"
                        + " PRIMARY KEY (p, k1, k2, k3, k4, k5)",
                "CLUSTERING ORDER BY (k1 ASC, k2 DESC, k3 ASC, k4 DESC, k5 ASC)");
        table("odd_partition_key", "a frozen<set<int>>, b frozen<place>, c timestamp, v text, PRIMARY KEY ((a, b, c))");
        table("row_markers_only", "p int, c int, PRIMARY KEY (p, c)");
        table("partition_key_only", "p text PRIMARY KEY");
        table("statics_only", "p int, c int, s text static, m map<text, int> static, PRIMARY KEY (p, c)");
        table(
                "ranges",
                "p int, k1 int, k2 int, k3 text, s int static, v int, w text, PRIMARY KEY (p, k1, k2, k3)",
                "CLUSTERING ORDER BY (k1 ASC, k2 DESC, k3 ASC)");
    }

    private void collections() {
        table(
                "collections",
                "p int, c text, l list<text>, s set<int>, m map<text, blob>, fl frozen<list<int>>, fs frozen<set<uuid>>,"
                        + " fm frozen<map<int, text>>, ml map<int, frozen<list<text>>>, sm set<frozen<map<int, int>>>,"
                        + " lu list<frozen<address>>, PRIMARY KEY (p, c)");
        table(
                "user_types",
                "p int, c int, u person, fu frozen<person>, t tuple<int, text, frozen<list<int>>>,"
                        + " mu map<text, frozen<person>>, st set<frozen<tuple<int, text>>>, su person static,"
                        + " ss set<text> static, PRIMARY KEY (p, c)",
                "compression = {'class': 'ZstdCompressor'}");
        table("counters", "p int, c text, one counter, two counter, total counter static, PRIMARY KEY (p, c)");
        table("plain_counters", "p text PRIMARY KEY, n counter");
    }

    private void storageShapes() {
        table(
                "default_ttl",
                "p int, c int, v text, l list<int>, s text static, PRIMARY KEY (p, c)",
                "default_time_to_live = 1728000",
                "compaction = {'class': 'TimeWindowCompactionStrategy'}");
        table(
                "wide",
                "p int, c bigint, v text, PRIMARY KEY (p, c)",
                "compression = {'class': 'DeflateCompressor', 'chunk_length_in_kb': '4'}");
        table("large_values", "p int, c int, v blob, t text, PRIMARY KEY (p, c)", "compression = {'enabled': 'false'}");
        table(
                "many_columns",
                "p int, c int, "
                        + IntStream.range(0, 70)
                                .mapToObj(
                                        i -> "v" + i + (i % 3 == 0 ? " text" : " int") + (i % 10 == 9 ? " static" : ""))
                                .collect(Collectors.joining(", "))
                        + ", PRIMARY KEY (p, c)",
                "compression = {'class': 'SnappyCompressor'}",
                "compaction = {'class': 'LeveledCompactionStrategy'}");
        table(
                "unified",
                "p uuid, c timestamp, v varint, m map<int, int>, PRIMARY KEY (p, c)",
                "compaction = {'class': '" + (five ? "Unified" : "SizeTiered") + "CompactionStrategy'}",
                "compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': '64'}");
        table("empty_table", "p int PRIMARY KEY, v text");
        table("compact_dense", "p text, c text, v blob, PRIMARY KEY (p, c)", "COMPACT STORAGE");
        table("compact_sparse", "p int PRIMARY KEY, v int, w text", "COMPACT STORAGE");
    }

    private void evolution() {
        table("evolved", "p int, c int, v text, gone text, back int, l list<int>, PRIMARY KEY (p, c)");
        String evolved = "ALTER TABLE " + new TableName(keyspace, "evolved").asCql();
        alterations.put(
                0,
                List.of(
                        evolved + " DROP (gone, back, l)",
                        evolved + " ADD (fresh map<text, int>, more text static)",
                        "ALTER TYPE " + type("address") + " ADD country text"));
        alterations.put(1, List.of(evolved + " ADD back int"));
    }

    private void names() {
        String mixed = Identifiers.quote(mixedKeyspace);
        statements.add("CREATE TYPE " + mixed + ".\"Point\" (\"X\" int, \"y z\" text, \"select\" int)");
        add(
                new TableName(mixedKeyspace, "Table"),
                "\"select\" int, \"a b\" text, \"quo\"\"te\" text, \"\u00fcn\u00ef\u2603\" int, \"from\" set<text>,"
                        + " \"Point\" frozen<\"Point\">, \"where\" \"Point\", \"token\" int static,"
                        + " PRIMARY KEY (\"select\", \"a b\")",
                "comment = 'it''s a \"comment\"; with -- everything /* in */ it'");
        add(new TableName(mixedKeyspace, "table"), "key int PRIMARY KEY, value text, \"KEY\" text");
        add(new TableName(keyspace, "A_long_name_with_Capitals_12345678901234"), "p int PRIMARY KEY, v text");
    }

    private void derived() {
        String main = Identifiers.quote(keyspace);
        table("indexed", "p int, c int, a text, b int, m map<text, int>, PRIMARY KEY (p, c)");
        statements.add("CREATE INDEX by_a ON " + main + ".indexed (a)");
        statements.add("CREATE INDEX by_m ON " + main + ".indexed (keys(m))");
        if (five) {
            table("searched", "p int, c int, a text, b int, e vector<float, 4>, PRIMARY KEY (p, c)");
            statements.add("CREATE INDEX sai_a ON " + main + ".searched (a) USING 'sai'"
                    + " WITH OPTIONS = {'case_sensitive': 'false'}");
            statements.add("CREATE INDEX sai_b ON " + main + ".searched (b) USING 'sai'");
        }
        table("viewed", "p int, c int, v int, w text, PRIMARY KEY (p, c)");
        statements.add("CREATE MATERIALIZED VIEW " + main + ".by_v AS SELECT * FROM " + main + ".viewed"
                + " WHERE p IS NOT NULL AND c IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, p, c) WITH " + OPTIONS);
        views.add(new TableName(keyspace, "by_v"));
        statements.add("CREATE FUNCTION " + main + ".plus (state bigint, val int) CALLED ON NULL INPUT RETURNS bigint"
                + " LANGUAGE java AS 'return (state == null ? 0L : state) + (val == null ? 0 : val);'");
        statements.add("CREATE AGGREGATE " + main + ".total (int) SFUNC plus STYPE bigint INITCOND 0");
    }
}
