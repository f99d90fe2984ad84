package dev.hindsight.operations.run;

import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.ShardManifest;
import java.util.List;
import java.util.Optional;

/** Bytes that one worker gets through in a second, as the newest backup's shards measured it. */
public final class MeasuredRate {
    /** The reference synthesiser on a slow shared core: a start until something was measured. */
    public static final double DEFAULT_BYTES_PER_SECOND = 8 << 20;

    private static final int SHARDS_LOOKED_AT = 8;
    private static final long LEAST_BYTES_TO_TRUST = 16L << 20;

    private MeasuredRate() {}

    public static double of(Repository repository) {
        Optional<PublishedBackup> newest = repository.catalogue().latest();
        if (newest.isEmpty()) {
            return DEFAULT_BYTES_PER_SECOND;
        }
        BackupManifest manifest = repository.load(newest.get().manifest(), BackupManifest.class);
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
        return bytes < LEAST_BYTES_TO_TRUST || nanos == 0 ? DEFAULT_BYTES_PER_SECOND : bytes / (nanos / 1e9);
    }
}
