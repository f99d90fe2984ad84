package dev.hindsight.model.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What two tables must have in common so that the SSTables of one can be read as the other's: key columns with their
 * types and order, the other columns, COMPACT STORAGE. Names of table and keyspace, options, masks and the order of the
 * other columns do not count.
 *
 * @param key the primary key clause in canonical form
 * @param clusteringOrder canonical; empty when all ascending
 * @param columns type (and {@code static}) by column name, in canonical form
 */
record TableShape(String key, String clusteringOrder, boolean compact, Map<String, String> columns) {
    TableShape {
        columns = Map.copyOf(columns);
    }

    /** Of a CREATE TABLE alone. */
    static TableShape created(DdlStatement create) {
        String keyspace = create.keyspace();
        Map<String, String> columns = new TreeMap<>();
        String key = "";
        for (DdlCursor.Item item : create.text().items()) {
            if (item.isPrimaryKey()) {
                key = joined(keyspace, item.tokens());
            } else {
                List<CqlToken> tokens = item.tokens();
                boolean isKey = endsWithPrimaryKey(tokens);
                String name = tokens.get(0).name();
                key = isKey ? "primary key ( " + Identifiers.quote(name) + " )" : key;
                columns.put(name, type(keyspace, tokens.subList(1, tokens.size() - (isKey ? 2 : 0))));
            }
        }
        DdlOptions options = DdlOptions.of(create.text());
        return new TableShape(
                key,
                order(options.find("clustering order")),
                !options.find("compact storage").isEmpty(),
                columns);
    }

    /** Of a CREATE TABLE and what ALTER TABLE ... DROP and ADD then made of it. */
    static TableShape of(List<DdlStatement> statements) {
        TableShape shape = created(statements.get(0));
        Map<String, String> columns = new TreeMap<>(shape.columns());
        for (DdlStatement alter : statements.subList(1, statements.size())) {
            List<CqlToken> tokens = alter.text().unqualified(alter.keyspace());
            // alter table NAME drop|add COLUMN ...
            String column = tokens.get(4).name();
            if (tokens.get(3).isWord("ADD")) {
                columns.put(column, type(alter.keyspace(), tokens.subList(5, tokens.size())));
            } else {
                columns.remove(column);
            }
        }
        return new TableShape(shape.key(), shape.clusteringOrder(), shape.compact(), columns);
    }

    /** What differs, for a message; empty when nothing does. */
    List<String> differencesTo(TableShape other) {
        List<String> out = new ArrayList<>();
        if (!key.equals(other.key)) {
            out.add(key + " instead of " + other.key);
        }
        if (!clusteringOrder.equals(other.clusteringOrder)) {
            out.add("clustering order (" + clusteringOrder + ") instead of (" + other.clusteringOrder + ")");
        }
        if (compact != other.compact) {
            out.add(compact ? "COMPACT STORAGE" : "no COMPACT STORAGE");
        }
        columns.forEach((name, type) -> {
            String theirs = other.columns.get(name);
            if (theirs == null) {
                out.add("column " + name + " too many");
            } else if (!theirs.equals(type)) {
                out.add("column " + name + " is " + type + " instead of " + theirs);
            }
        });
        other.columns.keySet().stream()
                .filter(name -> !columns.containsKey(name))
                .sorted()
                .forEach(name -> out.add("column " + name + " missing"));
        return out;
    }

    private static boolean endsWithPrimaryKey(List<CqlToken> tokens) {
        int size = tokens.size();
        return size > 3
                && tokens.get(size - 2).isWord("PRIMARY")
                && tokens.get(size - 1).isWord("KEY");
    }

    private static String type(String keyspace, List<CqlToken> tokens) {
        List<CqlToken> upToMask =
                tokens.stream().takeWhile(token -> !token.isWord("MASKED")).toList();
        return joined(keyspace, upToMask);
    }

    private static String joined(String keyspace, List<CqlToken> tokens) {
        StringBuilder out = new StringBuilder();
        for (CqlToken token : new DdlCursor(tokens).unqualified(keyspace)) {
            out.append(out.length() == 0 ? "" : " ").append(token.isName() ? canonicalName(token) : token.text());
        }
        return out.toString();
    }

    private static String canonicalName(CqlToken token) {
        boolean keyword = token.isWord("PRIMARY") || token.isWord("KEY");
        return keyword ? token.text().toLowerCase(Locale.ROOT) : Identifiers.quote(token.name());
    }

    /** Without the words CLUSTERING ORDER BY; empty when every column is ascending, which is the default. */
    private static String order(String option) {
        if (option.isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder();
        boolean descending = false;
        for (DdlCursor.Item item : new DdlCursor(CqlToken.of(option)).items()) {
            List<CqlToken> tokens = item.tokens();
            boolean desc = tokens.get(tokens.size() - 1).isWord("DESC");
            descending |= desc;
            out.append(out.length() == 0 ? "" : ", ")
                    .append(Identifiers.quote(tokens.get(0).name()))
                    .append(desc ? " desc" : " asc");
        }
        return descending ? out.toString() : "";
    }
}
