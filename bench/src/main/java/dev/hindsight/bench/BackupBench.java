package dev.hindsight.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hindsight.bench.BackupFigures.Backup;
import dev.hindsight.bench.process.GcLog;
import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.process.PageCache;
import dev.hindsight.bench.process.ProcessUse;
import dev.hindsight.bench.ring.BenchSite;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.ShardCounts;
import dev.hindsight.bench.ring.VerbRuns;
import dev.hindsight.model.units.ByteSize;
import dev.hindsight.operations.RunSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench backup}: what a backup, a restore and a verification of a real ring cost. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = {
            "Backup, restore and verification of a real 3-node ring whose replicas are equal: CPU split into fetch,"
                    + " synthesis, digest and put, stored bytes, memory, wall time, page cache.",
            "Needs about 3 GiB of memory and 16 times --size on disk; leaves nothing behind."
        })
final class BackupBench implements Callable<Integer> {
    private static final String KEYSPACE = RingOptions.KEYSPACE;
    private static final String TABLE = RingOptions.TABLE;
    private static final double WARM_SHARE = 0.25;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "256MiB",
            description = "Data.db bytes of each of the three replicas. Default ${DEFAULT-VALUE}.")
    private String size;

    @Option(
            names = "--workers",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,2",
            description = "One backup for each of these numbers of workers. Default ${DEFAULT-VALUE}.")
    private List<Integer> workers;

    @Option(
            names = "--no-single-shard",
            description =
                    "Leave out the backup whose one shard is the whole table, which shows that memory does not grow.")
    private boolean noSingleShard;

    @Mixin
    private RingOptions options;

    /** For picocli. */
    BackupBench() {
        this.spec = CommandSpec.create();
        this.size = "";
        this.workers = List.of();
        this.options = new RingOptions();
    }

    @Override
    public Integer call() throws IOException {
        long bytes = RingOptions.bytes("--size", size);
        BackupFigures figures = options.measure(bytes, place -> measure(place, bytes));
        PrintWriter out = spec.commandLine().getOut();
        out.println(BackupTables.of(figures));
        out.flush();
        return 0;
    }

    private BackupFigures measure(Path place, long bytes) throws IOException {
        Machine machine = Machine.now(place);
        say("write " + ByteSize.format(bytes) + " of SSTables");
        Path made =
                Files.createDirectories(place.resolve("made").resolve(KEYSPACE).resolve(TABLE));
        SampleRows sample = SampleRows.write(made, KEYSPACE + "." + TABLE, bytes, options.rowSize(), options.seed());
        say("start a ring: 3 nodes, an agent beside each");
        try (BenchSite site = BenchSite.start(place)) {
            say("import " + sample.rows() + " rows on every node");
            site.load(KEYSPACE, TABLE, made);
            RingOptions.deleteTree(place.resolve("made"));
            return measure(place, site, machine, sample);
        }
    }

    private BackupFigures measure(Path place, BenchSite site, Machine machine, SampleRows sample) throws IOException {
        List<Path> dataFiles = site.dataFiles(KEYSPACE, TABLE);
        long replicaBytes = 0;
        for (Path file : dataFiles) {
            replicaBytes += Files.size(file);
        }
        long scratch = Math.max(RunSettings.DEFAULT_SCRATCH_LIMIT_BYTES, 4 * replicaBytes);
        VerbRuns verbs = new VerbRuns(place.resolve("site"), site, Long.toString(options.workerHeapBytes()));
        List<Backup> backups = new ArrayList<>();
        verbs.configure(1, options.shardBytes(), scratch);
        verbs.run("init");
        for (int count : workers) {
            verbs.configure(count, options.shardBytes(), scratch);
            backups.add(backup(verbs, count, options.shardSize(), dataFiles, sample));
        }
        if (!noSingleShard) {
            verbs.configure(1, 4 * replicaBytes, scratch);
            backups.add(backup(verbs, 1, "the whole table", dataFiles, sample));
        }
        List<ProcessUse> agentsAfterBackups = site.agents();
        int most = workers.stream().mapToInt(Integer::intValue).max().orElse(1);
        verbs.configure(most, options.shardBytes(), scratch);
        BackupFigures.Restore restore = restore(verbs, sample);
        BackupFigures.Verify verify = verify(verbs);
        List<ProcessUse> agentsAtEnd = site.agents();
        List<GcLog> agentHeaps = site.stopAgents();
        return new BackupFigures(
                machine,
                Machine.now(place).loadAverage(),
                sample,
                replicaBytes,
                options.workerHeap(),
                backups,
                restore,
                verify,
                agentsAfterBackups,
                agentsAtEnd,
                agentHeaps);
    }

    /** The page cache holds the first quarter of every Data.db before, and should hold that and no more afterwards. */
    private Backup backup(VerbRuns verbs, int count, String shards, List<Path> dataFiles, SampleRows sample) {
        Optional<PageCache.Residency> before = PageCache.of(dataFiles);
        if (before.isPresent()) {
            PageCache.evict(dataFiles);
            PageCache.warm(dataFiles, WARM_SHARE);
            before = PageCache.of(dataFiles);
        }
        double load = Machine.loadAverageNow();
        say("backup, workers: " + count + ", shard size: " + shards);
        VerbRuns.Run run = verbs.run("backup", "--kind", "full", "--keyspace", KEYSPACE);
        Optional<PageCache.Residency> after = PageCache.of(dataFiles);
        String id = run.document().path("backup").path("id").asText();
        ShardCounts counts = verbs.counts(id);
        RingOptions.require("the number of rows of backup " + id, counts.rows(), sample.rows());
        return new Backup(count, shards, counts, run.used(), load, before, after);
    }

    private BackupFigures.Restore restore(VerbRuns verbs, SampleRows sample) {
        say("restore into another table");
        VerbRuns.Run run = verbs.run(
                "restore", "--from", "latest", "--table", KEYSPACE + "." + TABLE, "--as", KEYSPACE + ".restored");
        JsonNode document = run.document();
        long rows = document.path("tables").path(0).path("rows").asLong();
        RingOptions.require("the number of restored rows", rows, sample.rows());
        return new BackupFigures.Restore(
                document.path("workers").asInt(),
                rows,
                document.path("bytesSent").asLong(),
                run.used());
    }

    private BackupFigures.Verify verify(VerbRuns verbs) {
        say("verify all backups");
        VerbRuns.Run run = verbs.run("verify");
        return new BackupFigures.Verify(
                run.document().path("objects").asLong(),
                run.document().path("bytes").asLong(),
                run.used());
    }

    private void say(String line) {
        spec.commandLine().getErr().println("bench: " + line);
    }
}
