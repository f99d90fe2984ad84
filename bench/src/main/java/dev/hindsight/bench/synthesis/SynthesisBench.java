package dev.hindsight.bench.synthesis;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.hindsight.bench.process.Machine;
import dev.hindsight.bench.synthesis.data.DataSet;
import dev.hindsight.bench.synthesis.engine.EngineProcess;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.units.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench synthesis}: what a merge costs, against Cassandra's own and against the floor. */
@Command(
        name = "synthesis",
        mixinStandardHelpOptions = true,
        description = {
            "Merges the same 15 SSTables of three replicas with the compaction of Cassandra 5.0.9, the cursor compaction of"
                    + " 6.0-alpha2 and Hindsight, each in a JVM of its own, turn by turn, and measures the physical floor"
                    + " of the same bytes between them.",
            "Needs about 4 GiB of memory and 10 times --size on disk. The rows of all outputs are compared."
        })
public final class SynthesisBench implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "160MiB",
            description = "Inputs of 'narrow' and 'wide' before compression, about; the others take half."
                    + " Default ${DEFAULT-VALUE}.")
    private String size;

    @Option(
            names = "--data",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "narrow,wide,ttl,collections,counters,diverged30,diverged100",
            description = "Which kinds of data. Default: all, ${DEFAULT-VALUE}.")
    private List<String> data;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "3",
            description = "Measured merges of each engine, after one that is not. Default ${DEFAULT-VALUE}.")
    private int repeats;

    @Option(names = "--seed", defaultValue = "20261122", description = "Of the rows. Default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--synthesiser",
            paramLabel = "NAME",
            defaultValue = "cursor",
            description = "Whose merge is Hindsight's: 'cursor' or 'reference'. Default ${DEFAULT-VALUE}.")
    private String synthesiser;

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            defaultValue = "512MiB",
            description = "Of Hindsight's JVM. Default ${DEFAULT-VALUE}.")
    private String heap;

    @Option(
            names = "--jvm-flag",
            paramLabel = "FLAG",
            description = "One more flag of Hindsight's JVM, to look closer; repeatable.")
    private List<String> jvmFlags;

    @Option(
            names = "--inputs",
            paramLabel = "DIR",
            description = "Where inputs are kept for the next time. Default: made anew, and deleted.")
    private @Nullable Path inputs;

    @Option(
            names = "--cassandra-6",
            paramLabel = "DIR",
            description = "The jars of Cassandra 6.0-alpha2. Default: cassandra-6.0/target/lib of this source tree.")
    private @Nullable Path cassandra6;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "Where everything else lies while it runs; must not exist. Default: below this module's target.")
    private @Nullable Path directory;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to this file, too.")
    private @Nullable Path json;

    /** For picocli. */
    public SynthesisBench() {
        this.spec = CommandSpec.create();
        this.size = "";
        this.data = List.of();
        this.synthesiser = "";
        this.heap = "";
        this.jvmFlags = new ArrayList<>();
    }

    @Override
    public Integer call() throws IOException {
        MergeRounds.Plan plan = new MergeRounds.Plan(
                data.stream().map(SynthesisBench::dataSet).toList(),
                bytes("--size", size),
                seed,
                repeats,
                synthesiser(),
                bytes("--heap", heap),
                List.copyOf(jvmFlags),
                inputs == null ? null : inputs.toAbsolutePath(),
                cassandra6 == null ? root().resolve("cassandra-6.0/target/lib") : cassandra6.toAbsolutePath());
        if (repeats < 1) {
            throw new UsageException("--repeats: " + repeats, "at least one merge has to be measured");
        }
        Path place = directory == null
                ? root().resolve("bench/target/run-" + ProcessHandle.current().pid())
                : directory.toAbsolutePath();
        if (Files.exists(place)) {
            throw new UsageException("--directory: " + place + " exists", "name one that does not");
        }
        Files.createDirectories(place);
        Machine machine = Machine.now(place);
        List<DataResult> results;
        List<String> problems = new ArrayList<>();
        try (MergeRounds rounds = new MergeRounds(plan, place, this::say)) {
            results = rounds.run(problems);
        } finally {
            MergeRounds.deleteTree(place);
        }
        if (json != null) {
            Files.write(
                    json,
                    new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsBytes(results.stream()
                                    .flatMap(one -> one.figures().stream())
                                    .toList()));
        }
        spec.commandLine().getOut().println(SynthesisTables.of(machine, Machine.loadAverageNow(), results));
        spec.commandLine().getOut().flush();
        problems.forEach(one -> spec.commandLine().getErr().println("error: " + one));
        return problems.isEmpty() ? 0 : ExitCode.ERROR.code();
    }

    private String synthesiser() {
        List<String> known = EngineProcess.synthesisers();
        if (!known.contains(synthesiser)) {
            throw new UsageException("--synthesiser: there is no '" + synthesiser + "'", "there are " + known);
        }
        return synthesiser;
    }

    private static DataSet dataSet(String id) {
        return DataSet.find(id)
                .orElseThrow(() -> new UsageException(
                        "--data: there is no '" + id + "'", "the names are those in the option's default"));
    }

    private static long bytes(String option, String text) {
        try {
            return ByteSize.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), "write it like 160MiB", e);
        }
    }

    private static Path root() {
        return Path.of(System.getProperty("hindsight.root", ".")).toAbsolutePath();
    }

    private void say(String line) {
        spec.commandLine().getErr().println("bench: " + line);
        spec.commandLine().getErr().flush();
    }
}
