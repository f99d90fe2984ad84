package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentPosition;
import dev.hindsight.codec.commitlog.SegmentReader;
import dev.hindsight.codec.commitlog.SegmentReader.Tail;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.lab.CassandraNode;
import dev.hindsight.lab.CassandraRing;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commit logs of real nodes: read while they are written and after the node was killed, decoded, held against Cassandra. */
@Tag("nightly")
class CommitLogOfNodesTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final System.Logger LOG = System.getLogger(CommitLogOfNodesTest.class.getName());

    @TempDir
    Path temp;

    private final Random random = new Random(SEED);
    private final Map<String, SegmentPosition> positions = new HashMap<>();
    private final Map<String, List<String>> seen = new TreeMap<>();

    @ParameterizedTest
    @CsvSource({
        "5.0,NONE,",
        "5.0,NONE,LZ4Compressor",
        "5.0,CASSANDRA_4,ZstdCompressor",
        "5.0,CASSANDRA_4,",
        "4.1,CASSANDRA_4,",
        "4.1,CASSANDRA_4,LZ4Compressor"
    })
    void whatTheTailGaveIsWhatCassandraReadsAfterAKill(String release, String mode, String compressor)
            throws Exception {
        Map<UUID, String> tables;
        try (CassandraRing ring = ring(release, mode, compressor == null ? "" : compressor)) {
            CassandraNode node = ring.node(0);
            CommitLogWorkload workload = new CommitLogWorkload(ring.session(), random, release.equals("5.0"));
            workload.create();
            for (int i = 0; i < 60; i++) {
                workload.run(60);
                poll(node.commitLogDirectory());
            }
            tables = describe(ring.session());
            node.kill();
            poll(node.commitLogDirectory());
        }
        oracle(mode);

        int frames = 0;
        int tailed = 0;
        for (Map.Entry<String, List<String>> segment : seen.entrySet()) {
            Path file = temp.resolve(segment.getKey());
            Map<String, String> theirs = byFrame(Files.readAllLines(Path.of(file + ".txt")));
            Map<String, String> ours = decode(file, tables);
            assertThat(ours.keySet()).containsAll(theirs.keySet());
            theirs.forEach((frame, text) ->
                    assertThat(ours.get(frame)).as(file + " " + frame).isEqualTo(text));
            assertThat(raw(file).subList(0, segment.getValue().size()))
                    .as("what the tail of " + file + " gave")
                    .isEqualTo(segment.getValue());
            frames += theirs.size();
            tailed += segment.getValue().size();
        }
        LOG.log(
                System.Logger.Level.INFO,
                release + " " + mode + " " + compressor + ": " + seen.size() + " segments, " + tailed
                        + " frames by the tail, " + frames + " mutations decoded as Cassandra does");
        assertThat(seen.keySet())
                .allMatch(name -> name.startsWith(mode.equals("NONE") ? "CommitLog-8-" : "CommitLog-7-"));
        assertThat(frames).isGreaterThan(3000);
        assertThat(tailed).isGreaterThan(3000);
    }

    private static CassandraRing ring(String release, String mode, String compressor) {
        var builder = CassandraRing.builder().cassandra(release).compatibilityMode(mode);
        if (!compressor.isEmpty()) {
            builder.yaml("commitlog_compression:\n  - class_name: " + compressor);
        }
        return builder.start();
    }

    /** As an agent does: holds every segment by a hard link, reads what is new in it. */
    private void poll(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = file.getName(file.getNameCount() - 1).toString();
            try {
                Files.createLink(temp.resolve(name), file);
            } catch (FileAlreadyExistsException e) {
                // Held already.
            } catch (NoSuchFileException e) {
                continue;
            }
            List<String> frames = seen.computeIfAbsent(name, key -> new ArrayList<>());
            Optional<SegmentReader> opened = SegmentReader.open(new FileSource(temp.resolve(name)), Tail.MAY_GROW);
            if (opened.isPresent()) {
                try (SegmentReader reader = opened.get()) {
                    Optional.ofNullable(positions.get(name)).ifPresent(reader::resume);
                    frames.addAll(raw(reader));
                    positions.put(name, reader.where());
                }
            }
        }
    }

    private static List<String> raw(SegmentReader reader) {
        List<String> out = new ArrayList<>();
        while (reader.next()) {
            byte[] copy = Arrays.copyOfRange(reader.bytes, reader.at, reader.at + reader.length);
            out.add(reader.position() + ":" + ByteBuffer.wrap(copy).hashCode());
        }
        return out;
    }

    private static List<String> raw(Path file) {
        try (SegmentReader reader =
                SegmentReader.open(new FileSource(file), Tail.MAY_GROW).orElseThrow()) {
            return raw(reader);
        } catch (java.util.NoSuchElementException e) {
            return List.of();
        }
    }

    /** Table ids and DDL of all keyspaces; the workload's as files for the process that asks Cassandra. */
    private Map<UUID, String> describe(CqlSession session) throws IOException {
        Map<UUID, String> out = new HashMap<>();
        StringBuilder types = new StringBuilder();
        List<String> unknown = new ArrayList<>();
        for (var row : session.execute(SimpleStatement.newInstance("DESCRIBE FULL SCHEMA WITH INTERNALS"))) {
            String keyspace = String.valueOf(row.getString("keyspace_name"));
            String ddl = String.valueOf(row.getString("create_statement"));
            boolean own = keyspace.equals(CommitLogWorkload.KEYSPACE);
            if ("type".equals(row.getString("type")) && own) {
                types.append(ddl).append('\n');
            }
            if ("table".equals(row.getString("type")) && !ddl.contains("VIRTUAL TABLE")) {
                UUID id = DdlSchemas.findTableId(ddl).orElseThrow();
                out.put(id, ddl);
                if (own) {
                    Files.writeString(temp.resolve(row.getString("name") + ".cql"), ddl);
                } else {
                    unknown.add(id.toString());
                }
            }
        }
        Files.writeString(temp.resolve("types"), types.toString());
        Files.write(temp.resolve("unknown"), unknown);
        return out;
    }

    private void oracle(String mode) throws Exception {
        Path arguments = temp.resolve("jvm.options");
        try (InputStream in = ReferenceSynthesiser.class.getResourceAsStream("jvm.options")) {
            assertThat(in).isNotNull();
            Files.writeString(arguments, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        Path log = temp.resolve("oracle-log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + arguments,
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CommitLogOracle.class.getName(),
                        temp.toString(),
                        mode,
                        CommitLogWorkload.KEYSPACE))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(300, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }

    private Map<String, String> decode(Path file, Map<UUID, String> tables) {
        List<String> types;
        try {
            types = List.of(Files.readString(temp.resolve("types")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<UUID, Optional<TableSchema>> schemas = new HashMap<>();
        Optional<SegmentReader> opened = SegmentReader.open(new FileSource(file), Tail.MAY_GROW);
        if (opened.isEmpty()) {
            return Map.of();
        }
        List<String> out = new ArrayList<>();
        try (SegmentReader reader = opened.get()) {
            SegmentVersion version = reader.descriptor().version();
            MutationDecoder decoder = new MutationDecoder(
                    version,
                    id -> schemas.computeIfAbsent(
                            id, key -> Optional.ofNullable(tables.get(key)).map(ddl -> schema(types, ddl))));
            while (reader.next()) {
                out.add("frame " + reader.length + " to " + reader.position());
                decoder.start(reader.bytes, reader.at, reader.length);
                MutationText.of(decoder, out);
            }
        }
        return byFrame(out);
    }

    private static TableSchema schema(List<String> types, String ddl) {
        String keyspace = dev.hindsight.model.schema.DdlStatement.parse(
                        dev.hindsight.model.schema.DdlStatement.split(ddl).get(0))
                .keyspace();
        return DdlSchemas.tableSchema(keyspace, keyspace.equals(CommitLogWorkload.KEYSPACE) ? types : List.of(), ddl);
    }

    private static Map<String, String> byFrame(List<String> lines) {
        Map<String, String> out = new LinkedHashMap<>();
        String frame = "";
        for (String line : lines) {
            if (line.startsWith("frame ")) {
                frame = line;
                out.put(frame, "");
            } else {
                out.merge(frame, line, (a, b) -> a + "\n" + b);
            }
        }
        return out;
    }
}
