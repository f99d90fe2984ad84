package dev.hindsight.agent.capture;

import java.time.Clock;
import java.time.Instant;

/** Microseconds since 1970 that never go back, whatever the machine's clock does. Safe for several threads. */
final class WallClock {
    private final Clock clock;
    private long last;

    WallClock(Clock clock) {
        this.clock = clock;
    }

    synchronized long micros() {
        Instant now = clock.instant();
        last = Math.max(last, now.getEpochSecond() * 1_000_000 + now.getNano() / 1000);
        return last;
    }

    /** What was told before, by an earlier process. */
    synchronized void notBefore(long micros) {
        last = Math.max(last, micros);
    }
}
