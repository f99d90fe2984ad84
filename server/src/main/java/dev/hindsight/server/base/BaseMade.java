package dev.hindsight.server.base;

import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.repository.document.BackupManifest;
import java.time.Instant;
import java.util.List;

/** The result of a backup job: what clients are told of the backup that was made. */
public record BaseMade(
        String backup,
        Instant restorePoint,
        BackupManifest.State state,
        List<TableName> tables,
        long storedBytes,
        double seconds,
        List<String> notes) {
    static BaseMade of(BackupReport report) {
        BackupManifest manifest = report.manifest();
        return new BaseMade(
                manifest.id(),
                manifest.restorePoint(),
                manifest.state(),
                manifest.tables().stream().map(BackupManifest.Table::name).toList(),
                manifest.totals().storedBytes(),
                report.seconds(),
                report.notes());
    }
}
