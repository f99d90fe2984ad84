package dev.hindsight.cli.output;

import java.io.PrintStream;

/**
 * The two streams and what may be done with them. Thread-safe as far as the streams are; results are printed by the main
 * thread alone.
 *
 * @param outTerminal whether stdout is a terminal (decides on colour)
 * @param errTerminal whether stderr is one (decides on rewriting lines)
 * @param colour false under {@code NO_COLOR} or {@code TERM=dumb}
 */
public record Terminal(PrintStream out, PrintStream err, boolean outTerminal, boolean errTerminal, boolean colour) {
    private static final String RESET = "\u001b[0m";

    /** Colours carry no meaning that the words do not. */
    public enum Colour {
        GREEN("\u001b[32m"),
        YELLOW("\u001b[33m"),
        RED("\u001b[31m");

        private final String code;

        Colour(String code) {
            this.code = code;
        }
    }

    public void print(Outcome outcome, boolean json) {
        if (outcome.isSilent()) {
            return;
        }
        String body = json ? JsonDocument.of(outcome) : outcome.text();
        if (!body.isEmpty()) {
            out.println(body);
        }
        out.flush();
    }

    /** On stderr for people; with {@code json} also as the document on stdout, so that there always is exactly one. */
    public void printError(Throwable error, String message, String hint, int exitCode, boolean json) {
        err.println(paintError("error:") + " " + Text.plain(message));
        err.println("hint: " + Text.plain(hint));
        err.flush();
        if (json) {
            out.println(JsonDocument.of(error, message, hint, exitCode));
            out.flush();
        }
    }

    /** Something an operator should see now, on stderr. */
    public void note(String text) {
        err.println(Text.plain(text));
        err.flush();
    }

    /** For words on stdout. */
    public String paint(Colour ink, String word) {
        return colour && outTerminal ? ink.code + word + RESET : word;
    }

    private String paintError(String word) {
        return colour && errTerminal ? Colour.RED.code + word + RESET : word;
    }
}
