package dev.hindsight.operations.backup;

import dev.hindsight.repository.document.BackupManifest;
import java.util.List;

/**
 * How a backup ended. It is published; PARTIAL when {@code manifest.state()} says so.
 *
 * @param notes damaged inputs that were worked around, workers lost, snapshots left to their ttl
 */
public record BackupReport(BackupManifest manifest, int workers, double seconds, List<String> notes) {}
