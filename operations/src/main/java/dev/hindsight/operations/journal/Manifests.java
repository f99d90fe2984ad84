package dev.hindsight.operations.journal;

import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The manifests of the backups that can be seen, for whoever asks again and again which instants of which tables can be
 * restored: each is read once, since a manifest never changes. Kept is what windows are made from; of parts that several
 * manifests have in common, such as the ring, the schema and who was read of a table, one is kept for all. Thread-safe; the
 * store is never asked under a lock.
 */
public final class Manifests {
    /**
     * What is kept of one.
     *
     * @param shown without the names of the tables' objects
     */
    private record Known(ObjectRef ref, BackupManifest shown) {}

    private final Repository repository;
    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final Map<Ring, Ring> rings = new ConcurrentHashMap<>();
    private final Map<KeyspaceSchema, KeyspaceSchema> schemas = new ConcurrentHashMap<>();
    private final Map<List<BackupManifest.Coverage>, List<BackupManifest.Coverage>> coverages =
            new ConcurrentHashMap<>();

    public Manifests(Repository repository) {
        this.repository = repository;
    }

    /**
     * Without the names of its tables' objects. One that cannot be read is tried again each time.
     *
     * @throws dev.hindsight.model.failure.CorruptException it is missing or damaged
     */
    BackupManifest of(PublishedBackup backup) {
        Known before = known.get(backup.id());
        if (before != null && before.ref().equals(backup.manifest())) {
            return before.shown();
        }
        BackupManifest shown = shared(repository.load(backup.manifest(), BackupManifest.class));
        known.put(backup.id(), new Known(backup.manifest(), shown));
        return shown;
    }

    /** Forgets all others. */
    void retain(List<PublishedBackup> backups) {
        Set<String> ids = backups.stream().map(PublishedBackup::id).collect(Collectors.toSet());
        if (known.keySet().retainAll(ids)) {
            rings.clear();
            schemas.clear();
            coverages.clear();
            known.replaceAll((id, one) -> new Known(one.ref(), shared(one.shown())));
        }
    }

    private BackupManifest shared(BackupManifest manifest) {
        return new BackupManifest(
                manifest.format(),
                manifest.id(),
                manifest.kind(),
                manifest.parent(),
                manifest.state(),
                manifest.startedAt(),
                manifest.finishedAt(),
                manifest.restorePoint(),
                manifest.createdBy(),
                one(rings, manifest.ring()),
                manifest.snapshots(),
                manifest.schema().stream().map(one -> one(schemas, one)).toList(),
                manifest.tables().stream()
                        .map(table -> new BackupManifest.Table(
                                table.name(), table.tableId(), List.of(), one(coverages, table.coverage())))
                        .toList(),
                manifest.plan(),
                manifest.totals(),
                manifest.rebaseOf(),
                manifest.chain());
    }

    private static <T> T one(Map<T, T> all, T value) {
        return Objects.requireNonNullElse(all.putIfAbsent(value, value), value);
    }
}
