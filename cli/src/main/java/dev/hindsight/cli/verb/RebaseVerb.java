package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.rebase.RebaseRequest;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rebase",
        description = {
            "Make a backup whole that builds on others, from the repository and into it: the cluster is not asked for "
                    + "anything.",
            "Later backups build on the result; what it was made from can expire."
        })
final class RebaseVerb extends Verb {
    private final Workbench workbench;

    @Option(names = "--at", paramLabel = "BACKUP", description = "The backup to make whole (else the newest).")
    private @Nullable String at;

    @Option(
            names = "--table",
            paramLabel = "K.T",
            converter = TableNameConverter.class,
            description = "Only this table; may be given again. The others go on building on what they did.")
    private Set<TableName> tables = new LinkedHashSet<>();

    @Option(names = "--dry-run", description = "Print the plan and touch nothing.")
    private boolean dryRun;

    RebaseVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        RebaseRequest request = new RebaseRequest(Optional.ofNullable(at).filter(id -> !id.equals("latest")), tables);
        return dryRun
                ? ChainViews.rebaseForecast(withProgress(progress -> workbench.planRebase(config, request, progress)))
                : ChainViews.rebase(withProgress(progress -> workbench.rebase(config, request, progress)));
    }
}
