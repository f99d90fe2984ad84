package dev.hindsight.bench.synthesis.engine;

import dev.hindsight.bench.synthesis.data.DataSet;
import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.LocalFile;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.Synthesiser;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Merges with a {@link Synthesiser} as a worker does, from local files. */
final class SynthesiserEngine implements Engine {
    private static final List<TokenRanges> WHOLE = List.of(TokenRanges.FULL);
    private static final List<TokenRanges> HALVES = List.of(
            TokenRanges.of(new TokenRange(Long.MIN_VALUE, 0)), TokenRanges.of(new TokenRange(0, Long.MAX_VALUE)));

    private final Synthesiser synthesiser;

    SynthesiserEngine(String name) {
        this.synthesiser = known().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no synthesiser '" + name + "'"));
    }

    /** All there are, whichever of them workers find by themselves. */
    static List<Synthesiser> known() {
        List<Synthesiser> out = new ArrayList<>(List.of(new CursorSynthesiser()));
        for (Synthesiser one : ServiceLoader.load(Synthesiser.class)) {
            if (out.stream().noneMatch(other -> other.name().equals(one.name()))) {
                out.add(one);
            }
        }
        return out;
    }

    @Override
    public Map<String, Long> run(Job job) throws Exception {
        return switch (job.verb()) {
            case MERGE -> merge(job, WHOLE, 1);
            case SHARDS_IN_TURN -> merge(job, HALVES, 1);
            case SHARDS_AT_ONCE -> merge(job, HALVES, HALVES.size());
            case MAKE, COUNT ->
                throw new UnsupportedOperationException(job.verb().name());
        };
    }

    /** Always on threads of a pool, so that one shard after the other and all at once differ in nothing else. */
    private Map<String, Long> merge(Job job, List<TokenRanges> shards, int threads) throws Exception {
        Files.createDirectories(job.output());
        System.gc();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            Meter whole = new Meter();
            List<Callable<Map<String, Long>>> tasks = new ArrayList<>();
            for (int i = 0; i < shards.size(); i++) {
                TokenRanges ranges = shards.get(i);
                Path output = shards.size() == 1 ? job.output() : job.output().resolve("shard-" + i);
                tasks.add(() -> shard(job, ranges, output));
            }
            Map<String, Long> sum = new HashMap<>();
            for (Future<Map<String, Long>> one : pool.invokeAll(tasks)) {
                one.get().forEach((name, figure) -> sum.merge(name, figure, Long::sum));
            }
            Map<String, Long> all = whole.figures();
            sum.put(Figures.WALL, all.getOrDefault(Figures.WALL, 0L));
            sum.put(Figures.PROCESS_CPU, all.getOrDefault(Figures.PROCESS_CPU, 0L));
            return sum;
        } finally {
            pool.shutdown();
        }
    }

    private Map<String, Long> shard(Job job, TokenRanges ranges, Path output) throws IOException {
        List<LocalFile> files = new ArrayList<>();
        Path scratchDirectory = Files.createDirectories(output.resolve("scratch"));
        try {
            List<InputSSTable> inputs = inputs(job.inputs(), ranges, files);
            TableDefinition table = new TableDefinition(
                    new TableName(DataSet.KEYSPACE, job.data().id()),
                    List.of(),
                    job.data().ddl());
            SynthesisRequest request = new SynthesisRequest(
                    table,
                    table,
                    inputs,
                    new PurgePolicy.KeepTombstones(),
                    new TtlPolicy.Keep(),
                    Instant.now().getEpochSecond(),
                    List.of(new OutputGroup("all", ranges)),
                    output,
                    1,
                    Long.MAX_VALUE);
            Meter meter = new Meter();
            SynthesisResult result = synthesiser.synthesise(
                    request, new Scratch(scratchDirectory, Long.MAX_VALUE), SynthesisProgress.NONE);
            Map<String, Long> figures = meter.figures();
            // Fetching may have threads of its own, which this thread's clock does not have.
            figures.merge(Figures.CPU, result.cpuNanosFetch() + result.cpuNanosMerge(), Math::max);
            figures.put(Figures.FETCH_CPU, result.cpuNanosFetch());
            figures.put(Figures.MERGE_CPU, result.cpuNanosMerge());
            figures.put(Figures.ROWS, result.rows());
            return figures;
        } finally {
            for (LocalFile file : files) {
                file.close();
            }
            Files.deleteIfExists(scratchDirectory);
        }
    }

    private static List<InputSSTable> inputs(Path directory, TokenRanges ranges, List<LocalFile> open)
            throws IOException {
        Map<Path, Map<String, ByteSource>> components = new HashMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                int dash = name.lastIndexOf('-');
                LocalFile source = LocalFile.open(file);
                open.add(source);
                components
                        .computeIfAbsent(file.resolveSibling(name.substring(0, dash)), prefix -> new HashMap<>())
                        .put(name.substring(dash + 1), source);
            }
        }
        return components.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(one -> new InputSSTable(
                        String.valueOf(one.getKey().getName(one.getKey().getNameCount() - 2)),
                        String.valueOf(one.getKey().getFileName()),
                        one.getValue(),
                        ranges))
                .toList();
    }
}
