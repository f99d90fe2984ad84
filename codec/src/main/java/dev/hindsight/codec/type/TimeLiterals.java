package dev.hindsight.codec.type;

import dev.hindsight.codec.bytes.MalformedException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Times of day and instants as CQL has them: RFC 3339, CQL's own forms, and plain numbers. No state.
 *
 * <p>Source: {@code TimeSerializer}, {@code TimestampSerializer} 5.0.9.
 */
final class TimeLiterals {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\\.([0-9]{1,9}))?");
    private static final Pattern TIMESTAMP = Pattern.compile("([0-9]{1,9})-([0-9]{1,2})-([0-9]{1,2})"
            + "(?:[T ]([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2}))?(?:\\.([0-9]{0,9}))?)?"
            + " ?(Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?");
    private static final long DAY_NANOS = 86_400_000_000_000L;

    private TimeLiterals() {}

    /** Nanoseconds since midnight. */
    static long time(String text) {
        if (NUMBER.matcher(text).matches()) {
            long nanos = Long.parseLong(text);
            if (nanos < 0 || nanos >= DAY_NANOS) {
                throw new MalformedException(text + " are no nanoseconds of a day");
            }
            return nanos;
        }
        Matcher parts = TIME.matcher(text.trim());
        if (!parts.matches()) {
            throw new MalformedException(CqlText.quoted(text) + " is no time like '13:14:15.123456789'");
        }
        return LocalTime.of(number(parts, 1), number(parts, 2), number(parts, 3), nanos(parts.group(4)))
                .toNanoOfDay();
    }

    /** Milliseconds since 1970. */
    static long timestamp(String text) {
        if (NUMBER.matcher(text).matches()) {
            return Long.parseLong(text);
        }
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException e) {
            return other(text);
        }
    }

    private static long other(String text) {
        Matcher parts = TIMESTAMP.matcher(text);
        if (!parts.matches()) {
            throw new MalformedException(CqlText.quoted(text)
                    + " is no timestamp like '2026-11-23T10:42:07.123Z' or '2026-11-23 10:42+0100'");
        }
        String zone = parts.group(8);
        if (zone == null) {
            throw new MalformedException(
                    CqlText.quoted(text) + " has no zone, so that it depends on the node that reads it; end it with Z");
        }
        LocalDate day = LocalDate.of(number(parts, 1), number(parts, 2), number(parts, 3));
        LocalTime time = parts.group(4) == null
                ? LocalTime.MIDNIGHT
                : LocalTime.of(
                        number(parts, 4),
                        number(parts, 5),
                        parts.group(6) == null ? 0 : number(parts, 6),
                        nanos(parts.group(7)));
        boolean named = zone.equals("UTC") || zone.equals("GMT");
        return LocalDateTime.of(day, time)
                .toInstant(named ? ZoneOffset.UTC : ZoneOffset.of(zone))
                .toEpochMilli();
    }

    private static int number(Matcher parts, int group) {
        return Integer.parseInt(parts.group(group));
    }

    /** Of the digits behind the point, which may be missing. */
    private static int nanos(@Nullable String fraction) {
        return fraction == null || fraction.isEmpty() ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9));
    }
}
