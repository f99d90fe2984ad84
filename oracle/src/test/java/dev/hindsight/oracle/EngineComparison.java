package dev.hindsight.oracle;

import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.Inspection;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.cassandra.schema.TableMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Runs two synthesisers on the same input and finds the first thing in which what they made differs: unfiltereds cell by
 * cell as Cassandra's own reader gives them, counts, expiry, statistics, and what Cassandra's verifier and index lookups
 * say of the candidate's files.
 */
final class EngineComparison {
    private final Synthesiser reference;
    private final Synthesiser candidate;

    EngineComparison(Synthesiser reference, Synthesiser candidate) {
        this.reference = reference;
        this.candidate = candidate;
    }

    /** What one synthesiser did: a result, or how it failed. */
    private record Outcome<T>(@Nullable T result, @Nullable Throwable failure) {
        T present() {
            return Objects.requireNonNull(result);
        }
    }

    /** The first difference; empty when there is none. All files are below {@code directory}, which is then deleted. */
    Optional<String> difference(EngineCase of, Path directory) {
        try {
            List<InputSSTable> inputs = of.write(directory);
            Optional<String> found = difference(
                    of.request(inputs, directory.resolve("reference")),
                    of.request(inputs, directory.resolve("candidate")),
                    directory);
            return found.isPresent() || inputs.isEmpty() ? found : inspections(of, inputs, directory);
        } finally {
            if (Files.exists(directory)) {
                ScratchDirectory.delete(directory);
            }
        }
    }

    /** The same of inputs that are there already; the two requests differ in their output directories. */
    Optional<String> difference(SynthesisRequest ofReference, SynthesisRequest ofCandidate, Path directory) {
        Outcome<SynthesisResult> expected = run(reference, ofReference, directory.resolve("scratch-reference"));
        Outcome<SynthesisResult> actual = run(candidate, ofCandidate, directory.resolve("scratch-candidate"));
        Optional<String> left = left(directory.resolve("scratch-candidate"));
        if (left.isPresent()) {
            return left;
        }
        if (expected.failure() != null || actual.failure() != null) {
            return failures(expected.failure(), actual.failure());
        }
        return outputs(ofReference, expected.present(), actual.present());
    }

