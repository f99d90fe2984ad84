package dev.hindsight.http;

import dev.hindsight.model.failure.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The segments of a request's path. */
public final class PathParts {
    private PathParts() {}

    /**
     * Decoded segments of the raw path; a decoded slash stays inside its segment. Empty for a path that does not begin with
     * a slash.
     *
     * @throws UsageException a segment is not percent-encoded correctly
     */
    public static List<String> of(@Nullable String rawPath) {
        List<String> out = new ArrayList<>();
        if (rawPath == null || !rawPath.startsWith("/")) {
            return out;
        }
        for (String segment : rawPath.substring(1).split("/", -1)) {
            out.add(decoded(segment));
        }
        return out;
    }

    private static String decoded(String segment) {
        byte[] bytes = segment.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[bytes.length];
        int n = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                out[n++] = bytes[i];
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new UsageException("a path part is not percent-encoded correctly", "encode it as UTF-8");
            }
            out[n++] = (byte) (high << 4 | low);
            i += 2;
        }
        return new String(out, 0, n, StandardCharsets.UTF_8);
    }
}
