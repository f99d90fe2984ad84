package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "unprotect",
        description = "End the continuous protection of a table. What was kept until now stays restorable.")
final class UnprotectVerb extends Verb {
    private final Workbench workbench;

    @Parameters(paramLabel = "K.T", converter = TableNameConverter.class, description = "The table.")
    private TableName table = new TableName("k", "t");

    UnprotectVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        return JournalViews.unprotect(workbench.unprotect(config(), table));
    }
}
