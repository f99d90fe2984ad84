package dev.hindsight.cli.verb;

import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a replication map as CQL writes it: {@code {'class': 'NetworkTopologyStrategy', 'dc1': 3}}. */
final class CqlMap {
    private final String text;
    private int at;

    private CqlMap(String text) {
        this.text = text;
    }

    /** @throws IllegalArgumentException naming the position that cannot be read */
    static Map<String, String> parse(String text) {
        return new CqlMap(text).map();
    }

    private Map<String, String> map() {
        Map<String, String> out = new LinkedHashMap<>();
        expect('{');
        if (!peek('}')) {
            do {
                String key = value();
                expect(':');
                if (out.put(key, value()) != null) {
                    throw wrong("'" + key + "' is given twice");
                }
            } while (skip(','));
        }
        expect('}');
        blanks();
        if (at != text.length()) {
            throw wrong("unexpected text after '}'");
        }
        if (!out.containsKey("class")) {
            throw wrong("'class' is missing");
        }
        return out;
    }

    private String value() {
        blanks();
        if (at < text.length() && text.charAt(at) == '\'') {
            return quoted();
        }
        int from = at;
        while (at < text.length() && Character.isDigit(text.charAt(at))) {
            at++;
        }
        if (from == at) {
            throw wrong("expected a 'quoted' text or a number");
        }
        return text.substring(from, at);
    }

    private String quoted() {
        StringBuilder out = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != '\'') {
                out.append(c);
            } else if (at < text.length() && text.charAt(at) == '\'') {
                out.append('\'');
                at++;
            } else {
                return out.toString();
            }
        }
        throw wrong("a quote is not closed");
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw wrong("expected '" + c + "'");
        }
    }

    private boolean skip(char c) {
        boolean there = peek(c);
        if (there) {
            at++;
        }
        return there;
    }

    private boolean peek(char c) {
        blanks();
        return at < text.length() && text.charAt(at) == c;
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + " at character " + (at + 1)
                + "; write it as CQL does: {'class': 'NetworkTopologyStrategy', 'dc1': 3}");
    }
}
