package dev.hindsight.model.retention;

import java.time.Duration;

/**
 * What is kept of one table.
 *
 * @param min so many of the newest restorable points stay however old they are
 * @param window every instant of this span can be restored while the table is protected continuously: the newest restorable
 *     point that is not younger stays, as what its journal builds on, and those behind it, since the journal may have had
 *     gaps; zero to go by {@code keep} alone
 */
public record RetentionPolicy(Keep keep, int min, Duration window) {
    /** Restore points only. */
    public RetentionPolicy(Keep keep, int min) {
        this(keep, min, Duration.ZERO);
    }

    public RetentionPolicy {
        if (window.isNegative() || window.toDays() > Keep.MOST_DAYS) {
            throw new IllegalArgumentException("the window is negative or longer than a hundred years: " + window);
        }
        if (min < 0) {
            throw new IllegalArgumentException("the minimum of restore points is negative: " + min);
        }
    }
}
