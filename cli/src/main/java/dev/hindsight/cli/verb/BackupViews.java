package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.backup.BackupForecast;
import dev.hindsight.operations.backup.BackupReport;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.server.document.DocumentTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What {@code backup} and {@code show} print. */
final class BackupViews {
    /** More uncovered ranges than this are counted, not listed, for people; the JSON has all. */
    private static final int MOST_LISTED = 20;

    static final String DAMAGED = "DAMAGED";

    private BackupViews() {}

    static Outcome forecast(BackupForecast plan) {
        List<String> parts = new ArrayList<>();
        parts.add("PLAN  backup of cluster " + Text.plain(plan.cluster()) + " (nothing was touched)");
        parts.add("");
        parts.add(Text.table(
                List.of(
                        "table",
                        "how",
                        ">replicas",
                        ">sstables",
                        ">bytes on replicas",
                        ">to read",
                        ">to store",
                        ">shards"),
                plan.tables().stream()
                        .map(table -> List.of(
                                table.name().toString(),
                                how(table.incremental()),
                                Text.count(table.replicas()),
                                Text.count(table.sstables()),
                                Text.bytes(table.replicaBytes()),
                                Text.bytes(table.bytesToRead()),
                                Text.bytes(table.expectedStoredBytes()),
                                Text.count(table.shards())))
                        .toList()));
        because(
                parts,
                plan.tables().stream()
                        .map(table ->
                                new Because(table.name(), new BackupManifest.How(table.incremental(), table.reason())))
                        .toList());
        parts.add("");
        parts.add(Text.table(
                List.of("node", "address", "datacenter", "rack", ">bytes", "state"),
                plan.nodes().stream()
                        .map(node -> List.of(
                                node.hostId().toString(),
                                node.address(),
                                node.datacenter(),
                                node.rack(),
                                Text.bytes(node.bytes()),
                                node.problem().isEmpty() ? "ok" : node.problem()))
                        .toList()));
        parts.add("");
        parts.add(Text.facts(List.of(
                "builds on",
                plan.parent().orElse("nothing: a new chain begins"),
                "token ranges",
                Text.count(plan.ranges()),
                "to read, about",
                Text.bytes(plan.bytesToRead()),
                "to store, about",
                Text.bytes(plan.expectedStoredBytes()),
                "shards",
                Text.count(plan.shards()),
                "workers",
                plan.workers() + " (" + plan.workersBecause() + ")",
                "scratch",
                Text.bytes(plan.scratchBytes()),
                "takes about",
                Text.seconds(plan.estimatedSeconds()))));
        plan.onward().ifPresent(run -> parts.add(onward(run)));
        notes(parts, plan.notes());
        uncovered(parts, plan.uncovered());
        ExitCode exit = plan.uncovered().isEmpty() ? ExitCode.OK : ExitCode.PARTIAL;
        return new Outcome(exit, "backup-plan", DocumentTree.fieldsOf(plan), String.join("\n", parts));
    }

    private static String onward(BackupForecast.Onward run) {
        String who = Text.plain(run.holder());
        if (!run.goesOn()) {
            return "begins afresh, not with backup " + run.backup() + ", which was cut: " + Text.plain(run.reason());
        }
        return "goes on with backup " + run.backup() + ", which was cut: " + run.storedShards() + " of "
                + Text.plural(run.shards(), "shard") + " are stored, " + Text.bytes(run.bytesLeft())
                + " are left to read (--afresh begins anew)"
                + (run.gone() ? "" : "; if that run is dead: " + who + "; while it lives, this one is refused");
    }

    static Outcome report(BackupReport report) {
        BackupManifest manifest = report.manifest();
        BackupManifest.Totals totals = manifest.totals();
        boolean complete = manifest.state() == BackupManifest.State.COMPLETE;
        List<String> parts = new ArrayList<>();
        parts.add("backup " + manifest.id() + " is published, " + lower(manifest.kind())
                + manifest.parent().map(parent -> " on " + parent).orElse("") + ", " + manifest.state());
        parts.add(Text.facts(List.of(
                "restore point",
                Text.time(manifest.restorePoint()),
                "tables",
                Text.count(manifest.tables().size()),
                "rows",
                Text.count(totals.rows()),
                "read",
                Text.bytes(totals.fetchedBytes()) + " of " + Text.bytes(totals.replicaDataBytes()) + " on all replicas",
                "stored",
                Text.bytes(totals.storedBytes()) + share(totals),
                "redundant",
                redundant(report),
                "took",
                Text.seconds(report.seconds()) + " with " + Text.plural(report.workers(), "worker"))));
        report.resumed()
                .ifPresent(shards -> parts.add("CONTINUED: of a backup that was cut, "
                        + Text.plural(shards, "shard")
                        + " were taken over; the restore point is that of its snapshots, "
                        + "and what was written since is in the next backup"));
        because(parts, manifest);
        report.pastDamage()
                .ifPresent(
                        damage -> parts.add("DAMAGED CATALOGUE: its newest entry could not be read and was gone past: "
                                + Text.plain(damage) + "; 'hindsight verify' names what it hurts"));
        damagedChain(parts, report.damage());
        notes(parts, report.notes());
        uncovered(parts, uncovered(manifest));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("backup", summary(manifest));
        fields.put("tables", howOf(manifest));
        fields.put("repositoryBytesRead", report.comparedBytes());
        fields.put("redundantPartitions", report.redundantPartitions());
        fields.put("redundantRows", report.redundantRows());
        fields.put("continued", report.resumed().isPresent());
        fields.put("resumedShards", report.resumed().orElse(0));
        fields.put("workers", report.workers());
        fields.put("seconds", report.seconds());
        fields.put("pastDamage", report.pastDamage());
        fields.put("notes", report.notes());
        fields.put("uncovered", uncovered(manifest));
        fields.put("damage", report.damage());
        boolean ok =
                complete && report.pastDamage().isEmpty() && report.damage().isEmpty();
        return new Outcome(ok ? ExitCode.OK : ExitCode.PARTIAL, "backup", fields, String.join("\n", parts));
    }

