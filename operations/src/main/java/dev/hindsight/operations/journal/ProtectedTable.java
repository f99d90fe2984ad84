package dev.hindsight.operations.journal;

import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.document.CatalogueEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A table that is or was protected, as the catalogue tells.
 *
 * @param standing whether it still is
 */
public record ProtectedTable(String cluster, TableName name, UUID tableId, Instant since, boolean standing) {
    /** All that are protected now, the oldest first. */
    public static List<ProtectedTable> standing(CatalogueView view) {
        return view.protections().stream().map(entry -> of(entry, true)).toList();
    }

    /**
     * Those of one cluster.
     *
     * @param cluster as its nodes call it
     */
    public static List<ProtectedTable> standing(CatalogueView view, String cluster) {
        return standing(view).stream()
                .filter(table -> table.cluster().equals(cluster))
                .toList();
    }

    /**
     * Those of a keyspace, of one cluster: of the given one, or where that has none, of the only other that has.
     *
     * @param cluster as its nodes call it
     * @throws UsageException several others have some
     */
    public static List<ProtectedTable> inKeyspace(CatalogueView view, String cluster, String keyspace) {
        List<ProtectedTable> all = standing(view).stream()
                .filter(table -> table.name().keyspace().equals(keyspace))
                .toList();
        Set<String> clusters = all.stream().map(ProtectedTable::cluster).collect(Collectors.toCollection(TreeSet::new));
        if (clusters.contains(cluster)) {
            return all.stream().filter(table -> table.cluster().equals(cluster)).toList();
        }
        if (clusters.size() > 1) {
            throw new UsageException(
                    "tables of keyspace " + keyspace + " are protected in several clusters of this repository: "
                            + clusters,
                    "name the tables of one of them");
        }
        return all;
    }

    /** All that ever were, of each id once, in the order in which they were first: their journals stay while their bases do. */
    public static List<ProtectedTable> all(CatalogueView view) {
        Set<CatalogueEntry.Protection> now = view.protections().stream()
                .flatMap(entry -> entry.protection().stream())
                .collect(Collectors.toSet());
        Map<CatalogueEntry.Protection, ProtectedTable> out = new LinkedHashMap<>();
        view.entries().stream()
                .filter(entry -> entry.action() == CatalogueEntry.Action.PROTECT && !view.isVoid(entry.number()))
                .forEach(entry -> entry.protection().ifPresent(one -> out.put(one, of(entry, now.contains(one)))));
        return List.copyOf(out.values());
    }

    /** Those that had its name before it in its cluster, and another id: dropped and created again. The latest first. */
    public List<ProtectedTable> earlier(CatalogueView view) {
        return all(view).stream()
                .filter(one -> one.name().equals(name)
                        && one.cluster().equals(cluster)
                        && !one.tableId().equals(tableId))
                .sorted(Comparator.comparing(ProtectedTable::since).reversed())
                .toList();
    }

    /**
     * The newest one of that name: what was protected once may still be restored.
     *
     * @throws NotFoundException there never was one
     * @throws UsageException several clusters have one
     */
    public static ProtectedTable find(CatalogueView view, TableName name) {
        List<ProtectedTable> now = standing(view).stream()
                .filter(table -> table.name().equals(name))
                .toList();
        if (now.size() > 1) {
            throw new UsageException(
                    "table " + name + " is protected in several clusters of this repository: "
                            + now.stream().map(ProtectedTable::cluster).toList(),
                    "run 'hindsight unprotect " + name
                            + "' with the configuration of one of them, and give each cluster a repository of its own");
        }
        if (now.size() == 1) {
            return now.get(0);
        }
        return view.entries().stream()
                .filter(entry -> entry.action() == CatalogueEntry.Action.PROTECT && !view.isVoid(entry.number()))
                .filter(entry -> entry.protection()
                        .map(protection -> protection.table().equals(name))
                        .orElse(false))
                .reduce((older, newer) -> newer)
                .map(entry -> of(entry, false))
                .orElseThrow(() -> new NotFoundException(
                        "table " + name + " is not protected, so that only its backups can be restored",
                        "run 'hindsight protect " + name + "', or restore with --from"));
    }

    private static ProtectedTable of(CatalogueEntry entry, boolean standing) {
        CatalogueEntry.Protection protection = entry.protection().orElseThrow();
        return new ProtectedTable(protection.cluster(), protection.table(), protection.tableId(), entry.at(), standing);
    }
}
