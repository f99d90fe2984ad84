package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.operations.rebase.RebaseForecast;
import dev.hindsight.operations.rebase.RebaseReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.server.document.DocumentTree;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What {@code rebase} and {@code list --chains} print. */
final class ChainViews {
    private ChainViews() {}

    static Outcome rebaseForecast(RebaseForecast plan) {
        List<String> parts = new ArrayList<>();
        parts.add("PLAN  rebase of backup " + plan.source() + " (nothing was touched)");
        if (plan.nothing().isPresent()) {
            parts.add("nothing to do: " + plan.nothing().get());
        }
        parts.add("");
        parts.add(tables(plan));
        parts.add("");
        parts.add(Text.facts(List.of(
                "chain",
                Text.plural(plan.chain().size(), "backup") + ", back to "
                        + plan.chain().get(plan.chain().size() - 1),
                "to read",
                Text.bytes(plan.readBytes()) + " of the repository",
                "to store, about",
                Text.bytes(plan.writeBytes()),
                "shards",
                Text.count(plan.shards()) + " with " + Text.plural(plan.workers(), "worker"),
                "then build on it",
                plan.children().isEmpty() ? "none" : String.join(", ", plan.children()))));
        return Outcome.ok("rebase-plan", DocumentTree.fieldsOf(plan), String.join("\n", parts));
    }

    private static String tables(RebaseForecast plan) {
        return Text.table(
                List.of("table", "what", ">backups", ">shards", ">to read"),
                plan.tables().stream()
                        .map(table -> List.of(
                                table.name().toString(),
                                table.reason(),
                                Text.count(table.layers()),
                                Text.count(table.shards()),
                                Text.bytes(table.readBytes())))
                        .toList());
    }

    static Outcome rebase(RebaseReport report) {
        List<String> parts = new ArrayList<>();
        Optional<BackupManifest> made = report.made();
        parts.add(
                made.isPresent()
                        ? "backup " + report.forecast().source() + " is rebased to "
                                + made.get().id()
                        : "nothing to do: " + report.forecast().nothing().orElse(""));
        List<String> facts = new ArrayList<>();
        made.ifPresent(manifest -> facts.addAll(List.of(
                "restore point",
                Text.time(manifest.restorePoint()),
                "read",
                Text.bytes(report.readBytes()),
                "stored",
                Text.bytes(report.storedBytes()),
                "took",
                Text.seconds(report.seconds())
                        + (report.resumed() > 0
                                ? ", " + Text.plural(report.resumed(), "shard") + " were there from an earlier run"
                                : ""))));
        facts.addAll(List.of(
                "now build on it", report.reparented().isEmpty() ? "none" : String.join(", ", report.reparented())));
        parts.add(Text.facts(facts));
        report.notes().forEach(note -> parts.add("note: " + Text.plain(note)));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("source", report.forecast().source());
        fields.put(
                "backup",
                made.map(manifest -> BackupViews.summary(manifest, manifest.parent()))
                        .orElse(Map.of()));
        fields.put("nothing", report.forecast().nothing());
        fields.put("reparented", report.reparented());
        fields.put("readBytes", report.readBytes());
        fields.put("storedBytes", report.storedBytes());
        fields.put("resumedShards", report.resumed());
        fields.put("seconds", report.seconds());
        fields.put("cpuSeconds", report.cpuSeconds());
        fields.put("notes", report.notes());
        return Outcome.ok("rebase", fields, String.join("\n", parts));
    }

    /** A tree for each chain: what builds on a backup hangs below it. */
    static Outcome chains(DiskUsage usage) {
        List<String> lines = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        usage.backups().forEach(backup -> ids.add(backup.id()));
        Set<String> drawn = new HashSet<>();
        for (DiskUsage.Backup backup : usage.backups()) {
            if (backup.parent().filter(ids::contains).isEmpty()) {
                draw(usage, backup, "", "", lines, drawn);
            }
        }
        // Parents in a circle: no tree, but nothing is hidden.
        usage.backups().stream()
                .filter(backup -> !drawn.contains(backup.id()))
                .forEach(backup -> lines.add(line(backup)));
        if (lines.isEmpty()) {
            lines.add("no backups yet");
        }
        BackupViews.damage(lines, usage.problems());
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("chains", usage.backups());
        fields.put("problems", usage.problems());
        return new Outcome(
                usage.problems().isEmpty() ? ExitCode.OK : ExitCode.VERIFICATION_FAILED,
                "chains",
                fields,
                String.join("\n", lines));
    }

    private static void draw(
            DiskUsage usage,
            DiskUsage.Backup backup,
            String branch,
            String below,
            List<String> lines,
            Set<String> drawn) {
        if (!drawn.add(backup.id())) {
            return;
        }
        lines.add(branch + line(backup));
        List<DiskUsage.Backup> children = usage.backups().stream()
                .filter(one -> one.parent().equals(Optional.of(backup.id())))
                .toList();
        for (int i = 0; i < children.size(); i++) {
            boolean last = i == children.size() - 1;
            draw(usage, children.get(i), below + (last ? "`- " : "|- "), below + (last ? "   " : "|  "), lines, drawn);
        }
    }

    private static String line(DiskUsage.Backup backup) {
        StringBuilder out = new StringBuilder(backup.id());
        out.append("  ").append(BackupViews.lower(backup.kind()));
        backup.rebaseOf().ifPresent(of -> out.append(" of ").append(of));
        out.append("  ").append(Text.time(backup.restorePoint()));
        out.append("  ").append(Text.bytes(backup.storedBytes()));
        if (backup.state() == BackupManifest.State.PARTIAL) {
            out.append("  PARTIAL");
        }
        if (backup.held()) {
            out.append("  held");
        }
        if (backup.inUse()) {
            out.append("  in use");
        }
        if (backup.expired()) {
            out.append("  expired, but needed");
        }
        return Text.plain(out.toString());
    }
}
