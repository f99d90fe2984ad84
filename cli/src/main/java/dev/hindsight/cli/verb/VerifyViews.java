package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.verify.VerifyReport;
import dev.hindsight.server.document.DocumentTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code verify} prints. */
final class VerifyViews {
    private static final int MOST_RANGES = 4;

    private VerifyViews() {}

    private static String looked(String level) {
        int part = level.indexOf(' ');
        String all = part < 0 ? "every" : "part " + level.substring(part + 1) + " of every";
        return level.startsWith("refs") ? "every size" : all + " digest";
    }

    private static String hurt(VerifyReport.Hurt hurt) {
        String ranges = hurt.ranges().stream()
                .limit(MOST_RANGES)
                .map(TokenRange::toString)
                .collect(Collectors.joining(" "));
        int more = hurt.ranges().size() - MOST_RANGES;
        return "hurt: restore point " + hurt.backup() + " (" + hurt.restorePoint() + ") of " + hurt.table()
                + ", tokens "
                + ranges + (more > 0 ? " and " + more + " ranges more" : "") + "; nearest good: "
                + hurt.goodBefore().map(id -> id + " before").orElse("none before") + ", "
                + hurt.goodAfter().map(id -> id + " after").orElse("none after");
    }

    static Outcome report(VerifyReport report) {
        List<String> parts = new ArrayList<>();
        parts.add(
                report.good()
                        ? "all good"
                        : "VERIFICATION FAILED: "
                                + Text.plural(report.problems().size(), "problem"));
        report.problems().forEach(problem -> parts.add("  " + Text.plain(problem)));
        report.hurt().forEach(hurt -> parts.add("  " + Text.plain(hurt(hurt))));
        List<String> facts = new ArrayList<>(List.of(
                "backups",
                report.backups().isEmpty() ? "none" : String.join(", ", report.backups()),
                "catalogue",
                Text.plural(report.catalogueEntries(), "step"),
                report.good() ? "objects" : "whole objects",
                Text.count(report.objects()) + ", " + Text.bytes(report.bytes()) + ", " + looked(report.level()),
                report.good() ? "opened" : "opened whole",
                Text.plural(report.sstablesOpened(), "SSTable") + ", every row"));
        if (!report.journals().isEmpty()) {
            facts.add("journals");
            facts.add(report.journals().stream().map(TableName::toString).collect(Collectors.joining(", "))
                    + (report.journalRecords() > 0
                            ? "; " + Text.plural(report.journalRecords(), "change") + " read one by one"
                            : ""));
        }
        parts.add(Text.facts(facts));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("good", report.good());
        fields.putAll(DocumentTree.fieldsOf(report));
        return new Outcome(
                report.good() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED, "verify", fields, String.join("\n", parts));
    }
}
