package dev.hindsight.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.codec.bytes.ByteSource;
import dev.hindsight.codec.commitlog.SegmentVersion;
import dev.hindsight.engine.journal.BeforePlan;
import dev.hindsight.engine.journal.JournalCompleter;
import dev.hindsight.engine.journal.JournalSteps;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.ring.TokenRanges;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentWriter;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.synthesis.InputSSTable;
import dev.hindsight.synthesis.OutputSSTable;
import dev.hindsight.synthesis.Scratch;
import dev.hindsight.synthesis.TableDefinition;
import dev.hindsight.synthesis.cursor.LocalSSTables;
import dev.hindsight.synthesis.journal.BeforeValues;
import dev.hindsight.synthesis.journal.JournalReplay;
import dev.hindsight.synthesis.journal.Update;
import dev.hindsight.synthesis.journal.UpdateCoding;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.io.util.DataOutputBuffer;
import org.apache.cassandra.net.MessagingService;
import org.apache.cassandra.schema.TableMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What completing costs: bytes of the base that are read, and CPU. Prints figures; {@code -Dtest.rows} sets the size. */
@Tag("nightly")
class CompletionCostTest {
    private static final Logger LOG = LoggerFactory.getLogger(CompletionCostTest.class);
    private static final int ROWS = Integer.getInteger("test.rows", 100_000);
    private static final int CHANGES = ROWS / 5;
    private static final long MICROS = 1_763_979_000_000_000L;
    private static final TableName TABLE = new TableName("shop", "orders");
    private static final UUID TABLE_ID = UUID.fromString("5bc52802-de25-35ed-aeab-188eecebb0aa");
    private static final TableDefinition DEFINITION = new TableDefinition(
            TABLE,
            List.of(),
            "CREATE TABLE shop.orders (id int PRIMARY KEY, v text, w text) WITH ID = " + TABLE_ID + ";");
    private static final UpdateCoding CODING = UpdateCoding.of("test", SegmentVersion.V50, TABLE_ID, DEFINITION);

    @TempDir
    Path temp;

    private final Random random = new Random(1);

    @Test
    void costIsInProportionToWhatIsTouched() throws Exception {
        CassandraRuntime.start();
        Scratch scratch = new Scratch(temp.resolve("scratch"), 4L << 30);
        List<Update> rows = new ArrayList<>();
        for (int key = 0; key < ROWS; key++) {
            rows.add(update(key + 1, key, MICROS));
        }
        rows.sort(null);
        List<OutputSSTable> base;
        try (JournalReplay replay = new JournalReplay(
                DEFINITION, TokenRanges.FULL, MICROS, temp.resolve("base"), JournalReplay.Limits.STANDARD, scratch)) {
            replay.add(rows.iterator());
            base = replay.finish();
        }
        Map<String, IntUnaryOperator> kinds = new HashMap<>();
        kinds.put("a fifth of all rows, anywhere", i -> random.nextInt(ROWS));
        kinds.put("200 hot rows", i -> random.nextInt(200));
        kinds.put("one row in 500, once", i -> i % (CHANGES / (ROWS / 500)) == 0 ? i * 5 : ROWS + i);
        kinds.put("new rows alone", i -> ROWS + i);
        int number = 0;
        for (Map.Entry<String, IntUnaryOperator> kind : kinds.entrySet()) {
            complete(kind.getKey(), kind.getValue(), base, scratch, temp.resolve("store" + number++));
        }
    }

