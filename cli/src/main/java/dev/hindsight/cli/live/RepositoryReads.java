package dev.hindsight.cli.live;

import dev.hindsight.cli.Workbench;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.WindowOperation;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.operations.restore.RestoreRequest;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.layout.Keys;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What {@code status}, {@code list} and {@code show} read. */
final class RepositoryReads {
    private final Repository repository;
    private final Clock clock;

    RepositoryReads(Repository repository, Clock clock) {
        this.repository = repository;
        this.clock = clock;
    }

    Workbench.RepositoryStatus status() {
        CatalogueView catalogue = repository.catalogue().view();
        List<PublishedBackup> published = catalogue.backups();
        List<String> problems = new ArrayList<>(catalogue.problems());
        Optional<BackupManifest> newest = Optional.empty();
        for (int i = published.size() - 1; i >= 0 && newest.isEmpty(); i--) {
            Workbench.Listed one = listed(published.get(i));
            newest = one.manifest();
            if (newest.isEmpty()) {
                problems.add("backup " + one.id() + ": " + one.problem());
            }
        }
        List<Workbench.Unfinished> unfinished = unfinished(published, problems);
        List<WindowReport> protections = protections(catalogue, problems);
        return new Workbench.RepositoryStatus(
                repository.info().id(),
                repository.store().location(),
                repository.info().createdAt(),
                catalogue.entries().size(),
                published.size(),
                newest,
                unfinished,
                protections,
                List.copyOf(problems));
    }

    private List<WindowReport> protections(CatalogueView catalogue, List<String> problems) {
        List<WindowReport> out = new ArrayList<>();
        for (ProtectedTable table : ProtectedTable.standing(catalogue)) {
            try {
                out.add(new WindowOperation(repository, clock).window(table, Optional.empty()));
            } catch (CorruptException e) {
                problems.add("protected table " + table.name() + ": " + e.getMessage());
            }
        }
        return out;
    }

    Workbench.BackupList backups() {
        CatalogueView catalogue = repository.catalogue().view();
        return new Workbench.BackupList(
                catalogue.backups().stream().map(this::listed).toList(), catalogue.problems());
    }

    private Workbench.Listed listed(PublishedBackup backup) {
        try {
            return whole(backup);
        } catch (CorruptException e) {
            return new Workbench.Listed(
                    backup.id(), Optional.empty(), backup.parent(), backup.held(), String.valueOf(e.getMessage()));
        }
    }

    private Workbench.Listed whole(PublishedBackup backup) {
        BackupManifest manifest = repository.load(backup.manifest(), BackupManifest.class);
        return new Workbench.Listed(
                backup.id(), Optional.of(manifest), backup.parentOr(manifest.parent()), backup.held(), "");
    }

    Workbench.Listed backup(String id) {
        Optional<PublishedBackup> found = id.equals(RestoreRequest.LATEST)
                ? repository.catalogue().latest()
                : repository.catalogue().find(id);
        return whole(found.orElseThrow(() -> new NotFoundException(
                id.equals(RestoreRequest.LATEST)
                        ? "there is no backup yet in " + repository.store().location()
                        : "there is no backup '" + id + "' in "
                                + repository.store().location(),
                id.equals(RestoreRequest.LATEST)
                        ? "make one with 'hindsight backup'"
                        : "'hindsight list' shows the backups there are")));
    }

    /** By listing, which is a hint: fit to tell an operator, not to decide anything. */
    private List<Workbench.Unfinished> unfinished(List<PublishedBackup> published, List<String> problems) {
        Set<String> done = new HashSet<>();
        published.forEach(backup -> done.add(backup.id()));
        Set<String> begun = new TreeSet<>();
        for (String key : repository.store().list(Keys.BACKUPS)) {
            String[] parts = key.split("/");
            if (parts.length == 3 && parts[2].equals("plan.json") && !done.contains(parts[1])) {
                begun.add(parts[1]);
            }
        }
        List<Workbench.Unfinished> out = new ArrayList<>();
        for (String id : begun) {
            try {
                repository
                        .find(Keys.backupPlan(id), BackupPlan.class)
                        .map(Repository.Found::document)
                        .ifPresent(plan -> out.add(new Workbench.Unfinished(
                                id,
                                plan.createdAt(),
                                repository.store().list(Keys.shardManifests(id)).size(),
                                plan.shards().size())));
            } catch (CorruptException e) {
                problems.add("unfinished backup " + id + ": " + e.getMessage());
            }
        }
        return out;
    }
}
