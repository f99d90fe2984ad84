package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.operations.retention.DiskUsage;
import picocli.CommandLine.Command;

@Command(name = "du", description = "What backups and tables take in the repository, and what an expiry would free.")
final class DiskUsageVerb extends Verb {
    private final Workbench workbench;

    DiskUsageVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        DiskUsage usage = withProgress(progress -> workbench.usage(config, true));
        return RetentionViews.usage(usage);
    }
}