    /** @param parent what it builds on now */
    static Outcome show(BackupManifest manifest, Optional<String> parent) {
        BackupManifest.Totals totals = manifest.totals();
        List<String> parts = new ArrayList<>();
        parts.add(Text.facts(List.of(
                "backup",
                manifest.id(),
                "kind",
                lower(manifest.kind()),
                "state",
                lower(manifest.state()),
                "builds on",
                parent.orElse("nothing"),
                "cluster",
                manifest.ring().clusterName() + " ("
                        + Text.plural(manifest.ring().nodes().size(), "node") + ")",
                "restore point",
                Text.time(manifest.restorePoint()),
                "made",
                Text.time(manifest.startedAt()) + " to " + Text.time(manifest.finishedAt()) + " by "
                        + manifest.createdBy(),
                "rows",
                Text.count(totals.rows()) + " in " + Text.plural(totals.partitions(), "partition"),
                "on replicas",
                Text.bytes(totals.replicaDataBytes()) + " of data",
                "read",
                Text.bytes(totals.fetchedBytes()),
                "stored",
                Text.bytes(totals.storedBytes()) + share(totals))));
        parts.add("");
        parts.add(Text.table(
                List.of("table", "how", "table id", ">shards", "coverage"),
                manifest.tables().stream()
                        .map(table -> List.of(
                                table.name().toString(),
                                how(incremental(table)),
                                table.tableId().toString(),
                                Text.count(table.shards().size()),
                                coverage(table)))
                        .toList()));
        because(parts, manifest);
        parts.add("");
        parts.add(Text.table(
                List.of("node", "address", "snapshot"),
                manifest.snapshots().stream()
                        .map(node -> List.of(
                                node.hostId().toString(),
                                node.address(),
                                node.snapshotAt().map(Text::time).orElse("none: " + node.problem())))
                        .toList()));
        uncovered(parts, uncovered(manifest));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("backup", summary(manifest, parent));
        fields.put("tables", tables(manifest));
        fields.put("snapshots", manifest.snapshots());
        fields.put("ring", manifest.ring());
        fields.put(
                "keyspaces", manifest.schema().stream().map(one -> one.name()).toList());
        fields.put("uncovered", uncovered(manifest));
        return Outcome.ok("show", fields, String.join("\n", parts));
    }

    /** The fields that {@code list}, {@code show}, {@code status} and {@code backup} give of one backup. */
    static Map<String, Object> summary(BackupManifest manifest) {
        return summary(manifest, manifest.parent());
    }

