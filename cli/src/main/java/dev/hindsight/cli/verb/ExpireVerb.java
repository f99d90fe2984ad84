package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.retention.ExpireRequest;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "expire",
        description = {
            "Let backups go that the configuration's section 'retention' does not keep, or those that are named.",
            "That says what to keep by 'keep', 'min' and 'window' (how far back 'restore --at' is to reach).",
            "What a kept backup builds on stays, or is rebased away first where that is cheaper. The bytes come back with "
                    + "'collect'."
        })
final class ExpireVerb extends Verb {
    private final Workbench workbench;

    @Parameters(arity = "0..*", paramLabel = "BACKUP", description = "Only these, whatever the rules say.")
    private Set<String> backups = new LinkedHashSet<>();

    @Option(
            names = "--really-last",
            paramLabel = "K.T",
            converter = TableNameConverter.class,
            description = "Let even the last restorable backup of this table go; may be given again.")
    private Set<TableName> reallyLast = new LinkedHashSet<>();

    @Option(names = "--dry-run", description = "Say what would go and what stays, and why; touch nothing.")
    private boolean dryRun;

    ExpireVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        ExpireRequest request = new ExpireRequest(backups, config.retention(), reallyLast);
        return RetentionViews.expire(withProgress(progress -> dryRun
                ? workbench.planExpire(config, request, progress)
                : workbench.expire(config, request, progress)));
    }
}
