package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.layout.BackupIds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The backups that hold one protected table.
 *
 * @param manifests of the backups that hold this very table, by id
 * @param unread backups whose manifests are damaged or missing, so that nobody knows whether they hold the table
 * @param elsewhere ids of backups of a cluster of the same name, and of a table of the same id, that is another cluster as
 *     far as anybody can tell
 */
public record TableBases(Map<String, BackupManifest> manifests, List<Unread> unread, Set<String> elsewhere) {
    /**
     * A backup that is left out. It may have seen who replicates the table, and what it saw is not known.
     *
     * @param lookedMicros when it began and when it was there: between these its looks were; empty where they are known
     */
    public record Unread(String backup, List<Long> lookedMicros, String problem) {}

    public TableBases {
        manifests = Collections.unmodifiableMap(new TreeMap<>(manifests));
        unread = List.copyOf(unread);
        elsewhere = Set.copyOf(elsewhere);
    }

    /** Reads each manifest that can be seen. */
    static TableBases read(Repository repository, ProtectedTable table) {
        return read(
                repository.catalogue().view(),
                table,
                backup -> repository.load(backup.manifest(), BackupManifest.class));
    }

    /** Reads only manifests that were not read before. */
    public static TableBases read(CatalogueView catalogue, ProtectedTable table, Manifests known) {
        known.retain(catalogue.backups());
        return read(catalogue, table, known::of);
    }

    private static TableBases read(
            CatalogueView catalogue, ProtectedTable table, Function<PublishedBackup, BackupManifest> load) {
        Map<String, BackupManifest> manifests = new LinkedHashMap<>();
        Map<PublishedBackup, String> damaged = new LinkedHashMap<>();
        Set<String> looks = new HashSet<>();
        List<PublishedBackup> backups = catalogue.backups();
        for (PublishedBackup backup : backups) {
            BackupManifest manifest;
            try {
                manifest = load.apply(backup);
            } catch (CorruptException e) {
                damaged.put(backup, String.valueOf(e.getMessage()));
                continue;
            }
            looks.add(backup.id());
            boolean holdsIt = manifest.ring().clusterName().equals(table.cluster())
                    && manifest.tables().stream()
                            .anyMatch(one -> one.name().equals(table.name())
                                    && one.tableId().equals(table.tableId()));
            if (holdsIt) {
                manifests.put(backup.id(), manifest);
                looks.add(looker(backup));
            }
        }
        List<Unread> unread = damaged.entrySet().stream()
                .map(one -> unread(one.getKey(), backups, looks, one.getValue()))
                .toList();
        Set<String> elsewhere = elsewhere(catalogue, table, manifests);
        manifests.keySet().removeAll(elsewhere);
        return new TableBases(manifests, unread, elsewhere);
    }

    /** The one that stands for the latest instant. */
    public Optional<BackupManifest> newest() {
        return manifests.values().stream().max(TableEvidence.BASES);
    }

    /**
     * Those that were made of another cluster than the one that the table was protected in. Two backups of which neither's
     * nodes are where the other's were are of two clusters, unless others lead from one to the other. Protected was the one
     * of the first backup behind the protection; where that is not known any more, none is taken to be it.
     */
    private static Set<String> elsewhere(
            CatalogueView catalogue, ProtectedTable table, Map<String, BackupManifest> manifests) {
        List<Set<String>> clusters = clusters(manifests);
        if (clusters.size() < 2) {
            return Set.of();
        }
        Set<String> out = new TreeSet<>(manifests.keySet());
        firstBehind(catalogue, table, manifests)
                .ifPresent(first -> clusters.stream()
                        .filter(cluster -> cluster.contains(first))
                        .forEach(out::removeAll));
        return out;
    }

    private static List<Set<String>> clusters(Map<String, BackupManifest> manifests) {
        List<Set<String>> out = new ArrayList<>();
        manifests.forEach((id, manifest) -> {
            Set<String> joined = new TreeSet<>(Set.of(id));
            for (Set<String> cluster : List.copyOf(out)) {
                boolean same = cluster.stream()
                        .flatMap(other -> Optional.ofNullable(manifests.get(other)).stream())
                        .anyMatch(other -> !other.ring().isElsewhere(manifest.ring()));
                if (same) {
                    out.remove(cluster);
                    joined.addAll(cluster);
                }
            }
            out.add(joined);
        });
        return out;
    }

    private static Optional<String> firstBehind(
            CatalogueView catalogue, ProtectedTable table, Map<String, BackupManifest> manifests) {
        Set<String> gone = new HashSet<>(catalogue.expired());
        long since = Long.MAX_VALUE;
        for (CatalogueEntry entry : catalogue.entries()) {
            if (catalogue.isVoid(entry.number())) {
                continue;
            }
            if (isProtection(entry, table)) {
                since = entry.number();
            } else if (entry.action() == CatalogueEntry.Action.PUBLISH
                    && entry.number() > since
                    && entry.rebaseOf().isEmpty()) {
                if (manifests.containsKey(entry.backup())) {
                    return Optional.of(entry.backup());
                }
                if (gone.contains(entry.backup())) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isProtection(CatalogueEntry entry, ProtectedTable table) {
        return entry.action() == CatalogueEntry.Action.PROTECT
                && entry.at().equals(table.since())
                && entry.protection()
                        .filter(one -> one.cluster().equals(table.cluster())
                                && one.table().equals(table.name())
                                && one.tableId().equals(table.tableId()))
                        .isPresent();
    }

    /** A rebase looked at nothing itself: what it says was seen by the backup that it was made of. */
    private static String looker(PublishedBackup backup) {
        return backup.rebaseOf().orElse(backup.id());
    }

    /** @param looks backups of which is known what they saw, if they hold the table */
    private static Unread unread(
            PublishedBackup backup, List<PublishedBackup> backups, Set<String> looks, String problem) {
        String looker = looker(backup);
        if (looks.contains(looker)) {
            return new Unread(backup.id(), List.of(), problem);
        }
        long there = Micros.of(backups.stream()
                .filter(one -> one.id().equals(looker))
                .findFirst()
                .orElse(backup)
                .entry()
                .at());
        long began = BackupIds.madeAt(looker).map(Micros::of).orElse(there);
        return new Unread(backup.id(), List.of(Math.min(began, there), there), problem);
    }
}
