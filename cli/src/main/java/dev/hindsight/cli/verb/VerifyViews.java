package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.JsonDocument;
import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.verify.VerifyReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code verify} prints. */
final class VerifyViews {
    private VerifyViews() {}

    static Outcome report(VerifyReport report) {
        List<String> parts = new ArrayList<>();
        parts.add(
                report.good()
                        ? "all good"
                        : "VERIFICATION FAILED: "
                                + Text.plural(report.problems().size(), "problem"));
        report.problems().forEach(problem -> parts.add("  " + Text.plain(problem)));
        parts.add(Text.facts(List.of(
                "backups",
                report.backups().isEmpty() ? "none" : String.join(", ", report.backups()),
                "catalogue",
                Text.plural(report.catalogueEntries(), "step"),
                report.good() ? "objects" : "whole objects",
                Text.count(report.objects()) + ", " + Text.bytes(report.bytes()) + ", every digest",
                report.good() ? "opened" : "opened whole",
                Text.plural(report.sstablesOpened(), "SSTable") + ", every row")));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("good", report.good());
        fields.putAll(JsonDocument.fieldsOf(report));
        return new Outcome(
                report.good() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED, "verify", fields, String.join("\n", parts));
    }
}
