package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import dev.hindsight.synthesis.fetch.ScratchDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Compares the engines on SSTables that nodes wrote; public for tests of modules that can start nodes. */
public final class NodesComparison {
    private final TableDefinition table;
    private final List<InputSSTable> inputs = new ArrayList<>();

    public NodesComparison(TableDefinition table) {
        CassandraRuntime.start();
        this.table = table;
    }

    /** @param dataFile of an SSTable whose other components lie beside it */
    public void add(String node, Path dataFile) {
        String name = dataFile.getFileName().toString();
        String descriptor = name.substring(0, name.length() - "-Data.db".length());
        Map<String, ByteSource> components = new HashMap<>();
        try (Stream<Path> files = Files.list(dataFile.toAbsolutePath().getParent())) {
            files.filter(file -> file.getFileName().toString().startsWith(descriptor + "-"))
                    .forEach(file -> components.put(
                            file.getFileName().toString().substring(descriptor.length() + 1), new FileSource(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        inputs.add(new InputSSTable(node, descriptor, components, TokenRanges.FULL));
    }

    public int sstables() {
        return inputs.size();
    }

    /** Data.db files of the same data by both engines; beside each are its other components. */
    public record Outputs(List<Path> reference, List<Path> engine) {}

    /**
     * Merges all for {@code target}, which differs in its names only.
     *
     * @param directory new; the outputs stay there
     */
    public Outputs write(TableDefinition target, long nowEpochSeconds, Path directory) {
        return new Outputs(
                write(new ReferenceSynthesiser(), target, nowEpochSeconds, directory.resolve("reference")),
                write(new CursorSynthesiser(), target, nowEpochSeconds, directory.resolve("engine")));
    }

    private List<Path> write(Synthesiser engine, TableDefinition target, long now, Path directory) {
        Path scratch = directory.resolve("scratch");
        try {
            Files.createDirectories(scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SynthesisRequest request = new SynthesisRequest(
                table,
                target,
                inputs,
                new PurgePolicy.KeepTombstones(),
                new TtlPolicy.Keep(),
                now,
                List.of(new OutputGroup("all", TokenRanges.FULL)),
                directory,
                1,
                1L << 40);
        return engine.synthesise(request, new Scratch(scratch, 1L << 32), SynthesisProgress.NONE).outputs().stream()
                .map(Replicas::data)
                .toList();
    }

    /** The first difference, over a few policies and ranges; empty when there is none. */
    public Optional<String> difference(long nowEpochSeconds, Path directory) {
        List<OutputGroup> all = List.of(new OutputGroup("all", TokenRanges.FULL));
        List<OutputGroup> some = List.of(
                new OutputGroup("low", TokenRanges.of(new TokenRange(Long.MIN_VALUE, 1L << 61))),
                new OutputGroup("high", TokenRanges.of(new TokenRange(-1L << 61, Long.MAX_VALUE))));
        PurgePolicy keep = new PurgePolicy.KeepTombstones();
        long later = nowEpochSeconds + 86_400;
        return difference(keep, new TtlPolicy.Keep(), nowEpochSeconds, all, TokenRanges.FULL, directory)
                .or(() -> difference(
                        new PurgePolicy.PurgeBefore(later),
                        new TtlPolicy.Keep(),
                        later,
                        all,
                        TokenRanges.FULL,
                        directory))
                .or(() -> difference(
                        keep,
                        new TtlPolicy.Freeze(nowEpochSeconds, later),
                        later,
                        some,
                        TokenRanges.of(new TokenRange(-1L << 62, Long.MAX_VALUE)),
                        directory));
    }

    private Optional<String> difference(
            PurgePolicy purge, TtlPolicy ttl, long now, List<OutputGroup> groups, TokenRanges ranges, Path directory) {
        List<InputSSTable> wanted = inputs.stream()
                .map(input -> new InputSSTable(input.origin(), input.descriptor(), input.components(), ranges))
                .toList();
        SynthesisRequest reference = new SynthesisRequest(
                table, table, wanted, purge, ttl, now, groups, directory.resolve("reference"), 1, 1L << 40);
        SynthesisRequest candidate = new SynthesisRequest(
                table, table, wanted, purge, ttl, now, groups, directory.resolve("candidate"), 1, 1L << 40);
        try {
            return new EngineComparison(new ReferenceSynthesiser(), new CursorSynthesiser())
                    .difference(reference, candidate, directory)
                    .map(text -> table.name() + ", " + purge + ", " + ttl + ": " + text);
        } finally {
            if (Files.exists(directory)) {
                ScratchDirectory.delete(directory);
            }
        }
    }
}
