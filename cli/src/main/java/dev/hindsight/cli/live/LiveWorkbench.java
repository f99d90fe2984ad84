package dev.hindsight.cli.live;

import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.ClusterConfig;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.model.failure.AlreadyExistsException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.backup.BackupForecast;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.operations.backup.BackupRequest;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.store.DirectoryStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** The real thing. */
public final class LiveWorkbench implements Workbench {
    private final Clock clock;

    public LiveWorkbench(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Initialised init(HindsightConfig config) {
        DirectoryStore store = DirectoryStore.create(config.repository());
        try {
            return initialised(Repository.init(store, clock), true);
        } catch (AlreadyExistsException e) {
            return initialised(Repository.open(store), false);
        }
    }

    private static Initialised initialised(Repository repository, boolean created) {
        return new Initialised(
                repository.info().id(),
                repository.store().location(),
                repository.info().createdAt(),
                created);
    }

    @Override
    public RepositoryStatus status(HindsightConfig config) {
        return reads(config).status();
    }

    @Override
    public List<BackupManifest> backups(HindsightConfig config) {
        return reads(config).backups();
    }

    @Override
    public BackupManifest backup(HindsightConfig config, String id) {
        return reads(config).backup(id);
    }

    @Override
    public BackupForecast planBackup(HindsightConfig config, BackupRequest request, ProgressListener progress) {
        throw absent("backup");
    }

    @Override
    public BackupReport backup(HindsightConfig config, BackupRequest request, ProgressListener progress) {
        throw absent("backup");
    }

    @Override
    public RestoreForecast planRestore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress) {
        throw absent("restore");
    }

    @Override
    public RestoreReport restore(
            HindsightConfig config, ClusterConfig target, RestoreRequest request, ProgressListener progress) {
        throw absent("restore");
    }

    @Override
    public ExportReport export(
            HindsightConfig config, String from, List<TableName> tables, Path directory, ProgressListener progress) {
        throw absent("export");
    }

    @Override
    public VerifyReport verify(HindsightConfig config, Optional<String> backup, ProgressListener progress) {
        throw absent("verify");
    }

    private static UnsupportedException absent(String verb) {
        return new UnsupportedException(verb + " is not part of this build", "use a newer build");
    }

    private static RepositoryReads reads(HindsightConfig config) {
        return new RepositoryReads(Repository.open(DirectoryStore.open(config.repository())));
    }
}
