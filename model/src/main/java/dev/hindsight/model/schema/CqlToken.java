package dev.hindsight.model.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;

/**
 * One piece of a CQL text. The texts of all tokens of a CQL text, one after the other, are that text again.
 *
 * @param text as written, with its quotes
 */
public record CqlToken(Kind kind, String text) {
    public enum Kind {
        SPACE,
        COMMENT,
        /** Keyword or unquoted identifier. */
        WORD,
        /** {@code "identifier"} */
        QUOTED,
        /** {@code 'text'} or {@code $$text$$} */
        STRING,
        /** Begins with a digit: numbers, blobs, UUIDs. */
        NUMBER,
        SYMBOL
    }

    private static final String UUID_SHAPE = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
    private static final int UUID_LENGTH = 36;

    /**
     * @throws IllegalArgumentException if a string, quoted identifier or comment does not end
     */
    public static List<CqlToken> of(String cql) {
        List<CqlToken> out = new ArrayList<>();
        int at = 0;
        while (at < cql.length()) {
            CqlToken token = at(cql, at);
            out.add(token);
            at += token.text().length();
        }
        return out;
    }

    private static CqlToken at(String cql, int at) {
        char c = cql.charAt(at);
        if (Character.isWhitespace(c)) {
            return new CqlToken(Kind.SPACE, run(cql, at, Character::isWhitespace));
        }
        if (cql.startsWith("--", at) || cql.startsWith("//", at)) {
            int end = cql.indexOf('\n', at);
            return new CqlToken(Kind.COMMENT, cql.substring(at, end < 0 ? cql.length() : end));
        }
        if (cql.startsWith("/*", at)) {
            return new CqlToken(Kind.COMMENT, upTo(cql, at, "*/"));
        }
        if (cql.startsWith("$$", at)) {
            return new CqlToken(Kind.STRING, upTo(cql, at, "$$"));
        }
        if (c == '\'' || c == '"') {
            return new CqlToken(c == '"' ? Kind.QUOTED : Kind.STRING, quoted(cql, at, c));
        }
        if (at + UUID_LENGTH <= cql.length()
                && cql.substring(at, at + UUID_LENGTH).matches(UUID_SHAPE)) {
            return new CqlToken(Kind.NUMBER, cql.substring(at, at + UUID_LENGTH));
        }
        if (isWordPart(c)) {
            return new CqlToken(Character.isDigit(c) ? Kind.NUMBER : Kind.WORD, run(cql, at, CqlToken::isWordPart));
        }
        return new CqlToken(Kind.SYMBOL, cql.substring(at, at + 1));
    }

    private static boolean isWordPart(int c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private static String run(String cql, int from, IntPredicate belongs) {
        int end = from;
        while (end < cql.length() && belongs.test(cql.charAt(end))) {
            end++;
        }
        return cql.substring(from, end);
    }

    private static String upTo(String cql, int from, String end) {
        int at = cql.indexOf(end, from + end.length());
        if (at < 0) {
            throw unterminated(cql, from);
        }
        return cql.substring(from, at + end.length());
    }

    private static String quoted(String cql, int from, char quote) {
        int at = from + 1;
        while (at < cql.length()) {
            if (cql.charAt(at) != quote) {
                at++;
            } else if (at + 1 < cql.length() && cql.charAt(at + 1) == quote) {
                at += 2;
            } else {
                return cql.substring(from, at + 1);
            }
        }
        throw unterminated(cql, from);
    }

    private static IllegalArgumentException unterminated(String cql, int from) {
        return new IllegalArgumentException("CQL text does not end what begins at character " + from + ": ["
                + cql.substring(from, Math.min(cql.length(), from + 40)) + "]");
    }

    /** Neither space nor comment. */
    public boolean counts() {
        return kind != Kind.SPACE && kind != Kind.COMMENT;
    }

    public boolean isName() {
        return kind == Kind.WORD || kind == Kind.QUOTED;
    }

    /** The identifier as Cassandra stores it: unquoted ones in lower case. */
    public String name() {
        return kind == Kind.QUOTED ? Identifiers.unquote(text) : text.toLowerCase(Locale.ROOT);
    }

    /** What a string literal says. */
    public String literal() {
        if (text.startsWith("$$")) {
            return text.substring(2, text.length() - 2);
        }
        return kind == Kind.STRING ? text.substring(1, text.length() - 1).replace("''", "'") : text;
    }

    public boolean isWord(String keyword) {
        return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
    }

    public boolean isSymbol(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(0) == symbol;
    }
}
