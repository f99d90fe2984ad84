package dev.hindsight.operations.run;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import java.util.List;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes that one worker gets through in a second, as the shards of a late backup measured it. A guess that only sizes a
 * run: what is damaged in the repository must not keep a new backup from being made, nor another from being restored.
 */
public final class MeasuredRate {
    private static final Logger LOG = LoggerFactory.getLogger(MeasuredRate.class);

    /** The reference synthesiser on a slow shared core: a start until something was measured. */
    public static final double DEFAULT_BYTES_PER_SECOND = 8 << 20;

    private static final int SHARDS_LOOKED_AT = 8;
    private static final int BACKUPS_LOOKED_AT = 8;
    private static final long LEAST_BYTES_TO_TRUST = 16L << 20;

    private MeasuredRate() {}

    /** The default where nothing was measured or the measurement cannot be read. */
    public static double of(Repository repository) {
        try {
            return measured(repository);
        } catch (HindsightException e) {
            LOG.warn("no measured rate, the newest backup cannot be read problem={}", e.getMessage());
            return DEFAULT_BYTES_PER_SECOND;
        }
    }

    /** Of the newest backup that read enough: incrementals may read next to nothing. */
    private static double measured(Repository repository) {
        List<PublishedBackup> backups = repository.catalogue().view().backups();
        for (int i = backups.size() - 1; i >= Math.max(0, backups.size() - BACKUPS_LOOKED_AT); i--) {
            OptionalDouble rate = measured(repository, backups.get(i));
            if (rate.isPresent()) {
                return rate.getAsDouble();
            }
        }
        return DEFAULT_BYTES_PER_SECOND;
    }

    private static OptionalDouble measured(Repository repository, PublishedBackup backup) {
        BackupManifest manifest = repository.load(backup.manifest(), BackupManifest.class);
        if (manifest.totals().fetchedBytes() < LEAST_BYTES_TO_TRUST) {
            return OptionalDouble.empty();
        }
        List<ObjectRef> refs = manifest.tables().stream()
                .flatMap(table -> table.shards().stream())
                .limit(SHARDS_LOOKED_AT)
                .toList();
        long bytes = 0;
        long nanos = 0;
        for (ObjectRef ref : refs) {
            ShardManifest.Counts counts =
                    repository.load(ref, ShardManifest.class).counts();
            bytes += counts.fetchedBytes();
            nanos += counts.cpuFetch() + counts.cpuMerge() + counts.cpuDigest() + counts.cpuPut();
        }
        return bytes < LEAST_BYTES_TO_TRUST || nanos == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(bytes / (nanos / 1e9));
    }
}
