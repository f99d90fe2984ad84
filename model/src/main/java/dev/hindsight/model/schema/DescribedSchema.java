package dev.hindsight.model.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Turns what {@code DESCRIBE KEYSPACE ks WITH INTERNALS} prints into a {@link KeyspaceSchema} whose DDL can be executed
 * as it stands.
 *
 * <p>Cassandra 5.0.9 prints some statements that it would not take back: a COMPACT STORAGE table inside a comment, with
 * a clustering order for a column that such a table does not show; a function whose body contains {@code $$} between
 * {@code $$}; a masking function without the quotes that its name or keyspace needs. All are put right here.
 */
public final class DescribedSchema {
    private static final String DOLLARS = "$$";

    private DescribedSchema() {}

    /**
     * One row of the result.
     *
     * @param type {@code keyspace}, {@code type}, {@code function}, {@code aggregate}, {@code table}, {@code index} or
     *     {@code materialized_view}
     * @param name quoted where CQL needs it
     */
    public record DescribedRow(String type, String name, String createStatement) {}

    /**
     * @param rows in the server's order: types with dependencies first
     * @throws IllegalArgumentException if rows and facts are not of the same tables, or a statement is not understood
     */
    public static KeyspaceSchema assemble(
            String keyspace,
            Map<String, String> replication,
            boolean durableWrites,
            List<DescribedRow> rows,
            List<TableFacts> facts) {
        List<SchemaElement> elements = new ArrayList<>();
        Set<String> described = new TreeSet<>();
        for (DescribedRow row : rows) {
            if (row.type().equals("keyspace")) {
                continue;
            }
            SchemaElement element = element(row);
            elements.add(element);
            if (element.kind() == SchemaElement.Kind.TABLE) {
                described.add(element.name());
            }
        }
        Set<String> known = new TreeSet<>();
        facts.forEach(fact -> known.add(fact.name().table()));
        if (!described.equals(known)) {
            throw new IllegalArgumentException("keyspace " + keyspace + " was described with tables " + described
                    + " but system_schema has " + known);
        }
        elements.sort(Comparator.comparing(SchemaElement::kind));
        List<TableFacts> sorted = new ArrayList<>(facts);
        sorted.sort(Comparator.comparing(TableFacts::name));
        return new KeyspaceSchema(keyspace, replication, durableWrites, elements, sorted);
    }

    private static SchemaElement element(DescribedRow row) {
        String ddl = row.createStatement().strip();
        switch (row.type()) {
            case "type":
                return new SchemaElement(SchemaElement.Kind.TYPE, Identifiers.unquote(row.name()), "", ended(ddl));
            case "function":
                return new SchemaElement(SchemaElement.Kind.FUNCTION, row.name(), "", ended(safeBody(ddl)));
            case "aggregate":
                return new SchemaElement(SchemaElement.Kind.AGGREGATE, row.name(), "", ended(ddl));
            case "table":
                return new SchemaElement(
                        SchemaElement.Kind.TABLE, Identifiers.unquote(row.name()), "", ended(executableTable(ddl)));
            case "index":
                return new SchemaElement(
                        SchemaElement.Kind.INDEX,
                        Identifiers.unquote(row.name()),
                        DdlStatement.parse(ddl).baseTable(),
                        ended(ddl));
            case "materialized_view":
                return new SchemaElement(
                        SchemaElement.Kind.VIEW,
                        Identifiers.unquote(row.name()),
                        DdlStatement.parse(ddl).baseTable(),
                        ended(ddl));
            default:
                throw new IllegalArgumentException(
                        "schema element " + row.name() + " is of unknown type '" + row.type() + "'");
        }
    }

    private static String executableTable(String ddl) {
        StringBuilder out = new StringBuilder();
        for (String one : DdlStatement.split(uncommented(ddl))) {
            DdlStatement statement = DdlStatement.parse(one).withMasksQuoted();
            if (statement.hasOrderWithoutClustering()) {
                statement = statement.withoutOptions("clustering order"::equals);
            }
            out.append(out.length() == 0 ? "" : "\n").append(statement);
        }
        return out.toString();
    }

    private static String ended(String ddl) {
        return (ddl.endsWith(";") ? ddl : ddl + ";") + "\n";
    }

    /**
     * The statements inside the comment that stands for a COMPACT STORAGE table. Cut by position: a table's own comment
     * may hold the comment's end.
     */
    static String uncommented(String ddl) {
        if (!ddl.startsWith("/*")) {
            return ddl;
        }
        int start = ddl.indexOf("\nCREATE TABLE ");
        if (start < 0 || !ddl.endsWith("*/")) {
            throw new IllegalArgumentException("no CREATE TABLE in the comment [" + ddl + "]");
        }
        return ddl.substring(start, ddl.length() - 2).strip();
    }

    /** A body that contains {@code $$} can only be written as a quoted string. */
    static String safeBody(String ddl) {
        int start = bodyStart(ddl);
        int end = ddl.lastIndexOf(DOLLARS);
        String body = end > start ? ddl.substring(start + DOLLARS.length(), end) : "";
        if (!body.contains(DOLLARS)) {
            return ddl;
        }
        return ddl.substring(0, start) + "'" + body.replace("'", "''") + "'" + ddl.substring(end + DOLLARS.length());
    }

    /** Where the first {@code $$} outside of quotes is; the end of the text when there is none. */
    private static int bodyStart(String ddl) {
        char quote = 0;
        for (int i = 0; i < ddl.length(); i++) {
            char c = ddl.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (ddl.startsWith(DOLLARS, i)) {
                return i;
            }
        }
        return ddl.length();
    }
}
