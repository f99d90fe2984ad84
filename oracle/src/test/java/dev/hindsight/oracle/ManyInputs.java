package dev.hindsight.oracle;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
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
import dev.hindsight.synthesis.cursor.CursorSynthesiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A worker's merge in a process of its own, without any class of Cassandra: every SSTable below a directory, as often as is
 * said, each time of another origin, every other one read in place and the rest brought to scratch; to three groups. Arguments:
 * directory with one of SSTables in each directory of {@code in}, how often, rows expected. Fails with an exception.
 */
final class ManyInputs {
    static final String DDL = "CREATE TABLE ks.t (k int, c int, v blob, PRIMARY KEY (k, c)) WITH ID ="
            + " 5bc52802-de25-35ed-aeab-188eecebb0aa AND compression = {'class': 'LZ4Compressor'};\n";

    private ManyInputs() {}

    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        List<InputSSTable> inputs = inputs(directory.resolve("in"), Integer.parseInt(args[1]));
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        TableDefinition table = new TableDefinition(new TableName("ks", "t"), List.of(), DDL);

        SynthesisResult result = new CursorSynthesiser()
                .synthesise(
                        new SynthesisRequest(
                                table,
                                table,
                                inputs,
                                new PurgePolicy.KeepTombstones(),
                                new TtlPolicy.Keep(),
                                1_767_225_600L,
                                List.of(
                                        new OutputGroup("all", TokenRanges.FULL),
                                        new OutputGroup("low", TokenRanges.of(new TokenRange(Long.MIN_VALUE, 0))),
                                        new OutputGroup("high", TokenRanges.of(new TokenRange(0, Long.MAX_VALUE)))),
                                directory.resolve("out"),
                                1,
                                64L << 20),
                        new Scratch(scratch, 1L << 40),
                        SynthesisProgress.NONE);

        long rows = Long.parseLong(args[2]);
        long all = rows(result, "all");
        long halves = rows(result, "low") + rows(result, "high");
        if (result.rows() != rows || all != rows || halves != rows) {
            throw new IllegalStateException(
                    "not " + rows + " rows but " + result.rows() + ", written " + all + " and " + halves);
        }
    }

    private static long rows(SynthesisResult result, String group) {
        return result.outputs().stream()
                .filter(output -> output.group().equals(group))
                .mapToLong(OutputSSTable::rows)
                .sum();
    }

    private static List<InputSSTable> inputs(Path in, int times) throws IOException {
        List<InputSSTable> out = new ArrayList<>();
        try (Stream<Path> directories = Files.list(in)) {
            for (Path sstable : directories.sorted().toList()) {
                for (int i = 0; i < times; i++) {
                    out.add(input("origin" + i, sstable, out.size() % 2 == 0));
                }
            }
        }
        return out;
    }

    private static InputSSTable input(String origin, Path directory, boolean inPlace) throws IOException {
        Map<String, ByteSource> components = new HashMap<>();
        String descriptor = "";
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = file.getName(file.getNameCount() - 1).toString();
                int end = name.lastIndexOf('-');
                descriptor = name.substring(0, end);
                ByteSource source = new FileSource(file);
                components.put(name.substring(end + 1), inPlace ? new InPlace(source, file) : source);
            }
        }
        return new InputSSTable(origin, descriptor, components, TokenRanges.FULL);
    }

    private record InPlace(ByteSource source, Path file) implements ByteSource {
        @Override
        public String name() {
            return source.name();
        }

        @Override
        public long sizeBytes() {
            return source.sizeBytes();
        }

        @Override
        public Optional<Path> localFile() {
            return Optional.of(file);
        }

        @Override
        public void read(long position, byte[] into, int offset, int length) {
            source.read(position, into, offset, length);
        }
    }
}
