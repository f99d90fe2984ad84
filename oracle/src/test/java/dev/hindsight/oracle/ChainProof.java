package dev.hindsight.oracle;

import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.oracle.EngineCase.Flush;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.chain.IncrementMerge;
import dev.hindsight.synthesis.chain.LayerBelow;
import dev.hindsight.synthesis.chain.WholeMerge;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import dev.hindsight.synthesis.fingerprint.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.cassandra.schema.TableMetadata;

/**
 * Makes a chain of one random case: its SSTables come in a few steps, each step also compacts or repeats some that the chain
 * has seen. After each, Cassandra's classes must merge the layers and what was kept to what they merge the layers and all
 * that was new to, and no row that was kept may be one that the layers have.
 */
final class ChainProof {
    private static final long ROOM = 1L << 34;

    private final EngineCase of;
    private final Path directory;
    private final Random random;
    private final Synthesiser maker;
    private final TableMetadata table;
    private final long now;
    private final List<LayerBelow> layers = new ArrayList<>();
    private final List<InputSSTable> stored = new ArrayList<>();
    private final List<InputSSTable> seen = new ArrayList<>();
    private final LocalSSTables local = new LocalSSTables();
    private final long[] runs = new long[Verdict.values().length];
    private long keptRows;
    private long redundantRows;
    private int step;

    /** @param maker merges what is new; the proof itself is always done by the reference */
    private ChainProof(EngineCase of, Path directory, Synthesiser maker) {
        this.of = of;
        this.directory = directory;
        this.maker = maker;
        this.random = new Random(of.seed() ^ 0x5DEECE66DL);
        this.table = TableSchemas.parse(of.source());
        this.now = of.settings().now();
    }

    /** What was found on the way, to see that cases are worth something. */
    record Outcome(Optional<String> wrong, List<Long> runs, long keptRows, long redundantRows) {}

    static Outcome of(EngineCase of, Path directory, Synthesiser maker) {
        try {
            Files.createDirectories(directory);
            ChainProof proof = new ChainProof(of, directory, maker);
            try (proof.local) {
                Optional<String> wrong = proof.run();
                return new Outcome(
                        wrong,
                        List.of(proof.runs[0], proof.runs[1], proof.runs[2]),
                        proof.keptRows,
                        proof.redundantRows);
            }
        } catch (UnsupportedException e) {
            // Counters from before Cassandra 2.1: refused by both engines, which another test compares.
            return new Outcome(Optional.empty(), List.of(0L, 0L, 0L), 0, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ScratchDirectory.delete(directory);
        }
    }

    private Optional<String> run() {
        List<InputSSTable> all = new ArrayList<>();
        for (InputSSTable input : of.withFlushes(
                        of.flushes().stream().map(ChainProof::whole).toList())
                .write(directory.resolve("nodes"))) {
            all.add(input);
        }
        int steps = 2 + random.nextInt(4);
        List<List<InputSSTable>> news = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            news.add(new ArrayList<>());
        }
        boolean inOrder = random.nextBoolean();
        for (int i = 0; i < all.size(); i++) {
            news.get(inOrder ? i * steps / all.size() : random.nextInt(steps)).add(all.get(i));
        }
        for (List<InputSSTable> inputs : news) {
            Optional<String> wrong = step(inputs);
            if (wrong.isPresent()) {
                return wrong.map(text -> "step " + step + " of " + steps + ": " + text);
            }
        }
        return compacted();
    }

    private static Flush whole(Flush flush) {
        return new Flush(
                flush.node(),
                flush.generation(),
                flush.version(),
                flush.compression(),
                flush.allColumns(),
                TokenRanges.FULL,
                flush.writes());
    }

    private Optional<String> step(List<InputSSTable> flushed) {
        step++;
        List<InputSSTable> inputs = new ArrayList<>(flushed);
        if (!seen.isEmpty() && random.nextInt(3) > 0) {
            List<InputSSTable> some = new ArrayList<>(seen);
            Collections.shuffle(some, random);
            List<InputSSTable> rewritten = some.subList(0, 1 + random.nextInt(some.size()));
            if (random.nextBoolean()) {
                inputs.addAll(local.open(reference("compacted", rewritten).outputs(), TokenRanges.FULL));
            } else {
                inputs.addAll(rewritten);
            }
        }
        seen.addAll(flushed);
        return layers.isEmpty() ? first(inputs) : increment(inputs, false);
    }

    private Optional<String> first(List<InputSSTable> inputs) {
        Path at = directory.resolve("step" + step);
        Scratch scratch = new Scratch(at.resolve("scratch"), ROOM);
        make(scratch.directory());
        WholeMerge made = WholeMerge.run(
                maker, request(inputs, at.resolve("out")), at.resolve("prints"), scratch, SynthesisProgress.NONE);
        layer("step" + step, true, made.result().outputs(), made.maxTimestampMicros(), made.fingerprints());
        return Optional.empty();
    }

    private void layer(
            String name, boolean whole, List<OutputSSTable> outputs, long maxTimestamp, Optional<Path> fingerprints) {
        layers.add(new LayerBelow(
                name,
                whole,
                TokenRanges.FULL,
                random.nextInt(4) == 0 ? Long.MAX_VALUE : maxTimestamp,
                random.nextInt(8) == 0 ? Optional.empty() : fingerprints,
                ranges -> local.open(outputs, ranges)));
        stored.addAll(local.open(outputs, TokenRanges.FULL));
    }

