package dev.hindsight.repository.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.journal.ChangeRecord;
import dev.hindsight.model.journal.ContentDigest;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.journal.Origin;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.digest.Digests;
import dev.hindsight.repository.document.Documents;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.journal.JournalLog.Outcome;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ForwardingStore;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JournalLogTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final TableName TABLE = new TableName("shop", "orders");
    private static final UUID ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");

    private final HeapStore store = new HeapStore();
    private final JournalLog log = new JournalLog(store, TABLE, ID);

    @Test
    void theNewestIsFoundWhateverIsKnown() {
        assertThat(log.newest()).isEmpty();
        for (int n = 1; n <= 70; n++) {
            log.append(entry(log, n, n * 10L, List.of(), List.of()));
            if (n % 7 == 0) {
                assertThat(log.newest().orElseThrow().number()).isEqualTo(n);
            }
            assertThat(new JournalLog(store, TABLE, ID).newest().orElseThrow().number())
                    .isEqualTo(n);
        }
    }

    @Test
    void aNumberIsWonOnceAndTheSameEntryAgainIsNoLoss() {
        JournalLog other = new JournalLog(store, TABLE, ID);
        JournalEntry first = entry(log, 1, 10, List.of(), List.of());

        assertThat(log.append(first)).isEqualTo(Outcome.PUBLISHED);
        assertThat(other.append(first)).isEqualTo(Outcome.PUBLISHED);
        assertThat(other.append(entry(other, 1, 11, List.of(), List.of()))).isEqualTo(Outcome.LOST);
        assertThatThrownBy(() -> {
                    JournalEntry second = entry(log, 2, 20, List.of(), List.of());
                    JournalLog fresh = new JournalLog(new HeapStore(), TABLE, ID);
                    fresh.append(entry(fresh, 1, 11, List.of(), List.of()));
                    fresh.append(second);
                })
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Entries 2 to 80 with checkpoints, and a floor at one of them. */
    private long goOnAndRaiseTheFloor() {
        JournalLog other = new JournalLog(store, TABLE, ID);
        for (long n = other.newest().orElseThrow().number() + 1; n <= 80; n++) {
            other.append(Checkpoints.in(other, entry(other, n, n * 10L, List.of(), List.of()), 10));
        }
        long floor = other.newest().orElseThrow().checkpoint().orElseThrow();
        other.raiseFloor(floor, Instant.EPOCH, "test");
        return floor;
    }

    @Test
    void whoStandsStillAfterItsPutUntilTheFloorIsHigherCannotKnowAndDeletesNothing() {
        log.append(entry(log, 1, 10, List.of(), List.of()));
        JournalLog stalling = new JournalLog(
                new ForwardingStore(store) {
                    @Override
                    public PutOutcome putIfAbsent(String key, Body body) {
                        PutOutcome outcome = super.putIfAbsent(key, body);
                        goOnAndRaiseTheFloor();
                        return outcome;
                    }
                },
                TABLE,
                ID);

        assertThat(stalling.append(entry(stalling, 2, 20, List.of(), List.of())))
                .isEqualTo(Outcome.UNKNOWN);

        // The first of its number: the others went on behind it.
        assertThat(log.entry(2).watermarkMicros()).isEqualTo(20);
        assertThat(stalling.newest().orElseThrow().number()).isEqualTo(80);
    }

    @Test
    void whoPutsANumberThatWasLetGoOfCannotKnowEitherAndDisturbsNobody() {
        log.append(entry(log, 1, 10, List.of(), List.of()));
        log.append(entry(log, 2, 20, List.of(), List.of()));
        JournalEntry late = entry(log, 3, 31, List.of(), List.of());
        long floor = goOnAndRaiseTheFloor();
        for (long n = 2; n < floor; n++) {
            store.delete(Keys.journalEntry(TABLE, ID, n));
        }

        assertThat(log.append(late)).isEqualTo(Outcome.UNKNOWN);

        assertThat(JournalView.find(new JournalLog(store, TABLE, ID))
                        .orElseThrow()
                        .newest()
                        .number())
                .isEqualTo(80);
        // Who reads from before the floor is told to begin again, not that something is damaged.
        store.putIfAbsent(Keys.journalEntry(TABLE, ID, 2), Body.of(Documents.toBytes(late(2))));
        assertThatThrownBy(() -> new JournalLog(store, TABLE, ID).entries(1, 3)).isInstanceOf(NotFoundException.class);
    }

    private JournalEntry late(long number) {
        JournalLog elsewhere = new JournalLog(new HeapStore(), TABLE, ID);
        for (long n = 1; n < number; n++) {
            elsewhere.append(entry(elsewhere, n, n, List.of(), List.of()));
        }
        return entry(elsewhere, number, number, List.of(), List.of());
    }

    @Test
    void anEntryThatWasChangedIsToldByTheOneBehindIt() {
        for (int n = 1; n <= 3; n++) {
            log.append(entry(log, n, n * 10L, List.of(), List.of()));
        }
        String key = Keys.journalEntry(TABLE, ID, 2);
        store.delete(key);
        store.putIfAbsent(key, Body.of(Documents.toBytes(entry(log, 2, 15, List.of(), List.of()))));

        assertThatThrownBy(() -> new JournalLog(store, TABLE, ID).entries(1, 3))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("000000000003.json");
        store.delete(key);
        store.putIfAbsent(key, Body.of(Documents.toBytes(entry(log, 1, 15, List.of(), List.of()))));
        assertThatThrownBy(() -> new JournalLog(store, TABLE, ID).entry(2))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("is entry 1");
    }

    @Test
    void theRecordSetBetweenTwoInstantsIsThatOfAModel() throws Exception {
        for (int run = 0; run < 60; run++) {
            Random random = new Random(SEED + run);
            HeapStore heap = new HeapStore();
            JournalLog journal = new JournalLog(heap, TABLE, ID);
            TreeMap<Long, Long> instants = new TreeMap<>();
            List<Event> truncations = new ArrayList<>();
            long watermark = 100;
            long number = 0;
            for (int n = 1; n <= 1 + random.nextInt(12); n++) {
                long next = watermark + 1 + random.nextInt(100);
                List<ChangeRecord> records = new ArrayList<>();
                long instant = watermark;
                for (int i = random.nextInt(20); i > 0; i--) {
                    instant = Math.min(next - 1, instant + random.nextInt(12));
                    number++;
                    instants.put(number, instant);
                    records.add(record(number, instant));
                }
                List<Event> events = new ArrayList<>();
                if (random.nextInt(6) == 0) {
                    long at = watermark + random.nextInt((int) (next - watermark));
                    long after = instants.entrySet().stream()
                            .filter(one -> one.getValue() <= at)
                            .mapToLong(java.util.Map.Entry::getKey)
                            .max()
                            .orElse(0);
                    events.add(new Event(EventKind.TRUNCATE, at, after, ID));
                    truncations.addAll(events);
                }
                journal.append(Checkpoints.in(
                        journal, entry(journal, n, next, segments(heap, records, random), events, number), 4));
                watermark = next;
            }
            for (int i = 0; i < 40; i++) {
                long from = 90 + random.nextInt((int) (watermark - 80));
                long to = Math.min(watermark - 1, from + random.nextInt(300));
                if (to < from) {
                    continue;
                }
                RecordSet set = RecordSet.between(heap, new JournalLog(heap, TABLE, ID), from, to);
                Optional<Event> truncated = truncations.stream()
                        .filter(one -> one.atMicros() >= from && one.atMicros() <= to)
                        .reduce((a, b) -> b);
                long cut = truncated.map(Event::afterNumber).orElse(0L);
                List<Long> wanted = instants.entrySet().stream()
                        .filter(one -> one.getValue() >= from && one.getValue() <= to && one.getKey() > cut)
                        .map(java.util.Map.Entry::getKey)
                        .toList();
                List<Long> got = new ArrayList<>();
                for (Segment segment : set.segments()) {
                    RecordCursor cursor = JournalSegmentReader.open(heap, segment.object())
                            .cursor(dev.hindsight.model.ring.TokenRange.FULL, set.firstNumber(), set.lastNumber());
                    while (cursor.next()) {
                        got.add(cursor.number);
                    }
                }
                assertThat(got)
                        .as("seed %d, %d to %d", SEED + run, from, to)
                        .containsExactlyInAnyOrderElementsOf(wanted);
                assertThat(set.isEmpty()).isEqualTo(wanted.isEmpty());
                assertThat(set.truncated()).isEqualTo(truncated);
            }
            long beyond = watermark;
            assertThatThrownBy(() -> RecordSet.between(heap, journal, 0, beyond))
                    .isInstanceOf(PreconditionFailedException.class);
        }
    }

    private static List<Segment> segments(HeapStore heap, List<ChangeRecord> records, Random random) throws Exception {
        List<List<ChangeRecord>> parts = List.of(new ArrayList<>(), new ArrayList<>());
        boolean two = random.nextInt(3) == 0;
        records.forEach(record -> parts.get(two ? random.nextInt(2) : 0).add(record));
        List<Segment> out = new ArrayList<>();
        for (List<ChangeRecord> part : parts) {
            if (part.isEmpty()) {
                continue;
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            UUID id = new UUID(random.nextLong(), random.nextLong());
            JournalSegmentWriter writer =
                    new JournalSegmentWriter(bytes, ID, id, part.get(0).number(), 0);
            for (ChangeRecord record : part) {
                writer.add(record, record.number(), 8, new byte[30], 0, 30, 17, 4);
            }
            writer.finish();
            String key = Keys.journalSegment(TABLE, ID, id);
            heap.putIfAbsent(key, Body.of(bytes.toByteArray()));
            ChangeRecord first = part.get(0);
            ChangeRecord last = part.get(part.size() - 1);
            out.add(new Segment(
                    new ObjectRef(key, bytes.size(), Digests.of(bytes.toByteArray())),
                    1,
                    part.size(),
                    30L * part.size(),
                    first.number(),
                    last.number(),
                    first.instantMicros(),
                    last.instantMicros(),
                    first.number(),
                    last.number()));
        }
        return out;
    }

    private static ChangeRecord record(long number, long instant) {
        return new ChangeRecord(
                number,
                instant,
                new Observation(instant, instant),
                false,
                instant,
                new ContentDigest(0, number),
                List.of(new Origin(ID, new LogPosition(1, 1))));
    }

    private static JournalEntry entry(
            JournalLog log, long number, long watermark, List<Segment> segments, List<Event> events) {
        return entry(log, number, watermark, segments, events, 0);
    }

    private static JournalEntry entry(
            JournalLog log, long number, long watermark, List<Segment> segments, List<Event> events, long lastNumber) {
        return new JournalEntry(
                JournalEntry.FORMAT,
                number,
                log.digestOf(number - 1),
                Instant.parse("2026-11-23T03:00:00Z"),
                "test",
                TABLE,
                ID,
                watermark,
                lastNumber,
                List.of(new SchemaVersion(1, 0, 1)),
                List.of(),
                segments,
                List.of(),
                List.of(),
                List.of(),
                events,
                Optional.empty());
    }
}
