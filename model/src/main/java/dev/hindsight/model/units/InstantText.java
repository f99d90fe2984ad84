package dev.hindsight.model.units;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** An instant as people type it: RFC 3339, or a time before now like {@code -5m}. */
public final class InstantText {
    private InstantText() {}

    /** Whether it is a time before now, and so another instant whenever it is read. */
    public static boolean isBeforeNow(String text) {
        return text.startsWith("-");
    }

    /** @throws IllegalArgumentException the text is neither */
    public static Instant parse(String text, Instant now) {
        if (isBeforeNow(text)) {
            try {
                return now.minus(DurationText.parse(text.substring(1)));
            } catch (DateTimeException | ArithmeticException e) {
                throw new IllegalArgumentException("'" + text + "' is before all time", e);
            }
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("'" + text + "' is no instant with its zone, and no time before now", e);
        }
    }
}
