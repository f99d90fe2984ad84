package dev.hindsight.model.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.schema.RestoreSchema.Phase;
import dev.hindsight.model.schema.RestoreSchema.Request;
import dev.hindsight.model.schema.RestoreSchema.Result;
import dev.hindsight.model.schema.RestoreSchema.Step;
import dev.hindsight.model.schema.SchemaElement.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RestoreSchemaTest {
    private final KeyspaceSchema source = Described.keyspace();
    private final Request intoNothing = Request.wholeKeyspace(source, Optional.empty());
    private final Request intoItself = Request.wholeKeyspace(source, Optional.of(source));

    @Test
    void aWholeKeyspaceComesInOrderAndViewsAfterTheImport() {
        Result result = RestoreSchema.plan(intoNothing);

        assertThat(result.refused()).isEmpty();
        assertThat(result.notes()).isEmpty();
        assertThat(result.steps().get(0).statement())
                .isEqualTo("CREATE KEYSPACE \"Adv_Ks\" WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1':"
                        + " '1'} AND durable_writes = false;");
        assertThat(result.steps().stream().flatMap(step -> step.kind().stream()))
                .isSorted();
        assertThat(result.steps(Phase.AFTER_IMPORT)).extracting(Step::name).containsExactly("idx_by_v", "View_2");
        assertThat(result.steps()).extracting(Step::statement).noneMatch(one -> one.matches("(?s).*\\bID = \\w{8}-.*"));
        assertThat(result.tables()).hasSize(12).containsEntry("select", "select");
        assertThat(result.existing()).isEmpty();
    }

    @Test
    void whatTheTargetHasIsLeftOut() {
        Result result = RestoreSchema.plan(intoItself);

        assertThat(result.steps()).isEmpty();
        assertThat(result.refused()).isEmpty();
        assertThat(result.existing()).hasSize(12);
    }

    @Test
    void anotherKeyspaceAndReplicationChangeEveryQualifiedName() {
        Result result = RestoreSchema.plan(intoNothing
                .inKeyspace("copy")
                .replicated(Map.of("class", "SimpleStrategy", "replication_factor", "2")));

        assertThat(result.refused()).isEmpty();
        assertThat(result.steps().get(0).statement())
                .startsWith("CREATE KEYSPACE \"copy\" WITH replication = {'class': 'SimpleStrategy',"
                        + " 'replication_factor': '2'}");
        assertThat(result.steps())
                .extracting(Step::statement)
                .allMatch(one -> one.contains("\"copy\""))
                .noneMatch(one -> one.contains("\"Adv_Ks\"."));
        assertThat(result.steps()).extracting(Step::name).contains("Adv_Ks");
    }

    @Test
    void aTableUnderAnotherNameBringsItsIndexesUnderFreeNamesAndNoViews() {
        Result indexed = RestoreSchema.plan(intoItself.of(Set.of("idx")).named(Map.of("idx", "idx2")));
        Result viewed = RestoreSchema.plan(intoItself.of(Set.of("base")).named(Map.of("base", "base2")));

        assertThat(indexed.refused()).isEmpty();
        assertThat(kinds(indexed)).containsExactlyInAnyOrder("TABLE", "INDEX");
        assertThat(indexed.steps()).extracting(Step::name).contains("idx2_Idx_Q", "idx2_sai_v");
        assertThat(indexed.steps().get(1).statement())
                .isEqualTo("CREATE INDEX \"idx2_idx_c\" ON \"Adv_Ks\".\"idx2\" (c);");
        assertThat(viewed.steps()).hasSize(1);
        assertThat(viewed.notes()).hasSize(2).allMatch(note -> note.contains("now called base2"));
    }

    @Test
    void aDroppedTableKeepsItsIndexNamesAndViews() {
        KeyspaceSchema without =
                changed(source, element -> !Set.of("idx", "base").contains(element.table() + element.name()), e -> e);
        KeyspaceSchema dropped =
                changed(without, element -> !Set.of("idx", "base").contains(element.table()), e -> e);

        Result result = RestoreSchema.plan(
                Request.wholeKeyspace(source, Optional.of(dropped)).of(Set.of("idx", "base")));

        assertThat(result.refused()).isEmpty();
        assertThat(result.notes()).isEmpty();
        assertThat(result.steps())
                .extracting(Step::name)
                .contains("idx", "base", "idx_c", "Idx_Q", "idx_by_v", "View_2")
                .hasSize(14);
    }

    @Test
    void aSingleTableBringsOnlyTheTypesAndMasksItNeeds() {
        Result select = RestoreSchema.plan(intoNothing.of(Set.of("select")));
        Result key = RestoreSchema.plan(intoNothing.of(Set.of("Type_Key")));

        assertThat(select.steps())
                .extracting(Step::name)
                .containsExactly("Adv_Ks", "z_inner", "A\"outer", "Adv_Ks", "masker(text, text)", "select");
        assertThat(key.steps()).extracting(Step::name).containsExactly("Adv_Ks", "keyt", "Type_Key");
    }

    @Test
    void anInterruptedTableIsGivenOnlyTheStatementsItLacks() {
        KeyspaceSchema begun = changed(
                source,
                element -> true,
                ddl -> ddl.contains(".dropped ") ? DdlStatement.split(ddl).get(0) + "\n" : ddl);

        Result result = RestoreSchema.plan(
                Request.wholeKeyspace(source, Optional.of(begun)).of(Set.of("dropped")));

        assertThat(result.refused()).isEmpty();
        assertThat(result.existing()).containsExactly("dropped");
        assertThat(result.steps()).hasSize(5).allMatch(step -> step.statement().startsWith("ALTER TABLE"));
    }

    @Test
    void aTableThatOnlyLooksAlikeInTheEndNeedsNothing() {
        String own =
                "CREATE TABLE \"Adv_Ks\".dropped (k int PRIMARY KEY, a int, \"B\" text, keep int) WITH comment = ''"
                        + ";\n";
        KeyspaceSchema other =
                changed(source, element -> true, ddl -> ddl.contains("TABLE \"Adv_Ks\".dropped (") ? own : ddl);

        Result result = RestoreSchema.plan(
                Request.wholeKeyspace(source, Optional.of(other)).of(Set.of("dropped")));

        assertThat(result.refused()).isEmpty();
        assertThat(result.steps()).isEmpty();
    }

    @Test
    void whatExistsAndDiffersIsRefusedWithTheDifference() {
        KeyspaceSchema other = changed(
                source,
                element -> true,
                ddl -> ddl.replace("\"Field One\" int", "\"Field One\" text").replace("keep int", "keep text"));

        Result result = RestoreSchema.plan(Request.wholeKeyspace(source, Optional.of(other)));

        assertThat(result.refused())
                .hasSize(2)
                .anyMatch(text -> text.contains("type Adv_Ks.z_inner exists with other fields"))
                .anyMatch(text -> text.contains("table Adv_Ks.dropped") && text.contains("column keep"));
    }

    @Test
    void aTypeThatHasGrownSinceIsTaken() {
        KeyspaceSchema grown = changed(
                source, element -> true, ddl -> ddl.replace("unused (\n    x int", "unused (\n    x int,\n    y text"));

        Result forward = RestoreSchema.plan(Request.wholeKeyspace(source, Optional.of(grown)));
        Result backward = RestoreSchema.plan(Request.wholeKeyspace(grown, Optional.of(source)));

        assertThat(forward.refused()).isEmpty();
        assertThat(forward.notes()).hasSize(1).allMatch(note -> note.contains("y text"));
        assertThat(backward.refused()).hasSize(1);
    }

    @Test
    void wrongRequestsAreRefusedInWords() {
        assertThat(RestoreSchema.plan(intoNothing.of(Set.of("nothing"))).refused())
                .containsExactly("keyspace Adv_Ks of the backup has no table nothing");
        assertThat(RestoreSchema.plan(intoNothing.named(Map.of("types", "base")))
                        .refused())
                .containsExactly("two tables would both be called Adv_Ks.base");
        assertThat(RestoreSchema.plan(intoNothing.of(Set.of("types")).named(Map.of("types", "a/../b")))
                        .refused())
                .hasSize(1)
                .allMatch(text -> text.contains("'a/../b'"));
        assertThat(RestoreSchema.plan(intoNothing.inKeyspace("k".repeat(49))).refused())
                .hasSize(1);
        assertThat(RestoreSchema.plan(intoNothing.of(Set.of("types")).named(Map.of("types", "idx_by_v")))
                        .refused())
                .isEmpty();
        assertThat(RestoreSchema.plan(intoItself.of(Set.of("types")).named(Map.of("types", "idx_by_v")))
                        .refused())
                .containsExactly("Adv_Ks.idx_by_v is a materialized view in the target");
        assertThat(RestoreSchema.plan(intoNothing.replicated(Map.of("class", "LocalStrategy")))
                        .refused())
                .hasSize(1);
        assertThat(RestoreSchema.plan(intoNothing.replicated(Map.of("class", "x.Odd")))
                        .refused())
                .containsExactly("keyspace Adv_Ks: replication class 'x.Odd' is not supported");
    }

    @Test
    void replicationOfAnExistingKeyspaceCannotBeChosen() {
        assertThat(RestoreSchema.plan(intoItself.replicated(Map.of("class", "NetworkTopologyStrategy", "dc1", "2")))
                        .refused())
                .hasSize(1)
                .allMatch(text -> text.contains("exists with replication"));
        assertThat(RestoreSchema.plan(intoItself.replicated(
                                Map.of("class", "NetworkTopologyStrategy", "replication_factor", "1")))
                        .refused())
                .isEmpty();
    }

    @Test
    void optionsOfAnotherVersionAreLeftOutAndTold() {
        Result result = RestoreSchema.plan(intoNothing.withoutOptions(Set.of("incremental_backups", "memtable")));

        assertThat(result.steps()).extracting(Step::statement).noneMatch(one -> one.contains("incremental_backups"));
        assertThat(result.notes())
                .containsExactly(
                        "table options that the target does not take are left out: incremental_backups, memtable");
    }

    @Test
    void longIndexNamesAreCutAndStayApart() {
        String longName = "i".repeat(45);
        KeyspaceSchema schema = new KeyspaceSchema(
                "k",
                Map.of("class", "SimpleStrategy", "replication_factor", "1"),
                true,
                List.of(
                        new SchemaElement(Kind.TABLE, "t", "", "CREATE TABLE k.t (k int PRIMARY KEY, a int, b int);\n"),
                        new SchemaElement(Kind.INDEX, longName + "a", "t", "CREATE INDEX x ON k.t (a);\n"),
                        new SchemaElement(Kind.INDEX, longName + "b", "t", "CREATE INDEX y ON k.t (b);\n")),
                List.of(new TableFacts(new TableName("k", "t"), new UUID(0, 1), 0, false, false)));

        Result result = RestoreSchema.plan(
                Request.wholeKeyspace(schema, Optional.of(schema)).named(Map.of("t", "table_2")));

        List<String> names = result.steps().stream().skip(1).map(Step::name).toList();
        assertThat(names).doesNotHaveDuplicates().hasSize(2).allMatch(name -> name.length() == 48);
    }

    private static Set<String> kinds(Result result) {
        Set<String> out = new TreeSet<>();
        result.steps().forEach(step -> step.kind().ifPresent(kind -> out.add(kind.name())));
        return out;
    }

    private static KeyspaceSchema changed(
            KeyspaceSchema schema, Predicate<SchemaElement> kept, UnaryOperator<String> ddl) {
        List<SchemaElement> elements = new ArrayList<>();
        schema.elements().stream()
                .filter(kept)
                .forEach(element -> elements.add(
                        new SchemaElement(element.kind(), element.name(), element.table(), ddl.apply(element.ddl()))));
        return new KeyspaceSchema(
                schema.name(), schema.replication(), schema.durableWrites(), elements, schema.tables());
    }
}
