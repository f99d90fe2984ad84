package dev.hindsight.bench.synthesis;

import dev.hindsight.bench.synthesis.data.DataSet;
import dev.hindsight.bench.synthesis.engine.ChunkedFile;
import dev.hindsight.bench.synthesis.engine.EngineHost;
import dev.hindsight.bench.synthesis.engine.EngineKind;
import dev.hindsight.bench.synthesis.engine.EngineProcess;
import dev.hindsight.bench.synthesis.engine.Figures;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.PreconditionFailedException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets all engines merge all data sets: once to warm up, when the results are compared, then turn by turn, so that whatever
 * else the machine does meanwhile hits all of them. One thread.
 */
final class MergeRounds implements AutoCloseable {
    /** The collector that Cassandra's scripts choose. */
    private static final List<String> CASSANDRA_FLAGS = List.of("-Xmx2g", "-XX:+UseG1GC");

    private static final List<String> FLOOR_FLAGS = List.of("-Xmx256m", "-XX:+UseSerialGC");

    /**
     * What to do.
     *
     * @param inputs where they are kept; null: made anew, and deleted
     * @param cassandra6 directory of jars; may be missing
     */
    record Plan(
            List<DataSet> data,
            long bytes,
            long seed,
            int repeats,
            String synthesiser,
            long heapBytes,
            List<String> jvmFlags,
            @Nullable Path inputs,
            Path cassandra6) {
        Plan {
            data = List.copyOf(data);
            jvmFlags = List.copyOf(jvmFlags);
        }

        String hindsight() {
            return synthesiser.equals("cursor")
                    ? EngineKind.HINDSIGHT.id()
                    : EngineKind.HINDSIGHT.id() + "-" + synthesiser;
        }
    }

    private final Plan plan;
    private final Path place;
    private final Consumer<String> say;
    private final Map<EngineKind, EngineProcess> engines = new EnumMap<>(EngineKind.class);

    /** @param place an empty directory for all that is temporary */
    MergeRounds(Plan plan, Path place, Consumer<String> say) {
        this.plan = plan;
        this.place = place;
        this.say = say;
    }

    /** @param problems receives what makes figures worthless */
    List<DataResult> run(List<String> problems) throws IOException {
        start(EngineKind.CASSANDRA_5, null, CASSANDRA_FLAGS);
        start(
                EngineKind.HINDSIGHT,
                null,
                Stream.concat(Stream.of("-Xmx" + plan.heapBytes(), "-XX:+UseSerialGC"), plan.jvmFlags().stream())
                        .toList());
        start(EngineKind.FLOOR, null, FLOOR_FLAGS);
        if (hasJars(plan.cassandra6())) {
            start(
                    EngineKind.CASSANDRA_6,
                    ownClasses() + File.pathSeparator + plan.cassandra6() + "/*",
                    CASSANDRA_FLAGS);
        } else {
            say.accept("Cassandra 6.0-alpha2 is not in " + plan.cassandra6()
                    + ": there will be no figures to its cursor compaction. hint: run 'mvn -f cassandra-6.0/pom.xml"
                    + " process-resources' where the registry can be reached");
        }
        List<DataResult> results = new ArrayList<>();
        for (DataSet data : plan.data()) {
            Path inputs = inputs(data);
            DataResult result = new DataResult(data, ChunkedFile.content(ChunkedFile.below(inputs)), plan.hindsight());
            results.add(result);
            measure(result, inputs, problems);
            if (plan.inputs() == null) {
                deleteTree(inputs);
            }
        }
        return results;
    }

    private void start(EngineKind kind, @Nullable String classPath, List<String> flags) {
        engines.put(kind, EngineProcess.start(kind, place.resolve(kind.id()), classPath, flags, plan.synthesiser()));
    }

