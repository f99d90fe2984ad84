package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.retention.Reason;
import dev.hindsight.model.retention.RetentionDecision;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.operations.retention.ExpireReport;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.server.document.DocumentTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code expire}, {@code collect}, {@code hold}, {@code release} and {@code du} print. */
final class RetentionViews {
    private RetentionViews() {}

    static Outcome expire(ExpireReport report) {
        RetentionDecision decision = report.decision();
        Map<String, String> why = new HashMap<>();
        decision.goes().forEach(go -> why.put(go.id(), go.why()));
        List<String> parts = new ArrayList<>();
        parts.add(
                report.dryRun()
                        ? "PLAN  expiry (nothing was touched)"
                        : Text.plural(report.expired().size(), "backup") + " expired");
        if (!report.expired().isEmpty()) {
            parts.add("");
            parts.add(Text.table(
                    List.of(report.dryRun() ? "would go" : "gone", "why"),
                    report.expired().stream()
                            .map(id -> List.of(id, why.getOrDefault(id, "")))
                            .toList()));
        }
        // Where some are named, hundreds of others stay because they are not.
        List<RetentionDecision.Stay> stays = decision.stays().stream()
                .filter(stay -> stay.reasons().stream().noneMatch(reason -> reason.why() == Reason.Why.NOT_NAMED))
                .toList();
        if (!stays.isEmpty()) {
            parts.add("");
            parts.add(Text.table(
                    List.of("stays", "why"),
                    stays.stream()
                            .map(stay -> List.of(stay.id(), reasons(stay)))
                            .toList()));
        }
        if (report.dryRun()) {
            for (RetentionDecision.Rebase one : decision.rebases()) {
                parts.add("would be rebased first: " + one.id() + ", which frees " + Text.bytes(one.freedBytes())
                        + " for about " + Text.bytes(one.storedBytes()));
            }
        }
        report.rebased().forEach(text -> parts.add("rebased first: " + text));
        parts.add("");
        parts.add(Text.facts(List.of(
                "comes back",
                Text.bytes(report.freedBytes()) + " with 'hindsight collect'",
                "stays",
                Text.bytes(report.stayBytes()))));
        report.notes().forEach(note -> parts.add("note: " + Text.plain(note)));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("dryRun", report.dryRun());
        fields.put(
                "expired",
                report.expired().stream()
                        .map(id -> Map.of("backup", id, "why", why.getOrDefault(id, "")))
                        .toList());
        fields.put("refused", report.refused());
        fields.put(
                "stays",
                decision.stays().stream()
                        .map(stay -> Map.of(
                                "backup",
                                stay.id(),
                                "reasons",
                                stay.reasons().stream()
                                        .map(reason -> Map.of("why", reason.why(), "of", reason.of()))
                                        .toList()))
                        .toList());
        fields.put("rebaseFirst", decision.rebases());
        fields.put("rebased", report.rebased());
        fields.put("freedBytes", report.freedBytes());
        fields.put("stayBytes", report.stayBytes());
        fields.put("notes", report.notes());
        return new Outcome(
                report.refused().isEmpty() ? ExitCode.OK : ExitCode.PARTIAL,
                report.dryRun() ? "expire-plan" : "expire",
                fields,
                String.join("\n", parts));
    }

    private static String reasons(RetentionDecision.Stay stay) {
        return stay.reasons().stream().map(Reason::text).collect(Collectors.joining("; "));
    }

    static Outcome collect(CollectReport report) {
        List<String> parts = new ArrayList<>();
        parts.add(
                report.dryRun()
                        ? "PLAN  collection (nothing was deleted)"
                        : Text.plural(report.objects(), "object") + " deleted, " + Text.bytes(report.bytes())
                                + " came back");
        if (!report.runs().isEmpty()) {
            parts.add("");
            parts.add(Text.table(
                    List.of("run", "why", ">objects", ">bytes"),
                    report.runs().stream()
                            .map(run ->
                                    List.of(run.run(), run.why(), Text.count(run.objects()), Text.bytes(run.bytes())))
                            .toList()));
        }
        parts.add("");
        parts.add(Text.facts(List.of(
                report.dryRun() ? "would come back" : "came back",
                Text.count(report.objects()) + " objects, " + Text.bytes(report.bytes()),
                "stay",
                Text.count(report.keptObjects()) + " objects")));
        report.notes().forEach(note -> parts.add("note: " + Text.plain(note)));
        return new Outcome(
                report.failed() == 0 ? ExitCode.OK : ExitCode.PARTIAL,
                report.dryRun() ? "collect-plan" : "collect",
                DocumentTree.fieldsOf(report),
                String.join("\n", parts));
    }

    static Outcome held(String type, CatalogueEntry entry, String state) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("backup", entry.backup());
        fields.put("at", entry.at());
        fields.put("reason", entry.reason());
        return Outcome.ok(type, fields, "backup " + entry.backup() + " " + state);
    }

    static Outcome usage(DiskUsage usage) {
        List<String> parts = new ArrayList<>();
        if (usage.backups().isEmpty()) {
            parts.add("no backups yet");
        } else {
            parts.add(Text.table(
                    List.of("backup", "kind", "restore point", ">stored", ">unique", "state", "an expiry now"),
                    usage.backups().stream()
                            .map(backup -> List.of(
                                    backup.id(),
                                    BackupViews.lower(backup.kind()),
                                    Text.time(backup.restorePoint()),
                                    Text.bytes(backup.storedBytes()),
                                    Text.bytes(backup.uniqueBytes()),
                                    state(backup),
                                    expiry(usage, backup)))
                            .toList()));
            parts.add("");
            parts.add(Text.table(
                    List.of("table", "table id", ">backups", ">stored"),
                    usage.tables().stream()
                            .map(table -> List.of(
                                    table.name().toString(),
                                    table.id().toString(),
                                    Text.count(table.backups()),
                                    Text.bytes(table.storedBytes())))
                            .toList()));
        }
        if (!usage.journals().isEmpty()) {
            parts.add("");
            parts.add(Text.table(
                    List.of("journal of", "table id", ">records", ">segments", ">stored", ">captures to seal"),
                    usage.journals().stream()
                            .map(journal -> List.of(
                                    journal.name().toString(),
                                    journal.id().toString(),
                                    Text.count(journal.records()),
                                    Text.count(journal.segments()),
                                    Text.bytes(journal.storedBytes()),
                                    Text.count(journal.captures())))
                            .toList()));
        }
        parts.add("");
        parts.add(Text.facts(List.of(
                "stored",
                Text.bytes(usage.reachedBytes()),
                "an expiry now frees",
                usage.freedBytes().map(Text::bytes).orElse("nothing: no 'retention' is configured"))));
        BackupViews.damage(parts, usage.problems());
        return new Outcome(
                usage.problems().isEmpty() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED,
                "du",
                DocumentTree.fieldsOf(usage),
                String.join("\n", parts));
    }

    private static String state(DiskUsage.Backup backup) {
        List<String> out = new ArrayList<>();
        out.add(backup.state() == BackupManifest.State.PARTIAL ? "PARTIAL" : "complete");
        if (backup.held()) {
            out.add("held");
        }
        if (backup.inUse()) {
            out.add("in use");
        }
        if (backup.expired()) {
            out.add("expired, but needed");
        }
        return String.join(", ", out);
    }

    private static String expiry(DiskUsage usage, DiskUsage.Backup backup) {
        if (usage.freedBytes().isEmpty() || backup.expired()) {
            return "";
        }
        Optional<String> why = backup.wouldExpire();
        return why.map(text -> "lets it go: " + text).orElse("keeps it");
    }
}
