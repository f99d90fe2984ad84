package dev.hindsight.operations.rebase;

import dev.hindsight.model.schema.TableName;
import java.util.Optional;
import java.util.Set;

/**
 * What to rebase.
 *
 * @param at the backup to make whole; the newest if empty
 * @param tables only these; what is incremental of the others goes on building on what it did. All if empty
 */
public record RebaseRequest(Optional<String> at, Set<TableName> tables) {
    public RebaseRequest {
        tables = Set.copyOf(tables);
    }

    public static RebaseRequest at(String backup) {
        return new RebaseRequest(Optional.of(backup), Set.of());
    }
}
