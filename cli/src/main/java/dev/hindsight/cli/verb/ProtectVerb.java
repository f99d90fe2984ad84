package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "protect",
        description = {
            "Keep every change of a table from now on, so that any second of it can be restored.",
            "Its nodes' agents capture the commit log; nothing in the cluster is changed or restarted. Takes a backup to begin with."
        })
final class ProtectVerb extends Verb {
    private final Workbench workbench;

    @Parameters(
            paramLabel = "K.T",
            arity = "1..*",
            converter = TableNameConverter.class,
            description = "The table; several get one backup to begin with.")
    private List<TableName> tables = new ArrayList<>();

    ProtectVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        return JournalViews.protect(withProgress(progress -> workbench.protect(config, tables, progress)));
    }
}
