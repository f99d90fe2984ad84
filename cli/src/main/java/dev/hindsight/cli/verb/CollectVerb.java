package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "collect",
        description = {
            "Delete what nothing needs any more: expired backups, what dead runs left, captures and journals.",
            "Captures go once all protected tables have sealed them, a journal's records with the bases that need them.",
            "Safe beside everything else, on any machine. Deletes nothing when the catalogue is damaged."
        })
final class CollectVerb extends Verb {
    private final Workbench workbench;

    @Option(names = "--dry-run", description = "Say what would be deleted, and delete nothing.")
    private boolean dryRun;

    CollectVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        return RetentionViews.collect(withProgress(
                progress -> dryRun ? workbench.planCollect(config, progress) : workbench.collect(config, progress)));
    }
}
