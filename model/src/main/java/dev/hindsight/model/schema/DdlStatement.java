package dev.hindsight.model.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * One CQL schema statement, understood as far as names and options go, so that it can be made again elsewhere: in
 * another keyspace, under another name, without the table id.
 *
 * <p>Understood are the statements that Cassandra's {@code DESCRIBE} prints: CREATE KEYSPACE, TYPE, FUNCTION, AGGREGATE,
 * TABLE, [CUSTOM] INDEX, MATERIALIZED VIEW and ALTER TABLE. Everything that is not a name or an option in question stays
 * as written, function bodies and string literals above all. Immutable; every change returns another statement.
 */
public final class DdlStatement {
    /** What a statement makes or changes. */
    public enum Kind {
        KEYSPACE,
        TYPE,
        FUNCTION,
        AGGREGATE,
        TABLE,
        ALTER_TABLE,
        INDEX,
        VIEW
    }

    private final DdlCursor text;
    private final Kind kind;
    private final DdlCursor.Reference subject;
    private final Optional<DdlCursor.Reference> base;

    private DdlStatement(DdlCursor text, Kind kind, DdlCursor.Reference subject, Optional<DdlCursor.Reference> base) {
        this.text = text;
        this.kind = kind;
        this.subject = subject;
        this.base = base;
    }

    /**
     * @param cql one statement, with or without {@code ;}
     * @throws IllegalArgumentException if it is not one of those named above
     */
    public static DdlStatement parse(String cql) {
        return parse(new DdlCursor(withoutEnd(CqlToken.of(cql.strip()))));
    }

    private static DdlStatement parse(DdlCursor text) {
        int at = text.first();
        if (text.isWord(at, "ALTER") && text.isWord(text.next(at), "TABLE")) {
            int name = text.skip(text.next(text.next(at)), "IF", "EXISTS");
            return new DdlStatement(text, Kind.ALTER_TABLE, text.reference(name), Optional.empty());
        }
        if (!text.isWord(at, "CREATE")) {
            throw text.notUnderstood("statement");
        }
        at = text.skip(text.next(at), "OR", "REPLACE");
        at = text.skip(at, "CUSTOM");
        Kind kind = kindAt(text, at);
        at = text.next(kind == Kind.VIEW ? text.next(at) : at);
        at = text.skip(at, "IF", "NOT", "EXISTS");
        if (kind == Kind.INDEX) {
            int on = text.isWord(at, "ON") ? at : text.next(at);
            if (on == at || !text.isWord(on, "ON")) {
                throw text.notUnderstood("index name");
            }
            return new DdlStatement(text, kind, text.single(at), Optional.of(text.reference(text.next(on))));
        }
        DdlCursor.Reference subject = kind == Kind.KEYSPACE ? text.single(at) : text.reference(at);
        if (kind != Kind.VIEW) {
            return new DdlStatement(text, kind, subject, Optional.empty());
        }
        int from = subject.last();
        while (!text.isWord(from, "FROM")) {
            from = text.next(from);
        }
        return new DdlStatement(text, kind, subject, Optional.of(text.reference(text.next(from))));
    }

    private static Kind kindAt(DdlCursor text, int at) {
        for (Kind kind : Kind.values()) {
            if (text.isWord(at, kind.name())) {
                return kind;
            }
        }
        if (text.isWord(at, "MATERIALIZED") && text.isWord(text.next(at), "VIEW")) {
            return Kind.VIEW;
        }
        throw text.notUnderstood("thing to create");
    }

    /** The statements of a text, without what is only space or comment; each ends with {@code ;}. */
    public static List<String> split(String cql) {
        List<String> out = new ArrayList<>();
        StringBuilder one = new StringBuilder();
        boolean holdsSomething = false;
        for (CqlToken token : CqlToken.of(cql)) {
            if (token.isSymbol(';')) {
                if (holdsSomething) {
                    out.add(one.toString().strip() + ";");
                }
                one.setLength(0);
                holdsSomething = false;
            } else if (token.counts() || holdsSomething) {
                one.append(token.text());
                holdsSomething = true;
            }
        }
        if (holdsSomething) {
            out.add(one.toString().strip() + ";");
        }
        return List.copyOf(out);
    }

