package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.oracle.EngineCase.Flush;
import dev.hindsight.oracle.EngineCase.Settings;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.TtlPolicy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.apache.cassandra.schema.TableMetadata;

/**
 * Makes a case from a seed. Each case draws its own odds first (how many partitions, how often which deletion, how much
 * the replicas differ), so that also what is rare in a mixture fills a case now and then.
 */
final class CaseGenerator {
    private static final List<Map<String, String>> COMPRESSIONS = List.of(
            EngineCase.PLAIN_COMPRESSION,
            Map.of("class", "LZ4Compressor", "chunk_length_in_kb", "4"),
            Map.of("class", "LZ4Compressor", "chunk_length_in_kb", "64", "min_compress_ratio", "1.2"),
            Map.of("class", "LZ4Compressor", "lz4_compressor_type", "high"),
            Map.of("class", "SnappyCompressor"),
            Map.of("class", "DeflateCompressor"),
            Map.of("class", "ZstdCompressor"),
            Map.of("class", "ZstdCompressor", "chunk_length_in_kb", "8", "min_compress_ratio", "3"),
            Map.of());

    private final long seed;
    private final Random random;

    private CaseGenerator(long seed) {
        this.seed = seed;
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    }

    static EngineCase generate(long seed) {
        CassandraRuntime.start();
        return new CaseGenerator(seed).make();
    }

    private EngineCase make() {
        CaseShape shape = ShapeGenerator.shape(random);
        boolean tiny = random.nextInt(25) == 0;
        boolean wide = !tiny && random.nextInt(16) == 0;
        int nodes = tiny ? 3 : 1 + random.nextInt(4);
        int cuts = tiny ? (20 + random.nextInt(46)) / shape.generations() : 1 + random.nextInt(3);
        WriteGenerator.Odds odds = WriteGenerator.Odds.draw(random, wide);
        int total = tiny ? cuts * 2 : writes(wide);
        double divergence = random.nextInt(3) == 0 ? random.nextInt(2) : random.nextDouble();
        boolean together = random.nextInt(3) == 0;
        List<List<List<Write>>> flushed = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        int generations = shape.generations();
        for (int node = 0; node < nodes; node++) {
            for (int slot = 0; slot < cuts * generations; slot++) {
                labels.add(new int[] {node, slot});
                flushed.add(List.of(new ArrayList<>()));
            }
        }
        Map<String, TreeSet<ByteBuffer>> canonical = new HashMap<>();
        for (int generation = 0; generation < generations; generation++) {
            TableMetadata table = TableSchemas.parse(shape.definition(generation));
            WriteGenerator writes = new WriteGenerator(table, odds, random, seed, canonical);
            int count = total / generations + 1;
            for (int i = 0; i < count; i++) {
                Write write = writes.next();
                boolean alone = random.nextDouble() < divergence;
                int only = random.nextInt(nodes);
                for (int node = 0; node < nodes; node++) {
                    if (!alone || node == only) {
                        int cut = together ? i * cuts / count : random.nextInt(cuts);
                        flushed.get((node * generations + generation) * cuts + cut)
                                .get(0)
                                .add(write);
                    }
                }
            }
        }
        List<Flush> flushes = new ArrayList<>();
        boolean ranges = random.nextInt(4) == 0;
        boolean sameKind = random.nextBoolean();
        String version = version();
        Map<String, String> compression = compression();
        for (int i = 0; i < flushed.size(); i++) {
            if (!flushed.get(i).get(0).isEmpty()) {
                flushes.add(new Flush(
                        "node" + labels.get(i)[0],
                        labels.get(i)[1] / cuts,
                        sameKind ? version : version(),
                        sameKind ? compression : compression(),
                        random.nextInt(4) == 0,
                        ranges ? ranges() : TokenRanges.FULL,
                        List.copyOf(flushed.get(i).get(0))));
            }
        }
        return new EngineCase(seed, shape, flushes, settings());
    }

    private int writes(boolean wide) {
        if (wide) {
            return 200 + random.nextInt(800);
        }
        return switch (random.nextInt(10)) {
            case 0 -> 1 + random.nextInt(4);
            case 1 -> 400 + random.nextInt(600);
            case 2, 3, 4 -> 60 + random.nextInt(200);
            default -> 5 + random.nextInt(60);
        };
    }

    private String version() {
        return Replicas.VERSIONS[random.nextInt(Replicas.VERSIONS.length)];
    }

    private Map<String, String> compression() {
        return COMPRESSIONS.get(random.nextInt(COMPRESSIONS.size()));
    }

    private TokenRanges ranges() {
        if (random.nextInt(3) == 0) {
            return TokenRanges.FULL;
        }
        List<TokenRange> out = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            long one = token();
            long other = token();
            if (one != other) {
                out.add(new TokenRange(Math.min(one, other), Math.max(one, other)));
            }
        }
        return TokenRanges.of(out);
    }

    private long token() {
        return switch (random.nextInt(8)) {
            case 0 -> Long.MIN_VALUE;
            case 1 -> Long.MAX_VALUE;
            default -> random.nextLong();
        };
    }

    private Settings settings() {
        long snapshot = RandomWrites.NOW;
        long now = switch (random.nextInt(8)) {
            case 0 -> snapshot + 86_400L * 365 * 20;
            case 1 -> snapshot - random.nextInt(200_000);
            case 2 -> 4_294_000_000L;
            default -> snapshot + random.nextInt(200_000);
        };
        TtlPolicy ttl = switch (random.nextInt(5)) {
            case 0 -> new TtlPolicy.Freeze(snapshot, now);
            case 1 -> new TtlPolicy.Drop(snapshot);
            default -> new TtlPolicy.Keep();
        };
        PurgePolicy purge = switch (random.nextInt(6)) {
            case 0 -> new PurgePolicy.PurgeBefore(snapshot - 10 * 86_400);
            case 1 -> new PurgePolicy.PurgeBefore(now);
            case 2 -> new PurgePolicy.PurgeBefore(snapshot - random.nextInt(20 * 86_400));
            default -> new PurgePolicy.KeepTombstones();
        };
        List<OutputGroup> groups = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            groups.add(new OutputGroup("all", TokenRanges.FULL));
        }
        for (int i = groups.isEmpty() || random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0; i > 0; i--) {
            groups.add(new OutputGroup("group-" + i, ranges()));
        }
        Collections.shuffle(groups, random);
        long maxBytes = switch (random.nextInt(8)) {
            case 0 -> 1;
            case 1 -> 1 << (8 + random.nextInt(8));
            default -> 1L << 40;
        };
        return new Settings(purge, ttl, now, groups, maxBytes, 1 + random.nextInt(50), random.nextInt(5) == 0);
    }
}
