package dev.hindsight.agent.capture;

import java.time.Clock;
import java.time.Instant;

/** Microseconds since 1970 that never go back, whatever the machine's clock does. Safe for several threads. */
final class WallClock {
    private final Clock clock;
    private long last;
    private long told;
    private long elapsed;

    WallClock(Clock clock) {
        this.clock = clock;
    }

    synchronized long micros() {
        last = Math.max(last, read());
        return last;
    }

    /**
     * Of no meaning but for how much later it is than another one: goes on also while {@link #micros} stands still, as after
     * the machine's clock was set back.
     */
    synchronized long elapsedMicros() {
        read();
        return elapsed;
    }

    private long read() {
        Instant now = clock.instant();
        long micros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        elapsed += told == 0 ? 0 : Math.max(0, micros - told);
        told = micros;
        return micros;
    }

    /** What was told before, by an earlier process. */
    synchronized void notBefore(long micros) {
        last = Math.max(last, micros);
    }
}
