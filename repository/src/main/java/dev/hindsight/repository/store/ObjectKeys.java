package dev.hindsight.repository.store;

import dev.hindsight.model.failure.UsageException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The grammar of object keys, the same for every store; see {@link ObjectStore}. */
public final class ObjectKeys {
    /** Longest key, in characters. */
    public static final int MAX_LENGTH = 900;

    /** Longest part between two slashes: what file systems take. */
    public static final int MAX_PART_LENGTH = 255;

    /** First part that no key may have: stores keep unfinished objects there. */
    public static final String RESERVED = "tmp";

    private static final Pattern PART = Pattern.compile("[A-Za-z0-9._=-]+");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._=/-]*");

    private ObjectKeys() {}

    /** @throws UsageException saying what is wrong with the key */
    public static String require(String key) {
        String problem = problem(key);
        if (problem != null) {
            throw new UsageException(
                    "object key '" + printable(key) + "' " + problem,
                    "keys are parts of [A-Za-z0-9._=-] separated by '/', at most " + MAX_LENGTH + " characters");
        }
        return key;
    }

    public static boolean isValid(String key) {
        return problem(key) == null;
    }

    /** @throws UsageException when no key can start so */
    public static String requirePrefix(String prefix) {
        if (!PREFIX.matcher(prefix).matches()
                || prefix.startsWith("/")
                || prefix.length() > MAX_LENGTH
                || prefix.contains("//")
                || ("/" + prefix).contains("/../")
                || ("/" + prefix).contains("/./")) {
            throw new UsageException(
                    "object key prefix '" + printable(prefix) + "' starts no key",
                    "keys are parts of [A-Za-z0-9._=-] separated by '/'");
        }
        return prefix;
    }

    private static @Nullable String problem(String key) {
        if (key.isEmpty() || key.length() > MAX_LENGTH) {
            return "has " + key.length() + " characters";
        }
        String[] parts = key.split("/", -1);
        for (String part : parts) {
            if (!PART.matcher(part).matches() || part.equals(".") || part.equals("..")) {
                return "has the part '" + printable(part) + "'";
            }
            if (part.length() > MAX_PART_LENGTH) {
                return "has a part of " + part.length() + " characters";
            }
        }
        return parts[0].equals(RESERVED) ? "starts with the reserved part '" + RESERVED + "'" : null;
    }

    /** Short and without control characters: keys may come from a damaged or hostile document. */
    private static String printable(String text) {
        String shortened = text.length() > 120 ? text.substring(0, 120) + "..." : text;
        return shortened.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
