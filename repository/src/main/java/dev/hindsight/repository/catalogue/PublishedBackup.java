package dev.hindsight.repository.catalogue;

import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.ObjectRef;
import java.util.Optional;

/**
 * A backup that can be seen.
 *
 * @param manifest of the backup; a {@code BackupManifest}
 * @param entry the newest one that published it
 * @param parent what it builds on since it was re-parented; empty where that never happened, and the manifest's parent
 *     holds
 * @param held whether it must not expire
 */
public record PublishedBackup(
        String id, ObjectRef manifest, CatalogueEntry entry, Optional<String> parent, boolean held) {
    /** The backup whose records this rebase holds. */
    public Optional<String> rebaseOf() {
        return entry.rebaseOf();
    }

    /** @param ofManifest the parent that the backup's manifest names */
    public Optional<String> parentOr(Optional<String> ofManifest) {
        return parent.isPresent() ? parent : ofManifest;
    }
}
