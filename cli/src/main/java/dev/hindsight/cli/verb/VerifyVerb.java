package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Prove the repository good: catalogue, manifests, every object's digest; opens the SSTables of a shard of "
                    + "every table.",
            "Ends with 4 when anything is wrong."
        })
final class VerifyVerb extends Verb {
    private final Workbench workbench;

    @Parameters(arity = "0..1", paramLabel = "BACKUP", description = "One backup (else all).")
    private @Nullable String backup;

    VerifyVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        return VerifyViews.report(
                withProgress(progress -> workbench.verify(config, Optional.ofNullable(backup), progress)));
    }
}
