package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.server.document.DocumentTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code complete} prints. */
final class CompleteViews {
    private CompleteViews() {}

    static Outcome complete(CompleteReport report) {
        List<String> parts = new ArrayList<>();
        long records = report.runs().stream()
                .filter(run -> run.published() || report.dryRun())
                .mapToLong(CompleteReport.Run::records)
                .sum();
        parts.add(
                report.dryRun()
                        ? "PLAN  before-values of table " + report.table() + " (nothing was touched)"
                        : "table " + report.table() + ": what was before is stored of " + Text.plural(records, "record")
                                + " more");
        if (!report.runs().isEmpty()) {
            parts.add("");
            parts.add(Text.table(
                    List.of("records", "base", "journal", "base read", "stored", ""),
                    report.runs().stream().map(run -> row(report, run)).toList()));
        }
        long updates = report.runs().stream()
                .mapToLong(CompleteReport.Run::updateBytes)
                .sum();
        long read =
                report.runs().stream().mapToLong(CompleteReport.Run::baseBytes).sum();
        parts.add("");
        parts.add(Text.facts(List.of(
                "not stored of",
                Text.plural(report.leftRecords(), "record") + " of the window, " + Text.bytes(report.leftBytes()),
                "base read",
                updates == 0 || report.dryRun()
                        ? "nothing"
                        : String.format(
                                Locale.ROOT, "%.2f bytes for each byte of the journal", (double) read / updates))));
        return new Outcome(ExitCode.OK, "complete", DocumentTree.fieldsOf(report), String.join("\n", parts));
    }

    private static List<String> row(CompleteReport report, CompleteReport.Run run) {
        boolean lost = !run.published() && !report.dryRun();
        return List.of(
                run.firstNumber() + " to " + run.lastNumber(),
                run.base(),
                Text.bytes(run.updateBytes()),
                report.dryRun() ? "" : Text.bytes(run.baseBytes()),
                report.dryRun() ? "" : Text.bytes(run.storedBytes()),
                lost ? "not kept: another run was faster, or 'collect' came in between" : "");
    }
}
