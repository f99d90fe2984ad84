package dev.hindsight.oracle;

import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputGroup;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.PurgePolicy;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.SynthesisProgress;
import dev.hindsight.synthesis.SynthesisRequest;
import dev.hindsight.synthesis.SynthesisResult;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.TtlPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.sstable.Descriptor;
import org.apache.cassandra.schema.TableMetadata;

/** Three nodes' SSTables of one table, which differ as those of a real cluster do, and merges of them. */
final class Replicas {
    static final String[] VERSIONS = {"nb", "oa", "da"};

    private final Path directory;
    private final TableDefinition definition;
    private final TableMetadata table;
    private final Map<Descriptor, String> sstables = new LinkedHashMap<>();

    Replicas(Path directory, TableDefinition definition) {
        CassandraRuntime.start();
        this.directory = directory;
        this.definition = definition;
        this.table = TableSchemas.parse(definition);
    }

    TableMetadata table() {
        return table;
    }

    TableDefinition definition() {
        return definition;
    }

    /** Each write reaches each node with probability 0.8; each node flushed it three times, at its own moments. */
    Replicas write(long seed, int partitions, int writes) {
        RandomWrites random = new RandomWrites(table, seed, partitions);
        Random chance = new Random(~seed);
        List<List<PartitionUpdate>> flushes = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            flushes.add(new ArrayList<>());
        }
        for (int i = 0; i < writes; i++) {
            PartitionUpdate update = random.next();
            for (int node = 0; node < 3; node++) {
                if (chance.nextInt(5) > 0) {
                    flushes.get(3 * node + chance.nextInt(3)).add(update);
                }
            }
        }
        for (int i = 0; i < 9; i++) {
            add("node" + i / 3, VERSIONS[i % 3], i % 3 + 1, flushes.get(i));
        }
        return this;
    }

    Descriptor add(String node, String version, int id, List<PartitionUpdate> updates) {
        Descriptor flushed = SSTables.flush(table, directory.resolve(node), version, id, updates);
        sstables.put(flushed, node);
        return flushed;
    }

    List<InputSSTable> inputs(TokenRanges ranges) {
        List<InputSSTable> out = new ArrayList<>();
        sstables.forEach((descriptor, node) -> out.add(SSTables.input(node, descriptor, ranges)));
        return out;
    }

    Map<Path, TokenRanges> files(TokenRanges ranges) {
        Map<Path, TokenRanges> out = new LinkedHashMap<>();
        sstables.keySet().forEach(descriptor -> out.put(data(descriptor), ranges));
        return out;
    }

    static Path data(Descriptor descriptor) {
        return descriptor.directory.toPath().resolve(descriptor.baseFile().name() + "-Data.db");
    }

    static Path data(OutputSSTable output) {
        return output.files().stream()
                .filter(file -> file.toString().endsWith("-Data.db"))
                .findFirst()
                .orElseThrow();
    }

    Request request() {
        return new Request();
    }

    /** A request with defaults, to be changed where a test cares. */
    final class Request {
        TableDefinition target = definition;
        List<InputSSTable> inputs = inputs(TokenRanges.FULL);
        PurgePolicy purge = new PurgePolicy.KeepTombstones();
        TtlPolicy ttl = new TtlPolicy.Keep();
        long now = RandomWrites.NOW;
        List<OutputGroup> groups = List.of(new OutputGroup("all", TokenRanges.FULL));
        int firstId = 1;
        long maxBytes = 1L << 40;
        Path output = directory.resolve("out");
        Scratch scratch = new Scratch(directory.resolve("scratch"), 1L << 32);

        SynthesisResult run() {
            return new ReferenceSynthesiser()
                    .synthesise(
                            new SynthesisRequest(
                                    definition, target, inputs, purge, ttl, now, groups, output, firstId, maxBytes),
                            scratch,
                            SynthesisProgress.NONE);
        }
    }

    /** All outputs of a group, one after the other. */
    static List<String> dump(TableMetadata table, SynthesisResult result, String group) {
        List<String> out = new ArrayList<>();
        for (OutputSSTable output : result.outputs()) {
            if (output.group().equals(group)) {
                out.addAll(SSTables.dump(table, data(output)));
            }
        }
        return out;
    }
}