    private static Outcome<SynthesisResult> run(Synthesiser synthesiser, SynthesisRequest request, Path scratch) {
        try {
            Files.createDirectories(scratch);
            return new Outcome<>(
                    synthesiser.synthesise(request, new Scratch(scratch, 1L << 34), SynthesisProgress.NONE), null);
        } catch (RuntimeException | Error e) {
            return new Outcome<>(null, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> left(Path scratch) {
        try (Stream<Path> all = Files.list(scratch)) {
            List<Path> files = all.toList();
            return files.isEmpty() ? Optional.empty() : Optional.of("left in scratch: " + files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> failures(@Nullable Throwable expected, @Nullable Throwable actual) {
        boolean alike =
                expected instanceof HindsightException && actual != null && expected.getClass() == actual.getClass();
        return alike
                ? Optional.empty()
                : Optional.of("one failed\nreference: " + trace(expected) + "\ncandidate: " + trace(actual));
    }

    static String trace(@Nullable Throwable failure) {
        if (failure == null) {
            return "fine";
        }
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out));
        return out.toString().lines().limit(25).reduce("", (a, b) -> a + "\n" + b);
    }

    private Optional<String> outputs(SynthesisRequest request, SynthesisResult expected, SynthesisResult actual) {
        TableMetadata table = TableSchemas.parse(request.target());
        for (OutputGroup group : request.groups()) {
            List<OutputSSTable> theirs = of(expected, group);
            List<OutputSSTable> ours = of(actual, group);
            List<String> rows = new ArrayList<>();
            for (OutputSSTable output : ours) {
                OutputCheck check = new OutputCheck(table, output);
                Optional<String> wrong = check.wrong();
                if (wrong.isPresent()) {
                    return wrong.map(text -> "group " + group.name() + ", " + output.descriptor() + ": " + text);
                }
                rows.addAll(check.dump());
            }
            List<String> wanted = new ArrayList<>();
            for (OutputSSTable output : theirs) {
                wanted.addAll(SSTables.dump(table, Replicas.data(output)));
            }
            Optional<String> found = lines("group " + group.name(), wanted, rows)
                    .or(() -> StatisticsComparison.difference(table, theirs, ours))
                    .or(() -> LookupComparison.difference(table, theirs, ours));
            if (found.isPresent()) {
                return found;
            }
        }
        return counts(expected, actual).or(() -> directories(request, actual));
    }

    private static List<OutputSSTable> of(SynthesisResult result, OutputGroup group) {
        return result.outputs().stream()
                .filter(output -> output.group().equals(group.name()))
                .toList();
    }

    static Optional<String> lines(String where, List<String> expected, List<String> actual) {
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            String wanted = i < expected.size() ? expected.get(i) : "nothing more";
            String got = i < actual.size() ? actual.get(i) : "nothing more";
            if (!wanted.equals(got)) {
                return Optional.of(where + ", unfiltered " + i + " of " + expected.size() + "\nreference: " + wanted
                        + "\ncandidate: " + got);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> counts(SynthesisResult expected, SynthesisResult actual) {
        return StatisticsComparison.differ("result.partitions", expected.partitions(), actual.partitions())
                .or(() -> StatisticsComparison.differ("result.rows", expected.rows(), actual.rows()))
                .or(() -> StatisticsComparison.differ("result.tombstones", expected.tombstones(), actual.tombstones()))
                .or(() -> StatisticsComparison.differ("result.expiry", expected.expiry(), actual.expiry()))
                .or(() -> StatisticsComparison.differ(
                        "result.uncompressedBytes", expected.uncompressedBytes(), actual.uncompressedBytes()))
                .or(() -> actual.dataBytesOwned() == SynthesisResult.UNKNOWN
                                || Math.abs(actual.dataBytesOwned() - expected.dataBytesOwned())
                                        <= 1 + expected.dataBytesOwned() / 100
                        ? Optional.empty()
                        : Optional.of("result.dataBytesOwned: reference " + expected.dataBytesOwned() + ", candidate "
                                + actual.dataBytesOwned()))
                .or(() -> actual.dataBytesFetched() > actual.bytesFetched() || actual.dataBytesFetched() < 0
                        ? Optional.of(
                                "result.dataBytesFetched " + actual.dataBytesFetched() + " of " + actual.bytesFetched())
                        : Optional.empty());
    }

    /** No file is written but those that are told, and ids count up from the first. */
    private static Optional<String> directories(SynthesisRequest request, SynthesisResult actual) {
        List<Integer> ids = actual.outputs().stream()
                .map(output -> Integer.parseInt(output.descriptor().split("-")[1]))
                .sorted()
                .toList();
        for (int i = 0; i < ids.size(); i++) {
            if (ids.get(i) != request.firstSSTableId() + i) {
                return Optional.of("ids of outputs are " + ids + " from " + request.firstSSTableId());
            }
        }
        return Optional.empty();
    }

    private Optional<String> inspections(EngineCase of, List<InputSSTable> inputs, Path directory) {
        InputSSTable input = inputs.get((int) Math.floorMod(of.seed(), (long) inputs.size()));
        Scratch scratch = new Scratch(directory.resolve("scratch-inspect"), 1L << 34);
        Outcome<Inspection> expected = inspect(reference, of, input, scratch);
        Outcome<Inspection> actual = inspect(candidate, of, input, scratch);
        return expected.failure() != null || actual.failure() != null
                ? failures(expected.failure(), actual.failure()).map(text -> "inspection of " + input + ": " + text)
                : StatisticsComparison.differ("inspection of " + input, expected.present(), actual.present());
    }

    private static Outcome<Inspection> inspect(
            Synthesiser synthesiser, EngineCase of, InputSSTable input, Scratch scratch) {
        try {
            return new Outcome<>(synthesiser.inspect(of.source(), input, scratch), null);
        } catch (RuntimeException | Error e) {
            return new Outcome<>(null, e);
        }
    }
}
