package dev.hindsight.model.schema;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which schema statements bring a keyspace or some of its tables back, under which names, and what stands in the
 * way. Nothing is executed here.
 *
 * <p>Order: keyspace, types, functions, aggregates, tables with their dropped columns, indexes; then the data are
 * imported; then views, which fill themselves from their base table. Restored tables get new ids. What the target has
 * already and is the same is left out of the statements, so that an interrupted restore can be planned again.
 *
 * <p>Of single tables only what they need comes along: types (and theirs), masking functions, indexes, and views if the
 * table keeps its name. A whole keyspace brings everything.
 */
public final class RestoreSchema {
    /** When a statement has to run. */
    public enum Phase {
        BEFORE_IMPORT,
        AFTER_IMPORT
    }

    /**
     * One statement.
     *
     * @param kind empty for the keyspace itself
     * @param name of the thing in the target
     */
    public record Step(Optional<SchemaElement.Kind> kind, String name, String statement, Phase phase) {}

    /**
     * What is asked for.
     *
     * @param tables names of the source; empty means the whole keyspace
     * @param tableNames new names of tables, by old name
     * @param replication for a keyspace that has to be created; empty takes the source's
     * @param target what the target cluster has under {@code keyspace}; empty when there is no such keyspace
     * @param unsupportedOptions table options that the target does not take, in lower case
     */
    public record Request(
            KeyspaceSchema source,
            Set<String> tables,
            String keyspace,
            Map<String, String> tableNames,
            Optional<Map<String, String>> replication,
            Optional<KeyspaceSchema> target,
            Set<String> unsupportedOptions) {
        public Request {
            tables = Set.copyOf(tables);
            tableNames = Map.copyOf(tableNames);
            unsupportedOptions = Set.copyOf(unsupportedOptions);
        }

        /** Everything, under the keyspace's own name, as far as {@code target} lacks it. */
        public static Request wholeKeyspace(KeyspaceSchema source, Optional<KeyspaceSchema> target) {
            return new Request(source, Set.of(), source.name(), Map.of(), Optional.empty(), target, Set.of());
        }

        public Request of(Set<String> onlyTables) {
            return new Request(source, onlyTables, keyspace, tableNames, replication, target, unsupportedOptions);
        }

        public Request inKeyspace(String other) {
            return new Request(source, tables, other, tableNames, replication, target, unsupportedOptions);
        }

        public Request named(Map<String, String> newNames) {
            return new Request(source, tables, keyspace, newNames, replication, target, unsupportedOptions);
        }

        public Request replicated(Map<String, String> map) {
            return new Request(source, tables, keyspace, tableNames, Optional.of(map), target, unsupportedOptions);
        }

        public Request withoutOptions(Set<String> options) {
            return new Request(source, tables, keyspace, tableNames, replication, target, options);
        }

        boolean wantsAll() {
            return tables.isEmpty();
        }

        String targetName(String table) {
            return tableNames.getOrDefault(table, table);
        }
    }

    /**
     * The decision.
     *
     * @param tables all tables to restore: old name to new name, those that exist already included
     * @param existing new names of tables that the target has already, with the same columns: they must hold no data
     * @param refused why it cannot be done; empty when it can
     * @param notes what will be missing or different
     */
    public record Result(
            List<Step> steps,
            Map<String, String> tables,
            Set<String> existing,
            List<String> refused,
            List<String> notes) {
        public Result {
            steps = List.copyOf(steps);
            tables = Map.copyOf(tables);
            existing = Set.copyOf(existing);
            refused = List.copyOf(refused);
            notes = List.copyOf(notes);
        }

        public List<Step> steps(Phase phase) {
            return steps.stream().filter(step -> step.phase() == phase).toList();
        }
    }

    private RestoreSchema() {}

    /** Pure; see the class comment. */
    public static Result plan(Request request) {
        return new SchemaPlanner(request).plan();
    }
}
