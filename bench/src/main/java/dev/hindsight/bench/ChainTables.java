package dev.hindsight.bench;

import dev.hindsight.bench.ChainFigures.Backup;
import dev.hindsight.bench.ChainFigures.Rebase;
import dev.hindsight.bench.ChainFigures.Restore;
import dev.hindsight.bench.ring.ShardCounts;
import dev.hindsight.cli.output.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@link ChainFigures} for people. */
final class ChainTables {
    private ChainTables() {}

    static String of(ChainFigures figures) {
        return String.join(
                "\n\n",
                circumstances(figures),
                backups(figures),
                totals(figures),
                restores(figures),
                rebase(figures.rebase()));
    }

    private static String circumstances(ChainFigures figures) {
        List<String> facts = new ArrayList<>(figures.machine().facts(figures.loadAverageAtEnd()));
        facts.addAll(List.of(
                "rows",
                Text.count(figures.sample().rows()) + ", "
                        + Text.bytes(figures.sample().dataBytes())
                        + " of Data.db on each of 3 replicas; before each incremental backup "
                        + one(100 * figures.updated()) + " % of them updated",
                "worker heap",
                figures.workerHeap() + ", 1 worker"));
        return Text.facts(facts);
    }

    private static String backups(ChainFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Backup one : figures.backups()) {
            rows.add(List.of(
                    Text.count(one.chain()),
                    Text.count(one.updatedRows()),
                    Text.count(one.sstables()),
                    Text.bytes(one.newSstableBytes()),
                    Text.bytes(one.counts().fetchedBytes()),
                    Text.bytes(one.repositoryRead()),
                    Text.count(one.counts().rows()),
                    Text.count(one.redundantPartitions()),
                    Text.count(one.redundantRows()),
                    Text.bytes(one.storedBytes()),
                    Text.bytes(one.repositoryGrowth()),
                    Text.seconds(one.used().wallSeconds()),
                    one(one.used().hindsightCpuSeconds())));
        }
        return Text.table(
                List.of(
                        ">backup",
                        ">rows updated",
                        ">sstables",
                        ">new sstables",
                        ">read of nodes",
                        ">of repository",
                        ">rows stored",
                        ">redundant partitions",
                        ">redundant rows",
                        ">stored",
                        ">repository grew",
                        ">wall",
                        ">cpu-s"),
                rows);
    }

    private static String totals(ChainFigures figures) {
        return Text.facts(List.of(
                "copying every new SSTable of every replica stores",
                Text.bytes(figures.copiedBytes()),
                "the repository holds",
                Text.bytes(figures.repositoryGrowth()),
                "ratio",
                decimal(figures.copiedToStored()) + ", incremental backups alone "
                        + decimal(figures.copiedToStoredByIncrements())));
    }

    private static String restores(ChainFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Restore one : figures.restores()) {
            rows.add(List.of(
                    one.name(),
                    Text.bytes(one.downloadBytes()),
                    Text.seconds(one.used().wallSeconds()),
                    one(one.used().coordinator().cpuSeconds()),
                    one(one.used().workerCpuSeconds()),
                    one(one.used().agentCpuSeconds()),
                    one(one.used().nodeCpuSeconds())));
        }
        return Text.table(
                        List.of(
                                "restore",
                                ">to download",
                                ">wall",
                                ">coordinator cpu-s",
                                ">worker",
                                ">agents",
                                ">nodes"),
                        rows)
                + "\neach has the rows, texts and write times that the table had at its backup";
    }

    private static String rebase(Rebase rebase) {
        ShardCounts counts = rebase.counts();
        double gb = rebase.readGb();
        return Text.facts(List.of(
                "rebase of " + Text.plural(rebase.chain(), "backup"),
                "read " + Text.bytes(rebase.readBytes()) + ", stored " + Text.bytes(rebase.storedBytes())
                        + ", the repository grew by " + Text.bytes(rebase.repositoryGrowth()) + "; "
                        + Text.seconds(rebase.used().wallSeconds()),
                "cpu-s per GB read",
                decimal(rebase.used().hindsightCpuSeconds() / gb)
                        + " all processes; their working threads alone: fetch "
                        + decimal(counts.fetchCpuSeconds() / gb) + ", synthesis "
                        + decimal(counts.mergeCpuSeconds() / gb) + ", digest "
                        + decimal(counts.digestCpuSeconds() / gb) + ", put "
                        + decimal(counts.putCpuSeconds() / gb)));
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }

    private static String one(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }
}
