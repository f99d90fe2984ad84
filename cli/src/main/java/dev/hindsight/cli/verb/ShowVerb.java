package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "One backup: tables, coverage, sizes, snapshots.")
final class ShowVerb extends Verb {
    private final Workbench workbench;

    @Parameters(paramLabel = "BACKUP", description = "A backup's id, or 'latest'.")
    private String backup = "";

    ShowVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        Workbench.Listed found = workbench.backup(config(), backup);
        return BackupViews.show(found.manifest().orElseThrow(), found.parent());
    }
}
