package dev.hindsight.testkit.living;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The time of a cluster and of those who look at it: stands still but for {@link #pass}. Safe for several threads. */
public final class LivingClock extends Clock {
    private Instant now;

    public LivingClock(Instant start) {
        this.now = start;
    }

    public synchronized void pass(Duration time) {
        now = now.plus(time);
    }

    /** Later than all before, by a microsecond at least: for writes. */
    public synchronized long nextMicros() {
        now = now.plusNanos(1000);
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
