package dev.hindsight.operations.restore;

import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.model.window.Guarantee;
import dev.hindsight.repository.document.RestorePlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What makes of a backup an instant behind it: the restore record sets of its tables, and the schema of then.
 *
 * @param instant not before the backup's restore point
 * @param records of every table that is restored
 * @param schema of every keyspace that has one of them
 * @param notes for the operator
 */
public record InstantPart(
        Instant instant, Map<TableName, Records> records, List<KeyspaceSchema> schema, List<String> notes) {
    /**
     * @param bytes of the segments that hold them
     * @param guarantee every write that was acknowledged at this level is in it
     * @param uncertaintySeconds the instant may be off by so much
     */
    public record Records(RestorePlan.Journal journal, long bytes, Guarantee guarantee, double uncertaintySeconds) {
        /** How many there are. */
        public long count() {
            return Math.max(0, journal.lastNumber() - journal.firstNumber() + 1);
        }
    }

    public InstantPart {
        records = Map.copyOf(records);
        schema = List.copyOf(schema);
        notes = List.copyOf(notes);
    }

    Optional<Records> of(TableName table) {
        return Optional.ofNullable(records.get(table));
    }

    Optional<KeyspaceSchema> keyspace(String name) {
        return schema.stream().filter(one -> one.name().equals(name)).findFirst();
    }
}
