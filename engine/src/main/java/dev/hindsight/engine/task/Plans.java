package dev.hindsight.engine.task;

import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.TableDefinition;
import java.util.List;

/** Looks things up in plan objects; what a plan should have and has not is a {@link PreconditionFailedException}. */
final class Plans {
    /** Ids of a shard's outputs lie between its number times this and the next one's, so that all fit one directory. */
    static final int IDS_PER_SHARD = 1000;

    private Plans() {}

    static BackupPlan.Shard shard(BackupPlan plan, int number) {
        return plan.shards().stream()
                .filter(shard -> shard.number() == number)
                .findFirst()
                .orElseThrow(() -> lacks("backup plan " + plan.id(), "shard " + number));
    }

    static RestorePlan.Shard shard(RestorePlan plan, int number) {
        return plan.shards().stream()
                .filter(shard -> shard.number() == number)
                .findFirst()
                .orElseThrow(() -> lacks("restore plan " + plan.id(), "shard " + number));
    }

    static RestorePlan.Table table(RestorePlan plan, TableName source) {
        return plan.tables().stream()
                .filter(table -> table.source().equals(source))
                .findFirst()
                .orElseThrow(() -> lacks("restore plan " + plan.id(), "table " + source));
    }

    static TableDefinition definition(List<KeyspaceSchema> schema, TableName table) {
        KeyspaceSchema keyspace = schema.stream()
                .filter(one -> one.name().equals(table.keyspace()))
                .findFirst()
                .orElseThrow(() -> lacks("the schema", "keyspace " + table.keyspace()));
        try {
            return TableDefinition.of(keyspace, table.table());
        } catch (IllegalArgumentException e) {
            throw lacks("the schema", "table " + table);
        }
    }

    /** Ids count up from the shard's own; past its share they would collide with the next shard's. */
    static void requireIdsOfOneShard(int number, List<OutputSSTable> outputs) {
        if (outputs.size() >= IDS_PER_SHARD) {
            throw new PreconditionFailedException(
                    "shard " + number + " would have " + outputs.size() + " SSTables, at most " + (IDS_PER_SHARD - 1)
                            + " are possible",
                    "lower shard-size, or raise the size of one SSTable");
        }
    }

    static PreconditionFailedException lacks(String what, String part) {
        return new PreconditionFailedException(what + " has no " + part, "plan again with this version of Hindsight");
    }
}
