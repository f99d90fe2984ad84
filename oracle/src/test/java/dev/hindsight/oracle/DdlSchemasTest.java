package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.schema.ColumnSchema;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.cassandra.io.compress.ICompressor;
import org.apache.cassandra.schema.ColumnMetadata;
import org.apache.cassandra.schema.CompressionParams;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Our reading of DDL against what Cassandra makes of the same statements. */
class DdlSchemasTest {
    private static final List<String> TYPES = List.of(
            "CREATE TYPE ks.address (street text, zip int, tags frozen<set<text>>);",
            "CREATE TYPE ks.\"Point\" (\"X\" int, \"y z\" text, \"select\" int);",
            "CREATE TYPE ks.person (name text, home frozen<address>, phones frozen<map<text, text>>,"
                    + " scores frozen<list<double>>, at frozen<ks.\"Point\">);",
            "CREATE TYPE ks.loose (l list<int>, m map<text, frozen<set<int>>>, t tuple<int, list<int>>);");

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    static List<String> tables() {
        String many = IntStream.range(0, 70)
                .mapToObj(i -> "v" + i + (i % 3 == 0 ? " text" : " int") + (i % 10 == 9 ? " static" : ""))
                .collect(Collectors.joining(", "));
        return List.of(
                "(p int, c int, a ascii, b bigint, bl blob, bo boolean, d date, de decimal, dou double, du duration, f"
                        + " float, i inet, s smallint, t text, ti time, ts timestamp, tu timeuuid, tin tinyint, u uuid,"
                        + " vc varchar, vi varint, v vector<float, 3>, vt vector<text, 2>, vl vector<list<int>, 4>, PRIMARY"
                        + " KEY (p, c)) WITH CLUSTERING ORDER BY (c DESC)",
                "(a text, b int, c uuid, k1 timeuuid, k2 decimal, k3 inet, s1 text static, s2 int static, v text, PRIMARY"
                        + " KEY ((a, b, c), k1, k2, k3)) WITH CLUSTERING ORDER BY (k1 ASC, k2 DESC, k3 ASC)",
                "(p timeuuid, k1 tinyint, k2 time, k3 frozen<tuple<int, text>>, k4 frozen<person>, PRIMARY KEY (p, k1, k2,"
                        + " k3, k4)) WITH CLUSTERING ORDER BY (k1 DESC, k2 DESC, k3 DESC, k4 DESC) AND"
                        + " bloom_filter_fp_chance = 1.0E-4 AND min_index_interval = 64",
                "(a frozen<set<int>>, b frozen<address>, c timestamp, v text, PRIMARY KEY ((a, b, c)))",
                "(p text PRIMARY KEY)",
                "(p int, c int, s text static, m map<text, int> static, PRIMARY KEY (p, c)) WITH"
                        + " bloom_filter_fp_chance = 0.2",
                "(p int, c text, l list<text>, s set<int>, m map<text, blob>, fl frozen<list<int>>, ml map<int,"
                        + " frozen<list<text>>>, sm set<frozen<map<int, int>>>, lu list<frozen<address>>, u person,"
                        + " fu frozen<person>, t tuple<int, text, list<int>>, fo frozen<loose>, mt map<text,"
                        + " frozen<loose>>, fa frozen<map<text, list<frozen<set<int>>>>>, PRIMARY KEY (p, c)) WITH"
                        + " compression = {'class': 'ZstdCompressor'}",
                "(p int, c text, one counter, two counter, total counter static, PRIMARY KEY (p, c)) WITH compression ="
                        + " {'enabled': 'false'}",
                "(\"K\" int, \"a b\" text, \"quo\"\"te\" text, \"ünï☃\" int, \"éa\" int, z set<int>, \"☃\" set<int>,"
                        + " \"from\" text, \"Zz\" int, \"KEY\" text, key text, static text, PRIMARY KEY (\"K\", \"a b\"))"
                        + " WITH comment = 'it''s ( a \"comment\"; with -- everything /* in */ WITH it'",
                "(p int, c int, " + many
                        + ", PRIMARY KEY (p, c)) WITH compression = {'chunk_length_in_kb': '4', 'class':"
                        + " 'org.apache.cassandra.io.compress.SnappyCompressor', 'min_compress_ratio': '2.0'}",
                "(p text, c text, v blob, PRIMARY KEY (p, c)) WITH COMPACT STORAGE",
                "(p text, c text, d int, v blob, PRIMARY KEY (p, c, d)) WITH COMPACT STORAGE AND CLUSTERING ORDER BY (c"
                        + " DESC, d ASC)",
                "(p text, value text, PRIMARY KEY (p, value)) WITH COMPACT STORAGE",
                "(p int PRIMARY KEY, value int, column1 text) WITH COMPACT STORAGE",
                "(p int PRIMARY KEY, v counter, w counter) WITH COMPACT STORAGE",
                "(p int PRIMARY KEY, c 'org.apache.cassandra.db.marshal.IntegerType', d"
                        + " 'org.apache.cassandra.db.marshal.DateType') WITH compression = {}",
                "(p int, c int, u person, fu frozen<person>, l list<frozen<address>>, s int static, v int, PRIMARY KEY (p,"
                        + " c));\nALTER TABLE ks.t DROP u USING TIMESTAMP 12;\nALTER TABLE ks.t DROP fu USING TIMESTAMP 13;"
                        + " ALTER TABLE ks.t DROP l USING TIMESTAMP 14; ALTER TABLE ks.t DROP s USING TIMESTAMP 15; ALTER"
                        + " TABLE ks.t DROP v USING TIMESTAMP -16; ALTER TABLE ks.t ADD v int; ALTER TABLE ks.t ADD u2"
                        + " person; ALTER TABLE ks.t ADD s int static; ALTER TABLE ks.t ADD (x int, y text static)");
    }

