package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.RestoreSchema;
import dev.hindsight.model.schema.SchemaElement;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The schema side of a restore over all its keyspaces: {@link RestoreSchema} for each, put together. Pure. */
final class RestoreSchemas {
    private RestoreSchemas() {}

    /** DDL of a table under its new name, without its id: what its SSTables are written with. */
    record TargetTable(List<String> types, String ddl) {}

    /**
     * @param existing target tables that exist already with the same columns: they must hold no data
     * @param refused why it cannot be done
     */
    record Steps(
            List<RestoreSchema.Step> beforeImport,
            List<RestoreSchema.Step> afterImport,
            Set<TableName> existing,
            List<String> refused,
            List<String> notes) {
        List<String> statements() {
            List<String> out = new ArrayList<>();
            beforeImport.forEach(step -> out.add(step.statement()));
            afterImport.forEach(step -> out.add(step.statement()));
            return List.copyOf(out);
        }
    }

    /**
     * @param targets target name by source table
     * @param wholeKeyspace also functions, aggregates and types that no table needs
     * @param present what the target cluster has
     */
    static Steps steps(
            BackupContents contents,
            Map<TableName, TableName> targets,
            boolean wholeKeyspace,
            Optional<Map<String, String>> replication,
            List<KeyspaceSchema> present) {
        List<RestoreSchema.Step> before = new ArrayList<>();
        List<RestoreSchema.Step> after = new ArrayList<>();
        Set<TableName> existing = new TreeSet<>();
        List<String> refused = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (Map.Entry<String, Map<TableName, TableName>> keyspace :
                bySourceKeyspace(targets).entrySet()) {
            String into = keyspace.getValue().values().iterator().next().keyspace();
            RestoreSchema.Request request = request(contents.schemaOf(keyspace.getKey()), keyspace.getValue());
            RestoreSchema.Result result = RestoreSchema.plan(new RestoreSchema.Request(
                    request.source(),
                    wholeKeyspace && coversAll(request) ? Set.of() : request.tables(),
                    into,
                    request.tableNames(),
                    replication,
                    present.stream()
                            .filter(schema -> schema.name().equals(into))
                            .findFirst(),
                    Set.of()));
            before.addAll(result.steps(RestoreSchema.Phase.BEFORE_IMPORT));
            after.addAll(result.steps(RestoreSchema.Phase.AFTER_IMPORT));
            result.existing().forEach(table -> existing.add(new TableName(into, table)));
            refused.addAll(result.refused());
            notes.addAll(result.notes());
        }
        return new Steps(List.copyOf(before), List.copyOf(after), existing, refused, notes);
    }

    /** What the table would be created with in an empty cluster. */
    static TargetTable targetTable(KeyspaceSchema source, TableName table, TableName as) {
        List<RestoreSchema.Step> steps =
                RestoreSchema.plan(request(source, Map.of(table, as))).steps(RestoreSchema.Phase.BEFORE_IMPORT);
        return new TargetTable(
                ofKind(steps, SchemaElement.Kind.TYPE),
                String.join("\n", ofKind(steps, SchemaElement.Kind.TABLE)) + "\n");
    }

    /** A script that makes these tables, with their keyspaces, in an empty cluster; views last. */
    static String script(BackupContents contents) {
        Map<TableName, TableName> same = new TreeMap<>();
        contents.tables().forEach(table -> same.put(table, table));
        Steps steps = steps(contents, same, false, Optional.empty(), List.of());
        String views = steps.afterImport().isEmpty()
                ? ""
                : "\n-- after the data are loaded: views fill themselves from their tables\n"
                        + statements(steps.afterImport());
        return statements(steps.beforeImport()) + views;
    }

    private static String statements(List<RestoreSchema.Step> steps) {
        return steps.stream()
                .map(step -> step.statement().strip())
                .map(text -> text.endsWith(";") ? text + "\n" : text + ";\n")
                .collect(Collectors.joining());
    }

    private static RestoreSchema.Request request(KeyspaceSchema source, Map<TableName, TableName> targets) {
        Map<String, String> names = new HashMap<>();
        targets.forEach((from, to) -> {
            if (!from.table().equals(to.table())) {
                names.put(from.table(), to.table());
            }
        });
        Set<String> tables = targets.keySet().stream().map(TableName::table).collect(Collectors.toSet());
        String into = targets.values().iterator().next().keyspace();
        return RestoreSchema.Request.wholeKeyspace(source, Optional.empty())
                .of(tables)
                .inKeyspace(into)
                .named(names);
    }

    private static boolean coversAll(RestoreSchema.Request request) {
        return request.source().tables().stream()
                .allMatch(facts -> request.tables().contains(facts.name().table()));
    }

    private static Map<String, Map<TableName, TableName>> bySourceKeyspace(Map<TableName, TableName> targets) {
        Map<String, Map<TableName, TableName>> out = new TreeMap<>();
        targets.forEach((source, as) ->
                out.computeIfAbsent(source.keyspace(), key -> new TreeMap<>()).put(source, as));
        return out;
    }

    private static List<String> ofKind(List<RestoreSchema.Step> steps, SchemaElement.Kind kind) {
        return steps.stream()
                .filter(step -> step.kind().equals(Optional.of(kind)))
                .map(RestoreSchema.Step::statement)
                .toList();
    }
}
