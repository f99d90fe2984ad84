package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The schema side of a restore: which statements run, and what the outputs' tables look like. Pure. */
final class RestoreSchemas {
    private RestoreSchemas() {}

    /** One DDL statement. */
    record Step(String kind, String name, String statement) {}

    /** @param create the CREATE TABLE alone, without id: two tables with equal ones are made alike */
    record TargetTable(List<String> types, String ddl, String create) {}

    record Steps(List<Step> beforeImport, List<Step> afterImport, List<String> notes) {
        static Steps none() {
            return new Steps(List.of(), List.of(), List.of());
        }

        Steps and(Steps other) {
            return new Steps(
                    join(beforeImport, other.beforeImport),
                    join(afterImport, other.afterImport),
                    join(notes, other.notes));
        }

        List<String> statements() {
            return join(beforeImport, afterImport).stream().map(Step::statement).toList();
        }

        private static <T> List<T> join(List<T> first, List<T> second) {
            List<T> out = new ArrayList<>(first);
            out.addAll(second);
            return List.copyOf(out);
        }
    }

    static Steps steps(
            KeyspaceSchema source,
            List<TableName> tables,
            Map<TableName, TableName> targets,
            boolean wholeKeyspace,
            Optional<KeyspaceSchema> existing,
            Map<String, String> replication) {
        throw new UnsupportedOperationException("TODO");
    }

    static TargetTable targetTable(KeyspaceSchema source, TableName table, TableName as) {
        throw new UnsupportedOperationException("TODO");
    }

    static List<String> types(KeyspaceSchema keyspace) {
        throw new UnsupportedOperationException("TODO");
    }

    static String script(KeyspaceSchema keyspace, List<String> tables) {
        throw new UnsupportedOperationException("TODO");
    }
}
