package dev.hindsight.model.schema;

import dev.hindsight.model.ring.Replication;
import dev.hindsight.model.schema.SchemaElement.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the target of a restore has already in the keyspace, ready to be compared. */
final class TargetElements {
    private final Optional<KeyspaceSchema> keyspace;

    TargetElements(Optional<KeyspaceSchema> keyspace) {
        this.keyspace = keyspace;
    }

    private List<SchemaElement> elements(Kind kind) {
        return keyspace.map(KeyspaceSchema::elements).orElse(List.of()).stream()
                .filter(element -> element.kind() == kind)
                .toList();
    }

    Set<String> names(Kind kind) {
        return elements(kind).stream().map(SchemaElement::name).collect(Collectors.toSet());
    }

    Optional<DdlStatement> find(Kind kind, String name) {
        return elements(kind).stream()
                .filter(element -> element.name().equals(name))
                .map(element -> DdlStatement.parse(element.ddl()))
                .findFirst();
    }

    /** CREATE and its ALTERs; empty when there is no such table. */
    List<DdlStatement> table(String name) {
        List<DdlStatement> out = new ArrayList<>();
        for (SchemaElement element : elements(Kind.TABLE)) {
            if (element.name().equals(name)) {
                DdlStatement.split(element.ddl()).forEach(one -> out.add(DdlStatement.parse(one)));
            }
        }
        return out;
    }

    /** An index on the same table that does the same, under whatever name. */
    boolean hasIndexLike(DdlStatement index) {
        return elements(Kind.INDEX).stream()
                .filter(element -> element.table().equals(index.baseTable()))
                .map(element -> DdlStatement.parse(element.ddl()))
                .anyMatch(there -> there.named(index.name()).canonical().equals(index.canonical()));
    }

    /** A datacenter-independent factor matches when every datacenter that is not named has it. */
    boolean isReplicatedAs(Replication wanted) {
        if (keyspace.isEmpty()) {
            return false;
        }
        Replication there = keyspace.get().parsedReplication();
        if (!(wanted instanceof Replication.NetworkTopology topology)
                || !(there instanceof Replication.NetworkTopology theirs)
                || !topology.factors().containsKey("replication_factor")) {
            return there.equals(wanted);
        }
        Map<String, Integer> named = new TreeMap<>(topology.factors());
        int other = topology.factors().getOrDefault("replication_factor", 0);
        named.remove("replication_factor");
        return theirs.factors().keySet().containsAll(named.keySet())
                && theirs.factors().entrySet().stream()
                        .allMatch(entry ->
                                named.getOrDefault(entry.getKey(), other).equals(entry.getValue()));
    }

    /** The fields of a type with their types, canonical, in order. */
    static List<String> fields(DdlStatement type) {
        return type.text().items().stream()
                .map(item -> item.tokens().stream()
                        .map(token -> token.isName() ? token.name() : token.text())
                        .collect(Collectors.joining(" ")))
                .toList();
    }

    /** Options do not count. */
    static boolean sameView(DdlStatement one, DdlStatement other) {
        return one.withoutOptions(any -> true)
                .canonical()
                .equals(other.withoutOptions(any -> true).canonical());
    }

    static String word(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
