package dev.hindsight.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.hindsight.bench.BackupFigures.Backup;
import dev.hindsight.bench.process.GcLog;
import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.process.PageCache;
import dev.hindsight.bench.process.ProcessUse;
import dev.hindsight.bench.ring.BenchSite;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.ShardCounts;
import dev.hindsight.bench.ring.VerbRuns;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.units.ByteSize;
import dev.hindsight.operations.RunSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
    private static final String KEYSPACE = "bench";
    private static final String TABLE = "rows";
    private static final int NEEDED_DISK = 16;
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
            names = "--row-size",
            paramLabel = "SIZE",
            defaultValue = "500B",
            description = "Text in each row; about half of it compresses away. Default ${DEFAULT-VALUE}.")
    private String rowSize;

    @Option(
            names = "--workers",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,2",
            description = "One backup for each of these numbers of workers. Default ${DEFAULT-VALUE}.")
    private List<Integer> workers;

    @Option(
            names = "--worker-heap",
            paramLabel = "SIZE",
            defaultValue = "512MiB",
            description = "Heap of each worker. Default ${DEFAULT-VALUE}.")
    private String workerHeap;

    @Option(
            names = "--shard-size",
            paramLabel = "SIZE",
            defaultValue = "256MiB",
            description = "What a shard reads, all replicas together. Default ${DEFAULT-VALUE}.")
    private String shardSize;

    @Option(
            names = "--no-single-shard",
            description =
                    "Leave out the backup whose one shard is the whole table, which shows that memory does not grow.")
    private boolean noSingleShard;

    @Option(names = "--seed", defaultValue = "20261122", description = "Of the rows. Default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where everything lies while it runs; must not exist. Default: below this module's target.")
    private @Nullable Path directory;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all figures to this file, too.")
    private @Nullable Path json;

    /** For picocli. */
    BackupBench() {
        this.spec = CommandSpec.create();
        this.size = "";
        this.rowSize = "";
        this.workers = List.of();
        this.workerHeap = "";
        this.shardSize = "";
    }

    @Override
    public Integer call() throws IOException {
        long bytes = size("--size", size);
        Path place = place();
        Files.createDirectories(place.getParent());
        long usable = Files.getFileStore(place.getParent()).getUsableSpace();
        if (usable / NEEDED_DISK < bytes) {
            throw new CapacityException(
                    place.getParent() + " has " + ByteSize.format(usable) + " free, "
                            + ByteSize.format(bytes * NEEDED_DISK) + " are needed",
                    "choose a smaller --size or another --directory");
        }
        Files.createDirectory(place);
        BackupFigures figures;
        try {
            figures = measure(place, bytes);
        } finally {
            deleteTree(place);
        }
        if (json != null) {
            Files.write(
                    json,
                    new ObjectMapper()
                            .registerModule(new Jdk8Module())
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsBytes(figures));
        }
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
        SampleRows sample =
                SampleRows.write(made, KEYSPACE + "." + TABLE, bytes, (int) size("--row-size", rowSize), seed);
        say("start a ring: 3 nodes, an agent beside each");
        try (BenchSite site = BenchSite.start(place)) {
            say("import " + sample.rows() + " rows on every node");
            site.load(KEYSPACE, TABLE, made);
            deleteTree(place.resolve("made"));
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
        VerbRuns verbs = new VerbRuns(place.resolve("site"), site, Long.toString(size("--worker-heap", workerHeap)));
        List<Backup> backups = new ArrayList<>();
        verbs.configure(1, size("--shard-size", shardSize), scratch);
        verbs.run("init");
        for (int count : workers) {
            verbs.configure(count, size("--shard-size", shardSize), scratch);
            backups.add(backup(verbs, count, shardSize, dataFiles, sample));
        }
        if (!noSingleShard) {
            verbs.configure(1, 4 * replicaBytes, scratch);
            backups.add(backup(verbs, 1, "the whole table", dataFiles, sample));
        }
        List<ProcessUse> agentsAfterBackups = site.agents();
        int most = workers.stream().mapToInt(Integer::intValue).max().orElse(1);
        verbs.configure(most, size("--shard-size", shardSize), scratch);
        BackupFigures.Restore restore = restore(verbs, sample);
        BackupFigures.Verify verify = verify(verbs);
        List<ProcessUse> agentsAtEnd = site.agents();
        List<GcLog> agentHeaps = site.stopAgents();
        return new BackupFigures(
                machine,
                Machine.now(place).loadAverage(),
                sample,
                replicaBytes,
                workerHeap,
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
        VerbRuns.Run run = verbs.run("backup", "--keyspace", KEYSPACE);
        Optional<PageCache.Residency> after = PageCache.of(dataFiles);
        String id = run.document().path("backup").path("id").asText();
        ShardCounts counts = verbs.counts(id);
        check("backup " + id, counts.rows(), sample.rows());
        return new Backup(count, shards, counts, run.used(), load, before, after);
    }

    private BackupFigures.Restore restore(VerbRuns verbs, SampleRows sample) {
        say("restore into another table");
        VerbRuns.Run run = verbs.run(
                "restore", "--from", "latest", "--table", KEYSPACE + "." + TABLE, "--as", KEYSPACE + ".restored");
        JsonNode document = run.document();
        long rows = document.path("tables").path(0).path("rows").asLong();
        check("restore", rows, sample.rows());
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

    private static void check(String what, long rows, long expected) {
        if (rows != expected) {
            throw new PreconditionFailedException(
                    what + " has " + rows + " rows, " + expected + " were loaded",
                    "figures of a wrong result are worth nothing; run it again with --directory and look there");
        }
    }

    private static long size(String option, String text) {
        try {
            return ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), "write it like 256MiB");
        }
    }

    private Path place() {
        if (directory != null) {
            return directory.toAbsolutePath();
        }
        String root = System.getProperty("hindsight.root", ".");
        return Path.of(root, "bench", "target", "run-" + ProcessHandle.current().pid())
                .toAbsolutePath();
    }

    private void say(String line) {
        spec.commandLine().getErr().println("bench: " + line);
    }

    private static void deleteTree(Path tree) {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
