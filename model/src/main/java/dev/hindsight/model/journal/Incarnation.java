package dev.hindsight.model.journal;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One unbroken life of an agent's capture state. As text {@code <start, 13 digits>-<nonce, 8 hex digits>}: sorts by time.
 *
 * @param startMillis when the state was made, since 1970, UTC
 * @param nonce random: two states made in one millisecond differ
 */
public record Incarnation(long startMillis, int nonce) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{13})-([0-9a-f]{8})");
    private static final long MOST = 9_999_999_999_999L;

    public Incarnation {
        if (startMillis < 0 || startMillis > MOST) {
            throw new IllegalArgumentException("no incarnation begins at " + startMillis);
        }
    }

    /** Empty when the text is none. */
    public static Optional<Incarnation> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new Incarnation(
                        Long.parseLong(matcher.group(1)), Integer.parseUnsignedInt(matcher.group(2), 16)))
                : Optional.empty();
    }

    public String text() {
        return String.format(Locale.ROOT, "%013d-%08x", startMillis, nonce);
    }

    @Override
    public String toString() {
        return text();
    }
}
