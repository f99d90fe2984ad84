package dev.hindsight.operations.verify;

import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Proves a repository good or says what is hurt: the catalogue's chain of digests, every manifest, every object's size and
 * digest, and for one shard of every table every row of its SSTables.
 *
 * <p>One thread; {@link #close()} may be called from another.
 */
public final class VerifyOperation implements AutoCloseable {
    private final Repository repository;
    private final RunSettings settings;
    private final Clock clock;
    private final ProgressListener progress;
    private final ShardRun run;

    public VerifyOperation(
            Repository repository,
            RunSettings settings,
            EngineFactory engines,
            Clock clock,
            ProgressListener progress) {
        this.repository = repository;
        this.settings = settings;
        this.clock = clock;
        this.progress = progress;
        this.run = new ShardRun(engines, progress, progress::note);
    }

    /** Findings of what is read so far. */
    private static final class Findings {
        private final List<String> problems = new ArrayList<>();
        private long objects;
        private long bytes;
        private int opened;

        private void whole(ObjectRef ref) {
            objects++;
            bytes += ref.sizeBytes();
        }
    }

    /** @param backup one backup with those it builds on, or all */
    public VerifyReport execute(Optional<String> backup) {
        Findings findings = new Findings();
        List<String> verified = new ArrayList<>();
        try {
            Leftovers.clean(settings.scratch()).forEach(progress::note);
            progress.phase("catalogue", 0);
            CatalogueView catalogue = repository.catalogue().inspect();
            findings.problems.addAll(catalogue.problems());
            List<PublishedBackup> backups = catalogue.backups();
            if (backup.isPresent()
                    && findings.problems.isEmpty()
                    && backups.stream().noneMatch(one -> one.id().equals(backup.get()))) {
                throw new NotFoundException("there is no backup " + backup.get(), "run 'hindsight list'");
            }
            run.open(settings.scratch(), "verify-" + clock.millis(), "");
            Set<String> wanted = backup.map(id -> neededBy(catalogue, id, findings))
                    .orElseGet(() -> backups.stream().map(PublishedBackup::id).collect(Collectors.toSet()));
            for (PublishedBackup one : backups) {
                if (wanted.contains(one.id())) {
                    verified.add(one.id());
                    verify(one, findings);
                }
            }
            return new VerifyReport(
                    verified,
                    catalogue.entries().size(),
                    findings.objects,
                    findings.bytes,
                    findings.opened,
                    List.copyOf(findings.problems));
        } finally {
            close();
        }
    }

    /** A backup and all it builds on: what a restore of it reads. */
    private Set<String> neededBy(CatalogueView catalogue, String backup, Findings findings) {
        Set<String> out = new LinkedHashSet<>();
        out.add(backup);
        catalogue.find(backup).ifPresent(published -> {
            try {
                BackupChain.of(repository, catalogue, published.manifest()).links().stream()
                        .map(link -> link.manifest().id())
                        .forEach(out::add);
            } catch (CorruptException e) {
                findings.problems.add("backup " + backup + ": " + e.getMessage());
            }
        });
        return out;
    }

    private void verify(PublishedBackup published, Findings findings) {
        BackupManifest manifest;
        try {
            manifest = repository.load(published.manifest(), BackupManifest.class);
            findings.whole(published.manifest());
        } catch (HindsightException e) {
            findings.problems.add("backup " + published.id() + ": " + e.getMessage());
            return;
        }
        try {
            repository.check(manifest.plan());
            findings.whole(manifest.plan());
        } catch (HindsightException e) {
            findings.problems.add(
                    "backup " + published.id() + ": " + e.getMessage() + "; it can be restored without its plan");
        }
        manifest.chain().ifPresent(chain -> {
            try {
                repository.load(chain, ChainState.class);
                findings.whole(chain);
            } catch (HindsightException e) {
                findings.problems.add("backup " + published.id() + ": " + e.getMessage()
                        + "; it can be restored without, but no incremental can build on it");
            }
        });
        List<ShardTask> tasks = new ArrayList<>();
        long bytes = 0;
        long readAgain = 0;
        for (BackupManifest.Table table : manifest.tables()) {
            boolean open = true;
            for (ObjectRef ref : table.shards()) {
                try {
                    ShardManifest shard = repository.load(ref, ShardManifest.class);
                    boolean holdsData = !shard.sstables().isEmpty();
                    tasks.add(new ShardTask.Verify(
                            published.manifest(),
                            shard.number(),
                            open && holdsData ? ShardTask.Verify.Depth.RECORDS : ShardTask.Verify.Depth.BYTES));
                    if (open && holdsData) {
                        readAgain += shard.counts().storedBytes();
                        open = false;
                    }
                    bytes += shard.counts().storedBytes();
                } catch (HindsightException e) {
                    findings.problems.add(
                            "backup " + published.id() + " table " + table.name() + ": " + e.getMessage());
                }
            }
        }
        progress.phase("verify " + published.id(), bytes + readAgain);
        run(tasks, findings);
    }

    private void run(List<ShardTask> tasks, Findings findings) {
        for (TaskResult result : run.run(tasks, settings.workers().orElse(1))) {
            findings.problems.addAll(result.problems());
            findings.objects += result.whole().objects();
            findings.bytes += result.whole().bytes();
            findings.opened += result.whole().sstables();
            result.failure()
                    .ifPresent(failure -> findings.problems.add(
                            "shard " + result.task().shard() + " could not be verified: " + failure.message()));
        }
    }

    @Override
    public void close() {
        run.close();
    }
}