    @ParameterizedTest
    @MethodSource("tables")
    void ddlMeansWhatItMeansToCassandra(String text) {
        int ends = text.indexOf(";\n");
        String first = ends < 0 ? text : text.substring(0, ends);
        String rest = ends < 0 ? "" : text.substring(ends + 2);
        assertSame(new TableDefinition(new TableName("ks", "t"), TYPES, "CREATE TABLE ks.t " + first + ";\n" + rest));
    }

    @ParameterizedTest
    @EnumSource(Schemas.class)
    void tablesOfTheOtherTestsAreUnderstood(Schemas schema) {
        assertSame(schema.definition());
        assertThat(DdlSchemas.findTableId(schema.definition().ddl()))
                .hasValue(TableSchemas.parse(schema.definition()).id.asUUID());
    }

    @Test
    void whatDescribePrintsIsUnderstood() {
        for (String text : tables()) {
            if (text.contains("vector<list") || text.contains("IntegerType")) {
                // Cassandra prints these in ways that it does not take back as the same.
                continue;
            }
            int ends = text.indexOf(";\n");
            TableMetadata table = TableSchemas.parse(new TableDefinition(
                    new TableName("ks", "t"),
                    TYPES,
                    "CREATE TABLE ks.t " + (ends < 0 ? text : text.substring(0, ends)) + ";\n"
                            + (ends < 0 ? "" : text.substring(ends + 2))));
            String described = table.toCqlString(true, true, false);
            if (!described.startsWith("/*")) {
                assertSame(new TableDefinition(new TableName("ks", "t"), TYPES, described));
            }
        }
    }

    @Test
    void aCompactTableIsTakenOutOfItsComment() {
        assertSame(new TableDefinition(
                new TableName("ks", "t"),
                List.of(),
                "/*\nWarning: Table ks.t omitted.\n\nCREATE TABLE ks.t (\n k text PRIMARY KEY,\n a int\n) WITH COMPACT"
                        + " STORAGE\n AND comment = 'x';\n*/"));
    }

