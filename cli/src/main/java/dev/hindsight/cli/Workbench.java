package dev.hindsight.cli;

import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.doctor.Finding;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.backup.BackupForecast;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.CompleteRequest;
import dev.hindsight.operations.journal.HistoryReport;
import dev.hindsight.operations.journal.HistoryRequest;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.UnprotectReport;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.operations.rebase.RebaseForecast;
import dev.hindsight.operations.rebase.RebaseReport;
import dev.hindsight.operations.rebase.RebaseRequest;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.operations.retention.ExpireReport;
import dev.hindsight.operations.retention.ExpireRequest;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.operations.verify.VerifyRequest;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything the verbs ask of the rest of the system, so that options, documents and exit codes can be tested without a
 * cluster. The real one opens what a call needs and closes it again. One call at a time; failures are the types of {@link
 * dev.hindsight.model.failure}.
 */
public interface Workbench {
    /** A repository's birth certificate. {@code created} is false when it had been there before. */
    record Initialised(String id, String location, Instant createdAt, boolean created) {}

    /**
     * The repository as a whole.
     *
     * @param backups published, damaged ones among them
     * @param newest the newest published backup whose manifest can be read
     * @param unfinished runs that have a plan and no published backup: running now, or dead
     * @param protections of tables that are protected now
     * @param problems what was found damaged on the way, a sentence each; {@code verify} looks at everything
     */
    record RepositoryStatus(
            String id,
            String location,
            Instant createdAt,
            long catalogueEntries,
            int backups,
            Optional<BackupManifest> newest,
            List<Unfinished> unfinished,
            List<WindowReport> protections,
            List<String> problems) {}

    /**
     * The published backups, oldest first.
     *
     * @param problems of the catalogue itself, a sentence each
     */
    record BackupList(List<Listed> backups, List<String> problems) {
        /** Whether everything that was read is whole. */
        public boolean whole() {
            return problems.isEmpty()
                    && backups.stream().allMatch(one -> one.problem().isEmpty());
        }
    }

    /**
     * A published backup: its manifest, or what is wrong with that.
     *
     * @param parent what it builds on now, which a rebase may have changed; unknown where the manifest is damaged
     * @param held whether it must not expire
     */
    record Listed(
            String id, Optional<BackupManifest> manifest, Optional<String> parent, boolean held, String problem) {}

    record Unfinished(String id, Instant since, int shardsDone, int shards) {}

    Initialised init(HindsightConfig config);

    /** One finding for every check; nothing is thrown for what is found. */
    List<Finding> examine(HindsightConfig config);

    RepositoryStatus status(HindsightConfig config);

    /** What is damaged is reported in its place and keeps nothing else from being listed. */
    BackupList backups(HindsightConfig config);

    /** @param id of a published backup, or {@code latest} */
    Listed backup(HindsightConfig config, String id);

    BackupForecast planBackup(HindsightConfig config, BackupRequest request, ProgressListener progress);

    BackupReport backup(HindsightConfig config, BackupRequest request, ProgressListener progress);

    RestoreForecast planRestore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress);

    RestoreReport restore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress);

    /** As {@link #planRestore(HindsightConfig, ClusterConfig, RestoreRequest, ProgressListener)}, of protected tables at an instant. */
    RestoreForecast planRestoreAt(
            HindsightConfig config,
            ClusterConfig target,
            RestoreRequest request,
            Instant at,
            ProgressListener progress);

    RestoreReport restoreAt(
            HindsightConfig config,
            ClusterConfig target,
            RestoreRequest request,
            Instant at,
            ProgressListener progress);

    ProtectReport protect(HindsightConfig config, List<TableName> tables, ProgressListener progress);

    UnprotectReport unprotect(HindsightConfig config, TableName table);

    /** @param seal whether what was captured is numbered first */
    WindowReport window(HindsightConfig config, TableName table, Optional<Instant> at, boolean seal);

    /** @param seal whether what was captured is numbered first: up to the end of the stretch, or all that is there */
    HistoryReport history(HindsightConfig config, HistoryRequest request, boolean seal, ProgressListener progress);

    CompleteReport complete(HindsightConfig config, CompleteRequest request, ProgressListener progress);

    ExportReport export(
            HindsightConfig config, String from, List<TableName> tables, Path directory, ProgressListener progress);

    VerifyReport verify(HindsightConfig config, VerifyRequest request, ProgressListener progress);

    RebaseForecast planRebase(HindsightConfig config, RebaseRequest request, ProgressListener progress);

    RebaseReport rebase(HindsightConfig config, RebaseRequest request, ProgressListener progress);

    ExpireReport planExpire(HindsightConfig config, ExpireRequest request, ProgressListener progress);

    ExpireReport expire(HindsightConfig config, ExpireRequest request, ProgressListener progress);

    CollectReport planCollect(HindsightConfig config, ProgressListener progress);

    CollectReport collect(HindsightConfig config, ProgressListener progress);

    /** @return the entry of the catalogue that says so */
    CatalogueEntry hold(HindsightConfig config, String backup, String reason);

    /** @return the entry of the catalogue that says so */
    CatalogueEntry release(HindsightConfig config, String backup, String reason);

    /** @param byTable also what tables take, for which every shard manifest is read */
    DiskUsage usage(HindsightConfig config, boolean byTable);
}
