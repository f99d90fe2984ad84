package dev.hindsight.operations.journal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Instants as the journal counts them: microseconds since 1970, UTC. */
final class Micros {
    private Micros() {}

    /** Finer parts are cut off. */
    static long of(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
