package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "export",
        description = "Write tables as standard SSTables plus schema, for nodetool import and sstableloader.")
final class ExportVerb extends Verb {
    private final Workbench workbench;

    @Option(names = "--from", required = true, paramLabel = "BACKUP", description = "A backup's id, or 'latest'.")
    private String from = "";

    @Option(
            names = "--table",
            required = true,
            paramLabel = "K.T",
            converter = TableNameConverter.class,
            description = "A table; may be given again.")
    private List<TableName> tables = new ArrayList<>();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "A new or empty directory.")
    private Path out = Path.of("");

    ExportVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        Path directory = surroundings().workingDirectory().resolve(out).normalize();
        return RestoreViews.export(
                withProgress(progress -> workbench.export(config, from, List.copyOf(tables), directory, progress)));
    }
}
