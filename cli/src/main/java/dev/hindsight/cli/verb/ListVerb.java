package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.config.HindsightConfig;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.retention.DiskUsage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description = {"Published backups, oldest first.", "Ends with 4 when one of them, or the catalogue, is damaged."
        })
final class ListVerb extends Verb {
    private final Workbench workbench;

    @Option(names = "--chains", description = "As trees: what builds on a backup hangs below it.")
    private boolean chains;

    ListVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        HindsightConfig config = config();
        DiskUsage usage = workbench.usage(config, false);
        if (chains) {
            return ChainViews.chains(usage);
        }
        Map<String, Long> unique = new HashMap<>();
        usage.backups().forEach(backup -> unique.put(backup.id(), backup.uniqueBytes()));
        Workbench.BackupList list = workbench.backups(config);
        List<String> parts = new ArrayList<>();
        parts.add(
                list.backups().isEmpty()
                        ? "no backups yet"
                        : Text.table(
                                List.of(
                                        "backup",
                                        "kind",
                                        "builds on",
                                        "restore point",
                                        ">tables",
                                        ">rows",
                                        ">stored",
                                        ">unique",
                                        "state"),
                                list.backups().stream()
                                        .map(listed -> row(listed, unique))
                                        .toList()));
        List<String> damage = new ArrayList<>(list.problems());
        list.backups().stream()
                .filter(one -> !one.problem().isEmpty())
                .forEach(one -> damage.add("backup " + one.id() + ": " + one.problem()));
        BackupViews.damage(parts, damage);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(
                "backups",
                list.backups().stream().map(listed -> document(listed, unique)).toList());
        fields.put("problems", list.problems());
        return new Outcome(
                list.whole() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED, "list", fields, String.join("\n", parts));
    }

    private static List<String> row(Workbench.Listed listed, Map<String, Long> unique) {
        return listed.manifest()
                .map(one -> List.of(
                        one.id(),
                        BackupViews.lower(one.kind()),
                        listed.parent().orElse("-"),
                        Text.time(one.restorePoint()),
                        Text.count(one.tables().size()),
                        Text.count(one.totals().rows()),
                        Text.bytes(one.totals().storedBytes()),
                        Text.bytes(unique.getOrDefault(one.id(), 0L)),
                        BackupViews.lower(one.state()) + (listed.held() ? ", held" : "")))
                .orElseGet(() -> List.of(listed.id(), "-", "-", "-", "-", "-", "-", "-", BackupViews.DAMAGED));
    }

    private static Map<String, Object> document(Workbench.Listed listed, Map<String, Long> unique) {
        return listed.manifest()
                .map(manifest -> {
                    Map<String, Object> out = BackupViews.summary(manifest, listed.parent());
                    out.put("held", listed.held());
                    out.put("uniqueBytes", unique.getOrDefault(manifest.id(), 0L));
                    return out;
                })
                .orElseGet(() -> Map.of("id", listed.id(), "state", BackupViews.DAMAGED, "problem", listed.problem()));
    }
}
