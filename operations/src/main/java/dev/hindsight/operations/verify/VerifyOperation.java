package dev.hindsight.operations.verify;

import dev.hindsight.engine.ShardTask;
import dev.hindsight.engine.TaskResult;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PlanStaleException;
import dev.hindsight.operations.EngineFactory;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.RunSettings;
import dev.hindsight.operations.chain.BackupChain;
import dev.hindsight.operations.chain.HurtRestorePoints;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.operations.run.Leftovers;
import dev.hindsight.operations.run.RunClaim;
import dev.hindsight.operations.run.ShardRun;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ChainState;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import dev.hindsight.repository.layout.BackupIds;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Proves a repository good or says what is hurt, and which restore points: the catalogue's chain of digests, every
 * manifest, and as closely as asked every object's size, digest and rows; and so the journals of protected tables, unless one
 * backup is asked for.
 *
 * <p>One thread; {@link #close()} may be called from another.
 */
public final class VerifyOperation implements AutoCloseable {
    private static final int MOST_LOOKS = 3;

    private final Repository repository;
    private final RunSettings settings;
    private final Clock clock;
    private final ProgressListener progress;
    private final RunClaim claim;
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
        this.claim = new RunClaim(repository, clock, progress);
        this.progress = claim;
        this.run = new ShardRun(engines, claim, progress::note);
    }

    /** Findings of what is read so far. */
    private static final class Findings {
        private final List<String> problems = new ArrayList<>();
        /** Keys of shard manifests that are damaged, or name something that is. */
        private final Set<String> broken = new HashSet<>();

        /** A manifest that cannot be read breaks every chain through it. */
        private boolean manifestsBroken;

        private long objects;
        private long bytes;
        private int opened;

        private void whole(ObjectRef ref) {
            objects++;
            bytes += ref.sizeBytes();
        }
    }

    /** As closely as it is done when nothing else is said. */
    public VerifyReport execute(Optional<String> backup) {
        return execute(new VerifyRequest(backup, VerifyRequest.Level.SAMPLE, Optional.empty()));
    }

    public VerifyReport execute(VerifyRequest request) {
        Findings findings = new Findings();
        List<String> verified = new ArrayList<>();
        try {
            Leftovers.clean(settings.scratch()).forEach(progress::note);
            progress.phase("catalogue", 0);
            String id = "verify-" + new BackupIds(clock, new SecureRandom()).next();
            Looked looked = look(request, id);
            CatalogueView catalogue = looked.catalogue();
            Optional<String> backup = looked.backup();
            findings.problems.addAll(catalogue.problems());
            run.open(settings.scratch(), id, "");
            for (Named one : wanted(catalogue, backup, findings)) {
                verified.add(one.id());
                verify(one, request, findings);
            }
            JournalVerification.Found journals = new JournalVerification(repository, catalogue, progress)
                    .verify(backup.isPresent() ? List.of() : ProtectedTable.all(catalogue), request);
            findings.problems.addAll(journals.problems());
            claim.finished();
            return new VerifyReport(
                    level(request),
                    verified,
                    catalogue.entries().size(),
                    findings.objects + journals.objects(),
                    findings.bytes + journals.bytes(),
                    findings.opened,
                    journals.tables(),
                    journals.records(),
                    List.copyOf(findings.problems),
                    hurt(catalogue, findings));
        } finally {
            close();
        }
    }

    /** @param backup the one to verify; all if empty */
    private record Looked(CatalogueView catalogue, Optional<String> backup) {}

    /**
     * What there is to verify, claimed so that it stays.
     *
     * @throws NotFoundException there is no such backup
     * @throws PlanStaleException it was expired between the look and the claim
     */
    private Looked look(VerifyRequest request, String run) {
        for (int looks = 1; ; looks++) {
            CatalogueView catalogue = repository.catalogue().inspect();
            Optional<String> backup = request.backup()
                    .map(id -> id.equals(RestoreRequest.LATEST)
                            ? catalogue.newest().map(PublishedBackup::id).orElse(id)
                            : id);
            List<String> ids = catalogue.backups().stream()
                    .map(PublishedBackup::id)
                    .filter(one -> backup.isEmpty() || backup.get().equals(one))
                    .toList();
            if (backup.isPresent() && catalogue.problems().isEmpty() && ids.isEmpty()) {
                if (looks > 1 && backup.equals(request.backup())) {
                    throw new PlanStaleException(
                            "backup " + backup.get() + " was expired while 'verify' began; nothing of it was looked at",
                            "run 'hindsight list', and verify one that stays; 'hindsight hold' keeps a backup");
                }
                throw new NotFoundException("there is no backup " + backup.get(), "run 'hindsight list'");
            }
            try {
                claim.lookIfPossible(run, "verify", ids);
                return new Looked(catalogue, backup);
            } catch (NotFoundException e) {
                if (looks == MOST_LOOKS) {
                    throw new PlanStaleException(
                            "backups were expired each time that 'verify' began: " + e.getMessage(),
                            "run it again when 'hindsight expire' is done",
                            e);
                }
                progress.note(e.getMessage() + " while 'verify' began; it looks again");
            }
        }
    }

    private record Named(String id, ObjectRef manifest) {}

    /**
     * One backup or all that can be seen, with everything that these build on: what their restores read. A backup that was
     * expired stays for as long as another one builds on it, and so comes first here.
     */
    private List<Named> wanted(CatalogueView catalogue, Optional<String> backup, Findings findings) {
        Map<String, Named> visible = new LinkedHashMap<>();
        catalogue.backups().forEach(one -> visible.put(one.id(), new Named(one.id(), one.manifest())));
        Map<String, Named> found = new TreeMap<>();
        Deque<Named> open = new ArrayDeque<>(visible.values().stream()
                .filter(one -> backup.map(one.id()::equals).orElse(true))
                .toList());
        while (!open.isEmpty()) {
            Named one = open.remove();
            if (found.put(one.id(), one) != null) {
                continue;
            }
            Optional<String> parent = parentOf(catalogue, one);
            if (parent.isEmpty() || found.containsKey(parent.get())) {
                continue;
            }
            Optional<ObjectRef> manifest = manifestOf(catalogue, parent.get());
            if (manifest.isPresent()) {
                open.add(new Named(parent.get(), manifest.get()));
            } else {
                findings.problems.add("backup " + one.id() + " builds on backup " + parent.get()
                        + ", which the catalogue does not have");
                findings.manifestsBroken = true;
            }
        }
        List<Named> out = new ArrayList<>();
        found.values().stream().filter(one -> !visible.containsKey(one.id())).forEach(out::add);
        visible.values().stream().filter(one -> found.containsKey(one.id())).forEach(out::add);
        return out;
    }

    /** A manifest that cannot be read is reported where it is verified. */
    private Optional<String> parentOf(CatalogueView catalogue, Named backup) {
        try {
            return BackupChain.parentOf(catalogue, repository.load(backup.manifest(), BackupManifest.class));
        } catch (HindsightException e) {
            return catalogue.findAlsoExpired(backup.id()).flatMap(PublishedBackup::parent);
        }
    }

    private Optional<ObjectRef> manifestOf(CatalogueView catalogue, String backup) {
        try {
            return BackupChain.manifestOf(repository, catalogue, backup);
        } catch (CorruptException e) {
            return Optional.empty();
        }
    }

    private static String level(VerifyRequest request) {
        return request.level().name().toLowerCase(Locale.ROOT)
                + request.rotation()
                        .map(rotation -> " " + rotation.part() + "/" + rotation.of())
                        .orElse("");
    }

    private List<VerifyReport.Hurt> hurt(CatalogueView catalogue, Findings findings) {
        if (findings.broken.isEmpty() && !findings.manifestsBroken) {
            return List.of();
        }
        progress.phase("restore points", 0);
        return new HurtRestorePoints(repository, catalogue, findings.broken)
                .find().stream()
                        .map(one -> new VerifyReport.Hurt(
                                one.table(),
                                one.backup(),
                                one.at(),
                                one.ranges().ranges(),
                                one.goodBefore(),
                                one.goodAfter()))
                        .toList();
    }

    private void verify(Named published, VerifyRequest request, Findings findings) {
        BackupManifest manifest;
        try {
            manifest = repository.load(published.manifest(), BackupManifest.class);
            findings.whole(published.manifest());
        } catch (HindsightException e) {
            findings.problems.add("backup " + published.id() + ": " + e.getMessage());
            findings.manifestsBroken = true;
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
        Map<Integer, String> keys = new HashMap<>();
        for (BackupManifest.Table table : manifest.tables()) {
            boolean open = true;
            for (ObjectRef ref : table.shards()) {
                try {
                    ShardManifest shard = repository.load(ref, ShardManifest.class);
                    if (!request.rotation().map(part -> part.covers(ref.key())).orElse(true)) {
                        continue;
                    }
                    boolean holdsData = !shard.sstables().isEmpty();
                    ShardTask.Verify.Depth depth = depth(request.level(), open && holdsData);
                    tasks.add(new ShardTask.Verify(published.manifest(), shard.number(), depth));
                    keys.put(shard.number(), ref.key());
                    open &= !holdsData;
                    bytes += depth == ShardTask.Verify.Depth.REFS
                            ? 0
                            : shard.counts().storedBytes();
                    bytes += depth == ShardTask.Verify.Depth.RECORDS
                            ? shard.counts().storedBytes()
                            : 0;
                } catch (HindsightException e) {
                    findings.problems.add(
                            "backup " + published.id() + " table " + table.name() + ": " + e.getMessage());
                    findings.broken.add(ref.key());
                }
            }
        }
        progress.phase("verify " + published.id(), bytes);
        run(tasks, keys, findings);
    }

    private static ShardTask.Verify.Depth depth(VerifyRequest.Level level, boolean firstOfTable) {
        return switch (level) {
            case REFS -> ShardTask.Verify.Depth.REFS;
            case BYTES -> ShardTask.Verify.Depth.BYTES;
            case RECORDS -> ShardTask.Verify.Depth.RECORDS;
            case SAMPLE -> firstOfTable ? ShardTask.Verify.Depth.RECORDS : ShardTask.Verify.Depth.BYTES;
        };
    }

    private void run(List<ShardTask> tasks, Map<Integer, String> keys, Findings findings) {
        for (TaskResult result : run.run(tasks, settings.workers().orElse(1))) {
            findings.problems.addAll(result.problems());
            if (result.problems().stream().anyMatch(problem -> !problem.contains(TaskResult.HURTS_NO_RESTORE))) {
                findings.broken.add(
                        Optional.ofNullable(keys.get(result.task().shard())).orElseThrow());
            }
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
        try {
            run.close();
        } finally {
            claim.close();
        }
    }
}
