package dev.hindsight.cli.verb;

import dev.hindsight.cli.output.Outcome;
import dev.hindsight.cli.output.Text;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.restore.ExportReport;
import dev.hindsight.operations.restore.RestoreForecast;
import dev.hindsight.operations.restore.RestoreReport;
import dev.hindsight.server.document.DocumentTree;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What {@code restore} and {@code export} print. */
final class RestoreViews {
    private RestoreViews() {}

    static Outcome forecast(RestoreForecast plan) {
        List<String> parts = new ArrayList<>();
        parts.add(
                "PLAN  restore of " + plan.instant().map(RestoreViews::instant).orElse("") + "backup " + plan.backup()
                        + " (restore point " + Text.time(plan.restorePoint()) + ") into " + Text.plain(plan.target())
                        + " (nothing was touched)");
        parts.add("");
        parts.add(Text.table(
                List.of("table", "becomes", ">rows", ">bytes", ">backups", "expired since", "coverage"),
                plan.tables().stream()
                        .map(table -> List.of(
                                table.source().toString(),
                                table.target().toString(),
                                rows(table.rows(), table.rowsAreExact()),
                                Text.bytes(table.bytes()),
                                Text.count(table.layers()),
                                expired(table),
                                table.partial() ? "partial" : "whole"))
                        .toList()));
        plan.tables()
                .forEach(table -> table.records().ifPresent(records -> parts.add(records(table.source(), records))));
        if (!plan.nodes().isEmpty()) {
            parts.add("");
            parts.add(Text.table(
                    List.of("node", "address", ">receives", ">usable"),
                    plan.nodes().stream()
                            .map(node -> List.of(
                                    node.hostId().toString(),
                                    node.address(),
                                    Text.bytes(node.bytesToReceive()),
                                    Text.bytes(node.usableBytes())))
                            .toList()));
        }
        parts.add("");
        parts.add(Text.facts(List.of(
                "to download",
                Text.bytes(plan.bytesToDownload()),
                "shards",
                Text.count(plan.shards()),
                "workers",
                plan.workers() + perWorker(plan),
                "sstables",
                "at most " + plan.sstablesPerNode() + " for a table on a node")));
        if (!plan.statements().isEmpty()) {
            parts.add("");
            parts.add("schema, in this order:");
            plan.statements().forEach(statement -> parts.add(indent(statement)));
        }
        BackupViews.notes(parts, plan.notes());
        if (!plan.refused().isEmpty()) {
            parts.add("");
            parts.add("REFUSED:");
            plan.refused().forEach(reason -> parts.add("  " + Text.plain(reason)));
        }
        return new Outcome(
                plan.refusedAs().orElse(ExitCode.OK),
                "restore-plan",
                DocumentTree.fieldsOf(plan),
                String.join("\n", parts));
    }

    static Outcome report(RestoreReport report) {
        List<String> parts = new ArrayList<>();
        parts.add("restored " + report.instant().map(RestoreViews::instant).orElse("") + "backup " + report.backup()
                + (report.complete() ? "" : ", PARTIAL"));
        parts.add("");
        parts.add(Text.table(
                List.of("result table", "from", "table id", ">rows", ">sstables per node"),
                report.tables().stream()
                        .map(table -> List.of(
                                table.target().toString(),
                                table.source().toString(),
                                table.targetId().toString(),
                                rows(table.rows(), table.rowsAreExact()),
                                Text.count(table.sstablesPerNode())))
                        .toList()));
        report.tables()
                .forEach(table -> table.records().ifPresent(records -> parts.add(records(table.source(), records))));
        parts.add("");
        parts.add(Text.facts(List.of(
                "sent", Text.bytes(report.bytesSent()) + " to all nodes",
                "took", Text.seconds(report.seconds()) + " with " + Text.plural(report.workers(), "worker"),
                "restore id", report.restoreId())));
        BackupViews.notes(parts, report.notes());
        return new Outcome(
                report.complete() ? ExitCode.OK : ExitCode.PARTIAL,
                "restore",
                DocumentTree.fieldsOf(report),
                String.join("\n", parts));
    }

    static Outcome export(ExportReport report) {
        List<String> parts = new ArrayList<>();
        parts.add("exported backup " + report.backup() + " to " + report.directory()
                + (report.complete() ? "" : ", PARTIAL"));
        parts.add(Text.facts(List.of(
                "tables", report.tables().stream().map(Object::toString).collect(Collectors.joining(", ")),
                "rows", rows(report.rows(), report.rowsAreExact()),
                "bytes", Text.bytes(report.bytes()),
                "schema", report.directory().resolve("schema.cql").toString())));
        BackupViews.notes(parts, report.notes());
        return new Outcome(
                report.complete() ? ExitCode.OK : ExitCode.PARTIAL,
                "export",
                DocumentTree.fieldsOf(report),
                String.join("\n", parts));
    }

    private static String instant(Instant instant) {
        return "instant " + instant + " from ";
    }

    private static String records(TableName table, RestoreForecast.Records records) {
        String set = records.last() < records.first()
                ? "no records"
                : "records " + records.first() + " to " + records.last() + " (" + Text.bytes(records.bytes()) + ")";
        return "journal of " + table + ": " + set
                + (records.alone() ? ", onto nothing: the table was truncated after the backup" : "")
                + "; every write acknowledged at " + records.guarantee() + " is in it; the instant may be off by "
                + Text.seconds(records.uncertaintySeconds());
    }

    private static String rows(long rows, boolean exact) {
        return (exact ? "" : "at most ") + Text.count(rows);
    }

    private static String expired(RestoreForecast.Table table) {
        if (table.rowsExpiredAtMost() == 0) {
            return "none";
        }
        if (table.rowsExpiredSince() == table.rowsExpiredAtMost()) {
            return Text.plural(table.rowsExpiredSince(), "row");
        }
        return Text.count(table.rowsExpiredSince()) + " to " + Text.plural(table.rowsExpiredAtMost(), "row");
    }

    private static String perWorker(RestoreForecast plan) {
        if (plan.shardsPerWorker().isEmpty()) {
            return "";
        }
        String shares = plan.shardsPerWorker().stream().map(String::valueOf).collect(Collectors.joining(" + "));
        return " (" + shares + (shares.equals("1") ? " shard)" : " shards)");
    }

    private static String indent(String statement) {
        return statement.strip().lines().map(line -> "  " + Text.plain(line)).collect(Collectors.joining("\n"));
    }
}
