package dev.hindsight.operations.retention;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.operations.survey.Parallel;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Summaries of backups, each manifest read once. One thread. */
final class Backups {
    /** A summary, or what is wrong with the manifest. */
    record Read(PublishedBackup published, Optional<BackupSummary> summary, String problem) {}

    private final Repository repository;
    private final Map<ObjectRef, BackupManifestOrProblem> known = new HashMap<>();

    private record BackupManifestOrProblem(Optional<BackupSummary> summary, Optional<String> parent, String problem) {}

    Backups(Repository repository) {
        this.repository = repository;
    }

    /** All live ones, in the catalogue's order. */
    List<Read> live(CatalogueView view) {
        return read(view.backups());
    }

    List<Read> read(List<PublishedBackup> wanted) {
        List<PublishedBackup> unknown = wanted.stream()
                .filter(one -> !known.containsKey(one.manifest()))
                .toList();
        List<Parallel.Outcome<BackupManifestOrProblem>> loaded = Parallel.forAll(unknown, this::load);
        for (int i = 0; i < unknown.size(); i++) {
            known.put(unknown.get(i).manifest(), loaded.get(i).get());
        }
        List<Read> out = new ArrayList<>();
        for (PublishedBackup one : wanted) {
            BackupManifestOrProblem found =
                    Optional.ofNullable(known.get(one.manifest())).orElseThrow();
            // Parents and holds change with the catalogue; the manifest never does.
            out.add(new Read(
                    one,
                    found.summary()
                            .map(summary -> new BackupSummary(
                                    one,
                                    summary.kind(),
                                    summary.cluster(),
                                    summary.restorePoint(),
                                    one.parentOr(found.parent()),
                                    summary.state(),
                                    summary.tables(),
                                    summary.storedBytes(),
                                    summary.shards())),
                    found.problem()));
        }
        return out;
    }

    /**
     * The given ones and everything that they build on, by id, expired or not.
     *
     * @param unknown receives ids that the catalogue does not have
     * @throws CorruptException a manifest of them cannot be read: what it needs is not known
     */
    Map<String, BackupSummary> closure(CatalogueView view, Collection<String> ids, Set<String> unknown) {
        return closure(view, ids, unknown, read -> {
            throw new CorruptException(
                    "backup " + read.published().id() + ": " + read.problem() + "; what it needs is not known",
                    "put the right bytes back from a copy of the repository, or give up the backup and what builds on it "
                            + "with 'hindsight expire'");
        });
    }

    /** The same as far as manifests can be read. */
    Map<String, BackupSummary> readableClosure(CatalogueView view, Collection<String> ids) {
        return closure(view, ids, new HashSet<>(), read -> {});
    }

    private Map<String, BackupSummary> closure(
            CatalogueView view, Collection<String> ids, Set<String> unknown, Consumer<Read> unreadable) {
        Map<String, BackupSummary> out = new LinkedHashMap<>();
        Deque<String> open = new ArrayDeque<>(ids);
        while (!open.isEmpty()) {
            List<PublishedBackup> level = new ArrayList<>();
            for (String id : open.stream().distinct().toList()) {
                if (!out.containsKey(id)) {
                    view.findAlsoExpired(id).ifPresentOrElse(level::add, () -> unknown.add(id));
                }
            }
            open.clear();
            for (Read read : read(level)) {
                if (read.summary().isEmpty()) {
                    unreadable.accept(read);
                    continue;
                }
                BackupSummary summary = read.summary().get();
                out.put(summary.id(), summary);
                summary.parent().ifPresent(open::add);
            }
        }
        return out;
    }

    private BackupManifestOrProblem load(PublishedBackup backup) {
        try {
            BackupManifest manifest = repository.load(backup.manifest(), BackupManifest.class);
            return new BackupManifestOrProblem(Optional.of(BackupSummary.of(backup, manifest)), manifest.parent(), "");
        } catch (CorruptException e) {
            return new BackupManifestOrProblem(Optional.empty(), Optional.empty(), String.valueOf(e.getMessage()));
        }
    }
}
