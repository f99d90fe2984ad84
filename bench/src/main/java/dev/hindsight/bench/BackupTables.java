package dev.hindsight.bench;

import dev.hindsight.bench.BackupFigures.Backup;
import dev.hindsight.bench.process.GcLog;
import dev.hindsight.bench.process.PageCache;
import dev.hindsight.bench.process.ProcessUse;
import dev.hindsight.bench.ring.VerbRuns;
import dev.hindsight.cli.output.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** {@link BackupFigures} for people. */
final class BackupTables {
    private BackupTables() {}

    static String of(BackupFigures figures) {
        return String.join(
                "\n\n", circumstances(figures), cpu(figures), runs(figures), memory(figures), cache(figures));
    }

    private static String circumstances(BackupFigures figures) {
        List<String> facts = new ArrayList<>(figures.machine().facts(figures.loadAverageAtEnd()));
        facts.addAll(List.of(
                "rows",
                Text.count(figures.sample().rows()) + ", "
                        + Text.bytes(figures.sample().valueBytes()) + " of text, in "
                        + Text.plural(figures.sample().sstables(), "SSTable") + " on each replica",
                "replicas",
                "3 nodes, replication factor 3, all alike: " + Text.bytes(figures.replicaDataBytes()) + " of Data.db",
                "worker heap",
                figures.workerHeap()));
        return Text.facts(facts);
    }

    private static String cpu(BackupFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(perGb(figures, "fetch", one -> one.counts().fetchCpuSeconds()));
        rows.add(perGb(figures, "synthesis", one -> one.counts().mergeCpuSeconds()));
        rows.add(perGb(figures, "digest", one -> one.counts().digestCpuSeconds()));
        rows.add(perGb(figures, "put", one -> one.counts().putCpuSeconds()));
        rows.add(perGb(figures, "HTTP client's threads", Backup::httpCpuSeconds));
        rows.add(perGb(figures, "garbage collector", Backup::collectorCpuSeconds));
        rows.add(perGb(figures, "JIT compiler", Backup::compilerCpuSeconds));
        rows.add(perGb(figures, "start of the JVM and the rest", Backup::otherWorkerCpuSeconds));
        rows.add(perGb(figures, "all of the workers", one -> one.used().workerCpuSeconds()));
        rows.add(perGb(figures, "coordinator", one -> one.used().coordinator().cpuSeconds()));
        rows.add(perGb(figures, "agents", one -> one.used().agentCpuSeconds()));
        rows.add(perGb(
                figures,
                "nodes (their own background included)",
                one -> one.used().nodeCpuSeconds()));
        List<String> headers = new ArrayList<>(List.of("CPU-s per GB of input"));
        figures.backups().forEach(one -> headers.add(">" + title(one)));
        List<String> notes = figures.backups().stream()
                .map(one -> title(one) + ": " + decimal(one.inputGb()) + " GB of Data.db read, "
                        + decimal(one.uncompressedGb())
                        + " GB uncompressed; synthesis "
                        + decimal(one.counts().mergeCpuSeconds() / one.uncompressedGb())
                        + " CPU-s per uncompressed GB")
                .toList();
        return Text.table(headers, rows) + "\n" + String.join("\n", notes);
    }

    private static List<String> perGb(BackupFigures figures, String name, ToDoubleFunction<Backup> seconds) {
        List<String> row = new ArrayList<>(List.of(name));
        figures.backups().forEach(one -> row.add(decimal(seconds.applyAsDouble(one) / one.inputGb())));
        return row;
    }

    private static String title(Backup one) {
        return Text.plural(one.workers(), "worker") + ", "
                + Text.plural(one.counts().shards(), "shard");
    }

    private static String runs(BackupFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Backup one : figures.backups()) {
            rows.add(List.of(
                    "backup, " + title(one),
                    Text.seconds(one.used().wallSeconds()),
                    one(one.used().workerCpuSeconds()),
                    Text.bytes(one.counts().fetchedBytes()),
                    Text.bytes(one.counts().storedBytes()),
                    share(one.counts().storedBytes(), figures.replicaDataBytes()),
                    share(one.counts().storedDataBytes(), figures.replicaDataBytes()),
                    Text.bytes(one.counts().peakScratchBytes())));
        }
        rows.add(List.of(
                "restore, " + Text.plural(figures.restore().workers(), "worker"),
                Text.seconds(figures.restore().used().wallSeconds()),
                one(figures.restore().used().workerCpuSeconds()),
                "",
                "",
                "",
                "",
                ""));
        rows.add(List.of(
                "verify, all backups",
                Text.seconds(figures.verify().used().wallSeconds()),
                one(figures.verify().used().workerCpuSeconds()
                        + figures.verify().used().coordinator().cpuSeconds()),
                Text.bytes(figures.verify().bytes()),
                "",
                "",
                "",
                ""));
        return Text.table(
                List.of(
                        "run",
                        ">wall",
                        ">worker cpu-s",
                        ">read",
                        ">stored",
                        ">of replicas' data",
                        ">data only",
                        ">scratch of a shard"),
                rows);
    }

    private static String memory(BackupFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Backup one : figures.backups()) {
            one.used().workers().forEach(worker -> rows.add(worker("worker (" + title(one) + ")", worker)));
            rows.add(List.of(
                    "coordinator (" + title(one) + ")",
                    "",
                    "",
                    Text.bytes(one.used().coordinator().peakRssBytes())));
        }
        figures.restore().used().workers().forEach(worker -> rows.add(worker("worker (restore)", worker)));
        for (int i = 0; i < figures.agentHeaps().size(); i++) {
            GcLog heap = figures.agentHeaps().get(i);
            ProcessUse backups = figures.agentsAfterBackups().get(i);
            ProcessUse end = figures.agentsAtEnd().get(i);
            rows.add(List.of(
                    "agent " + (i + 1),
                    Text.bytes(heap.peakBytes()),
                    Text.bytes(heap.peakLiveBytes()),
                    Text.bytes(backups.peakRssBytes()) + ", after the restore " + Text.bytes(end.peakRssBytes())));
        }
        return Text.table(List.of("memory", ">peak heap", ">after a collection", ">peak RSS"), rows);
    }

    private static List<String> worker(String name, VerbRuns.Worker worker) {
        return List.of(
                name,
                Text.bytes(worker.heap().peakBytes()),
                Text.bytes(worker.heap().peakLiveBytes()),
                Text.bytes(worker.use().peakRssBytes()));
    }

    private static String cache(BackupFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Backup one : figures.backups()) {
            rows.add(List.of(title(one), pages(one.pageCacheBefore()), pages(one.pageCacheAfter())));
        }
        return Text.table(List.of("nodes' Data.db in the page cache", ">before", ">after"), rows)
                + "\nbefore: emptied, then a quarter of each file read, which the kernel's readahead makes more";
    }

    private static String pages(Optional<PageCache.Residency> residency) {
        return residency
                .map(one -> Text.count(one.residentPages()) + " pages, " + share(one.residentBytes(), one.sizeBytes())
                        + " of the files")
                .orElse("not counted: no fincore on this machine");
    }

    private static String share(long part, long whole) {
        return String.format(Locale.ROOT, "%.3f", (double) part / Math.max(1, whole));
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }

    private static String one(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }
}
