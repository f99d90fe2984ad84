package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.repository.document.BackupManifest;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(name = "list", description = "Published backups, oldest first.")
final class ListVerb extends Verb {
    private final Workbench workbench;

    ListVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        List<BackupManifest> backups = workbench.backups(config());
        String text = backups.isEmpty()
                ? "no backups yet"
                : Text.table(
                        List.of("backup", "kind", "state", "restore point", ">tables", ">rows", ">stored"),
                        backups.stream()
                                .map(one -> List.of(
                                        one.id(),
                                        BackupViews.lower(one.kind()),
                                        BackupViews.lower(one.state()),
                                        Text.time(one.restorePoint()),
                                        Text.count(one.tables().size()),
                                        Text.count(one.totals().rows()),
                                        Text.bytes(one.totals().storedBytes())))
                                .toList());
        return Outcome.ok(
                "list",
                Map.of("backups", backups.stream().map(BackupViews::summary).toList()),
                text);
    }
}
