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
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench protect}: what continuous protection of a real ring costs, how far it lags, and how long a restore takes. */
@Command(
        name = "protect",
        mixinStandardHelpOptions = true,
        description = {
            "A real 3-node ring: CPU of nodes and agents with the capture off and on in turn; the lag from an acknowledged"
                    + " write to its capture and to its number; sealing; a restore to an instant beside sstableloader with the same"
                    + " table.",
            "Needs about 3 GiB of memory and 16 times --size on disk; leaves nothing behind. Fails when the restored table"
                    + " has other rows than the table had."
        })
final class ProtectBench implements Callable<Integer> {
    private static final List<String> COMPRESSED = List.of("commitlog_compression:", "  - class_name: LZ4Compressor");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "256MiB",
            description = "Data.db bytes of each of the three replicas at first. Default ${DEFAULT-VALUE}.")
    private String size;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often the load is written with the capture off and on. Default ${DEFAULT-VALUE}.")
    private int pairs;

    @Option(
            names = "--load",
            paramLabel = "SIZE",
            defaultValue = "12MiB",
            description = "Text written in each of these. Default ${DEFAULT-VALUE}.")
    private String load;

    @Option(
            names = "--probes",
            paramLabel = "N",
            defaultValue = "3000",
            description = "Writes whose lag is looked at, 100 in a second. Default ${DEFAULT-VALUE}.")
    private int probes;

    @Option(
            names = "--updates",
            paramLabel = "PERCENT",
            defaultValue = "10",
            description = "Of all rows, between the base and the instant. Default ${DEFAULT-VALUE}.")
    private double updates;

    @Option(names = "--compressed-log", description = "Commit logs with LZ4: readable when synced only.")
    private boolean compressed;

    @Mixin
    private RingOptions options;

    /** For picocli. */
    ProtectBench() {
        this.spec = CommandSpec.create();
        this.size = "";
        this.load = "";
        this.options = new RingOptions();
    }

    @Override
    public Integer call() throws IOException {
        long bytes = RingOptions.bytes("--size", size);
        long loadBytes = RingOptions.bytes("--load", load);
        if (pairs < 1 || probes < 1 || updates <= 0 || updates > 100) {
            throw new UsageException(
                    "--pairs " + pairs + " --probes " + probes + " --updates " + updates + " measures nothing",
                    "at least one pair and one probe, and more than 0 up to 100 percent");
        }
        ProtectFigures figures = options.measure(bytes, place -> measure(place, bytes, loadBytes));
        PrintWriter out = spec.commandLine().getOut();
        out.println(ProtectTables.of(figures));
        out.flush();
        return 0;
    }

    private ProtectFigures measure(Path place, long bytes, long loadBytes) throws IOException {
        Machine machine = Machine.now(place);
        say("write " + ByteSize.format(bytes) + " of SSTables");
        Path made = Files.createDirectories(
                place.resolve("made").resolve(RingOptions.KEYSPACE).resolve(RingOptions.TABLE));
        SampleRows sample = SampleRows.write(
                made, RingOptions.KEYSPACE + "." + RingOptions.TABLE, bytes, options.rowSize(), options.seed());
        say("start a ring: 3 nodes, an agent beside each");
        try (BenchSite site = BenchSite.start(place, compressed ? COMPRESSED : List.of())) {
            say("import " + sample.rows() + " rows on every node");
            site.load(RingOptions.KEYSPACE, RingOptions.TABLE, made);
            RingOptions.deleteTree(place.resolve("made"));
            VerbRuns verbs = new VerbRuns(place, site, Long.toString(options.workerHeapBytes()));
            int port = ProtectRun.freePort();
            verbs.configure(
                    1,
                    options.shardBytes(),
                    Math.max(RunSettings.DEFAULT_SCRATCH_LIMIT_BYTES, 12 * sample.dataBytes()),
                    "serve:",
                    "  listen: {port: " + port + "}",
                    "  tokens: {bench: {scope: admin, token: {file: \"" + site.adminToken() + "\"}}}",
                    "  bases: [off]");
            ProtectRun run = new ProtectRun(site, verbs, place, sample, options.rowSize(), options.seed(), this::say);
            run.capture(pairs, loadBytes / options.rowSize());
            run.protect();
            run.lag(probes);
            run.restore(updates / 100);
            run.load();
            return run.figures(
                    machine,
                    Machine.now(place).loadAverage(),
                    compressed ? "LZ4, synced every 500 ms" : "mapped into memory, synced every 500 ms");
        }
    }

    private void say(String line) {
        spec.commandLine().getErr().println("bench: " + line);
    }
}
