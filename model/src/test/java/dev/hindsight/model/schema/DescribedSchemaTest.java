package dev.hindsight.model.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.schema.DescribedSchema.DescribedRow;
import dev.hindsight.model.schema.SchemaElement.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DescribedSchemaTest {
    private final KeyspaceSchema schema = Described.keyspace();

    @Test
    void elementsComeInTheOrderOfCreationUnderTheirStoredNames() {
        assertThat(schema.elements()).extracting(SchemaElement::kind).isSorted();
        assertThat(names(Kind.TYPE)).containsExactly("z_inner", "A\"outer", "Adv_Ks", "keyt", "unused");
        assertThat(names(Kind.FUNCTION)).contains("\"Fun\"(tuple<int, text>)", "\"Fun\"(z_inner, list<text>)");
        assertThat(names(Kind.TABLE)).contains("select", "Type_Key", "compact_dense");
        assertThat(names(Kind.VIEW)).containsExactly("idx_by_v", "View_2");
        assertThat(find(Kind.INDEX, "Idx_Q").table()).isEqualTo("idx");
        assertThat(find(Kind.VIEW, "View_2").table()).isEqualTo("base");
        assertThat(schema.find("compact_counter")).hasValueSatisfying(facts -> {
            assertThat(facts.counter()).isTrue();
            assertThat(facts.compactStorage()).isTrue();
        });
    }

    @Test
    void everyStatementIsUnderstoodAndOfTheKeyspace() {
        for (SchemaElement element : schema.elements()) {
            assertThat(element.ddl()).endsWith(";\n");
            for (String one : DdlStatement.split(element.ddl())) {
                assertThat(DdlStatement.parse(one).keyspace()).isEqualTo(Described.KEYSPACE);
            }
        }
    }

    @Test
    void compactTablesAreTakenOutOfTheirComment() {
        assertThat(find(Kind.TABLE, "compact_dense").ddl())
                .startsWith("CREATE TABLE \"Adv_Ks\".compact_dense (")
                .contains("WITH COMPACT STORAGE")
                .contains("comment = 'a */ b; \"'")
                .endsWith("'99p';\n");
        assertThat(find(Kind.TABLE, "compact_static").ddl())
                .contains("WITH COMPACT STORAGE")
                .doesNotContain("CLUSTERING ORDER");
        assertThat(find(Kind.TABLE, "compact_nov").ddl()).contains("CLUSTERING ORDER BY (c ASC)");
    }

    @Test
    void aBodyWithDollarsBecomesAQuotedString() {
        assertThat(find(Kind.FUNCTION, "dollars(text)").ddl())
                .endsWith("AS ' return v + \"$$ it''s; \" + \"$$;\"; ';\n");
        assertThat(find(Kind.FUNCTION, "state_f(int, int)").ddl()).contains("AS $$ int x = \"Adv_Ks.t;\"");
    }

    @Test
    void maskingFunctionsGetTheirQuotes() {
        assertThat(find(Kind.TABLE, "select").ddl())
                .contains("MASKED WITH \"Adv_Ks\".masker('Adv_Ks.x;')")
                .contains("MASKED WITH system.mask_inner(1, 2, '*')");
    }

    @Test
    void droppedColumnsAreStatementsOfTheirTable() {
        assertThat(DdlStatement.split(find(Kind.TABLE, "dropped").ddl()))
                .hasSize(6)
                .contains("ALTER TABLE \"Adv_Ks\".dropped DROP a USING TIMESTAMP 1600000000000000;");
    }

    @Test
    void rowsAndFactsOfDifferentTablesAreRefused() {
        List<TableFacts> fewer = new ArrayList<>(Described.facts());
        fewer.remove(0);

        assertThatThrownBy(() -> DescribedSchema.assemble(
                        Described.KEYSPACE, Map.of("class", "SimpleStrategy"), true, Described.rows(), fewer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Type_Key");
        assertThatThrownBy(() -> DescribedSchema.assemble(
                        "k", Map.of(), true, List.of(new DescribedRow("trigger", "x", "CREATE TRIGGER x")), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("trigger");
    }

    private List<String> names(Kind kind) {
        return schema.elements().stream()
                .filter(element -> element.kind() == kind)
                .map(SchemaElement::name)
                .toList();
    }

    private SchemaElement find(Kind kind, String name) {
        return schema.elements().stream()
                .filter(element -> element.kind() == kind && element.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
