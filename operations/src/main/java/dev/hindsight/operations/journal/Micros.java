package dev.hindsight.operations.journal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Instants as the journal counts them: microseconds since 1970, UTC. */
final class Micros {
    /** Far from where a sum of two overflows. */
    private static final long MOST_SECONDS = Long.MAX_VALUE / 4_000_000;

    private Micros() {}

    /** Finer parts are cut off. What is more than 70,000 years away counts as that far. */
    static long of(Instant instant) {
        long seconds = Math.max(-MOST_SECONDS, Math.min(MOST_SECONDS, instant.getEpochSecond()));
        return seconds * 1_000_000 + instant.getNano() / 1000;
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
