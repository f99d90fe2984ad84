package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import picocli.CommandLine.Command;

@Command(name = "hold", description = "Keep a backup, and what it builds on, from expiring until it is released.")
final class HoldVerb extends HoldingVerb {
    private final Workbench workbench;

    HoldVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        return RetentionViews.held("hold", workbench.hold(config(), backup(), reason()), "is held");
    }
}
