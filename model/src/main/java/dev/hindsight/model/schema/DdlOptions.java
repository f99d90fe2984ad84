package dev.hindsight.model.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The options of a CREATE TABLE or CREATE MATERIALIZED VIEW: what follows the last WITH outside of parentheses. */
final class DdlOptions {
    private record Option(String name, String text) {}

    private final String head;
    private final List<Option> options;

    private DdlOptions(String head, List<Option> options) {
        this.head = head;
        this.options = options;
    }

    static DdlOptions of(DdlCursor text) {
        int with = lastWith(text);
        if (!text.isInside(with)) {
            return new DdlOptions(text.toString(), List.of());
        }
        StringBuilder head = new StringBuilder();
        for (int i = 0; i < with; i++) {
            head.append(text.get(i).text());
        }
        List<Option> options = new ArrayList<>();
        List<CqlToken> one = new ArrayList<>();
        int depth = 0;
        for (int i = with + 1; text.isInside(i); i++) {
            CqlToken token = text.get(i);
            depth += DdlCursor.isOpening(token) ? 1 : DdlCursor.isClosing(token) ? -1 : 0;
            if (depth == 0 && token.isWord("AND")) {
                options.add(option(one));
                one.clear();
            } else {
                one.add(token);
            }
        }
        options.add(option(one));
        return new DdlOptions(head.toString().stripTrailing(), options);
    }

    /** A comparison sign in a view's WHERE must not count as a bracket, so only real brackets do here. */
    private static int lastWith(DdlCursor text) {
        int depth = 0;
        int found = Integer.MAX_VALUE;
        for (int at = text.first(); text.isInside(at); at = text.next(at)) {
            CqlToken token = text.get(at);
            boolean angle = token.isSymbol('<') || token.isSymbol('>');
            if (!angle) {
                depth += DdlCursor.isOpening(token) ? 1 : DdlCursor.isClosing(token) ? -1 : 0;
            }
            if (depth == 0 && token.isWord("WITH")) {
                found = at;
            }
        }
        return found;
    }

    private static Option option(List<CqlToken> tokens) {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append(token.text()));
        List<String> words = tokens.stream()
                .filter(CqlToken::counts)
                .takeWhile(token -> token.kind() == CqlToken.Kind.WORD)
                .map(token -> token.text().toLowerCase(Locale.ROOT))
                .toList();
        String first = words.isEmpty() ? "" : words.get(0);
        boolean pair = first.equals("clustering") || first.equals("compact");
        return new Option(
                pair && words.size() > 1 ? first + " " + words.get(1) : first,
                text.toString().strip());
    }

    List<String> names() {
        return options.stream().map(Option::name).toList();
    }

    String without(Predicate<String> unwanted) {
        List<String> kept = options.stream()
                .filter(option -> !unwanted.test(option.name()))
                .map(Option::text)
                .toList();
        return kept.isEmpty() ? head : head + " WITH " + String.join("\n    AND ", kept);
    }

    /** The text of one option; empty when it is not there. */
    String find(String name) {
        return options.stream()
                .filter(option -> option.name().equals(name))
                .map(Option::text)
                .findFirst()
                .orElse("");
    }
}
