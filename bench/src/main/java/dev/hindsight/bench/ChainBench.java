package dev.hindsight.bench;

import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.ring.BenchSite;
import dev.hindsight.bench.ring.SampleRows;
import dev.hindsight.bench.ring.VerbRuns;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.units.ByteSize;
import dev.hindsight.operations.RunSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench chain}: what a chain of incremental backups of a real ring stores, and what its length costs. */
@Command(
        name = "chain",
        mixinStandardHelpOptions = true,
        description = {
            "A full backup of a real 3-node ring and incremental ones, each after updates, a flush and size-tiered"
                    + " compaction: stored bytes beside those of a tool that copies every new SSTable of every replica;"
                    + " then restores at several lengths of the chain, a rebase, and a restore after it.",
            "Needs about 3 GiB of memory and 16 times --size on disk; leaves nothing behind. Fails when a restored table"
                    + " has other rows than the table had at the backup."
        })
final class ChainBench implements Callable<Integer> {
    private static final int FLUSHES_TO_SMALLEST_TIER = 4;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "64MiB",
            description = "Data.db bytes of each of the three replicas at first. Default ${DEFAULT-VALUE}.")
    private String size;

    @Option(
            names = "--increments",
            paramLabel = "N",
            defaultValue = "14",
            description = "Incremental backups after the full one. Default ${DEFAULT-VALUE}.")
    private int increments;

    @Option(
            names = "--updates",
            paramLabel = "PERCENT",
            defaultValue = "5",
            description = "Of all rows, before each incremental backup. Default ${DEFAULT-VALUE}.")
    private double updates;

    @Mixin
    private RingOptions options;

    /** For picocli. */
    ChainBench() {
        this.spec = CommandSpec.create();
        this.size = "";
        this.options = new RingOptions();
    }

    @Override
    public Integer call() throws IOException {
        long bytes = RingOptions.bytes("--size", size);
        if (increments < 1 || updates <= 0 || updates > 100) {
            throw new UsageException(
                    "--increments " + increments + " --updates " + updates + " is no chain",
                    "at least one increment, and more than 0 up to 100 percent");
        }
        ChainFigures figures = options.measure(bytes, place -> measure(place, bytes));
        PrintWriter out = spec.commandLine().getOut();
        out.println(ChainTables.of(figures));
        out.flush();
        return 0;
    }

    private ChainFigures measure(Path place, long bytes) throws IOException {
        Machine machine = Machine.now(place);
        say("write " + ByteSize.format(bytes) + " of SSTables");
        Path made = Files.createDirectories(
                place.resolve("made").resolve(RingOptions.KEYSPACE).resolve(RingOptions.TABLE));
        SampleRows sample = SampleRows.write(
                made, RingOptions.KEYSPACE + "." + RingOptions.TABLE, bytes, options.rowSize(), options.seed());
        say("start a ring: 3 nodes, an agent beside each");
        try (BenchSite site = BenchSite.start(place)) {
            say("import " + sample.rows() + " rows on every node");
            site.load(RingOptions.KEYSPACE, RingOptions.TABLE, made);
            RingOptions.deleteTree(place.resolve("made"));
            // By default all below 50 MiB is one tier, which would hold every update of a table as small as this one.
            long smallestTier = Math.max(1, (long) (sample.dataBytes() * updates / 100 / FLUSHES_TO_SMALLEST_TIER));
            site.compactBySize(RingOptions.KEYSPACE, RingOptions.TABLE, smallestTier);
            VerbRuns verbs = new VerbRuns(place.resolve("site"), site, Long.toString(options.workerHeapBytes()));
            verbs.configure(
                    1,
                    options.shardBytes(),
                    Math.max(RunSettings.DEFAULT_SCRATCH_LIMIT_BYTES, 12 * sample.dataBytes()));
            ChainRun run =
                    new ChainRun(site, verbs, sample, options.rowSize(), updates / 100, options.seed(), this::say);
            run.backUp(increments);
            run.restore();
            return run.figures(machine, Machine.now(place).loadAverage(), options.workerHeap());
        }
    }

    private void say(String line) {
        spec.commandLine().getErr().println("bench: " + line);
    }
}