    private static boolean hasJars(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.anyMatch(one -> one.toString().endsWith("cassandra-all-6.0-alpha2.jar"));
        }
    }

    private static Path ownClasses() {
        try {
            return Path.of(EngineHost.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private EngineProcess engine(EngineKind kind) {
        EngineProcess engine = engines.get(kind);
        if (engine == null) {
            throw new IllegalStateException(kind.id() + " was not started");
        }
        return engine;
    }

    /** Made where they are not, or are not those of this seed and size. */
    private Path inputs(DataSet data) throws IOException {
        Path kept = plan.inputs();
        Path directory = (kept == null ? place.resolve("inputs") : kept).resolve(data.id());
        Path note = directory.resolveSibling(data.id() + ".made-of");
        String of = data.ddl() + "\n" + plan.bytes() + " bytes, seed " + plan.seed() + "\n";
        if (Files.exists(note) && Files.readString(note, StandardCharsets.UTF_8).equals(of)) {
            return directory;
        }
        if (Files.exists(directory)) {
            throw new PreconditionFailedException(
                    directory + " has inputs of another size or seed, or unfinished ones",
                    "delete it, or name another directory with --inputs");
        }
        Files.createDirectories(directory);
        say.accept(data.id() + ": write the inputs");
        long rows = engine(EngineKind.CASSANDRA_5).make(data, directory, plan.bytes(), plan.seed());
        Files.writeString(note, of, StandardCharsets.UTF_8);
        say.accept(data.id() + ": " + rows + " rows in all inputs");
        return directory;
    }

    private void measure(DataResult result, Path inputs, List<String> problems) {
        DataSet data = result.data();
        say.accept(data.id() + ": merge once to warm up");
        Map<String, Long> expected = null;
        for (EngineKind kind : EngineKind.values()) {
            if (!engines.containsKey(kind)) {
                result.missing(kind, "it is not there");
                continue;
            }
            try {
                merge(kind, data, inputs);
                if (kind != EngineKind.FLOOR) {
                    Map<String, Long> counted = engine(EngineKind.CASSANDRA_5).count(data, output(kind));
                    if (expected == null) {
                        expected = counted;
                        result.rows(EngineProcess.figure(counted, Figures.ROWS));
                    } else if (!counted.equals(expected)) {
                        problems.add(data.id() + ": " + result.name(kind) + " made " + counted + ", Cassandra 5.0.9 "
                                + expected);
                        result.missing(kind, "its output has other rows than that of Cassandra 5.0.9");
                    }
                }
            } catch (HindsightException e) {
                String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                result.missing(kind, why);
                if (kind != EngineKind.CASSANDRA_6) {
                    problems.add(String.valueOf(e.getMessage()));
                }
                say.accept(why);
            }
        }
        for (int round = 1; round <= plan.repeats(); round++) {
            say.accept(data.id() + ": round " + round + " of " + plan.repeats());
            for (EngineKind kind : EngineKind.values()) {
                if (result.missing(kind) == null) {
                    result.of(kind).add(merge(kind, data, inputs));
                }
            }
            if (result.missing(EngineKind.HINDSIGHT) == null) {
                result.inTurn().add(shards(result, inputs, false, problems));
                result.atOnce().add(shards(result, inputs, true, problems));
            }
        }
        for (EngineKind kind : EngineKind.values()) {
            deleteTree(output(kind));
        }
    }

    /** The floor is that of Hindsight's output, or of Cassandra's where that is missing. */
    private Map<String, Long> merge(EngineKind kind, DataSet data, Path inputs) {
        if (kind == EngineKind.FLOOR) {
            Path of = output(EngineKind.HINDSIGHT);
            return engine(kind).merge(data, inputs, Files.exists(of) ? of : output(EngineKind.CASSANDRA_5));
        }
        deleteTree(output(kind));
        return engine(kind).merge(data, inputs, output(kind));
    }

    private Map<String, Long> shards(DataResult result, Path inputs, boolean atOnce, List<String> problems) {
        Path output = place.resolve("shards");
        Map<String, Long> figures = engine(EngineKind.HINDSIGHT).shards(result.data(), inputs, output, atOnce);
        if (EngineProcess.figure(figures, Figures.ROWS) != result.rows()) {
            problems.add(
                    result.data().id() + ": two shards have " + figures + ", the table " + result.rows() + " rows");
        }
        deleteTree(output);
        return figures;
    }

    private Path output(EngineKind kind) {
        return place.resolve("output").resolve(kind.id());
    }

    static void deleteTree(Path tree) {
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

    @Override
    public void close() {
        engines.values().forEach(EngineProcess::close);
    }
}
