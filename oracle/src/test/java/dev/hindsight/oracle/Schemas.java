package dev.hindsight.oracle;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.TableDefinition;
import java.util.List;

/** Tables of all shapes. */
enum Schemas {
    PLAIN("k int PRIMARY KEY, v text, w double", ""),
    COMPOSITE(
            "a int, b text, c int, d text, e bigint, v text, w blob, s text static, n int static,"
                    + " PRIMARY KEY ((a, b), c, d, e)",
            " AND CLUSTERING ORDER BY (c DESC, d ASC, e DESC)"),
    COLLECTIONS(
            "k uuid, c text, l list<int>, m map<text, bigint>, z set<text>, fl frozen<list<text>>, u address,"
                    + " fu frozen<address>, t tuple<int, text>, sm map<int, text> static, PRIMARY KEY (k, c)",
            ""),
    COUNTERS("k text, c int, n counter, m counter, PRIMARY KEY (k, c)", ""),
    UNCOMPRESSED(
            "k int, c int, v text, PRIMARY KEY (k, c)",
            " AND compression = {'enabled': 'false'} AND gc_grace_seconds = 1"),
    CASE_SENSITIVE("\"K\" int, \"select\" text, \"Vé\" text, PRIMARY KEY (\"K\", \"select\")", "");

    private static final String ID = "5bc52802-de25-35ed-aeab-188eecebb09";

    private final String columns;
    private final String options;

    Schemas(String columns, String options) {
        this.columns = columns;
        this.options = options;
    }

    TableDefinition definition() {
        return definition("KsOne");
    }

    TableDefinition definition(String keyspace) {
        String name = "T" + ordinal();
        String quoted = '"' + keyspace + '"';
        return new TableDefinition(
                new TableName(keyspace, name),
                List.of("CREATE TYPE " + quoted + ".address (street text, number int, tags frozen<set<text>>);\n"),
                "CREATE TABLE " + quoted + ".\"" + name + "\" (" + columns + ") WITH ID = " + ID + ordinal() + options
                        + ";\n");
    }
}
