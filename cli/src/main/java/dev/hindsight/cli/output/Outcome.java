package dev.hindsight.cli.output;

import dev.hindsight.model.failure.ExitCode;
import java.util.Map;

/**
 * How a verb ended, for both readers: people and programs.
 *
 * @param type of the document, the verb's name unless the verb has several documents
 * @param document fields of the JSON document after {@code type}, {@code schema} and {@code exitCode}; values as {@link
 *     JsonDocument} takes them
 * @param text for people, ends without a newline; may be empty
 */
public record Outcome(ExitCode exitCode, String type, Map<String, Object> document, String text) {
    public static Outcome ok(String type, Map<String, Object> document, String text) {
        return new Outcome(ExitCode.OK, type, document, text);
    }

    /** Of a service, which has said on stdout what it had to say while it ran. */
    public static Outcome silent() {
        return new Outcome(ExitCode.OK, "", Map.of(), "");
    }

    boolean isSilent() {
        return type.isEmpty();
    }
}
