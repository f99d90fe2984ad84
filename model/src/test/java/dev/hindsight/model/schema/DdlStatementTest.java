package dev.hindsight.model.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DdlStatementTest {
    @Test
    void splitsAtSemicolonsThatAreNoneOfTextBodyOrComment() {
        assertThat(DdlStatement.split("""
                        -- first; comment
                        CREATE TABLE a.b (k int PRIMARY KEY) WITH comment = 'x; ''y;'; /* ; */
                        CREATE FUNCTION a.f() CALLED ON NULL INPUT RETURNS int LANGUAGE java AS $$ return 1; $$
                        ;;
                        """))
                .containsExactly(
                        "CREATE TABLE a.b (k int PRIMARY KEY) WITH comment = 'x; ''y;';",
                        "CREATE FUNCTION a.f() CALLED ON NULL INPUT RETURNS int LANGUAGE java AS $$ return 1; $$;");
    }

    @Test
    void aTableMovesWithoutItsIdAndWithoutTouchingItsOptions() {
        DdlStatement table = DdlStatement.parse("CREATE TABLE ks.t (\n    k int PRIMARY KEY,\n    v frozen<ks.ty>\n)"
                + " WITH ID = 7fc23310-e67d-11f1-9717-4b0df0280829\n    AND comment = 'ks.t AND ID = 3'\n"
                + "    AND cdc = false;");

        assertThat(table.inKeyspace("New Ks").named("T2").withoutId())
                .hasToString("CREATE TABLE \"New Ks\".\"T2\" (\n    k int PRIMARY KEY,\n    v frozen<\"New Ks\".ty>\n)"
                        + " WITH comment = 'ks.t AND ID = 3'\n    AND cdc = false;");
        assertThat(table.optionNames()).containsExactly("id", "comment", "cdc");
        assertThat(table.withoutOptions(any -> true))
                .hasToString("CREATE TABLE ks.t (\n    k int PRIMARY KEY,\n    v frozen<ks.ty>\n);");
        assertThat(table.keyspace()).isEqualTo("ks");
        assertThat(table.name()).isEqualTo("t");
    }

    @Test
    void compactStorageKeepsItsPlaceWhenTheIdGoes() {
        assertThat(DdlStatement.parse("CREATE TABLE a.b (k int, c int, PRIMARY KEY (k, c)) WITH COMPACT STORAGE\n"
                                + "    AND ID = 7fc23310-e67d-11f1-9717-4b0df0280829\n"
                                + "    AND CLUSTERING ORDER BY (c DESC);")
                        .withoutId())
                .hasToString("CREATE TABLE a.b (k int, c int, PRIMARY KEY (k, c)) WITH COMPACT STORAGE\n"
                        + "    AND CLUSTERING ORDER BY (c DESC);");
    }

    @Test
    void anIndexGetsAnotherNameAndTableButKeepsItsTargetOfTheSameName() {
        DdlStatement index =
                DdlStatement.parse("CREATE CUSTOM INDEX t ON ks.t (t) USING 'sai' WITH OPTIONS = {'x': 'ks.t'};");

        assertThat(index.baseTable()).isEqualTo("t");
        assertThat(index.inKeyspace("k2").onTable("T2").named("T2_t"))
                .hasToString(
                        "CREATE CUSTOM INDEX \"T2_t\" ON \"k2\".\"T2\" (t) USING 'sai' WITH OPTIONS = {'x': 'ks.t'};");
    }

    @Test
    void aViewFollowsItsTable() {
        DdlStatement view = DdlStatement.parse("CREATE MATERIALIZED VIEW ks.v AS\n    SELECT *\n    FROM ks.t\n"
                + "    WHERE a < 5 AND b IS NOT NULL\n    PRIMARY KEY (a, b)\n WITH ID ="
                + " 7fc23310-e67d-11f1-9717-4b0df0280829\n    AND CLUSTERING ORDER BY (b ASC);");

        assertThat(view.withoutId().inKeyspace("k2").onTable("t2").named("v2"))
                .hasToString(
                        "CREATE MATERIALIZED VIEW \"k2\".\"v2\" AS\n    SELECT *\n    FROM \"k2\".\"t2\"\n"
                                + "    WHERE a < 5 AND b IS NOT NULL\n    PRIMARY KEY (a, b) WITH CLUSTERING ORDER BY (b ASC);");
    }

    @Test
    void aFunctionBodyIsNobodysBusiness() {
        String body = "$$ return \"ks.t\" + ks.f; $$";

        assertThat(DdlStatement.parse("CREATE FUNCTION ks.f(a ks.ty) RETURNS NULL ON NULL INPUT RETURNS int"
                                + " LANGUAGE java AS " + body)
                        .inKeyspace("k2"))
                .hasToString("CREATE FUNCTION \"k2\".f(a \"k2\".ty) RETURNS NULL ON NULL INPUT RETURNS int LANGUAGE"
                        + " java AS " + body + ";");
    }

    @Test
    void droppedColumnsMoveAlong() {
        assertThat(DdlStatement.parse("ALTER TABLE ks.t DROP ks USING TIMESTAMP 1600000000000000;")
                        .inKeyspace("k2")
                        .named("t2"))
                .hasToString("ALTER TABLE \"k2\".\"t2\" DROP ks USING TIMESTAMP 1600000000000000;");
    }

    @Test
    void referencedNamesOfATableAreThoseOfItsTypesNotOfItsColumns() {
        assertThat(DdlStatement.parse("CREATE TABLE ks.t (ty int, v map<text, frozen<\"A,b\">>, PRIMARY KEY (ty))")
                        .referencedNames())
                .contains("A,b", "map")
                .doesNotContain("v", "t", "ks");
        assertThat(DdlStatement.parse("ALTER TABLE ks.t ADD u frozen<ty>").referencedNames())
                .containsExactly("frozen", "ty");
        assertThat(DdlStatement.parse("CREATE TABLE ks.t (k int PRIMARY KEY, m text MASKED WITH \"Ks\".\"Hide\"('x'))")
                        .maskFunctions())
                .containsExactly("Hide");
    }

    @Test
    void aKeyspaceIsMadeWithShortClassNamesAndQuotedValues() {
        assertThat(DdlStatement.createKeyspace(
                        "My\"Ks",
                        Map.of("class", "org.apache.cassandra.locator.NetworkTopologyStrategy", "d'c", "3", "b", "1"),
                        false))
                .isEqualTo("CREATE KEYSPACE \"My\"\"Ks\" WITH replication = {'class': 'NetworkTopologyStrategy', 'b':"
                        + " '1', 'd''c': '3'} AND durable_writes = false;");
    }

    @Test
    void canonicalFormsAgreeWhateverTheSpacesQuotesAndKeyspace() {
        assertThat(DdlStatement.parse("create table ks.T (K int primary key, \"V\" ks.ty)")
                        .canonical())
                .isEqualTo(DdlStatement.parse("CREATE TABLE \"k2\".\"t\" (\n  \"k\" int PRIMARY KEY, \"V\" k2.ty\n);")
                        .canonical())
                .isNotEqualTo(DdlStatement.parse("CREATE TABLE ks.t (k int PRIMARY KEY, v ty)")
                        .canonical());
    }

    @Test
    void otherStatementsAreRefused() {
        for (String text : List.of("DROP TABLE a.b", "CREATE ROLE x", "CREATE TABLE", "", "CREATE INDEX ON a.b (c)")) {
            assertThatThrownBy(() -> DdlStatement.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void optionsThatATargetDoesNotTakeAreLeftOut() {
        Set<String> unsupported = Set.of("incremental_backups", "memtable");

        assertThat(DdlStatement.parse("CREATE TABLE a.b (k int PRIMARY KEY) WITH memtable = 'default'"
                                + " AND comment = 'x' AND incremental_backups = true")
                        .withoutOptions(unsupported::contains))
                .hasToString("CREATE TABLE a.b (k int PRIMARY KEY) WITH comment = 'x';");
    }
}
