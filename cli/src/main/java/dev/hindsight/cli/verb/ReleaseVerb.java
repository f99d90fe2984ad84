package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import picocli.CommandLine.Command;

@Command(name = "release", description = "Let a held backup expire again when no rule keeps it.")
final class ReleaseVerb extends HoldingVerb {
    private final Workbench workbench;

    ReleaseVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        return RetentionViews.held("release", workbench.release(config(), backup(), reason()), "is no longer held");
    }
}
