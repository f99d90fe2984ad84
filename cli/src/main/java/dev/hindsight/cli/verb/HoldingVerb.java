package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code hold} and {@code release} are told: a backup, and why. */
abstract class HoldingVerb extends Verb {
    @Parameters(paramLabel = "BACKUP", description = "Its id.")
    private String backup = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for whoever asks later.")
    private String reason = "";

    HoldingVerb(GlobalOptions options, Surroundings surroundings) {
        super(options, surroundings);
    }

    String backup() {
        return backup;
    }

    String reason() {
        return reason;
    }
}
