package dev.hindsight.operations.rebase;

import dev.hindsight.repository.document.BackupManifest;
import java.util.List;
import java.util.Optional;

/**
 * What a rebase did.
 *
 * @param made the rebase; empty when there was nothing to do
 * @param reparented live backups that build on it now
 * @param resumed shards that an earlier run had finished
 * @param cpuSeconds of all workers
 */
public record RebaseReport(
        RebaseForecast forecast,
        Optional<BackupManifest> made,
        List<String> reparented,
        long readBytes,
        long storedBytes,
        int resumed,
        double seconds,
        double cpuSeconds,
        List<String> notes) {
    public RebaseReport {
        reparented = List.copyOf(reparented);
        notes = List.copyOf(notes);
    }
}
