package dev.hindsight.repository.layout;

import dev.hindsight.model.failure.UsageException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Gives ids to backups and restores: {@code 20261122T134500Z-3f9a}, the second in UTC and four random hex digits. They
 * sort by time as text. Two in one second may collide once in 65,536: whoever loses the create-only put of the plan
 * takes another id. As safe for threads as the generator it is given.
 */
public final class BackupIds {
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");

    private final Clock clock;
    private final RandomGenerator random;

    public BackupIds(Clock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    public String next() {
        return SECOND.format(clock.instant()) + String.format(Locale.ROOT, "-%04x", random.nextInt(0x10000));
    }

    /** The second in which it was given; empty for one that does not tell. */
    public static Optional<Instant> madeAt(String id) {
        int end = id.indexOf('-');
        try {
            return end < 0 ? Optional.empty() : Optional.of(SECOND.parse(id.substring(0, end), Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** @throws UsageException when the text cannot be an id; ids come from people as well */
    public static String require(String id) {
        if (!ID.matcher(id).matches()) {
            String shown = id.replaceAll("[^\\x20-\\x7e]", "?");
            throw new UsageException(
                    "'" + shown.substring(0, Math.min(80, shown.length())) + "' is no id of a backup or restore",
                    "ids look like 20261122T134500Z-3f9a; see 'hindsight list'");
        }
        return id;
    }
}
