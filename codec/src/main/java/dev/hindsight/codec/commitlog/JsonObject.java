package dev.hindsight.codec.commitlog;

import dev.hindsight.codec.bytes.MalformedException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The little JSON of a segment's header: an object whose values are strings, numbers, words and such objects. A checksum
 * has vouched for it, so this only has to be safe.
 */
final class JsonObject {
    private static final int MAX_DEPTH = 10;

    private final String text;
    private int at;

    private JsonObject(String text) {
        this.text = text;
    }

    /**
     * Strings come without their quotes, null as an empty text.
     *
     * @throws MalformedException it is none
     */
    static Map<String, Object> parse(String text) {
        JsonObject json = new JsonObject(text);
        Map<String, Object> out = json.object(0);
        json.skipBlank();
        if (json.at < text.length()) {
            throw json.unexpected();
        }
        return out;
    }

    private Map<String, Object> object(int depth) {
        if (depth > MAX_DEPTH) {
            throw unexpected();
        }
        Map<String, Object> out = new LinkedHashMap<>();
        expect('{');
        if (isNext('}')) {
            return out;
        }
        do {
            skipBlank();
            String key = string();
            expect(':');
            skipBlank();
            out.put(key, value(depth));
        } while (isNext(','));
        expect('}');
        return out;
    }

    private Object value(int depth) {
        char c = at < text.length() ? text.charAt(at) : ' ';
        if (c == '{') {
            return object(depth + 1);
        }
        if (c == '"') {
            return string();
        }
        int from = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (from == at) {
            throw unexpected();
        }
        String word = text.substring(from, at);
        return word.equals("null") ? "" : word;
    }

    private String string() {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            out.append(c == '\\' ? escaped() : c);
        }
        expect('"');
        return out.toString();
    }

    private char escaped() {
        if (at >= text.length()) {
            throw unexpected();
        }
        char c = text.charAt(at++);
        int simple = "\"\\/bfnrt".indexOf(c);
        if (simple >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(simple);
        }
        if (c != 'u' || at + 4 > text.length()) {
            throw unexpected();
        }
        try {
            at += 4;
            return (char) Integer.parseInt(text, at - 4, at, 16);
        } catch (NumberFormatException e) {
            throw new MalformedException("the parameters of the segment are no JSON: [" + text + "]", e);
        }
    }

    private void expect(char c) {
        if (!isNext(c)) {
            throw unexpected();
        }
    }

    private boolean isNext(char c) {
        if (c != '"') {
            skipBlank();
        }
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void skipBlank() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private MalformedException unexpected() {
        return new MalformedException(
                "the parameters of the segment are no JSON at character " + at + ": [" + text + "]");
    }
}