    /** @param parent what it builds on now, which a rebase may have changed */
    static Map<String, Object> summary(BackupManifest manifest, Optional<String> parent) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("id", manifest.id());
        out.put("kind", manifest.kind());
        out.put("state", manifest.state());
        out.put("cluster", manifest.ring().clusterName());
        out.put("parent", parent);
        out.put("startedAt", manifest.startedAt());
        out.put("finishedAt", manifest.finishedAt());
        out.put("restorePoint", manifest.restorePoint());
        out.put("createdBy", manifest.createdBy());
        out.put(
                "tables",
                manifest.tables().stream().map(BackupManifest.Table::name).toList());
        out.put("totals", manifest.totals());
        return out;
    }

    private static List<Map<String, Object>> howOf(BackupManifest manifest) {
        List<Map<String, Object>> out = new ArrayList<>();
        for (BackupManifest.Table table : manifest.tables()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", table.name());
            one.put("incremental", incremental(table));
            one.put("reason", table.how().map(BackupManifest.How::reason).orElse(""));
            out.add(one);
        }
        return out;
    }

    private static boolean incremental(BackupManifest.Table table) {
        return table.how().map(BackupManifest.How::incremental).orElse(false);
    }

    private static String how(boolean incremental) {
        return incremental ? "incremental" : "whole";
    }

    private static String redundant(BackupReport report) {
        if (report.manifest().parent().isEmpty()) {
            return "nothing to compare with";
        }
        return Text.plural(report.redundantPartitions(), "partition") + " and "
                + Text.plural(report.redundantRows(), "row") + " more were the same as stored; "
                + Text.bytes(report.comparedBytes()) + " read from the repository to find out";
    }

    private record Because(TableName table, BackupManifest.How how) {}

    private static void because(List<String> parts, BackupManifest manifest) {
        because(
                parts,
                manifest.tables().stream()
                        .flatMap(table -> table.how().map(how -> new Because(table.name(), how)).stream())
                        .toList());
    }

    /** Why tables are read whole: each reason once, with its tables. Nothing for a run in which nothing is incremental. */
    private static void because(List<String> parts, List<Because> tables) {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        for (Because one : tables) {
            if (!one.how().reason().isEmpty()) {
                byReason.computeIfAbsent(one.how().reason(), any -> new ArrayList<>())
                        .add(one.table().toString());
            }
        }
        byReason.forEach((reason, names) -> {
            List<String> first = names.subList(0, Math.min(names.size(), MOST_LISTED));
            String more = names.size() > first.size() ? " and " + (names.size() - first.size()) + " more" : "";
            parts.add("whole: " + String.join(", ", first) + more + ": " + Text.plain(reason));
        });
    }

    static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** {@code , 0.34 of the replicas' data}; empty when nothing is known of them. */
    static String share(BackupManifest.Totals totals) {
        if (totals.replicaDataBytes() == 0) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                ", its Data.db is %.2f of the replicas'",
                (double) totals.storedDataBytes() / totals.replicaDataBytes());
    }

    /** Names what is damaged, and what to do. */
    static void damage(List<String> parts, List<String> problems) {
        if (problems.isEmpty()) {
            return;
        }
        parts.add("");
        parts.add(DAMAGED + ": " + Text.plural(problems.size(), "problem")
                + "; put the right bytes back from a copy of the repository; 'hindsight verify' looks at everything");
        problems.forEach(problem -> parts.add("  " + Text.plain(problem)));
    }

    /** This backup is whole; older restore points may not be. */
    private static void damagedChain(List<String> parts, List<String> damage) {
        if (damage.isEmpty()) {
            return;
        }
        parts.add(
                "DAMAGED CHAIN: stored objects that this backup was to build on are missing or damaged. What needed them was"
                        + " read and stored whole, so that this backup needs them no more; older ones are hurt, and 'hindsight verify'"
                        + " names all of those:");
        damage.stream().limit(MOST_LISTED).forEach(line -> parts.add("  " + Text.plain(line)));
        if (damage.size() > MOST_LISTED) {
            parts.add("  and " + (damage.size() - MOST_LISTED) + " more (--json has all)");
        }
    }

    static void notes(List<String> parts, List<String> notes) {
        for (String note : notes) {
            parts.add("note: " + Text.plain(note));
        }
    }

    private static void uncovered(List<String> parts, List<String> uncovered) {
        if (uncovered.isEmpty()) {
            return;
        }
        parts.add("");
        parts.add("PARTIAL: no replica can be read for " + Text.plural(uncovered.size(), "token range") + ":");
        uncovered.stream().limit(MOST_LISTED).forEach(line -> parts.add("  " + Text.plain(line)));
        if (uncovered.size() > MOST_LISTED) {
            parts.add("  and " + (uncovered.size() - MOST_LISTED) + " more (--json has all)");
        }
    }

    private static List<String> uncovered(BackupManifest manifest) {
        return manifest.tables().stream()
                .flatMap(table -> table.coverage().stream()
                        .filter(part -> part.read().isEmpty())
                        .map(part -> table.name() + " " + part.range()))
                .toList();
    }

    /** The whole ring by the weakest range: {@code all 3 replicas}, {@code 2 of 3 replicas in places}, {@code partial}. */
    private static String coverage(BackupManifest.Table table) {
        if (table.coverage().stream().anyMatch(part -> part.read().isEmpty())) {
            return "partial";
        }
        long short1 = table.coverage().stream()
                .filter(part -> !part.missing().isEmpty())
                .count();
        int most = table.coverage().stream()
                .mapToInt(part -> part.read().size() + part.missing().size())
                .max()
                .orElse(0);
        if (short1 == 0) {
            return "all " + Text.plural(most, "replica") + " everywhere";
        }
        int least = table.coverage().stream()
                .mapToInt(part -> part.read().size())
                .min()
                .orElse(0);
        return "at least " + least + " of " + Text.plural(most, "replica") + " everywhere";
    }

    private static List<Map<String, Object>> tables(BackupManifest manifest) {
        List<Map<String, Object>> out = new ArrayList<>();
        for (BackupManifest.Table table : manifest.tables()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", table.name());
            one.put("tableId", table.tableId());
            one.put("incremental", incremental(table));
            one.put("reason", table.how().map(BackupManifest.How::reason).orElse(""));
            one.put("shards", table.shards().size());
            one.put("coverage", table.coverage());
            out.add(one);
        }
        return out;
    }
}
