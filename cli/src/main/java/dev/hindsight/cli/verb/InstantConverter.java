package dev.hindsight.cli.verb;

import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.units.InstantText;
import java.time.Instant;

/** An instant as people type it: RFC 3339, or a time before now like {@code -5m}. */
final class InstantConverter {
    private InstantConverter() {}

    /** @throws UsageException the text is neither */
    static Instant parse(String option, String text, Instant now) {
        try {
            return InstantText.parse(text, now);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), hint(now), e);
        }
    }

    private static String hint(Instant now) {
        return "write it like " + now.truncatedTo(java.time.temporal.ChronoUnit.SECONDS) + " or -5m";
    }
}
