package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupRequest;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "backup",
        description = {
            "Take a backup in which every record is stored once: all of them, or what changed since the newest backup.",
            "Without --keyspace and --table: what backup.keyspaces in the configuration says, else everything but "
                    + "Cassandra's own keyspaces."
        })
final class BackupVerb extends Verb {
    private final Workbench workbench;

    @Option(names = "--keyspace", paramLabel = "K", description = "A keyspace; may be given again.")
    private Set<String> keyspaces = new LinkedHashSet<>();

    @Option(
            names = "--table",
            paramLabel = "K.T",
            converter = TableNameConverter.class,
            description = "A table; may be given again.")
    private Set<TableName> tables = new LinkedHashSet<>();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            converter = KindConverter.class,
            description =
                    "auto (incremental where that is safe, else full), full, or incremental (refuses when there is "
                            + "nothing to build on). Default: auto.")
    private BackupRequest.Kind kind = BackupRequest.Kind.AUTO;

    @Option(names = "--afresh", description = "Take new snapshots even if a backup was cut that could be gone on with.")
    private boolean afresh;

    @Option(names = "--dry-run", description = "Print the plan and touch nothing.")
    private boolean dryRun;

    BackupVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        BackupRequest request = request(config);
        return dryRun
                ? BackupViews.forecast(withProgress(progress -> workbench.planBackup(config, request, progress)))
                : BackupViews.report(withProgress(progress -> workbench.backup(config, request, progress)));
    }

    private BackupRequest request(HindsightConfig config) {
        boolean nothingNamed = keyspaces.isEmpty() && tables.isEmpty();
        return new BackupRequest(nothingNamed ? Set.copyOf(config.keyspaces()) : keyspaces, tables, kind, afresh);
    }

    /** Names as they are typed. */
    static final class KindConverter implements ITypeConverter<BackupRequest.Kind> {
        @Override
        public BackupRequest.Kind convert(String text) {
            for (BackupRequest.Kind kind : BackupRequest.Kind.values()) {
                if (BackupViews.lower(kind).equals(text)) {
                    return kind;
                }
            }
            throw new TypeConversionException("'" + text + "' is none of auto, full, incremental");
        }
    }
}
