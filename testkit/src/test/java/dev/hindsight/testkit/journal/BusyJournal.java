package dev.hindsight.testkit.journal;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.journal.RecordSet;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/** One table's journal that grows by small segments, from two replicas' captures. */
public final class BusyJournal {
    public static final TableName TABLE = new TableName("ks", "t");
    public static final UUID ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    public static final long BEGIN = 1_763_979_000_000_000L;
    private static final Definition SCHEMA = new Definition(
            1, List.of(), "CREATE TABLE ks.t (k int PRIMARY KEY, v int) WITH ID = " + ID + ";\n", List.of());

    final List<CaptureWorld> hosts = new ArrayList<>();
    private final ObjectStore store;
    private final Path scratch;
    private final Random random;
    private long now = BEGIN;
    private int writes;
    private long captured;

    public BusyJournal(ObjectStore store, Path scratch, long seed) {
        this.store = store;
        this.scratch = scratch;
        this.random = new Random(seed);
        for (int i = 1; i <= 2; i++) {
            CaptureWorld host = new CaptureWorld(store, new UUID(0, i), BEGIN / 1000 - i);
            host.add(new CaptureItem.NodeStarted(BEGIN, 1, "5.0.9"))
                    .add(new CaptureItem.Scope(Set.of("ks")))
                    .add(new CaptureItem.Seen(new LogPosition(1, 0), BEGIN));
            host.put();
            hosts.add(host);
        }
        begin();
    }

    private BusyJournal(ObjectStore store, Path scratch) {
        this.store = store;
        this.scratch = scratch;
        this.random = new Random(0);
    }

    /** Only looks. */
    public static BusyJournal reading(ObjectStore store, Path scratch) {
        return new BusyJournal(store, scratch);
    }

    /** The same entry, of another table's journal. */
    public static JournalEntry as(JournalEntry one, TableName table, UUID tableId) {
        return new JournalEntry(
                one.format(),
                one.number(),
                one.previous(),
                one.at(),
                one.writer(),
                table,
                tableId,
                one.watermarkMicros(),
                one.lastNumber(),
                one.schemas(),
                one.definitions(),
                one.segments(),
                one.consumed(),
                one.whole(),
                one.gaps(),
                one.events(),
                one.ended());
    }

    /** How many different writes were captured: what the last record's number must come to. */
    public long captured() {
        return captured;
    }

    public void begin() {
        begin(streams());
    }

    /** @param capturing that are known to capture the keyspace */
    public void begin(List<CaptureStream> capturing) {
        sealer(store).begin(SCHEMA, capturing);
    }

    public long now() {
        return now;
    }

    public void wait(Duration time) {
        now += time.toNanos() / 1000;
    }

    public Clock clock() {
        return new Clock() {
            @Override
            public Instant instant() {
                return Instant.EPOCH.plus(now, ChronoUnit.MICROS);
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
    }

    public List<CaptureStream> streams() {
        return hosts.stream().map(host -> host.stream).toList();
    }

    public Set<UUID> ids() {
        return hosts.stream().map(host -> host.stream.hostId()).collect(Collectors.toSet());
    }

    public JournalLog log() {
        return new JournalLog(store, TABLE, ID);
    }

    public Sealer sealer(ObjectStore on) {
        SealSettings settings =
                new SealSettings(1 << 20, Duration.ofSeconds(5), Duration.ofMillis(20), Duration.ofHours(6), 100_000);
        return new Sealer(on, new JournalLog(on, TABLE, ID), scratch, settings, clock(), "test", random);
    }

    /** Some writes, captured by both replicas in an object each. */
    public void capture() {
        long from = now;
        now += 100_000 + random.nextInt(400_000);
        List<byte[]> mutations = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            mutations.add(MutationBytes.mutation(write(random.nextInt(30), from + random.nextInt(100_000))));
        }
        for (CaptureWorld host : hosts) {
            host.add(new CaptureItem.Log(1, 8, new Observation(from - random.nextInt(1000), now)));
            mutations.forEach(host::frame);
            host.add(new CaptureItem.Seen(new LogPosition(1, 0), now));
            host.put();
        }
    }

    private MutationBytes.Update write(int key, long micros) {
        writes++;
        captured++;
        return new MutationBytes.Update(ID, MutationBytes.int4(key), micros, List.of("v"))
                .row(List.of(), Map.of("v", MutationBytes.int4(writes)));
    }

    public SealReport seal() {
        return sealer(store).seal(streams(), ids());
    }

    public void captureAndSeal(int times) {
        for (int i = 0; i < times; i++) {
            capture();
            seal();
        }
    }

    /** Everything about each record, by number, from all segments that hold any. */
    public TreeMap<Long, String> records() {
        TreeMap<Long, String> out = new TreeMap<>();
        JournalView view = JournalView.find(log()).orElseThrow();
        for (Segment segment : view.segments()) {
            JournalSegmentReader reader = JournalSegmentReader.open(store, segment.object());
            Map<Long, String> digests = new TreeMap<>();
            reader.places(place -> digests.put(place.number(), place.instantMicros() + " " + place.digest()));
            RecordCursor cursor = reader.cursor();
            while (cursor.next()) {
                String before = out.put(
                        cursor.number,
                        String.join(
                                " ",
                                cursor.token + "",
                                cursor.instantMicros + "",
                                cursor.observed().toString(),
                                cursor.late + "",
                                cursor.writeMicros + "",
                                cursor.logVersion + "",
                                cursor.origins().toString(),
                                digests.get(cursor.number),
                                update(cursor)));
                if (before != null) {
                    throw new AssertionError("record " + cursor.number + " is there twice");
                }
            }
        }
        return out;
    }

    private static String update(RecordCursor cursor) {
        return HexFormat.of()
                .formatHex(Arrays.copyOfRange(cursor.bytes, cursor.updateAt, cursor.updateAt + cursor.updateLength));
    }

    /** What a restore from one instant to another reads. */
    public Set<String> between(long from, long to) {
        RecordSet set = RecordSet.between(store, log(), from, to);
        return of(set);
    }

    public RecordSet set(long from, long to) {
        return RecordSet.between(store, log(), from, to);
    }

    public Set<String> of(RecordSet set) {
        Set<String> out = new TreeSet<>();
        for (Segment segment : set.segments()) {
            RecordCursor cursor = JournalSegmentReader.open(store, segment.object())
                    .cursor(TokenRange.FULL, set.firstNumber(), set.lastNumber());
            while (cursor.next()) {
                out.add(cursor.number + " " + update(cursor));
            }
        }
        return out;
    }
}
