package dev.hindsight.agent.http;

import dev.hindsight.model.failure.UsageException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A requested part of a file, both ends inside it.
 *
 * @param first inclusive
 * @param last inclusive
 */
record ByteRange(long first, long last) {
    private static final Pattern FORM = Pattern.compile("bytes=([0-9]{1,18})-([0-9]{0,18})");

    long length() {
        return last - first + 1;
    }

    /**
     * @param header of {@code Range}; none means the whole file
     * @return empty when the whole file is meant
     * @throws UsageException another form, or not inside the file
     */
    static Optional<ByteRange> parse(@Nullable String header, long size) {
        if (header == null) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(header);
        if (!matcher.matches()) {
            throw new UsageException(
                    "range header is not of the form bytes=FIRST-LAST", "ask for one range with both ends");
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? size - 1 : Long.parseLong(matcher.group(2));
        if (first > last || last >= size) {
            throw new UsageException(
                    "bytes " + first + " to " + last + " are not inside a file of " + size + " bytes",
                    "take the size from the snapshot's listing");
        }
        return Optional.of(new ByteRange(first, last));
    }
}