    private Optional<String> increment(List<InputSSTable> inputs, boolean repeated) {
        Path at = directory.resolve("step" + step);
        Scratch scratch = new Scratch(at.resolve("scratch"), ROOM);
        make(scratch.directory());
        IncrementMerge made = IncrementMerge.run(
                maker,
                request(inputs, at.resolve("out")),
                layers,
                new IncrementMerge.Files(at.resolve("verdicts"), at.resolve("prints"), at.resolve("kept")),
                scratch,
                SynthesisProgress.NONE);
        for (int i = 0; i < runs.length; i++) {
            runs[i] += made.runs().get(i);
        }
        keptRows += made.kept().rows();
        redundantRows += made.redundantRows();
        List<InputSSTable> kept = local.open(made.kept().outputs(), TokenRanges.FULL);
        List<OutputSSTable> before = merged("before", stored);
        List<OutputSSTable> expected = merged("expected", joined(stored, together(inputs)));
        List<OutputSSTable> actual = merged("actual", joined(stored, kept));
        Optional<String> wrong = EngineComparison.lines("chain and what was kept", dump(expected), dump(actual))
                .or(() -> files(made))
                .or(() -> spare(rows(before), rows(actual), made));
        if (wrong.isEmpty() && repeated && !made.kept().outputs().isEmpty()) {
            wrong = Optional.of("a copy of everything left " + made.kept());
        }
        layer("step" + step, false, made.kept().outputs(), made.maxTimestampMicros(), made.fingerprints());
        return wrong;
    }

    /** Everything, rewritten by one compaction: nothing is to be kept. */
    private Optional<String> compacted() {
        step++;
        List<InputSSTable> everything =
                local.open(reference("everything", stored).outputs(), TokenRanges.FULL);
        Optional<String> wrong = increment(everything, true);
        return wrong.map(text -> "after a compaction of everything: " + text);
    }

    private Optional<String> files(IncrementMerge made) {
        for (OutputSSTable output : made.kept().outputs()) {
            Optional<String> wrong = new OutputCheck(table, output).wrong();
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        return Optional.empty();
    }

    /** A row that was kept although the layers merge to the same without it. */
    private Optional<String> spare(List<String> before, List<String> after, IncrementMerge made) {
        Set<String> was = new HashSet<>(before);
        Map<String, String> is = new HashMap<>();
        after.forEach(line -> is.put(SSTables.place(line), line));
        for (OutputSSTable output : made.kept().outputs()) {
            for (String line : SSTables.rows(table, Replicas.data(output))) {
                String merged = is.get(SSTables.place(line));
                if (merged == null || was.contains(merged)) {
                    return Optional.of("kept " + line + "\nalthough the layers merge to " + merged);
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Counters that were deleted are what Cassandra's compactions make of them: shards of two cells join under the later
     * write time, and what a deletion shadows depends on whether they did before they met it. An increment is as one
     * compaction of what is new.
     */
    private List<InputSSTable> together(List<InputSSTable> inputs) {
        return table.isCounter() && !inputs.isEmpty()
                ? local.open(reference("together", inputs).outputs(), TokenRanges.FULL)
                : inputs;
    }

    private static List<InputSSTable> joined(List<InputSSTable> one, List<InputSSTable> other) {
        List<InputSSTable> out = new ArrayList<>(one);
        out.addAll(other);
        return out;
    }

    /**
     * Everything twice, so that no row stands alone: else Cassandra's merge would leave what a row itself shadows on one
     * side, and not on the other. Counters, which may add up, have nothing of the kind.
     */
    private List<OutputSSTable> merged(String name, List<InputSSTable> inputs) {
        return reference(name, table.isCounter() ? inputs : joined(inputs, inputs))
                .outputs();
    }

    private List<String> dump(List<OutputSSTable> outputs) {
        List<String> out = new ArrayList<>();
        outputs.forEach(output -> out.addAll(SSTables.dump(table, Replicas.data(output))));
        return out;
    }

    private List<String> rows(List<OutputSSTable> outputs) {
        List<String> out = new ArrayList<>();
        outputs.forEach(output -> out.addAll(SSTables.rows(table, Replicas.data(output))));
        return out;
    }

    private SynthesisResult reference(String name, List<InputSSTable> inputs) {
        Path at = directory.resolve("step" + step + "-" + name);
        make(at);
        return new ReferenceSynthesiser()
                .synthesise(
                        request(inputs, at.resolve("out")),
                        new Scratch(at.resolve("scratch"), ROOM),
                        SynthesisProgress.NONE);
    }

    private SynthesisRequest request(List<InputSSTable> inputs, Path out) {
        return new SynthesisRequest(
                of.source(),
                of.source(),
                unlike(inputs),
                new PurgePolicy.KeepTombstones(),
                new TtlPolicy.Keep(),
                now,
                List.of(new OutputGroup("all", TokenRanges.of(TokenRange.FULL))),
                out,
                1,
                1L << 40);
    }

    /** Every input from another place, so that no two have the same name. */
    private static List<InputSSTable> unlike(List<InputSSTable> inputs) {
        List<InputSSTable> out = new ArrayList<>();
        for (InputSSTable input : inputs) {
            out.add(new InputSSTable("origin" + out.size(), input.descriptor(), input.components(), input.ranges()));
        }
        return out;
    }

    private static void make(Path at) {
        try {
            Files.createDirectories(at);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
