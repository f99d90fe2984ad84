package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.CompleteRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "complete",
        description = {
            "Store what rows were before each change of a protected table, so that histories need no base.",
            "'hindsight serve' does it by itself once it is cheap. Production is not touched.",
            "What is gone of it is stored again."
        })
final class CompleteVerb extends Verb {
    private final Workbench workbench;

    @Parameters(paramLabel = "K.T", converter = TableNameConverter.class, description = "The table.")
    private TableName table = new TableName("k", "t");

    @Option(names = "--dry-run", description = "Say of which changes it would be stored, and store nothing.")
    private boolean dryRun;

    @Option(
            names = "--check",
            description = "Read all that is stored already, and store again what is damaged, as 'verify' found it.")
    private boolean check;

    CompleteVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        CompleteRequest request = new CompleteRequest(table, dryRun, check);
        return CompleteViews.complete(withProgress(progress -> workbench.complete(config, request, progress)));
    }
}
