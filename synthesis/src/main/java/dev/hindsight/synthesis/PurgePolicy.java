package dev.hindsight.synthesis;

/** Which tombstones may be dropped. Shadowed data is always dropped. */
public sealed interface PurgePolicy {
    /** Every tombstone is kept. */
    record KeepTombstones() implements PurgePolicy {}

    /**
     * Tombstones whose local deletion time is before {@code gcBeforeEpochSeconds} are dropped, and so are expired cells
     * that have become such tombstones. Only right when all replicas of the ranges are among the inputs.
     */
    record PurgeBefore(long gcBeforeEpochSeconds) implements PurgePolicy {}
}
