package dev.hindsight.cli;

import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.doctor.Finding;
import dev.hindsight.model.failure.ExitCode;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers with {@link Samples} or fails as told, and remembers what it was asked. */
final class FakeWorkbench implements Workbench {
    final List<Object> asked = new ArrayList<>();
    BackupManifest.State state = BackupManifest.State.COMPLETE;
    boolean complete = true;
    boolean damagedBackup;
    long undeleted;
    boolean expiryRefused;
    Finding.Level level = Finding.Level.WARN;
    String[] refused = {};
    Optional<ExitCode> refusedAs = Optional.empty();
    String[] problems = {};

    @Nullable
    String pastDamage;

    @Nullable
    String damagedChain;

    @Nullable
    HistoryReport history;

    @Nullable
    RuntimeException failure;

    private <T> T answer(T value, Object... questions) {
        asked.addAll(List.of(questions));
        if (failure != null) {
            throw failure;
        }
        return value;
    }

    @Override
    public Initialised init(HindsightConfig config) {
        return answer(new Initialised("repo-1", "/r", Samples.NOW, true));
    }

    @Override
    public List<Finding> examine(HindsightConfig config) {
        return answer(List.of(new Finding("driver", "cluster", level, "seen", "do it")));
    }

    @Override
    public RepositoryStatus status(HindsightConfig config) {
        return answer(new RepositoryStatus(
                "repo-1",
                "/r",
                Samples.NOW.minusSeconds(86_400),
                1,
                1,
                Optional.of(Samples.manifest(state)),
                List.of(new Unfinished("20261122T115900Z-cd34", Samples.NOW.minusSeconds(60), 1, 4)),
                List.of(JournalSamples.window(Optional.empty(), false)),
                List.of(problems)));
    }

    @Override
    public BackupList backups(HindsightConfig config) {
        List<Listed> backups = new ArrayList<>();
        backups.add(listed());
        if (damagedBackup) {
            backups.add(new Listed(
                    "20261122T110000Z-ff00", Optional.empty(), Optional.empty(), false, "its manifest is missing"));
        }
        return answer(new BackupList(backups, List.of(problems)));
    }

    @Override
    public Listed backup(HindsightConfig config, String id) {
        return answer(listed(), id);
    }

    private Listed listed() {
        return new Listed("20261122T100000Z-ab12", Optional.of(Samples.manifest(state)), Optional.empty(), true, "");
    }

    @Override
    public BackupForecast planBackup(HindsightConfig config, BackupRequest request, ProgressListener progress) {
        return answer(Samples.backupForecast(), request);
    }

    @Override
    public BackupReport backup(HindsightConfig config, BackupRequest request, ProgressListener progress) {
        progress.phase("shards", 0);
        return answer(
                damagedChain == null
                        ? Samples.backupReport(state, pastDamage)
                        : Samples.backupReportOnDamagedChain(damagedChain),
                request);
    }

    @Override
    public RestoreForecast planRestore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress) {
        return answer(Samples.restoreForecast(refusedAs, refused), request, target);
    }

    @Override
    public RestoreReport restore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress) {
        return answer(Samples.restoreReport(complete), request, target);
    }

    @Override
    public RestoreForecast planRestoreAt(
            HindsightConfig config,
            ClusterConfig target,
            RestoreRequest request,
            Instant at,
            ProgressListener progress) {
        return answer(Samples.restoreForecast(refusedAs, refused), target, request, at);
    }

    @Override
    public RestoreReport restoreAt(
            HindsightConfig config,
            ClusterConfig target,
            RestoreRequest request,
            Instant at,
            ProgressListener progress) {
        return answer(Samples.restoreReport(complete), target, request, at);
    }

    @Override
    public ProtectReport protect(HindsightConfig config, List<TableName> tables, ProgressListener progress) {
        return answer(JournalSamples.protect(complete), tables);
    }

    @Override
    public UnprotectReport unprotect(HindsightConfig config, TableName table) {
        return answer(JournalSamples.unprotect(complete), table);
    }

    @Override
    public HistoryReport history(
            HindsightConfig config, HistoryRequest request, boolean seal, ProgressListener progress) {
        return answer(history == null ? JournalSamples.history(complete) : history, request, seal);
    }

    @Override
    public CompleteReport complete(HindsightConfig config, CompleteRequest request, ProgressListener progress) {
        return answer(JournalSamples.complete(request.table(), request.dryRun()), request);
    }

    @Override
    public WindowReport window(HindsightConfig config, TableName table, Optional<Instant> at, boolean seal) {
        return answer(JournalSamples.window(at, complete), table, seal);
    }

    @Override
    public ExportReport export(
            HindsightConfig config, String from, List<TableName> tables, Path directory, ProgressListener progress) {
        return answer(Samples.exportReport(), from, tables, directory);
    }

    @Override
    public VerifyReport verify(HindsightConfig config, VerifyRequest request, ProgressListener progress) {
        return answer(Samples.verifyReport(problems), request);
    }

    @Override
    public RebaseForecast planRebase(HindsightConfig config, RebaseRequest request, ProgressListener progress) {
        return answer(ChainSamples.rebaseForecast(), request);
    }

    @Override
    public RebaseReport rebase(HindsightConfig config, RebaseRequest request, ProgressListener progress) {
        return answer(ChainSamples.rebaseReport(), request);
    }

    @Override
    public ExpireReport planExpire(HindsightConfig config, ExpireRequest request, ProgressListener progress) {
        return answer(ChainSamples.expireReport(true), request);
    }

    @Override
    public ExpireReport expire(HindsightConfig config, ExpireRequest request, ProgressListener progress) {
        return answer(expiryRefused ? ChainSamples.refusedReport() : ChainSamples.expireReport(false), request);
    }

    @Override
    public CollectReport planCollect(HindsightConfig config, ProgressListener progress) {
        return answer(ChainSamples.collectReport(true, 0));
    }

    @Override
    public CollectReport collect(HindsightConfig config, ProgressListener progress) {
        return answer(ChainSamples.collectReport(false, undeleted));
    }

    @Override
    public CatalogueEntry hold(HindsightConfig config, String backup, String reason) {
        return answer(ChainSamples.entry(CatalogueEntry.Action.HOLD, backup, reason), backup, reason);
    }

    @Override
    public CatalogueEntry release(HindsightConfig config, String backup, String reason) {
        return answer(ChainSamples.entry(CatalogueEntry.Action.RELEASE, backup, reason), backup, reason);
    }

    @Override
    public DiskUsage usage(HindsightConfig config, boolean byTable) {
        return answer(ChainSamples.usage());
    }
}
