package dev.hindsight.model.retention;

import java.time.Duration;

/**
 * How long restore points of a table are kept, ever fewer the older they are. Each number is a span back from the
 * newest restore point (or from now, if that is earlier), and zero switches its rule off.
 *
 * @param all every restore point of this span
 * @param days for so many days, the last restore point of each day
 * @param weeks for so many weeks, the last one of each week, which begins on Monday
 * @param months for so many months, the last one of each month
 */
public record Keep(Duration all, int days, int weeks, int months) {
    /** A hundred years: longer is a slip of the finger, and dates stay far from what can be counted. */
    public static final int MOST_DAYS = 36_525;

    /** Nothing but the minimum is kept. */
    public static final Keep NOTHING = new Keep(Duration.ZERO, 0, 0, 0);

    public Keep {
        if (all.isNegative() || days < 0 || weeks < 0 || months < 0) {
            throw new IllegalArgumentException("a span to keep is negative");
        }
        if (all.toDays() > MOST_DAYS || days > MOST_DAYS || weeks > MOST_DAYS / 7 || months > 1200) {
            throw new IllegalArgumentException("a span to keep is longer than a hundred years");
        }
    }
}
