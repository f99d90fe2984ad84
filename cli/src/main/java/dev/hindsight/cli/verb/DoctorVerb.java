package dev.hindsight.cli.verb;

import dev.hindsight.cli.GlobalOptions;
import dev.hindsight.cli.Surroundings;
import dev.hindsight.cli.Workbench;
import dev.hindsight.cli.doctor.Finding;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Terminal;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

@Command(
        name = "doctor",
        description = {
            "Look at everything that a backup, a restore or protection will need.",
            "Configuration, repository, cluster, agents, tokens, clocks, disks. Ends with 1 when anything fails."
        })
final class DoctorVerb extends Verb {
    private final Workbench workbench;

    DoctorVerb(GlobalOptions options, Surroundings surroundings, Workbench workbench) {
        super(options, surroundings);
        this.workbench = workbench;
    }

    @Override
    Outcome run() {
        List<Finding> findings = workbench.examine(config());
        long fails = count(findings, Finding.Level.FAIL);
        long warnings = count(findings, Finding.Level.WARN);
        List<String> parts = new ArrayList<>();
        parts.add(Text.table(List.of("check", "of", "state", "detail"), rows(findings)));
        List<Finding> open =
                findings.stream().filter(one -> !one.next().isEmpty()).toList();
        if (!open.isEmpty()) {
            parts.add("");
            parts.add("next steps:");
            open.forEach(one -> parts.add("  " + paint(one.level()) + " " + Text.plain(one.check()) + " "
                    + Text.plain(one.subject()) + ": " + Text.plain(one.next())));
        }
        parts.add("");
        parts.add(
                fails > 0
                        ? Text.plural(fails, "failure") + ", " + Text.plural(warnings, "warning")
                        : warnings > 0 ? "no failures, " + Text.plural(warnings, "warning") : "all good");
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("healthy", fails == 0);
        fields.put("failures", fails);
        fields.put("warnings", warnings);
        fields.put("findings", findings);
        return new Outcome(fails == 0 ? ExitCode.OK : ExitCode.ERROR, "doctor", fields, String.join("\n", parts));
    }

    /** Everything about one subject on one line while all of it is well; what is not well has its own line. */
    private static List<List<String>> rows(List<Finding> findings) {
        Map<String, List<Finding>> bySubject = new LinkedHashMap<>();
        findings.forEach(one -> bySubject
                .computeIfAbsent(one.subject(), any -> new ArrayList<>())
                .add(one));
        List<List<String>> rows = new ArrayList<>();
        bySubject.forEach((subject, all) -> {
            List<Finding> well =
                    all.stream().filter(one -> one.level() == Finding.Level.OK).toList();
            if (!well.isEmpty()) {
                String others =
                        well.stream().skip(1).map(Finding::check).distinct().collect(Collectors.joining(", "));
                rows.add(List.of(
                        well.get(0).check(),
                        subject,
                        word(Finding.Level.OK),
                        well.get(0).detail() + (others.isEmpty() ? "" : "; also " + others)));
            }
            all.stream()
                    .filter(one -> one.level() != Finding.Level.OK)
                    .forEach(one -> rows.add(List.of(one.check(), subject, word(one.level()), one.detail())));
        });
        return rows;
    }

    private static long count(List<Finding> findings, Finding.Level level) {
        return findings.stream().filter(one -> one.level() == level).count();
    }

    private static String word(Finding.Level level) {
        return level.name().toLowerCase(Locale.ROOT);
    }

    private String paint(Finding.Level level) {
        Terminal terminal = surroundings().terminal();
        return switch (level) {
            case OK -> terminal.paint(Terminal.Colour.GREEN, word(level));
            case WARN -> terminal.paint(Terminal.Colour.YELLOW, word(level));
            case FAIL -> terminal.paint(Terminal.Colour.RED, word(level));
        };
    }
}
