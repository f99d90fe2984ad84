package dev.hindsight.synthesis;

/**
 * What was left of changes.
 *
 * @param kept as of a merge; fetched and owned bytes are those of the layers
 * @param maxTimestampMicros no write time of what is kept is later; {@code Long.MIN_VALUE} when nothing is
 * @param redundantPartitions were compared and dropped whole
 * @param redundantRows were dropped in partitions of which something is kept
 */
public record ReductionResult(
        SynthesisResult kept, long maxTimestampMicros, long redundantPartitions, long redundantRows) {}
