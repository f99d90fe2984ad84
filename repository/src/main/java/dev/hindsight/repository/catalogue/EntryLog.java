package dev.hindsight.repository.catalogue;

import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.CatalogueEntry.Action;
import dev.hindsight.repository.document.CatalogueEntry.Claim;
import dev.hindsight.repository.document.ObjectRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a sequence of entries means: plays them in order (FORMAT.md, "What entries mean"). Depends on the entries alone, so
 * all who read the same ones agree, whatever their clocks say. One thread fills it; then it is only read.
 *
 * <p>Numbers that are left out are entries that cannot be read. What they may have said is decided towards keeping: a
 * claim is over, a backup expired or released only where readable entries say so.
 */
final class EntryLog {
    private record Published(CatalogueEntry entry, ObjectRef manifest) {}

    private final Map<Long, CatalogueEntry> readable = new HashMap<>();
    private final Set<Long> voids = new HashSet<>();
    private final Map<String, CatalogueEntry> standingByScope = new TreeMap<>();
    /** Claims that are over, and the entry that made them so. */
    private final Map<Long, CatalogueEntry> over = new HashMap<>();

    private final Map<String, Published> published = new LinkedHashMap<>();
    private final Map<String, Long> places = new HashMap<>();
    private final Map<String, String> parents = new HashMap<>();
    private final Set<String> held = new HashSet<>();
    private final Map<String, CatalogueEntry> expired = new LinkedHashMap<>();
    /** By cluster and table name. */
    private final Map<List<String>, CatalogueEntry> protections = new LinkedHashMap<>();

    EntryLog(List<CatalogueEntry> entries) {
        entries.forEach(this::play);
    }

    private void play(CatalogueEntry entry) {
        readable.put(entry.number(), entry);
        if (!counts(entry)) {
            voids.add(entry.number());
            return;
        }
        String backup = entry.backup();
        switch (entry.action()) {
            case PUBLISH -> entry.manifest().ifPresent(manifest -> publish(entry, manifest));
            case REPARENT -> entry.parent().ifPresent(parent -> parents.put(backup, parent));
            case HOLD -> held.add(backup);
            case RELEASE -> held.remove(backup);
            case EXPIRE -> {
                if (held.contains(backup)) {
                    voids.add(entry.number());
                } else {
                    expired.putIfAbsent(backup, entry);
                }
            }
            case CLAIM -> entry.claim().ifPresent(claim -> claim(entry, claim));
            case END -> entry.ends().ifPresent(number -> end(number, entry));
            case PROTECT ->
                entry.protection().ifPresent(protection -> {
                    protections.remove(name(protection));
                    protections.put(name(protection), entry);
                });
            case UNPROTECT ->
                entry.protection()
                        .ifPresent(protection -> protections
                                .entrySet()
                                .removeIf(one -> one.getValue().protection().equals(entry.protection())));
        }
    }

    private static List<String> name(CatalogueEntry.Protection of) {
        return List.of(of.cluster(), of.table().keyspace(), of.table().table());
    }

    /** Those that hold, the oldest first. */
    List<CatalogueEntry> protections() {
        return List.copyOf(protections.values());
    }

    private boolean counts(CatalogueEntry entry) {
        return entry.under().map(claim -> holds(claim, entry)).orElse(true);
    }

    private boolean holds(long claim, CatalogueEntry under) {
        if (claim >= under.number() || claim < 1) {
            return false;
        }
        if (!readable.containsKey(claim)) {
            return under.action() != Action.EXPIRE && under.action() != Action.RELEASE;
        }
        return stands(claim);
    }

    private void publish(CatalogueEntry entry, ObjectRef manifest) {
        String backup = entry.backup();
        if (expired.containsKey(backup)) {
            voids.add(entry.number());
            return;
        }
        published.remove(backup);
        published.put(backup, new Published(entry, manifest));
        places.put(
                backup, entry.rebaseOf().map(of -> places.getOrDefault(of, 0L)).orElse(entry.number()));
    }

    private void claim(CatalogueEntry entry, Claim claim) {
        CatalogueEntry before = standingByScope.put(claim.scope(), entry);
        if (before != null) {
            over.put(before.number(), entry);
        }
    }

    private void end(long number, CatalogueEntry by) {
        if (stands(number)) {
            standingByScope.values().removeIf(claim -> claim.number() == number);
            over.put(number, by);
        }
    }

    /** Whether {@code number} is a claim that is not over. */
    boolean stands(long number) {
        CatalogueEntry entry = readable.get(number);
        return entry != null
                && entry.claim()
                        .map(claim -> standingByScope.get(claim.scope()) == entry)
                        .orElse(false);
    }

    boolean isReadable(long number) {
        return readable.containsKey(number);
    }

    /** What made a claim be over. */
    Optional<CatalogueEntry> endOf(long claim) {
        return Optional.ofNullable(over.get(claim));
    }

    boolean isVoid(long number) {
        return voids.contains(number);
    }

    Optional<CatalogueEntry> expiryOf(String backup) {
        return Optional.ofNullable(expired.get(backup));
    }

    boolean isHeld(String backup) {
        return held.contains(backup);
    }

    Set<String> expired() {
        return expired.keySet();
    }

    List<StandingClaim> claims() {
        return standingByScope.values().stream()
                .map(StandingClaim::new)
                .sorted(Comparator.comparingLong(StandingClaim::number))
                .toList();
    }

    Optional<StandingClaim> claimOf(String scope) {
        return Optional.ofNullable(standingByScope.get(scope)).map(StandingClaim::new);
    }

    Optional<PublishedBackup> published(String backup) {
        return Optional.ofNullable(published.get(backup)).map(one -> describe(backup, one));
    }

    private PublishedBackup describe(String id, Published one) {
        return new PublishedBackup(
                id, one.manifest(), one.entry(), Optional.ofNullable(parents.get(id)), held.contains(id));
    }

    List<PublishedBackup> backups() {
        List<PublishedBackup> out = new ArrayList<>();
        published.forEach((id, one) -> {
            if (!expired.containsKey(id)) {
                out.add(describe(id, one));
            }
        });
        // Stable: of those with one place, the newest comes last.
        out.sort(Comparator.comparingLong(one -> places.getOrDefault(one.id(), 0L)));
        return List.copyOf(out);
    }
}
