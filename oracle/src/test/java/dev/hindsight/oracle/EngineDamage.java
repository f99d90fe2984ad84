package dev.hindsight.oracle;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.oracle.EngineCase.Flush;
import dev.hindsight.synthesis.CorruptInputException;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.cassandra.schema.TableMetadata;

/**
 * Gives an engine SSTables of random cases with wrong bytes. It must name the damaged input or refuse it by name, or give
 * what it gives for the whole ones; nothing may be left in scratch or in the output, and it must come to an end.
 */
final class EngineDamage {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Synthesiser engine;
    private final Path directory;
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int runs;

    EngineDamage(Synthesiser engine, Path directory) {
        this.engine = engine;
        this.directory = directory;
    }

    /** How often each outcome was seen. */
    Map<String, Integer> outcomes() {
        return outcomes;
    }

    /** What is wrong with the engine's answers to {@code damages} wrong bytes in the inputs of a case. */
    Optional<String> wrong(long seed, int damages) {
        EngineCase of = small(CaseGenerator.generate(seed), seed % 2 == 0);
        try {
            List<InputSSTable> inputs = of.write(directory.resolve("inputs"));
            if (inputs.isEmpty()) {
                return Optional.empty();
            }
            TableMetadata table = TableSchemas.parse(of.target());
            List<String> expected = new ArrayList<>();
            Optional<Throwable> refused = run(of, table, inputs, true, expected);
            if (refused.isPresent()) {
                return refused.get() instanceof UnsupportedException
                        ? Optional.empty()
                        : Optional.of("seed " + seed + ": undamaged inputs fail " + trace(refused.get()));
            }
            Random random = new Random(seed);
            Damages damaging = new Damages(random);
            for (int i = 0; i < damages; i++) {
                int which = random.nextInt(inputs.size());
                InputSSTable whole = inputs.get(which);
                boolean deep = whole.components().containsKey("CRC.db") && random.nextInt(3) > 0;
                Damages.Damaged damaged = deep ? damaging.beforeItsChecksum(whole) : damaging.any(whole);
                List<InputSSTable> all = new ArrayList<>(inputs);
                all.set(which, damaged.input());
                Optional<String> wrong = wrong(of, table, all, damaged, deep, expected);
                if (wrong.isPresent()) {
                    return Optional.of("seed " + seed + ", damage " + i + ", " + damaged.what() + ": " + wrong.get()
                            + "\n" + of.source().ddl());
                }
            }
            return Optional.empty();
        } finally {
            if (Files.exists(directory.resolve("inputs"))) {
                ScratchDirectory.delete(directory.resolve("inputs"));
            }
        }
    }

    private Optional<String> wrong(
            EngineCase of,
            TableMetadata table,
            List<InputSSTable> inputs,
            Damages.Damaged damaged,
            boolean deep,
            List<String> expected) {
        List<String> got = new ArrayList<>();
        long start = System.nanoTime();
        // Cassandra may fail to read wrong values that it would itself have written as they are.
        Optional<Throwable> failure = run(of, table, inputs, !deep, got);
        if (System.nanoTime() - start > LIMIT.toNanos()) {
            return Optional.of("took more than " + LIMIT);
        }
        if (failure.isEmpty()) {
            outcomes.merge(deep ? "other rows" : "same", 1, Integer::sum);
            return deep ? Optional.empty() : EngineComparison.lines("result", expected, got);
        }
        outcomes.merge(failure.get().getClass().getSimpleName(), 1, Integer::sum);
        if (failure.get() instanceof CorruptInputException corrupt) {
            // Where values of several inputs are compared, the one that a checksum vouches for cannot always be told.
            return deep
                            || corrupt.origin().equals(damaged.input().origin())
                                    && corrupt.descriptor()
                                            .equals(damaged.input().descriptor())
                    ? Optional.empty()
                    : Optional.of("another input is named: " + corrupt.getMessage());
        }
        return failure.get() instanceof UnsupportedException ? Optional.empty() : Optional.of(trace(failure.get()));
    }

    private Optional<Throwable> run(
            EngineCase of, TableMetadata table, List<InputSSTable> inputs, boolean dump, List<String> into) {
        Path output = directory.resolve("out" + runs++);
        Path scratch = directory.resolve("scratch");
        try {
            Files.createDirectories(scratch);
            SynthesisResult result = engine.synthesise(
                    of.request(inputs, output), new Scratch(scratch, 1L << 28), SynthesisProgress.NONE);
            for (OutputGroup group : of.settings().groups()) {
                into.add("group " + group.name());
                for (OutputSSTable written : result.outputs()) {
                    if (dump && written.group().equals(group.name())) {
                        into.addAll(SSTables.dump(table, Replicas.data(written)));
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            return left(output, scratch)
                    .<Throwable>map(files -> new IllegalStateException("left: " + files, e))
                    .or(() -> Optional.of(e));
        } finally {
            if (Files.exists(output)) {
                ScratchDirectory.delete(output);
            }
            ScratchDirectory.delete(scratch);
        }
    }

    private static Optional<List<Path>> left(Path output, Path scratch) {
        List<Path> files = new ArrayList<>();
        for (Path each : List.of(output, scratch)) {
            if (Files.exists(each)) {
                try (Stream<Path> all = Files.walk(each)) {
                    all.filter(Files::isRegularFile).forEach(files::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return files.isEmpty() ? Optional.empty() : Optional.of(files);
    }

    /** At most three SSTables of at most 150 writes, half the time without compression. */
    private static EngineCase small(EngineCase of, boolean plain) {
        List<Flush> flushes = new ArrayList<>();
        for (Flush flush : of.flushes().subList(0, Math.min(3, of.flushes().size()))) {
            List<Write> writes =
                    flush.writes().subList(0, Math.min(150, flush.writes().size()));
            flushes.add(new Flush(
                    flush.node(),
                    flush.generation(),
                    flush.version(),
                    plain ? new HashMap<>() : flush.compression(),
                    flush.allColumns(),
                    flush.ranges(),
                    writes));
        }
        return of.withFlushes(flushes).withSettings(of.settings().undivided());
    }

    private static String trace(Throwable failure) {
        StringWriter out = new StringWriter();
        failure.printStackTrace(new PrintWriter(out));
        return out.toString().lines().limit(30).reduce("", (a, b) -> a + "\n" + b);
    }
}