    @Test
    void whatCannotBeUnderstoodIsRefusedWithTheTablesName() {
        for (String ddl : List.of(
                "CREATE TABLE ks.t (k int PRIMARY KEY, v nonsense);",
                "CREATE TABLE ks.t (k int PRIMARY KEY, v frozen<int);",
                "CREATE TABLE ks.t (k int PRIMARY KEY, v map<int>);",
                "CREATE TABLE ks.t (k int PRIMARY KEY, v loose);",
                "CREATE TABLE ks.t (k int PRIMARY KEY, v other.address);",
                "CREATE TABLE ks.t (k int);",
                "CREATE TABLE ks.t (k int PRIMARY KEY, v 'com.example.Ours');",
                "CREATE TABLE ks.t (k int PRIMARY KEY) WITH compression = {'class': 'NoSuchCompressor'};",
                "CREATE TABLE ks.t (k int PRIMARY KEY); ALTER TABLE ks.t DROP v USING TIMESTAMP 1;",
                "CREATE TABLE ks.t (k int PRIMARY KEY); ALTER TABLE ks.u ADD v int;",
                "CREATE TABLE ks.t (k int PRIMARY KEY); ALTER TABLE ks.t RENAME k TO l;")) {
            assertThatThrownBy(() -> DdlSchemas.tableSchema("ks", TYPES, ddl))
                    .as(ddl)
                    .isInstanceOf(UnsupportedException.class)
                    .hasMessageContaining("ks.t");
        }
        for (String ddl : List.of("DROP TABLE ks.t;", "CREATE TABEL", "", "CREATE TABLE ks.t (k text '")) {
            assertThatThrownBy(() -> DdlSchemas.tableSchema("ks", TYPES, ddl))
                    .as(ddl)
                    .isInstanceOf(UnsupportedException.class)
                    .hasMessageContaining("ks");
        }
    }

    static void assertSame(TableDefinition definition) {
        TableMetadata theirs = TableSchemas.parse(definition);
        TableSchema ours = DdlSchemas.tableSchema(definition.name().keyspace(), definition.types(), definition.ddl());
        assertThat(ours.table()).isEqualTo(theirs.name);
        assertThat(ours.keyspace()).isEqualTo(theirs.keyspace);
        assertThat(ours.partitionKeyType()).hasToString(theirs.partitionKeyType.toString());
        assertThat(shown(ours.partitionKey())).isEqualTo(columns(theirs.partitionKeyColumns()));
        assertThat(shown(ours.clustering())).isEqualTo(columns(theirs.clusteringColumns()));
        assertThat(shown(ours.statics())).isEqualTo(columns(theirs.staticColumns()));
        assertThat(shown(ours.regulars())).isEqualTo(columns(theirs.regularColumns()));
        Map<String, String> dropped = new TreeMap<>();
        ours.dropped().forEach((name, column) -> dropped.put(name, shown(column.column()) + column.droppedAtMicros()));
        Map<String, String> theirDropped = new TreeMap<>();
        theirs.droppedColumns
                .values()
                .forEach(column ->
                        theirDropped.put(column.column.name.toString(), shown(column.column) + column.droppedTime));
        assertThat(dropped).isEqualTo(theirDropped);
        assertThat(ours.counter()).isEqualTo(theirs.isCounter());
        assertThat(ours.bloomFilterFpChance()).isEqualTo(theirs.params.bloomFilterFpChance);
        assertThat(ours.minIndexInterval()).isEqualTo(theirs.params.minIndexInterval);
        assertThat(ours.compression()).isEqualTo(compression(theirs.params.compression));
    }

    private static Map<String, String> compression(CompressionParams params) {
        if (!params.isEnabled()) {
            return Map.of();
        }
        ICompressor compressor = params.getSstableCompressor();
        Map<String, String> out = new TreeMap<>(params.asMap());
        out.put("class", compressor.getClass().getSimpleName());
        return out;
    }

    private static List<String> columns(Iterable<ColumnMetadata> columns) {
        return StreamSupport.stream(columns.spliterator(), false)
                .map(DdlSchemasTest::shown)
                .toList();
    }

    private static String shown(ColumnMetadata column) {
        return column.name + " " + column.kind + " " + column.type + " " + column.position() + " "
                + column.type.isMultiCell() + " " + column.type.valueLengthIfFixed() + " ";
    }

    private static List<String> shown(List<ColumnSchema> columns) {
        List<String> out = new ArrayList<>();
        columns.forEach(column -> out.add(shown(column)));
        return out;
    }

    private static String shown(ColumnSchema column) {
        return column.name() + " " + column.kind() + " " + column.type() + " " + column.position() + " "
                + column.type().isMultiCell() + " " + column.type().fixedLength() + " ";
    }
}
