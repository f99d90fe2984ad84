package dev.hindsight.operations;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * Limits of a run, from the configuration.
 *
 * @param workers fixed by the operator, or empty to size by the work
 * @param scratch directory for temporary files; each run has its own below it
 * @param scratchLimitBytes for all workers of a run together
 * @param shardBytes a table is cut so that one shard reads about this much (all replicas, compressed)
 * @param maxSSTableBytes an output SSTable's Data.db is closed past this
 * @param snapshotTtl Cassandra drops a snapshot by itself after this, should we never come back
 * @param uncovered what to do when a token range has no readable replica
 * @param hintWindow longest age that a hint may have when it arrives: {@code max_hint_window} of the cluster
 */
public record RunSettings(
        OptionalInt workers,
        Path scratch,
        long scratchLimitBytes,
        long shardBytes,
        long maxSSTableBytes,
        Duration snapshotTtl,
        Uncovered uncovered,
        Duration hintWindow) {
    public enum Uncovered {
        /** Back up the rest; the backup is PARTIAL. */
        PARTIAL,
        /** Fail before anything is stored. */
        FAIL
    }

    public static final long DEFAULT_SHARD_BYTES = 256L << 20;
    public static final long DEFAULT_SCRATCH_LIMIT_BYTES = 8L << 30;
    public static final long DEFAULT_MAX_SSTABLE_BYTES = 1L << 30;
    public static final Duration DEFAULT_HINT_WINDOW = Duration.ofHours(3);

    public static RunSettings defaults(Path scratch) {
        return new RunSettings(
                OptionalInt.empty(),
                scratch,
                DEFAULT_SCRATCH_LIMIT_BYTES,
                DEFAULT_SHARD_BYTES,
                DEFAULT_MAX_SSTABLE_BYTES,
                Duration.ofDays(1),
                Uncovered.PARTIAL,
                DEFAULT_HINT_WINDOW);
    }
}
