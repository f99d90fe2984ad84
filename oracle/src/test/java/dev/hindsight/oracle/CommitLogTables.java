package dev.hindsight.oracle;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tables that commit logs of the tests are of: as they were written to, and as they are read. */
final class CommitLogTables {
    private static final String ID = "5bc52802-de25-35ed-aeab-188eecebb1";
    private static final String EVOLVED = "CREATE TABLE ks.evolved (k int, c int, a int, b text, l list<int>, m"
            + " map<int, int>, s text static, PRIMARY KEY (k, c)) WITH ID = " + ID + "01;\n";

    private CommitLogTables() {}

    /** In the same order as {@link #read}. */
    static List<TableDefinition> written() {
        List<TableDefinition> out = new ArrayList<>(same());
        out.add(new TableDefinition(new TableName("ks", "evolved"), List.of(), EVOLVED));
        return out;
    }

    static List<TableDefinition> read() {
        List<TableDefinition> out = new ArrayList<>(same());
        // In the middle of what RandomWrites writes.
        out.add(new TableDefinition(
                new TableName("ks", "evolved"),
                List.of(),
                EVOLVED + "ALTER TABLE ks.evolved DROP a USING TIMESTAMP 1700000000000020;\n"
                        + "ALTER TABLE ks.evolved DROP l USING TIMESTAMP 1700000000000015;\n"
                        + "ALTER TABLE ks.evolved DROP s USING TIMESTAMP 1700000000000025;\n"
                        + "ALTER TABLE ks.evolved DROP m USING TIMESTAMP 1700000000000035;\n"
                        + "ALTER TABLE ks.evolved ADD m map<int, int>;\n"
                        + "ALTER TABLE ks.evolved ADD z int;\n"));
        return out;
    }

    private static List<TableDefinition> same() {
        List<TableDefinition> out = new ArrayList<>();
        for (Schemas schema : Schemas.values()) {
            out.add(schema.definition("ks"));
        }
        String many = IntStream.range(0, 130)
                .mapToObj(i -> "v" + i + (i % 7 == 0 ? " set<int>" : i % 3 == 0 ? " text" : " int")
                        + (i % 2 == 1 ? " static" : ""))
                .collect(Collectors.joining(", "));
        out.add(table("many", "k int, c text, " + many + ", PRIMARY KEY (k, c)", "02"));
        out.add(table("plain_too", "k int PRIMARY KEY, w blob, v text", "03"));
        return out;
    }

    private static TableDefinition table(String name, String columns, String id) {
        return new TableDefinition(
                new TableName("ks", name),
                List.of(),
                "CREATE TABLE ks." + name + " (" + columns + ") WITH ID = " + ID + id + ";\n");
    }
}
