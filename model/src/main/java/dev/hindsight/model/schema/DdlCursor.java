package dev.hindsight.model.schema;

import java.util.ArrayList;
import java.util.List;

/** The tokens of one statement and how to move over them: positions are indexes, spaces and comments are passed over. */
final class DdlCursor {
    /**
     * {@code [keyspace.]name}.
     *
     * @param last position of the name
     */
    record Reference(String keyspace, String name, int last) {}

    /** One comma-separated item between the first parentheses, its tokens that count. */
    record Item(List<CqlToken> tokens) {
        List<String> namesAfterFirst() {
            return tokens.subList(1, tokens.size()).stream()
                    .filter(CqlToken::isName)
                    .map(CqlToken::name)
                    .toList();
        }

        boolean isPrimaryKey() {
            return tokens.size() > 2
                    && tokens.get(0).isWord("PRIMARY")
                    && tokens.get(1).isWord("KEY")
                    && tokens.get(2).isSymbol('(');
        }
    }

    private final List<CqlToken> tokens;

    DdlCursor(List<CqlToken> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    CqlToken get(int at) {
        return tokens.get(at);
    }

    boolean isInside(int at) {
        return at < tokens.size();
    }

    int first() {
        return next(-1);
    }

    /** The next position that counts; the number of tokens at the end. */
    int next(int at) {
        int next = at + 1;
        while (next < tokens.size() && !tokens.get(next).counts()) {
            next++;
        }
        return next;
    }

    boolean isWord(int at, String keyword) {
        if (!isInside(at)) {
            throw notUnderstood(keyword);
        }
        return tokens.get(at).isWord(keyword);
    }

    boolean isSymbol(int at, char symbol) {
        return isInside(at) && tokens.get(at).isSymbol(symbol);
    }

    /** Behind the given words if they are all there, else {@code at}. */
    int skip(int at, String... words) {
        int now = at;
        for (String word : words) {
            if (!isWord(now, word)) {
                return at;
            }
            now = next(now);
        }
        return now;
    }

    Reference reference(int at) {
        String first = nameAt(at);
        int dot = next(at);
        if (!isSymbol(dot, '.')) {
            return new Reference("", first, at);
        }
        return new Reference(first, nameAt(next(dot)), next(dot));
    }

    Reference single(int at) {
        return new Reference("", nameAt(at), at);
    }

    private String nameAt(int at) {
        if (!isInside(at) || !tokens.get(at).isName()) {
            throw notUnderstood("name");
        }
        return tokens.get(at).name();
    }

    List<String> names() {
        return tokens.stream().filter(CqlToken::isName).map(CqlToken::name).toList();
    }

    DdlCursor replaceName(int at, String name) {
        List<CqlToken> out = new ArrayList<>(tokens);
        out.set(at, quoted(name));
        return new DdlCursor(out);
    }

    /** Unquoted names with capitals from {@code at} on get quotes, until the symbol comes. */
    DdlCursor quotedUpTo(int at, char end) {
        List<CqlToken> out = new ArrayList<>(tokens);
        for (int i = at; isInside(i) && !isSymbol(i, end); i = next(i)) {
            CqlToken token = tokens.get(i);
            if (token.kind() == CqlToken.Kind.WORD && !token.text().equals(token.name())) {
                out.set(i, quoted(token.text()));
            }
        }
        return new DdlCursor(out);
    }

    DdlCursor requalified(String keyspace, String other) {
        List<CqlToken> out = new ArrayList<>(tokens);
        for (int at = first(); isInside(at); at = next(at)) {
            if (isQualifier(at, keyspace)) {
                out.set(at, quoted(other));
            }
        }
        return new DdlCursor(out);
    }

    /** Tokens that count, without {@code keyspace.} before names. */
    List<CqlToken> unqualified(String keyspace) {
        List<CqlToken> out = new ArrayList<>();
        for (int at = first(); isInside(at); at = next(at)) {
            if (isQualifier(at, keyspace)) {
                at = next(at);
            } else {
                out.add(tokens.get(at));
            }
        }
        return out;
    }

    private boolean isQualifier(int at, String keyspace) {
        return tokens.get(at).isName()
                && tokens.get(at).name().equals(keyspace)
                && isSymbol(next(at), '.')
                && isInside(next(next(at)))
                && tokens.get(next(next(at))).isName();
    }

    /** What stands between the first parentheses and their end, split at its commas. */
    List<Item> items() {
        List<Item> out = new ArrayList<>();
        List<CqlToken> item = new ArrayList<>();
        int depth = 0;
        for (int at = first(); isInside(at); at = next(at)) {
            CqlToken token = tokens.get(at);
            depth -= isClosing(token) ? 1 : 0;
            if (depth == 0 && token.isSymbol(')')) {
                break;
            }
            if (depth == 1 && token.isSymbol(',')) {
                addTo(out, item);
            } else if (depth >= 1) {
                item.add(token);
            }
            depth += isOpening(token) ? 1 : 0;
        }
        addTo(out, item);
        return out;
    }

    private static void addTo(List<Item> out, List<CqlToken> item) {
        if (!item.isEmpty()) {
            out.add(new Item(List.copyOf(item)));
            item.clear();
        }
    }

    static boolean isOpening(CqlToken token) {
        return token.kind() == CqlToken.Kind.SYMBOL && "([{<".contains(token.text());
    }

    static boolean isClosing(CqlToken token) {
        return token.kind() == CqlToken.Kind.SYMBOL && ")]}>".contains(token.text());
    }

    private static CqlToken quoted(String name) {
        return new CqlToken(CqlToken.Kind.QUOTED, Identifiers.quote(name));
    }

    IllegalArgumentException notUnderstood(String expected) {
        return new IllegalArgumentException("no " + expected + " found in [" + this + "]");
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        tokens.forEach(token -> out.append(token.text()));
        return out.toString();
    }
}
