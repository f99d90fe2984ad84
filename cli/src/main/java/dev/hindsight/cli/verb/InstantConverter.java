package dev.hindsight.cli.verb;

import dev.hindsight.agent.settings.Settings;
import dev.hindsight.model.failure.UsageException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/** An instant as people type it: RFC 3339, or a time before now like {@code -5m}. */
final class InstantConverter {
    private InstantConverter() {}

    /** @throws UsageException the text is neither */
    static Instant parse(String option, String text, Instant now) {
        if (text.startsWith("-")) {
            try {
                Duration before = Settings.parseDuration(text.substring(1));
                return now.minus(before);
            } catch (IllegalArgumentException e) {
                throw new UsageException(option + " " + text + ": " + e.getMessage(), hint(now), e);
            }
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new UsageException(
                    option + " '" + text + "' is no instant with its zone, and no time before now", hint(now), e);
        }
    }

    private static String hint(Instant now) {
        return "write it like " + now.truncatedTo(java.time.temporal.ChronoUnit.SECONDS) + " or -5m";
    }
}
