package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.commitlog.MutationDecoder;
import dev.hindsight.codec.commitlog.SegmentReader;
import dev.hindsight.codec.commitlog.SegmentReader.Tail;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.codec.commitlog.UpdateSplitter;
import dev.hindsight.codec.schema.DdlSchemas;
import dev.hindsight.codec.schema.TableSchema;
import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.journal.CaptureHeader;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.CaptureWriter;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.store.Body;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.testkit.store.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Cassandra's own commit log has written, captured by three replicas that get it late, twice, or not at all, comes out of
 * the journals of its tables as it went in.
 */
class SealedCommitLogTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final long BEGIN = 1_763_979_000_000_000L;

    @TempDir
    private Path temp;

    private record Frame(int end, byte[] mutation) {}

    @Test
    void everyUpdateOfEveryTableIsInItsJournalOnce() throws Exception {
        for (String mode : List.of("NONE", "CASSANDRA_4")) {
            Path directory = Files.createDirectory(temp.resolve(mode));
            make(directory, mode);
            seal(directory, mode.equals("NONE") ? SegmentVersion.V50 : SegmentVersion.V40);
        }
    }

    private void seal(Path directory, SegmentVersion version) throws Exception {
        List<Frame> frames = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory.resolve("plain"))) {
            for (Path file : files.filter(one -> one.toString().endsWith(".log"))
                    .sorted()
                    .toList()) {
                try (SegmentReader reader =
                        SegmentReader.open(new FileSource(file), Tail.FINAL).orElseThrow()) {
                    assertThat(reader.descriptor().version()).isEqualTo(version);
                    while (reader.next()) {
                        frames.add(new Frame(
                                reader.position(),
                                Arrays.copyOfRange(reader.bytes, reader.at, reader.at + reader.length)));
                    }
                }
            }
        }
        assertThat(frames).hasSizeGreaterThan(300);
        Random random = new Random(SEED);
        MemoryStore store = new MemoryStore();
        List<CaptureStream> streams = new ArrayList<>();
        for (int host = 1; host <= 3; host++) {
            streams.add(capture(store, new UUID(0, host), frames, version, random));
        }
        Map<UUID, TableDefinition> tables = new HashMap<>();
        Map<UUID, TableSchema> schemas = new HashMap<>();
        for (TableDefinition definition : CommitLogTables.read()) {
            UUID id = DdlSchemas.findTableId(definition.ddl()).orElseThrow();
            tables.put(id, definition);
            schemas.put(id, DdlSchemas.tableSchema(definition.name().keyspace(), definition.types(), definition.ddl()));
        }
        Map<UUID, List<String>> written = written(frames, version, schemas);
        assertThat(written.keySet()).hasSizeGreaterThan(5);
        written.forEach((id, expected) -> {
            TreeMap<Long, String> sealed = sealed(store, streams, tables, id, version, schemas);
            assertThat(sealed.values()).as("table %s, seed %d", id, SEED).containsExactlyInAnyOrderElementsOf(expected);
        });
    }

    /** Texts of the updates of each table: of updates with equal bytes, one. */
    private static Map<UUID, List<String>> written(
            List<Frame> frames, SegmentVersion version, Map<UUID, TableSchema> schemas) {
        Set<ByteBuffer> updates = new HashSet<>();
        Map<UUID, List<String>> out = new HashMap<>();
        UpdateSplitter splitter = new UpdateSplitter(version, id -> Optional.ofNullable(schemas.get(id)));
        for (Frame frame : frames) {
            splitter.start(frame.mutation(), 0, frame.mutation().length);
            while (splitter.next()) {
                byte[] update = Arrays.copyOfRange(frame.mutation(), splitter.updateAt, splitter.updateEnd);
                if (updates.add(ByteBuffer.wrap(update))) {
                    out.computeIfAbsent(splitter.tableId, key -> new ArrayList<>())
                            .add(text(update, 0, update.length, version, schemas));
                }
            }
        }
        return out;
    }

    private static String text(
            byte[] bytes, int at, int length, SegmentVersion version, Map<UUID, TableSchema> schemas) {
        byte[] mutation = new byte[length + 1];
        mutation[0] = 1;
        System.arraycopy(bytes, at, mutation, 1, length);
        List<String> lines = new ArrayList<>();
        MutationDecoder decoder = new MutationDecoder(version, id -> Optional.ofNullable(schemas.get(id)));
        decoder.start(mutation, 0, mutation.length);
        MutationText.of(decoder, lines);
        return String.join("\n", lines);
    }

    private TreeMap<Long, String> sealed(
            MemoryStore store,
            List<CaptureStream> streams,
            Map<UUID, TableDefinition> tables,
            UUID id,
            SegmentVersion version,
            Map<UUID, TableSchema> schemas) {
        TableDefinition own = Optional.ofNullable(tables.get(id)).orElseThrow();
        TableName name = own.name();
        JournalLog log = new JournalLog(store, name, id);
        List<String> neighbours = tables.entrySet().stream()
                .filter(one -> !one.getKey().equals(id))
                .map(one -> one.getValue().ddl())
                .toList();
        Set<String> types = tables.values().stream()
                .flatMap(one -> one.types().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        SealSettings settings =
                new SealSettings(1 << 20, Duration.ofMinutes(2), Duration.ZERO, Duration.ofHours(6), 1_000_000);
        sealer(store, log, settings, BEGIN)
                .begin(new Definition(1, List.copyOf(types), own.ddl(), neighbours), List.of());
        sealer(store, log, settings, BEGIN + 1_000_000_000L)
                .seal(streams, streams.stream().map(CaptureStream::hostId).collect(Collectors.toSet()));
        TreeMap<Long, String> out = new TreeMap<>();
        long last = log.newest().orElseThrow().number();
        for (JournalEntry entry : log.entries(1, last)) {
            entry.segments().forEach(segment -> {
                RecordCursor cursor =
                        JournalSegmentReader.open(store, segment.object()).cursor();
                while (cursor.next()) {
                    assertThat(cursor.logVersion).isEqualTo(version.number());
                    out.put(cursor.number, text(cursor.bytes, cursor.updateAt, cursor.updateLength, version, schemas));
                }
            });
        }
        return out;
    }

    private Sealer sealer(MemoryStore store, JournalLog log, SealSettings settings, long nowMicros) {
        Clock clock = Clock.fixed(Instant.ofEpochSecond(nowMicros / 1_000_000), ZoneOffset.UTC);
        return new Sealer(store, log, temp, settings, clock, "test", new Random(SEED));
    }

    /** Of the first host, every frame; of the others, most. Some come later, some twice. */
    private static CaptureStream capture(
            MemoryStore store, UUID host, List<Frame> frames, SegmentVersion version, Random random)
            throws IOException {
        Incarnation incarnation = new Incarnation(BEGIN / 1000, 7);
        TreeMap<Integer, List<Frame>> batches = new TreeMap<>();
        for (int i = 0; i < frames.size(); i++) {
            if (host.getLeastSignificantBits() > 1 && random.nextInt(5) == 0) {
                continue;
            }
            for (int copies = random.nextInt(10) == 0 ? 2 : 1; copies > 0; copies--) {
                int batch = i / 20 + (random.nextInt(8) == 0 ? random.nextInt(30) : random.nextInt(2));
                batches.computeIfAbsent(batch, key -> new ArrayList<>()).add(frames.get(i));
            }
        }
        String previous = CaptureHeader.NONE;
        long number = 0;
        long at = BEGIN;
        for (Map.Entry<Integer, List<Frame>> batch : batches.entrySet()) {
            long from = at;
            at = BEGIN + (batch.getKey() + 1) * 100_000L + random.nextInt(50_000);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            CaptureHeader header = new CaptureHeader(host, incarnation, number, previous);
            CaptureWriter writer = new CaptureWriter(out, header);
            writer.add(new CaptureItem.Scope(Set.of("ks")));
            writer.add(new CaptureItem.Log(batch.getKey() + 1, version.number(), new Observation(from, at)));
            int position = 0;
            for (Frame frame : batch.getValue()) {
                position += frame.mutation().length + 12;
                writer.frame(position, frame.mutation(), 0, frame.mutation().length);
            }
            at++;
            writer.add(new CaptureItem.Seen(new LogPosition(batch.getKey() + 1, position), at));
            previous = writer.finish();
            store.putIfAbsent(header.key(), Body.of(out.toByteArray()));
            number++;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CaptureHeader header = new CaptureHeader(host, incarnation, number, previous);
        CaptureWriter writer = new CaptureWriter(out, header);
        writer.add(new CaptureItem.Seen(new LogPosition(Integer.MAX_VALUE, 0), BEGIN + 990_000_000L));
        writer.finish();
        store.putIfAbsent(header.key(), Body.of(out.toByteArray()));
        return new CaptureStream(host, incarnation);
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
                        "600"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(300, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }
}
