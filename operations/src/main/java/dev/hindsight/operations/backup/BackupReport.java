package dev.hindsight.operations.backup;

import dev.hindsight.repository.document.BackupManifest;
import java.util.List;
import java.util.Optional;

/**
 * How a backup ended. It is published; PARTIAL when {@code manifest.state()} says so.
 *
 * @param pastDamage what was wrong with the catalogue's newest entry, which this backup had to be published behind; empty when
 *     all was well
 * @param notes damaged inputs that were worked around, workers lost, snapshots left to their ttl
 */
public record BackupReport(
        BackupManifest manifest, int workers, double seconds, Optional<String> pastDamage, List<String> notes) {}
