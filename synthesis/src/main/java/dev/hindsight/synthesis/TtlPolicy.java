package dev.hindsight.synthesis;

/** What happens to expiry times on the way through. Cells that had expired at the snapshot stay expired in every case. */
public sealed interface TtlPolicy {
    /** Expiry as written. */
    record Keep() implements TtlPolicy {}

    /** The life that remained at the snapshot starts again: expiry moves by {@code now - snapshot}. */
    record Freeze(long snapshotEpochSeconds, long nowEpochSeconds) implements TtlPolicy {}

    /** What was live at the snapshot lives for ever. */
    record Drop(long snapshotEpochSeconds) implements TtlPolicy {}
}
