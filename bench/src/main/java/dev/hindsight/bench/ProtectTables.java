package dev.hindsight.bench;

import dev.hindsight.bench.ProtectFigures.Phase;
import dev.hindsight.bench.ring.LagProbe.Lag;
import dev.hindsight.cli.output.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@link ProtectFigures} for people. */
final class ProtectTables {
    private ProtectTables() {}

    static String of(ProtectFigures figures) {
        return String.join(
                "\n\n", circumstances(figures), capture(figures), lag(figures), sealing(figures), restore(figures));
    }

    private static String circumstances(ProtectFigures figures) {
        List<String> facts = new ArrayList<>(figures.machine().facts(figures.loadAverageAtEnd()));
        facts.addAll(List.of(
                "rows",
                Text.count(figures.sample().rows()) + ", "
                        + Text.bytes(figures.sample().dataBytes()) + " of Data.db on each of 3 replicas",
                "commit log",
                figures.log() + "; put interval 500 ms"));
        return Text.facts(facts);
    }

    private static String capture(ProtectFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Phase one : figures.phases()) {
            rows.add(List.of(
                    one.capturing() ? "on" : "off",
                    Text.count(one.rows()),
                    Text.bytes(one.capturedBytes()),
                    decimal(one.nodeCpuSeconds()),
                    decimal(one.agentCpuSeconds())));
        }
        return Text.table(List.of("capture", ">rows written", ">captured", ">nodes cpu-s", ">agents cpu-s"), rows)
                + "\nnodes, on against off: " + decimal(figures.nodeRatio()) + "; agents: "
                + decimal(figures.agentMillisPerMegabyte()) + " ms of CPU per MB captured";
    }

    private static String lag(ProtectFigures figures) {
        return Text.table(
                List.of("from acknowledgement to", ">writes", ">p50", ">p99", ">most"),
                List.of(
                        row("captured by one replica", figures.lag().first()),
                        row("captured by all", figures.lag().all()),
                        row("numbered", figures.lag().numbered())));
    }

    private static List<String> row(String what, Lag lag) {
        return List.of(what, Text.count(lag.samples()), millis(lag.p50()), millis(lag.p99()), millis(lag.most()));
    }

    private static String sealing(ProtectFigures figures) {
        ProtectFigures.Sealing sealing = figures.sealing();
        return Text.facts(List.of(
                "sealed",
                Text.count(sealing.records()) + " records of " + Text.count(sealing.updatedRows()) + " updates, "
                        + Text.bytes(sealing.capturedBytes()) + " captured; "
                        + Text.seconds(sealing.used().wallSeconds()),
                "cpu-s",
                decimal(sealing.cpuSeconds()) + " without the start of the process, " + decimal(sealing.perCapturedGb())
                        + " per GB captured"));
    }

    private static String restore(ProtectFigures figures) {
        ProtectFigures.Restore restore = figures.restore();
        return Text.facts(List.of(
                "restored to an instant",
                Text.bytes(restore.backupBytes()) + " of the base and " + Text.bytes(restore.journalBytes())
                        + " of the journal to " + Text.bytes(restore.cassandraBytes()) + " on each replica; "
                        + Text.seconds(restore.used().wallSeconds()),
                "cpu-s",
                decimal(restore.used().coordinator().cpuSeconds()) + " coordinator, "
                        + decimal(restore.used().workerCpuSeconds()) + " worker, "
                        + decimal(restore.used().agentCpuSeconds()) + " agents, "
                        + decimal(restore.used().nodeCpuSeconds()) + " nodes; " + decimal(restore.perGb())
                        + " per GB read",
                "sstableloader",
                Text.bytes(figures.loader().bytes()) + " of one node; "
                        + Text.seconds(figures.loader().wallSeconds()) + "; "
                        + decimal(figures.loader().nodeCpuSeconds()) + " cpu-s of the nodes",
                "restore against sstableloader",
                decimal(figures.restoreToLoader()) + " times as long"));
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.0f ms", millis);
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }
}
