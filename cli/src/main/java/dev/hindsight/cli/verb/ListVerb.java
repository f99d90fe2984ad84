package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        description = {"Published backups, oldest first.", "Ends with 4 when one of them, or the catalogue, is damaged."
        })
final class ListVerb extends Verb {
    private final Workbench workbench;

    ListVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        Workbench.BackupList list = workbench.backups(config());
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
                                        "state"),
                                list.backups().stream().map(ListVerb::row).toList()));
        List<String> damage = new ArrayList<>(list.problems());
        list.backups().stream()
                .filter(one -> !one.problem().isEmpty())
                .forEach(one -> damage.add("backup " + one.id() + ": " + one.problem()));
        BackupViews.damage(parts, damage);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("backups", list.backups().stream().map(ListVerb::document).toList());
        fields.put("problems", list.problems());
        return new Outcome(
                list.whole() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED, "list", fields, String.join("\n", parts));
    }

    private static List<String> row(Workbench.Listed listed) {
        return listed.manifest()
                .map(one -> List.of(
                        one.id(),
                        BackupViews.lower(one.kind()),
                        listed.parent().orElse("-"),
                        Text.time(one.restorePoint()),
                        Text.count(one.tables().size()),
                        Text.count(one.totals().rows()),
                        Text.bytes(one.totals().storedBytes()),
                        BackupViews.lower(one.state()) + (listed.held() ? ", held" : "")))
                .orElseGet(() -> List.of(listed.id(), "-", "-", "-", "-", "-", "-", BackupViews.DAMAGED));
    }

    private static Map<String, Object> document(Workbench.Listed listed) {
        return listed.manifest()
                .map(manifest -> {
                    Map<String, Object> out = BackupViews.summary(manifest, listed.parent());
                    out.put("held", listed.held());
                    return out;
                })
                .orElseGet(() -> Map.of("id", listed.id(), "state", BackupViews.DAMAGED, "problem", listed.problem()));
    }
}
