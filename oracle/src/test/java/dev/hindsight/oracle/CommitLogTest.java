package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.bytes.MalformedException;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentReader;
import dev.hindsight.codec.commitlog.SegmentReader.End;
import dev.hindsight.codec.commitlog.SegmentReader.Tail;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UnknownSchemaException;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.synthesis.TableDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our commit-log reader against Cassandra's, on segments that Cassandra's own commit log has written. */
class CommitLogTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final int MUTATIONS = Integer.getInteger("test.mutations", 1500);

    @TempDir
    static Path temp;

    private static final Map<UUID, TableSchema> SCHEMAS = new HashMap<>();
    private static final List<Path> SEGMENTS = new ArrayList<>();

    private final Random random = new Random(SEED);

    @BeforeAll
    static void make() throws Exception {
        for (TableDefinition definition : CommitLogTables.read()) {
            SCHEMAS.put(DdlSchemas.findTableId(definition.ddl()).orElseThrow(), schema(definition));
        }
        for (String mode : List.of("NONE", "CASSANDRA_4")) {
            Path directory = Files.createDirectory(temp.resolve(mode));
            make(directory, mode);
            for (String kind : CommitLogMaker.KINDS.keySet()) {
                try (Stream<Path> files = Files.list(directory.resolve(kind))) {
                    files.filter(file -> file.toString().endsWith(".log"))
                            .sorted()
                            .forEach(SEGMENTS::add);
                }
            }
        }
    }

    private static TableSchema schema(TableDefinition definition) {
        return DdlSchemas.tableSchema(definition.name().keyspace(), definition.types(), definition.ddl());
    }

    private static void make(Path directory, String mode) throws Exception {
        Path arguments = directory.resolve("jvm.options");
        try (InputStream in = ReferenceSynthesiser.class.getResourceAsStream("jvm.options")) {
            assertThat(in).isNotNull();
            Files.writeString(arguments, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + arguments,
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CommitLogMaker.class.getName(),
                        directory.toString(),
                        mode,
                        String.valueOf(SEED),
                        String.valueOf(MUTATIONS)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(300, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }

    @Test
    void everyMutationIsWhatCassandraReads() throws IOException {
        int frames = 0;
        for (Path segment : SEGMENTS) {
            List<String> lines = new ArrayList<>();
            try (SegmentReader reader = open(new FileSource(segment), Tail.FINAL)) {
                frames += decode(reader, lines);
                assertThat(reader.end()).isEqualTo(End.COMPLETE);
            }
            assertThat(String.join("\n", lines))
                    .as(segment + " -Dtest.seed=" + SEED)
                    .isEqualTo(String.join("\n", Files.readAllLines(Path.of(segment + ".txt"))));
        }
        assertThat(frames).isEqualTo(2 * CommitLogMaker.KINDS.size() * MUTATIONS);
    }

    @Test
    void headersTellVersionAndCompression() {
        for (Path segment : SEGMENTS) {
            String kind = segment.getName(segment.getNameCount() - 2).toString();
            boolean five = String.valueOf(segment).contains("NONE");
            try (SegmentReader reader = open(new FileSource(segment), Tail.FINAL)) {
                assertThat(reader.descriptor().version()).isEqualTo(five ? SegmentVersion.V50 : SegmentVersion.V40);
                assertThat(reader.descriptor().compression().orElse("")).isEqualTo(CommitLogMaker.KINDS.get(kind));
                assertThat(segment.getFileName())
                        .hasToString("CommitLog-"
                                + reader.descriptor().version().number() + "-"
                                + reader.descriptor().id() + ".log");
            }
        }
    }

    @Test
    void readingResumesAtEveryPositionAndEndsAtEveryPosition() {
        for (Path segment : SEGMENTS) {
            Memory bytes = Memory.of(segment);
            List<Frame> all = frames(bytes, Tail.FINAL, 0, Integer.MAX_VALUE);
            for (int i = 0; i < 12 && !all.isEmpty(); i++) {
                int from = random.nextInt(all.size());
                int to = from + random.nextInt(all.size() - from);
                int start = random.nextInt(3) == 0 ? 0 : all.get(from).end();
                int stop = all.get(to).end() + random.nextInt(3);
                List<Frame> part = frames(bytes, Tail.MAY_GROW, start, stop);
                assertThat(part).isEqualTo(all.subList(start == 0 ? 0 : from + 1, to + 1));
            }
        }
    }

    @Test
    void aSegmentThatIsStillWrittenEndsWhereItIsGood() {
        for (Path segment : SEGMENTS) {
            Memory whole = Memory.of(segment);
            List<Frame> all = frames(whole, Tail.FINAL, 0, Integer.MAX_VALUE);
            boolean plain = String.valueOf(segment.getParent()).endsWith("plain");
            for (int i = 0; i < 60; i++) {
                int cut = i < 40 ? i * 2 : random.nextInt(whole.bytes().length + 1);
                byte[] part = Arrays.copyOf(whole.bytes(), cut);
                Memory growing = new Memory(plain ? Arrays.copyOf(part, whole.bytes().length) : part);
                List<Frame> seen = frames(growing, Tail.MAY_GROW, 0, Integer.MAX_VALUE);
                assertThat(seen).as(segment + " cut at " + cut).isEqualTo(all.subList(0, seen.size()));
                int position = seen.isEmpty() ? 0 : seen.get(seen.size() - 1).end();
                List<Frame> rest = frames(whole, Tail.MAY_GROW, position, Integer.MAX_VALUE);
                assertThat(rest).isEqualTo(all.subList(seen.size(), all.size()));
                SegmentReader.open(growing, Tail.MAY_GROW).ifPresent(reader -> {
                    while (reader.next()) {
                        // To where it is good.
                    }
                    SegmentReader again = open(whole, Tail.FINAL).resume(reader.where());
                    assertThat(frames(again)).isEqualTo(rest);
                    reader.close();
                });
            }
        }
    }

    @Test
    void damageIsToldAndNoWrongFrameIsGiven() {
        int told = 0;
        for (Path segment : SEGMENTS) {
            Memory whole = Memory.of(segment);
            List<Frame> all = frames(whole, Tail.FINAL, 0, Integer.MAX_VALUE);
            if (all.isEmpty()) {
                continue;
            }
            for (int i = 0; i < 60; i++) {
                byte[] bytes = whole.bytes().clone();
                int at = i < 20 ? i * 5 : random.nextInt(bytes.length);
                int until = random.nextInt(4) == 0 ? Math.min(bytes.length, at + random.nextInt(5000)) : at + 1;
                for (int j = at; j < until; j++) {
                    bytes[j] = (byte) (until == at + 1 ? bytes[j] ^ 1 << random.nextInt(8) : random.nextInt(2) * 7);
                }
                try {
                    assertThat(frames(new Memory(bytes), Tail.FINAL, 0, Integer.MAX_VALUE))
                            .as(segment + " damaged from " + at + " to " + until + " -Dtest.seed=" + SEED)
                            .isEqualTo(all);
                } catch (MalformedException | dev.hindsight.model.failure.UnsupportedException e) {
                    told++;
                }
                List<Frame> tolerated = new ArrayList<>();
                try {
                    tolerated.addAll(frames(new Memory(bytes), Tail.MAY_GROW, 0, Integer.MAX_VALUE));
                } catch (MalformedException | dev.hindsight.model.failure.UnsupportedException e) {
                    continue;
                }
                assertThat(tolerated).isEqualTo(all.subList(0, tolerated.size()));
            }
        }
        assertThat(told).isGreaterThan(SEGMENTS.size() * 20);
    }

    @Test
    void damagedMutationsAreMalformedOrDecodeToAnEnd() {
        for (Path segment : SEGMENTS) {
            for (Frame frame : frames(Memory.of(segment), Tail.FINAL, 0, Integer.MAX_VALUE)) {
                if (random.nextInt(10) != 0 || frame.bytes().remaining() > 10_000) {
                    continue;
                }
                byte[] bytes = frame.bytes().array().clone();
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                int length = random.nextInt(5) == 0 ? random.nextInt(bytes.length) : bytes.length;
                MutationDecoder decoder = decoder(SegmentVersion.V50);
                try {
                    decoder.start(bytes, 0, length);
                    MutationText.of(decoder, new ArrayList<>());
                } catch (MalformedException | UnknownSchemaException e) {
                    // What is asked for.
                }
            }
        }
    }

    @Test
    void unknownTablesAndColumnsAreToldByName() {
        Path segment = SEGMENTS.get(0);
        MutationDecoder none = new MutationDecoder(SegmentVersion.V50, id -> Optional.empty());
        TableSchema small = DdlSchemas.tableSchema("ks", List.of(), "CREATE TABLE ks.small (k int PRIMARY KEY);");
        MutationDecoder other = new MutationDecoder(SegmentVersion.V50, id -> Optional.of(small));
        try (SegmentReader reader = open(new FileSource(segment), Tail.FINAL)) {
            assertThat(reader.next()).isTrue();
            none.start(reader.bytes, reader.at, reader.length);
            assertThatThrownBy(none::nextUpdate)
                    .isInstanceOf(UnknownSchemaException.class)
                    .hasMessageContaining("5bc52802");
            assertThatThrownBy(() -> {
                        do {
                            other.start(reader.bytes, reader.at, reader.length);
                            while (other.nextUpdate()) {
                                // Until one has columns.
                            }
                        } while (reader.next());
                    })
                    .isInstanceOf(UnknownSchemaException.class)
                    .hasMessageContaining("ks.small");
        }
    }

    @Test
    void anUnusedSegmentHasNothing() {
        for (int length : new int[] {0, 5, 1 << 20}) {
            assertThat(SegmentReader.open(new Memory(new byte[length]), Tail.FINAL))
                    .isEmpty();
            assertThat(SegmentReader.open(new Memory(new byte[length]), Tail.MAY_GROW))
                    .isEmpty();
        }
        byte[] lost = Memory.of(SEGMENTS.get(0)).bytes().clone();
        Arrays.fill(lost, 0, 64, (byte) 0);
        assertThatThrownBy(() -> SegmentReader.open(new Memory(lost), Tail.FINAL))
                .isInstanceOf(MalformedException.class);
    }

    private static int decode(SegmentReader reader, List<String> out) {
        MutationDecoder decoder = decoder(reader.descriptor().version());
        int frames = 0;
        while (reader.next()) {
            frames++;
            out.add("frame " + reader.length + " to " + reader.position());
            decoder.start(reader.bytes, reader.at, reader.length);
            MutationText.of(decoder, out);
        }
        return frames;
    }

    private static MutationDecoder decoder(SegmentVersion version) {
        return new MutationDecoder(version, id -> Optional.ofNullable(SCHEMAS.get(id)));
    }

    private static SegmentReader open(ByteSource source, Tail tail) {
        return SegmentReader.open(source, tail).orElseThrow();
    }

    /** A frame's bytes and where it ends. */
    private record Frame(ByteBuffer bytes, int end) {
        @Override
        public String toString() {
            return end + ":" + Integer.toHexString(bytes.hashCode());
        }
    }

    private static List<Frame> frames(ByteSource source, Tail tail, int from, int upTo) {
        List<Frame> out = new ArrayList<>();
        Optional<SegmentReader> opened =
                SegmentReader.open(source, tail, from, upTo, SegmentReader.DEFAULT_MAX_SECTION_BYTES);
        if (opened.isEmpty()) {
            return out;
        }
        return frames(opened.get());
    }

    private static List<Frame> frames(SegmentReader opened) {
        List<Frame> out = new ArrayList<>();
        try (SegmentReader reader = opened) {
            while (reader.next()) {
                byte[] copy = Arrays.copyOfRange(reader.bytes, reader.at, reader.at + reader.length);
                out.add(new Frame(ByteBuffer.wrap(copy), reader.position()));
            }
            assertThat(reader.end()).isNotNull();
        }
        return out;
    }

    private record Memory(byte[] bytes) implements ByteSource {
        static Memory of(Path file) {
            try {
                return new Memory(Files.readAllBytes(file));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public void read(long position, byte[] into, int offset, int length) {
            System.arraycopy(bytes, (int) position, into, offset, length);
        }
    }
}
