package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.journal.ProtectReport;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.UnprotectReport;
import dev.hindsight.operations.journal.WindowReport;
import dev.hindsight.server.document.DocumentTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code protect}, {@code unprotect} and {@code window} print. */
final class JournalViews {
    private JournalViews() {}

    static Outcome protect(ProtectReport report) {
        List<String> parts = new ArrayList<>();
        report.tables()
                .forEach(table -> parts.add("table " + table.name() + " is protected"
                        + (table.again() ? " (it was already)" : "") + (report.everywhere() ? "" : ", PARTIAL")));
        parts.add(Text.facts(List.of(
                "captured by", String.join(", ", report.capturing()),
                "base", report.base(),
                "window opens at", report.windowFrom().toString())));
        report.notCapturing().forEach(text -> parts.add("not captured: " + Text.plain(text)));
        BackupViews.notes(parts, report.notes());
        parts.add("");
        parts.add("'hindsight window " + report.tables().get(0).name() + "' shows what can be restored");
        return new Outcome(
                report.everywhere() ? ExitCode.OK : ExitCode.PARTIAL,
                "protect",
                DocumentTree.fieldsOf(report),
                String.join("\n", parts));
    }

    static Outcome unprotect(UnprotectReport report) {
        ProtectedTable table = report.table();
        List<String> parts = new ArrayList<>();
        parts.add("table " + table.name() + " is protected no more; what was kept since " + Text.time(table.since())
                + " can still be restored");
        BackupViews.notes(parts, report.notes());
        Map<String, Object> fields = new LinkedHashMap<>(DocumentTree.fieldsOf(table));
        fields.put("notes", report.notes());
        return new Outcome(ExitCode.OK, "unprotect", fields, String.join("\n", parts));
    }

    static Outcome window(WindowReport report) {
        List<String> parts = new ArrayList<>();
        parts.add("table " + report.table() + ", protected since " + Text.time(report.since())
                + (report.protectedNow() ? "" : ", but no more"));
        if (report.spans().isEmpty()) {
            parts.add("no instant can be restored yet");
        } else {
            parts.add("");
            parts.add(Text.table(
                    List.of("from", "to", "guarantee", "local", "off by up to", "base"),
                    report.spans().stream()
                            .map(span -> List.of(
                                    span.from().toString(),
                                    span.to().toString(),
                                    span.guarantee(),
                                    local(span),
                                    Text.seconds(span.uncertaintySeconds()),
                                    span.base()))
                            .toList()));
        }
        report.gaps()
                .forEach(gap -> parts.add("gap of node " + gap.host() + ": " + gap.from() + " to " + gap.to() + ", "
                        + Text.plain(gap.cause())));
        report.events().forEach(event -> parts.add(event.kind() + " at " + event.at()));
        BackupViews.notes(parts, report.notes());
        report.ended().ifPresent(why -> parts.add("the journal has ended: " + Text.plain(why)));
        parts.add("");
        parts.add(Text.facts(List.of(
                "records", Text.count(report.records()),
                "sealed up to", report.sealedUpTo().map(Object::toString).orElse("nothing yet"),
                "behind now by", Text.seconds(report.lagSeconds()))));
        report.asked().ifPresent(asked -> parts.add(asked(asked)));
        boolean outside = report.asked().map(asked -> asked.span().isEmpty()).orElse(false);
        return new Outcome(
                outside ? ExitCode.TIME_NOT_RESTORABLE : ExitCode.OK,
                "window",
                DocumentTree.fieldsOf(report),
                String.join("\n", parts));
    }

    /** One protected table in one line of {@code status}. */
    static String line(WindowReport report) {
        return report.table() + ", "
                + newest(report)
                        .map(span -> "restorable to " + span.to() + " at " + span.guarantee())
                        .orElse("no instant can be restored yet")
                + ", " + Text.seconds(report.lagSeconds()) + " behind now";
    }

    static Map<String, Object> summary(WindowReport report) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("table", report.table());
        out.put("since", report.since());
        out.put("restorableTo", newest(report).map(WindowReport.Span::to));
        out.put("guarantee", newest(report).map(WindowReport.Span::guarantee));
        out.put("base", newest(report).map(WindowReport.Span::base));
        out.put("sealedUpTo", report.sealedUpTo());
        out.put("lagSeconds", report.lagSeconds());
        out.put("records", report.records());
        return out;
    }

    private static Optional<WindowReport.Span> newest(WindowReport report) {
        return report.spans().stream().reduce((older, newer) -> newer);
    }

    private static String local(WindowReport.Span span) {
        return span.byDatacenter().entrySet().stream()
                .map(one -> one.getKey() + " " + one.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String asked(WindowReport.Asked asked) {
        if (asked.span().isPresent()) {
            WindowReport.Span span = asked.span().get();
            return asked.at() + " can be restored: every write acknowledged at " + span.guarantee()
                    + " is in it; the instant may be off by " + Text.seconds(span.uncertaintySeconds());
        }
        return asked.at() + " cannot be restored; nearest before: "
                + asked.before().map(Object::toString).orElse("none") + ", nearest after: "
                + asked.after().map(Object::toString).orElse("none");
    }
}
