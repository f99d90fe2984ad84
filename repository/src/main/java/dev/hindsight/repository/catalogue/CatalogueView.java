package dev.hindsight.repository.catalogue;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.repository.document.CatalogueEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a reading of the catalogue found, good and bad.
 *
 * @param entries the undamaged ones, by number
 * @param problems one sentence each: what is broken or missing, and what it hurts
 */
public record CatalogueView(List<CatalogueEntry> entries, List<String> problems) {
    public CatalogueView {
        entries = List.copyOf(entries);
        problems = List.copyOf(problems);
    }

    /** The newest valid entry about a backup wins. Oldest first. */
    public List<PublishedBackup> backups() {
        Map<String, PublishedBackup> newest = new LinkedHashMap<>();
        for (CatalogueEntry entry : entries) {
            entry.manifest().ifPresent(manifest -> {
                newest.remove(entry.backup());
                newest.put(entry.backup(), new PublishedBackup(entry.backup(), manifest, entry));
            });
        }
        return new ArrayList<>(newest.values());
    }

    public Optional<PublishedBackup> find(String backup) {
        return backups().stream().filter(one -> one.id().equals(backup)).findFirst();
    }

    /** @throws CorruptException when anything at all is broken */
    public CatalogueView requireWhole() {
        if (!problems.isEmpty()) {
            throw new CorruptException(
                    String.join("; ", problems),
                    "put the right bytes back from a copy of the repository; backups with whole entries can still be "
                            + "verified and restored by their id");
        }
        return this;
    }
}
