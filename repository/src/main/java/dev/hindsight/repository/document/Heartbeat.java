package dev.hindsight.repository.document;

import java.time.Instant;

/**
 * {@code runs/<claim>/beat-<k>.json}: the holder of a claim was alive. Numbers are dense from 1; only that a further one
 * comes counts, never {@code at}, which is for people.
 *
 * @param done what share of the work, in thousandths; -1 if unknown
 */
public record Heartbeat(int format, long claim, long number, Instant at, String phase, int done) {
    /** Newest format of this document that this version reads, and the one it writes. */
    public static final int FORMAT = 1;
}
