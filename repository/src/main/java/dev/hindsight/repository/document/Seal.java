package dev.hindsight.repository.document;

import dev.hindsight.repository.digest.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The last field of every document: the digest of all lines before its own.
 *
 * <pre>
 *   {                              \
 *     "format" : 1,                 | sealed bytes, up to and including ",\n"
 *     ...                          /
 *     "seal" : "sha256:..."
 *   }
 * </pre>
 *
 * By hand: {@code head -n -2 document.json | sha256sum}. It stays like this in all later formats, so that a damaged
 * document and a newer one cannot be mixed up.
 */
final class Seal {
    private static final byte[] CLOSE = "\n}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SEPARATOR = ",\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] BEFORE = "  \"seal\" : \"".getBytes(StandardCharsets.UTF_8);
    private static final byte[] AFTER = "\"\n}\n".getBytes(StandardCharsets.UTF_8);
    private static final int TAIL = BEFORE.length + Digests.TEXT_LENGTH + AFTER.length;

    private Seal() {}

    /** @param json an object with at least one field, ending in {@code \n}} */
    static byte[] seal(byte[] json) {
        int end = json.length - CLOSE.length;
        if (!startsAt(json, end, CLOSE)) {
            throw new IllegalArgumentException("not a pretty-printed object with fields");
        }
        int sealed = end + SEPARATOR.length;
        byte[] out = Arrays.copyOf(json, sealed + TAIL);
        put(out, end, SEPARATOR);
        byte[] digest = Digests.of(out, 0, sealed).getBytes(StandardCharsets.UTF_8);
        put(out, sealed, BEFORE);
        put(out, sealed + BEFORE.length, digest);
        put(out, sealed + BEFORE.length + digest.length, AFTER);
        return out;
    }

    /** What is wrong, or null when every byte is as it was written. */
    static @Nullable String problemOf(byte[] document) {
        int sealed = document.length - TAIL;
        if (sealed < SEPARATOR.length
                || !startsAt(document, sealed - SEPARATOR.length, SEPARATOR)
                || !startsAt(document, sealed, BEFORE)
                || !startsAt(document, document.length - AFTER.length, AFTER)) {
            return "is cut off or damaged at its end: it has " + document.length + " bytes and no seal";
        }
        String expected =
                new String(document, sealed + BEFORE.length, Digests.TEXT_LENGTH, StandardCharsets.ISO_8859_1);
        String actual = Digests.of(document, 0, sealed);
        return actual.equals(expected) ? null : "is damaged: its seal is " + expected + ", its bytes give " + actual;
    }

    private static boolean startsAt(byte[] bytes, int offset, byte[] wanted) {
        return offset >= 0
                && offset + wanted.length <= bytes.length
                && Arrays.equals(bytes, offset, offset + wanted.length, wanted, 0, wanted.length);
    }

    private static void put(byte[] into, int offset, byte[] bytes) {
        System.arraycopy(bytes, 0, into, offset, bytes.length);
    }
}
