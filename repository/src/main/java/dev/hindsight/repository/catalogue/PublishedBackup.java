package dev.hindsight.repository.catalogue;

import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.ObjectRef;

/**
 * A backup that can be seen.
 *
 * @param manifest of the backup; a {@code BackupManifest}
 * @param entry the newest one about this backup
 */
public record PublishedBackup(String id, ObjectRef manifest, CatalogueEntry entry) {}
