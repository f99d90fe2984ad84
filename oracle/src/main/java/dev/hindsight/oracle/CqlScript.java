package dev.hindsight.oracle;

import java.util.ArrayList;
import java.util.List;

/** Cuts CQL text into statements: at semicolons outside quotes, with comments left out. */
final class CqlScript {
    private CqlScript() {}

    /**
     * The statements without comments and semicolons. A snapshot's schema of a COMPACT STORAGE table has its CREATE TABLE
     * inside a comment, as advice not to run it; where no statement is outside of comments, that one is taken out.
     */
    static List<String> statements(String text) {
        List<String> outside = split(text);
        if (!outside.isEmpty()) {
            return outside;
        }
        int create = text.indexOf("CREATE TABLE");
        int open = text.indexOf("/*");
        int close = text.lastIndexOf("*/");
        return open >= 0 && open < create && create < close ? split(text.substring(create, close)) : List.of();
    }

    private static List<String> split(String text) {
        List<String> out = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int end = skippedUntil(text, i);
            if (end > i) {
                if (c == '\'' || c == '"' || c == '$') {
                    statement.append(text, i, end);
                } else {
                    statement.append(' ');
                }
                i = end;
                continue;
            }
            if (c == ';') {
                add(out, statement);
            } else {
                statement.append(c);
            }
            i++;
        }
        add(out, statement);
        return out;
    }

    /** Where the quoted text or comment that starts at {@code i} ends, or {@code i} when none starts there. */
    private static int skippedUntil(String text, int i) {
        if (text.startsWith("/*", i)) {
            return after(text, "*/", i + 2);
        }
        if (text.startsWith("--", i) || text.startsWith("//", i)) {
            return after(text, "\n", i + 2);
        }
        if (text.startsWith("$$", i)) {
            return after(text, "$$", i + 2);
        }
        char c = text.charAt(i);
        // A doubled quote inside quotes reads as the end of one text and the start of the next, which cuts the same.
        return c == '\'' || c == '"' ? after(text, String.valueOf(c), i + 1) : i;
    }

    private static int after(String text, String mark, int from) {
        int at = text.indexOf(mark, from);
        return at < 0 ? text.length() : at + mark.length();
    }

    private static void add(List<String> out, StringBuilder statement) {
        String trimmed = statement.toString().trim();
        if (!trimmed.isEmpty()) {
            out.add(trimmed);
        }
        statement.setLength(0);
    }
}
