package dev.hindsight.model.schema;

import dev.hindsight.model.schema.SchemaElement.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which types, functions and aggregates of a keyspace some of its tables cannot do without; or all of them. */
final class NeededElements {
    private final KeyspaceSchema source;
    private final Set<String> types = new TreeSet<>();
    private final Set<String> functions = new TreeSet<>();
    private final boolean all;

    NeededElements(KeyspaceSchema source, Set<String> tables, boolean all) {
        this.source = source;
        this.all = all;
        Deque<String> names = new ArrayDeque<>();
        for (SchemaElement element : source.elements()) {
            if (element.kind() == Kind.TABLE && tables.contains(element.name())) {
                for (String one : DdlStatement.split(element.ddl())) {
                    DdlStatement statement = DdlStatement.parse(one);
                    names.addAll(statement.referencedNames());
                    functions.addAll(statement.maskFunctions());
                }
            }
        }
        functions()
                .forEach(function ->
                        names.addAll(DdlStatement.parse(function.ddl()).referencedNames()));
        follow(names);
    }

    private void follow(Deque<String> names) {
        Map<String, SchemaElement> known = new LinkedHashMap<>();
        source.elements().stream()
                .filter(element -> element.kind() == Kind.TYPE)
                .forEach(element -> known.put(element.name(), element));
        while (!names.isEmpty()) {
            SchemaElement type = known.get(names.pop());
            if (type != null && types.add(type.name())) {
                names.addAll(DdlStatement.parse(type.ddl()).referencedNames());
            }
        }
    }

    /** In the source's order: dependencies first. */
    List<SchemaElement> types() {
        return source.elements().stream()
                .filter(element -> element.kind() == Kind.TYPE)
                .filter(element -> all || types.contains(element.name()))
                .toList();
    }

    /** Functions, then aggregates. */
    List<SchemaElement> functions() {
        List<SchemaElement> out = new ArrayList<>();
        for (SchemaElement element : source.elements()) {
            boolean function = element.kind() == Kind.FUNCTION;
            if (all && (function || element.kind() == Kind.AGGREGATE)) {
                out.add(element);
            } else if (function
                    && functions.contains(DdlStatement.parse(element.ddl()).name())) {
                out.add(element);
            }
        }
        return out;
    }
}
