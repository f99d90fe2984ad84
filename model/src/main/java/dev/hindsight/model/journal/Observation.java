package dev.hindsight.model.journal;

/**
 * When something became readable in a node's commit log: after {@code fromMicros}, at or before {@code toMicros}, by the
 * wall clock of the node's machine, which the agent never lets go back. Microseconds since 1970, UTC.
 */
public record Observation(long fromMicros, long toMicros) {
    public Observation {
        if (fromMicros > toMicros) {
            throw new IllegalArgumentException("observed between " + fromMicros + " and " + toMicros);
        }
    }
}
