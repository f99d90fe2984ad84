package dev.hindsight.operations.verify;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a verification read and found.
 *
 * @param level how closely, lower case; with the part of a rotation
 * @param objects found whole: there, with the right size and digest; catalogue entries are counted by themselves
 * @param bytes of those objects
 * @param sstablesOpened of which every row was read and is as its manifest says
 * @param journals tables that are or were protected, whose journals were looked at
 * @param journalRecords changes in them that were read one by one
 * @param problems one finding each: object, expected against actual, and the backup, table and token ranges it hurts
 * @param hurt restore points of which something is missing or wrong, by table and instant
 */
public record VerifyReport(
        String level,
        List<String> backups,
        long catalogueEntries,
        long objects,
        long bytes,
        int sstablesOpened,
        List<TableName> journals,
        long journalRecords,
        List<String> problems,
        List<Hurt> hurt) {
    /**
     * @param goodBefore the nearest earlier backup from which all of the table can be restored; empty for none
     * @param goodAfter the nearest later one
     */
    public record Hurt(
            TableName table,
            String backup,
            Instant restorePoint,
            List<TokenRange> ranges,
            Optional<String> goodBefore,
            Optional<String> goodAfter) {}

    public boolean good() {
        return problems.isEmpty();
    }
}
