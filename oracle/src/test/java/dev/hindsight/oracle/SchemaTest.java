package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.TableDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.cassandra.cql3.ColumnIdentifier;
import org.apache.cassandra.db.Clustering;
import org.apache.cassandra.db.marshal.Int32Type;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.BTreeRow;
import org.apache.cassandra.db.rows.BufferCell;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaTest {
    @TempDir
    Path temp;

    @BeforeAll
    static void start() {
        CassandraRuntime.start();
    }

    @Test
    void droppedColumnsKeepTheirDropTime() {
        TableMetadata table = TableSchemas.parse(
                table(
                        "t",
                        "CREATE TABLE ks.t (k int PRIMARY KEY, v int, w text)\n"
                                + " WITH comment = 'semi; colon -- and ''quote''' AND gc_grace_seconds = 7;\n"
                                + "-- a comment; with a semicolon\n"
                                + "ALTER TABLE ks.t DROP w USING TIMESTAMP 12345;\n"
                                + "/* another; one */ ALTER TABLE ks.t DROP v USING TIMESTAMP 99; ALTER TABLE ks.t ADD v int;\n"));

        assertThat(table.params.comment).isEqualTo("semi; colon -- and 'quote'");
        assertThat(table.droppedColumns).hasSize(2);
        assertThat(table.getDroppedColumn(ColumnIdentifier.getInterned("w", true).bytes))
                .isNotNull();
        assertThat(table.droppedColumns.values())
                .extracting(dropped -> dropped.droppedTime)
                .containsExactlyInAnyOrder(12345L, 99L);
        assertThat(table.getColumn(ColumnIdentifier.getInterned("v", true))).isNotNull();
    }

    @Test
    void cellsOfDroppedColumnsDoNotComeBack() {
        Replicas before = new Replicas(
                temp, table("t", "CREATE TABLE ks.t (k int PRIMARY KEY, v int, w int) WITH ID = " + ID + ";"));
        before.add("node", "nb", 1, List.of(row(before.table(), 1, 100), row(before.table(), 2, 300)));
        TableDefinition after = table(
                "t",
                "CREATE TABLE ks.t (k int PRIMARY KEY, v int, w int) WITH ID = " + ID + ";\n"
                        + "ALTER TABLE ks.t DROP w USING TIMESTAMP 200;\nALTER TABLE ks.t ADD w int;\n"
                        + "ALTER TABLE ks.t DROP v USING TIMESTAMP 500;");

        Replicas now = new Replicas(temp.resolve("now"), after);
        Replicas.Request request = now.request();
        request.inputs = before.inputs(TokenRanges.FULL);
        SynthesisResult result = request.run();

        assertThat(result.partitions()).isEqualTo(1);
        assertThat(Replicas.dump(now.table(), result, "all"))
                .hasSize(2)
                .last()
                .asString()
                .endsWith(" w=00000007@300");
    }

    @Test
    void whatWasWrittenToAColumnAfterItsDropIsLeftOut() {
        Replicas before = new Replicas(
                temp, table("t", "CREATE TABLE ks.t (k int PRIMARY KEY, v int, w int) WITH ID = " + ID + ";"));
        before.add("node", "oa", 1, List.of(row(before.table(), 1, 100), row(before.table(), 2, 300)));
        TableDefinition after = table(
                "t",
                "CREATE TABLE ks.t (k int PRIMARY KEY, v int, w int) WITH ID = " + ID + ";\n"
                        + "ALTER TABLE ks.t DROP v USING TIMESTAMP 200;");

        Replicas now = new Replicas(temp.resolve("now"), after);
        Replicas.Request request = now.request();
        request.inputs = before.inputs(TokenRanges.FULL);

        assertThat(Replicas.dump(now.table(), request.run(), "all"))
                .hasSize(4)
                .noneMatch(line -> line.contains(" v="))
                .anyMatch(line -> line.contains(" w=00000007@300"));
    }

    @Test
    void aTargetMayHaveAnotherHistoryOfTheSameColumns() {
        String columns =
                IntStream.range(0, 40).mapToObj(i -> "c" + i + " int, ").collect(Collectors.joining());
        TableDefinition old = table(
                "t",
                "CREATE TABLE ks.t (" + columns + "k int PRIMARY KEY, v int, w int) WITH ID = " + ID + ";\n"
                        + "ALTER TABLE ks.t DROP w USING TIMESTAMP 200;\nALTER TABLE ks.t ADD w int;\n"
                        + "ALTER TABLE ks.t DROP c7 USING TIMESTAMP 200;\nALTER TABLE ks.t ADD c7 int;\n");
        TableDefinition fresh = table(
                "t", "CREATE TABLE ks.t (v int, w int, k int PRIMARY KEY, " + columns.replaceAll(", $", "") + ");");

        Replicas replicas = new Replicas(temp, old).write(3, 10, 100);
        Replicas.Request request = replicas.request();
        request.target = fresh;

        assertThat(request.run().partitions()).isEqualTo(10);
    }

    @Test
    void cellsOfADroppedNonFrozenTypeAreSkippedCellByCell() {
        String type = "CREATE TYPE ks.pair (a int, b int);";
        Replicas before = new Replicas(
                temp,
                new TableDefinition(
                        new TableName("ks", "t"),
                        List.of(type),
                        "CREATE TABLE ks.t (k int, c int, u pair, s set<int>, v int, PRIMARY KEY (k, c)) WITH ID = "
                                + ID + ";"));
        RandomWrites writes = new RandomWrites(before.table(), 3, 10);
        before.add(
                "node",
                "oa",
                1,
                java.util.stream.Stream.generate(writes::next).limit(300).toList());
        // What DESCRIBE WITH INTERNALS prints for it: the dropped type as a frozen tuple.
        Replicas now = new Replicas(
                temp.resolve("now"),
                table(
                        "t",
                        "CREATE TABLE ks.t (k int, c int, u frozen<tuple<int, int>>, s set<int>, v int, PRIMARY KEY"
                                + " (k, c)) WITH ID = " + ID
                                + ";\nALTER TABLE ks.t DROP u USING TIMESTAMP 1900000000000000;"
                                + "ALTER TABLE ks.t DROP s USING TIMESTAMP 1900000000000000;"));
        Replicas.Request request = now.request();
        request.inputs = before.inputs(TokenRanges.FULL);

        SynthesisResult result = request.run();

        assertThat(Replicas.dump(now.table(), result, "all"))
                .hasSizeGreaterThan(20)
                .noneMatch(line -> line.contains(" u") || line.contains(" s"));
    }

    @Test
    void aCompactTableIsTakenOutOfTheCommentOfItsSnapshot() {
        TableDefinition definition = table(
                "t",
                "/*\nWarning: Table ks.t omitted because it has constructs not compatible with CQL (was created via legacy"
                        + " API).\nApproximate structure, for reference:\n(this should not be used to reproduce this"
                        + " schema)\n\nCREATE TABLE ks.t (\n k text PRIMARY KEY,\n a int,\n b int\n) WITH COMPACT STORAGE"
                        + "\n AND ID = " + ID + ";\n*/");

        assertThat(TableSchemas.parse(definition).isCompactTable()).isTrue();
        Replicas replicas = new Replicas(temp, definition).write(5, 10, 100);
        Replicas.Request request = replicas.request();
        assertThat(request.run().partitions()).isEqualTo(10);
    }

    @Test
    void optionsThatOnlyTheNodesKnowDoNotMatter() {
        TableMetadata table = TableSchemas.parse(table(
                "t",
                "CREATE TABLE ks.t (k int PRIMARY KEY) WITH memtable = 'ours' AND compaction = {'class': 'com.example.Ours',"
                        + " 'x': '1'} AND cdc = true AND gc_grace_seconds = 5;"));

        assertThat(table.params.gcGraceSeconds).isEqualTo(5);
    }

    @Test
    void whatCannotBeUnderstoodIsRefusedWithTheTablesName() {
        for (String ddl : List.of(
                "CREATE TABLE ks.t (k int PRIMARY KEY, v nonsense);",
                "CREATE TABLE ks.other (k int PRIMARY KEY);",
                "CREATE TABLE ks.t (k int PRIMARY KEY) WITH compression = {'class': 'NoSuchCompressor'};",
                "DROP TABLE ks.t;",
                "CREATE TABEL",
                "")) {
            assertThatThrownBy(() -> TableSchemas.parse(table("t", ddl)))
                    .as(ddl)
                    .isInstanceOf(UnsupportedException.class)
                    .hasMessageContaining("ks.t");
        }
    }

    @Test
    void theTargetMayHaveOtherNamesButNoOtherColumns() throws Exception {
        Replicas replicas = new Replicas(temp, Schemas.COLLECTIONS.definition()).write(9, 20, 500);
        List<String> same = Replicas.dump(replicas.table(), replicas.request().run(), "all");
        TableDefinition elsewhere = Schemas.COLLECTIONS.definition("elsewhere");

        Replicas.Request request = replicas.request();
        request.output = temp.resolve("renamed");
        request.target = elsewhere;
        SynthesisResult result = request.run();

        assertThat(Replicas.dump(TableSchemas.parse(elsewhere), result, "all")).isEqualTo(same);
        Path statistics = result.outputs().get(0).files().stream()
                .filter(file -> file.toString().endsWith("Statistics.db"))
                .findFirst()
                .orElseThrow();
        String bytes = Files.readString(statistics, java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(bytes).contains("UserType(elsewhere,").doesNotContain("UserType(KsOne,");
        Replicas.Request wrong = replicas.request();
        wrong.target = Schemas.COUNTERS.definition("elsewhere");
        assertThatThrownBy(wrong::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than their names");
    }

    @Test
    void tablesOfOneNameButOfSeveralClustersDoNotMeet() {
        for (String type : List.of("int", "text", "bigint", "frozen<list<int>>")) {
            Replicas replicas = new Replicas(
                            temp.resolve(type.substring(0, 3)),
                            table("t", "CREATE TABLE ks.t (k int PRIMARY KEY, v " + type + ") WITH ID = " + ID + ";"))
                    .write(1, 10, 100);
            List<InputSSTable> inputs = replicas.inputs(TokenRanges.FULL);
            Replicas.Request request = replicas.request();
            request.inputs = inputs;

            assertThat(Replicas.dump(replicas.table(), request.run(), "all")).isNotEmpty();
        }
    }

    private static final String ID = "5bc52802-de25-35ed-aeab-188eecebb090";

    private static TableDefinition table(String name, String ddl) {
        return new TableDefinition(new TableName("ks", name), List.of(), ddl);
    }

    private static PartitionUpdate row(TableMetadata table, int key, long timestamp) {
        Row.Builder row = BTreeRow.unsortedBuilder();
        row.newRow(Clustering.EMPTY);
        table.regularColumns()
                .forEach(column -> row.addCell(BufferCell.live(column, timestamp, Int32Type.instance.decompose(7))));
        return PartitionUpdate.singleRowUpdate(table, Int32Type.instance.decompose(key), row.build());
    }
}
