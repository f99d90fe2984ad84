package dev.hindsight.operations.retention;

import dev.hindsight.model.retention.LiveBackup;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.catalogue.StandingClaim;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The live backups as one catalogue has them, with what decisions need to know of them.
 *
 * @param backups in the catalogue's order
 * @param pins ids that runs which may be alive read
 */
record LiveSet(CatalogueView view, List<Backups.Read> backups, Set<String> pins) {
    static LiveSet of(CatalogueView view, Backups backups) {
        Set<String> pins = new HashSet<>();
        for (StandingClaim claim : view.claims()) {
            pins.addAll(claim.claim().pins());
        }
        return new LiveSet(view, backups.live(view), pins);
    }

    /** For the decision. */
    List<LiveBackup> forDecision() {
        Map<String, BackupSummary> known = readable();
        List<LiveBackup> out = new ArrayList<>();
        for (Backups.Read read : backups) {
            PublishedBackup published = read.published();
            Optional<BackupSummary> summary = read.summary();
            out.add(new LiveBackup(
                    published.id(),
                    summary.map(BackupSummary::cluster).orElse(""),
                    summary.map(BackupSummary::restorePoint).orElse(Instant.EPOCH),
                    summary.map(BackupSummary::parent).orElse(published.parent()),
                    published.rebaseOf(),
                    summary.stream()
                            .flatMap(one -> one.tables().stream())
                            .map(table -> new LiveBackup.Part(table.name(), table.id(), table.restorable()))
                            .toList(),
                    summary.isPresent(),
                    published.held(),
                    pins.contains(published.id()),
                    summary.map(BackupSummary::storedBytes).orElse(0L),
                    summary.map(one -> rebasedBytes(one, known)).orElse(OptionalLong.empty())));
        }
        return out;
    }

    /**
     * About what a rebase would store: all of the chain's beginning and half of what came since, as part of that changed
     * what was there and part was new. Unknown where nothing would be merged.
     */
    private static OptionalLong rebasedBytes(BackupSummary backup, Map<String, BackupSummary> known) {
        long later = 0;
        BackupSummary at = backup;
        Set<String> seen = new HashSet<>();
        while (at.parent().isPresent() && seen.add(at.id())) {
            later += at.storedBytes();
            BackupSummary parent = known.get(at.parent().get());
            if (parent == null) {
                return OptionalLong.empty();
            }
            at = parent;
        }
        boolean whole = backup.tables().stream().noneMatch(BackupSummary.Table::incremental);
        return at == backup || whole ? OptionalLong.empty() : OptionalLong.of(at.storedBytes() + later / 2);
    }

    Map<String, BackupSummary> readable() {
        Map<String, BackupSummary> out = new LinkedHashMap<>();
        backups.forEach(read -> read.summary().ifPresent(summary -> out.put(summary.id(), summary)));
        return out;
    }

    /** For each run whose objects live backups reach, which of those reach it. */
    Map<String, Set<String>> reach(Backups loader) {
        Map<String, Set<String>> out = new HashMap<>();
        for (String id : readable().keySet()) {
            for (String run : reachedFrom(List.of(id), loader).keySet()) {
                out.computeIfAbsent(run, key -> new HashSet<>()).add(id);
            }
        }
        return out;
    }

    /** Runs whose objects {@code ids} reach, and about how many bytes each of those stored. */
    Map<String, Long> reachedFrom(Collection<String> ids, Backups loader) {
        Map<String, BackupSummary> marked = loader.readableClosure(view, ids);
        Map<String, Long> out = new LinkedHashMap<>();
        marked.values().forEach(backup -> {
            out.merge(backup.id(), backup.storedBytes(), Math::max);
            backup.shards().keySet().forEach(run -> out.merge(run, 0L, Math::max));
        });
        out.replaceAll((run, bytes) -> bytes > 0 ? bytes : storedBytes(run, loader));
        return out;
    }

    private long storedBytes(String run, Backups loader) {
        return view.findAlsoExpired(run)
                .map(one -> loader.read(List.of(one)).get(0))
                .flatMap(Backups.Read::summary)
                .map(BackupSummary::storedBytes)
                .orElse(0L);
    }
}
