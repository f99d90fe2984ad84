package dev.hindsight.operations.verify;

import java.util.List;

/**
 * What a verification read and found.
 *
 * @param objects found whole: there, with the right size and digest; catalogue entries are counted by themselves
 * @param bytes of those objects
 * @param sstablesOpened of which every row was read and is as its manifest says
 * @param problems one finding each: object, expected against actual, and the backup, table and token ranges it hurts
 */
public record VerifyReport(
        List<String> backups,
        long catalogueEntries,
        long objects,
        long bytes,
        int sstablesOpened,
        List<String> problems) {
    public boolean good() {
        return problems.isEmpty();
    }
}