    private Update update(long number, int key, long micros) throws Exception {
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            value.append("order " + random.nextInt(1000), 0, 5 + random.nextInt(4) % 3);
        }
        TableMetadata table = TableSchemas.parse(DEFINITION);
        PartitionUpdate.SimpleBuilder builder =
                PartitionUpdate.simpleBuilder(table, key).timestamp(micros).nowInSec(micros / 1_000_000);
        builder.row().add("v", value.toString());
        try (DataOutputBuffer out = new DataOutputBuffer()) {
            PartitionUpdate.serializer.serialize(builder.build(), out, MessagingService.VERSION_50);
            byte[] bytes = out.toByteArray();
            return Update.of(number, CODING, bytes, 0, bytes.length);
        }
    }

    private void complete(String kind, IntUnaryOperator keys, List<OutputSSTable> base, Scratch scratch, Path directory)
            throws Exception {
        ObjectStore store = DirectoryStore.create(directory);
        JournalLog log = new JournalLog(store, TABLE, TABLE_ID);
        List<JournalEntry.SchemaVersion> schemas = List.of(new JournalEntry.SchemaVersion(1, 0, 1));
        JournalEntry.Segment segment = segment(store, keys);
        log.append(new JournalEntry(
                JournalEntry.FORMAT,
                1,
                JournalEntry.NO_PREVIOUS,
                Instant.EPOCH,
                "test",
                TABLE,
                TABLE_ID,
                MICROS + 2L * CHANGES,
                CHANGES,
                schemas,
                List.of(new JournalEntry.Definition(1, List.of(), DEFINITION.ddl(), List.of())),
                List.of(segment),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty()));
        AtomicLong read = new AtomicLong();
        long baseBytes = base.stream()
                .flatMap(one -> one.files().stream())
                .mapToLong(file -> file.toFile().length())
                .sum();
        try (LocalSSTables local = new LocalSSTables()) {
            BeforePlan plan = new BeforePlan(
                    1,
                    CHANGES,
                    "b1",
                    Optional.empty(),
                    baseBytes,
                    ranges -> local.open(base, ranges).stream()
                            .map(one -> counted(one, read))
                            .toList(),
                    1,
                    MICROS,
                    List.of(segment),
                    version -> DEFINITION,
                    () -> new JournalSteps(List.of(), schemas, 1, MICROS, MICROS, Long.MAX_VALUE));
            long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            JournalCompleter.Report report = new JournalCompleter(
                            store, log, scratch, BeforeValues.Limits.STANDARD, Clock.systemUTC(), "test", new Random(7))
                    .complete(plan, 1);
            double seconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / 1e9;
            Completion completion = report.published().orElseThrow();
            assertThat(report.records()).isEqualTo(CHANGES);
            assertThat(read.get()).isLessThan(baseBytes * 11 / 10);
            // As a warning, so that it is printed.
            LOG.warn(String.format(
                    Locale.ROOT,
                    "COMPLETE %s: base %.1f MB stored, journal %.1f MB, base read %.1f MB = %.2f for each byte of the"
                            + " journal, before-values %.1f MB, CPU %.2f s = %.1f s/GB of journal",
                    kind,
                    baseBytes / 1e6,
                    report.updateBytes() / 1e6,
                    read.get() / 1e6,
                    (double) read.get() / report.updateBytes(),
                    completion.objects().stream()
                                    .mapToLong(part -> part.object().sizeBytes())
                                    .sum()
                            / 1e6,
                    seconds,
                    seconds / report.updateBytes() * 1e9));
        }
    }

    /** As from a store: nothing is read in place. */
    private static InputSSTable counted(InputSSTable input, AtomicLong read) {
        Map<String, ByteSource> components = new HashMap<>();
        input.components()
                .forEach((name, source) -> components.put(name, new ByteSource() {
                    @Override
                    public String name() {
                        return source.name();
                    }

                    @Override
                    public long sizeBytes() {
                        return source.sizeBytes();
                    }

                    @Override
                    public void read(long position, byte[] into, int offset, int length) {
                        read.addAndGet(length);
                        source.read(position, into, offset, length);
                    }
                }));
        return new InputSSTable(input.origin(), input.descriptor(), components, input.ranges());
    }

    private JournalEntry.Segment segment(ObjectStore store, IntUnaryOperator keys) throws Exception {
        List<Update> updates = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            updates.add(update(i + 1, keys.applyAsInt(i), MICROS + 1 + i));
        }
        List<Update> sorted = updates.stream().sorted(Comparator.naturalOrder()).toList();
        UUID id = new UUID(1, random.nextLong());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JournalSegmentWriter writer = new JournalSegmentWriter(out, TABLE_ID, id, 1, MICROS);
        long bytes = 0;
        for (Update one : sorted) {
            long at = MICROS + one.number;
            writer.add(
                    new ChangeRecord(
                            one.number,
                            at,
                            new Observation(at - 1, at),
                            false,
                            at,
                            new ContentDigest(0, one.number),
                            List.of(new Origin(new UUID(1, 1), new LogPosition(1, (int) one.number)))),
                    one.token,
                    8,
                    one.bytes,
                    one.at,
                    one.length,
                    one.keyAt - one.at,
                    one.keyLength);
            bytes += one.length;
        }
        writer.finish();
        byte[] object = out.toByteArray();
        ObjectRef ref = new ObjectRef(Keys.journalSegment(TABLE, TABLE_ID, id), object.length, Digests.of(object));
        store.putIfAbsent(ref.key(), Body.of(object));
        return new JournalEntry.Segment(
                ref,
                1,
                CHANGES,
                bytes,
                1,
                CHANGES,
                MICROS + 1,
                MICROS + CHANGES,
                writer.firstToken(),
                writer.lastToken());
    }
}