    /** {@code CREATE KEYSPACE}, with Cassandra's own replication classes by their short names. */
    public static String createKeyspace(String name, Map<String, String> replication, boolean durableWrites) {
        StringBuilder map = new StringBuilder();
        TreeMap<String, String> rest = new TreeMap<>(replication);
        String strategy = String.valueOf(rest.remove("class")).replace("org.apache.cassandra.locator.", "");
        map.append("{'class': ").append(literal(strategy));
        rest.forEach((key, value) ->
                map.append(", ").append(literal(key)).append(": ").append(literal(value)));
        return "CREATE KEYSPACE " + Identifiers.quote(name) + " WITH replication = " + map + "} AND durable_writes = "
                + durableWrites + ";";
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    public Kind kind() {
        return kind;
    }

    /** Of the thing that is made, or the table that is changed; a function without its argument types. */
    public String name() {
        return subject.name();
    }

    /** The table an index or view is on; empty for the others. */
    public String baseTable() {
        return base.map(DdlCursor.Reference::name).orElse("");
    }

    /** Empty where the statement does not say. */
    public String keyspace() {
        if (kind == Kind.KEYSPACE) {
            return subject.name();
        }
        return (kind == Kind.INDEX ? base.orElse(subject) : subject).keyspace();
    }

    /** The same in another keyspace: every name that is qualified with the old one is now with the new one. */
    public DdlStatement inKeyspace(String other) {
        if (kind == Kind.KEYSPACE) {
            return parse(text.replaceName(subject.last(), other));
        }
        String old = keyspace();
        return old.isEmpty() ? this : parse(text.requalified(old, other));
    }

    /** Another name for the thing that is made or the table that is changed; for an index, the index's name. */
    public DdlStatement named(String other) {
        return parse(text.replaceName(subject.last(), other));
    }

    /** On another table: for indexes and views. */
    public DdlStatement onTable(String other) {
        return base.map(table -> parse(text.replaceName(table.last(), other))).orElse(this);
    }

    /** Without the table id, so that a new one is given. */
    public DdlStatement withoutId() {
        return withoutOptions("id"::equals);
    }

    /**
     * Without options of a table or view.
     *
     * @param unwanted asked with the option's name in lower case; {@code clustering order} and {@code compact storage}
     *     are names as well
     */
    public DdlStatement withoutOptions(Predicate<String> unwanted) {
        if (kind != Kind.TABLE && kind != Kind.VIEW) {
            return this;
        }
        DdlOptions options = DdlOptions.of(text);
        return options.names().stream().noneMatch(unwanted)
                ? this
                : parse(new DdlCursor(CqlToken.of(options.without(unwanted))));
    }

    /** Names of a table's or view's options, in lower case; see {@link #withoutOptions}. */
    public List<String> optionNames() {
        return kind == Kind.TABLE || kind == Kind.VIEW ? DdlOptions.of(text).names() : List.of();
    }

    /** The text of a table's or view's option, named as {@link #optionNames} does; empty when it is not there. */
    public String option(String name) {
        return kind == Kind.TABLE || kind == Kind.VIEW ? DdlOptions.of(text).find(name) : "";
    }

    /** The tokens that count, without this statement's keyspace before names. */
    public List<CqlToken> tokens() {
        return text.unqualified(keyspace());
    }

    /** What stands between the first parentheses, split at its commas; tokens as {@link #tokens} gives them. */
    public List<List<CqlToken>> items() {
        return new DdlCursor(tokens())
                .items().stream().map(DdlCursor.Item::tokens).toList();
    }

    /**
     * Names that stand where this statement needs a type or function: for a table or type what follows the column's or
     * field's name (key clauses included), for the others every name. Built-in types are among them; intersect with what is defined.
     */
    public Set<String> referencedNames() {
        Set<String> out = new LinkedHashSet<>();
        if (kind == Kind.TABLE || kind == Kind.TYPE) {
            text.items().forEach(item -> out.addAll(item.namesAfterFirst()));
        } else if (kind == Kind.ALTER_TABLE) {
            List<CqlToken> tokens = text.unqualified(keyspace());
            // alter table NAME drop|add COLUMN ...
            out.addAll(new DdlCursor.Item(tokens.subList(4, tokens.size())).namesAfterFirst());
        } else {
            out.addAll(text.names());
        }
        return out;
    }

    /** Functions that mask columns: {@code MASKED WITH ks.f(...)}. */
    public Set<String> maskFunctions() {
        Set<String> out = new LinkedHashSet<>();
        for (int at = text.first(); text.isInside(at); at = text.next(at)) {
            if (text.isWord(at, "MASKED") && text.isWord(text.next(at), "WITH")) {
                out.add(text.reference(text.next(text.next(at))).name());
            }
        }
        return out;
    }

    /** With names of masking functions quoted where they hold capitals: DESCRIBE prints them as stored. */
    DdlStatement withMasksQuoted() {
        DdlCursor out = text;
        for (int at = text.first(); text.isInside(at); at = text.next(at)) {
            if (text.isWord(at, "MASKED") && text.isWord(text.next(at), "WITH")) {
                out = out.quotedUpTo(text.next(text.next(at)), '(');
            }
        }
        return parse(out);
    }

    /** Printed for a COMPACT STORAGE table without clustering columns, which has a hidden one. */
    boolean hasOrderWithoutClustering() {
        if (!optionNames().contains("compact storage") || !optionNames().contains("clustering order")) {
            return false;
        }
        for (DdlCursor.Item item : text.items()) {
            if (item.isPrimaryKey()) {
                return new DdlCursor(item.tokens()).items().size() == 1;
            }
        }
        return true;
    }

    /** For comparing: no comments, single spaces only where needed, keyspace qualifiers left out, identifiers as stored. */
    public String canonical() {
        String old = keyspace();
        StringBuilder out = new StringBuilder();
        for (CqlToken token : text.unqualified(old)) {
            String word = token.kind() == CqlToken.Kind.WORD ? token.text().toLowerCase(Locale.ROOT) : token.text();
            boolean plain = token.kind() == CqlToken.Kind.QUOTED && token.name().matches("[a-z][a-z0-9_]*");
            out.append(out.length() == 0 ? "" : " ").append(plain ? token.name() : word);
        }
        return out.toString();
    }

    DdlCursor text() {
        return text;
    }

    private static List<CqlToken> withoutEnd(List<CqlToken> tokens) {
        int end = tokens.size();
        while (end > 0 && (!tokens.get(end - 1).counts() || tokens.get(end - 1).isSymbol(';'))) {
            end--;
        }
        return tokens.subList(0, end);
    }

    /** The statement with {@code ;} at its end. */
    @Override
    public String toString() {
        return text + ";";
    }
}
