package dev.hindsight.operations.retention;

import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.model.schema.TableName;
import java.util.Optional;
import java.util.Set;

/**
 * What to expire.
 *
 * @param backups only these, if any is named; else what the rules do not keep
 * @param rules needed where no backup is named
 * @param reallyLast tables of which even the last restorable point may go
 */
public record ExpireRequest(Set<String> backups, Optional<RetentionRules> rules, Set<TableName> reallyLast) {
    public ExpireRequest {
        backups = Set.copyOf(backups);
        reallyLast = Set.copyOf(reallyLast);
    }
}
