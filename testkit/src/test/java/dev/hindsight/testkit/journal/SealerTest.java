package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.ring.TokenRange;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalSegmentReader;
import dev.hindsight.repository.journal.RecordCursor;
import dev.hindsight.repository.journal.RecordSet;
import dev.hindsight.testkit.store.MemoryStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Captures of three replicas, written by hand, become a journal. */
class SealerTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final int RUNS = Integer.getInteger("test.runs", 10);
    private static final TableName TABLE = new TableName("ks", "t");
    private static final UUID ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    private static final UUID TWIN = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c56");
    private static final UUID FOREIGN = UUID.fromString("11111111-c7b1-11f0-9d6b-0b1d8a7f3c57");
    private static final long BEGIN = 1_763_979_000_000_000L;
    private static final Definition SCHEMA = new Definition(
            1,
            List.of(),
            "CREATE TABLE ks.t (k int PRIMARY KEY, v int) WITH ID = " + ID + ";\n",
            List.of("CREATE TABLE ks.twin (k int PRIMARY KEY, w text) WITH ID = " + TWIN + ";\n"));

    @TempDir
    private Path scratch;

    private final MemoryStore store = new MemoryStore();
    private final JournalLog log = new JournalLog(store, TABLE, ID);
    private long now = BEGIN;

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private Sealer sealer(MemoryStore on, SealSettings settings, long seed) {
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                return Instant.EPOCH.plus(now, ChronoUnit.MICROS);
            }

            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }
        };
        return new Sealer(on, new JournalLog(on, TABLE, ID), scratch, settings, clock, "test", new Random(seed));
    }

    private static SealSettings settings(long roundBytes) {
        return new SealSettings(roundBytes, Duration.ofSeconds(5), Duration.ofMillis(20), Duration.ofHours(6), 100_000);
    }

    private static MutationBytes.Update write(UUID table, int key, int value, long micros) {
        boolean own = table.equals(ID);
        return new MutationBytes.Update(table, MutationBytes.int4(key), micros, List.of(own ? "v" : "w"))
                .row(
                        List.of(),
                        Map.of(own ? "v" : "w", own ? MutationBytes.int4(value) : MutationBytes.sized("w" + value)));
    }

    /** What the journal holds, by number. */
    private record Sealed(long instant, Observation observed, boolean late, String update, int origins, long entry) {}

    private static TreeMap<Long, Sealed> journal(MemoryStore store) {
        JournalLog log = new JournalLog(store, TABLE, ID);
        TreeMap<Long, Sealed> out = new TreeMap<>();
        long last = log.newest().orElseThrow().number();
        for (JournalEntry entry : log.entries(1, last)) {
            for (Segment segment : entry.segments()) {
                RecordCursor cursor =
                        JournalSegmentReader.open(store, segment.object()).cursor();
                while (cursor.next()) {
                    String update = HexFormat.of()
                            .formatHex(cursor.bytes, cursor.updateAt, cursor.updateAt + cursor.updateLength);
                    Sealed before = out.put(
                            cursor.number,
                            new Sealed(
                                    cursor.instantMicros,
                                    cursor.observed(),
                                    cursor.late,
                                    update,
                                    cursor.origins().size(),
                                    entry.number()));
                    assertThat(before).isNull();
                }
            }
        }
        return out;
    }

    private static final class Replica {
        private final CaptureWorld capture;
        private final TreeMap<Long, List<byte[]>> log = new TreeMap<>();
        private long passed = BEGIN;
        private long downUntil;

        Replica(CaptureWorld capture) {
            this.capture = capture;
        }
    }

    /** Three replicas with their own pace; writes that some of them get late, twice, or never. */
    private final class Ring {
        private final Random random;
        private final List<Replica> hosts = new ArrayList<>();
        private final Set<String> captured = new TreeSet<>();
        private int writes;

        Ring(Random random) {
            this.random = random;
            for (int i = 1; i <= 3; i++) {
                CaptureWorld host = new CaptureWorld(store, new UUID(0, i), BEGIN / 1000 - i);
                host.add(new CaptureItem.NodeStarted(BEGIN, 1, "5.0.9"))
                        .add(new CaptureItem.Scope(Set.of("ks")))
                        .add(new CaptureItem.Seen(new LogPosition(1, 0), BEGIN));
                host.put();
                hosts.add(new Replica(host));
            }
        }

        Set<UUID> ids() {
            return hosts.stream().map(host -> host.capture.stream.hostId()).collect(Collectors.toSet());
        }

        List<CaptureStream> streams() {
            return hosts.stream().map(host -> host.capture.stream).toList();
        }

        void someWrite() {
            writes++;
            long micros = random.nextInt(6) == 0 ? BEGIN + random.nextInt(100_000_000) - 50_000_000L : now;
            List<MutationBytes.Update> updates = new ArrayList<>();
            int key = random.nextInt(20);
            int kind = random.nextInt(8);
            if (kind == 0) {
                updates.add(write(TWIN, key, writes, micros));
            } else if (kind == 1) {
                updates.add(write(FOREIGN, key, writes, micros));
            } else {
                updates.add(write(ID, key, writes, micros));
                if (kind == 2) {
                    updates.add(random.nextInt(2), write(TWIN, key, writes, micros));
                }
            }
            byte[] mutation = MutationBytes.mutation(updates.toArray(MutationBytes.Update[]::new));
            boolean some = false;
            for (Replica host : hosts) {
                int what = random.nextInt(10);
                if (what == 0 && (some || host != hosts.get(2))) {
                    continue;
                }
                some = true;
                long at = now + random.nextInt(50_000) + (what == 1 ? random.nextInt(8_000_000) : 0);
                for (int copies = what == 2 ? 2 : 1; copies > 0; copies--) {
                    host.log
                            .computeIfAbsent(at + copies, x -> new ArrayList<>())
                            .add(mutation);
                }
            }
            if (kind >= 2) {
                captured.add(
                        HexFormat.of().formatHex(write(ID, key, writes, micros).bytes()));
            }
        }

        void pass(Replica host, boolean last) {
            if (!last && host.downUntil > now) {
                return;
            }
            if (!last && random.nextInt(60) == 0) {
                host.downUntil = now + random.nextInt(12_000_000);
                return;
            }
            TreeMap<Long, List<byte[]>> ready = new TreeMap<>(host.log.headMap(now, false));
            if (!ready.isEmpty()) {
                host.capture.add(new CaptureItem.Log(1, 8, new Observation(host.passed, now)));
                ready.values().forEach(frames -> frames.forEach(host.capture::frame));
                ready.keySet().forEach(host.log::remove);
            }
            host.passed = now;
            if (last || random.nextInt(3) == 0) {
                host.capture.add(new CaptureItem.Seen(new LogPosition(1, 0), now));
                host.capture.put();
            }
        }

        void finish() {
            for (int i = 0; i < 3; i++) {
                now += 20_000_000;
                hosts.forEach(host -> pass(host, true));
            }
        }
    }

    @Test
    void everyCapturedUpdateIsARecordOnceWhateverTheOrder() {
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            simulate(seed);
        }
    }

    private void simulate(long seed) {
        store.keys().forEach(store::delete);
        now = BEGIN;
        Random random = new Random(seed);
        Ring ring = new Ring(random);
        SealSettings settings = settings(random.nextInt(3) == 0 ? 1 << 20 : 500 + random.nextInt(5000));
        List<Sealer> sealers = List.of(sealer(store, settings, seed), sealer(store, settings, seed + 1));
        sealers.get(0).begin(SCHEMA, ring.streams());
        Map<Long, Set<String>> answers = new TreeMap<>();
        int steps = 50 + random.nextInt(400);
        for (int step = 0; step < steps; step++) {
            now += random.nextInt(100_000);
            for (int i = random.nextInt(4); i > 0; i--) {
                ring.someWrite();
            }
            ring.hosts.forEach(host -> ring.pass(host, false));
            if (random.nextInt(10) == 0) {
                sealers.get(random.nextInt(2)).seal(ring.streams(), ring.ids());
                ask(answers, random, seed);
            }
        }
        ring.finish();
        SealReport report = sealers.get(0).seal(ring.streams(), ring.ids());
        assertThat(report.watermarkMicros()).as("seed %d", seed).isGreaterThan(now - 20_000_001);

        TreeMap<Long, Sealed> journal = journal(store);
        assertThat(journal.values().stream().map(Sealed::update).toList())
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(ring.captured);
        requireLaws(journal, seed);
        answers.forEach((instant, answer) ->
                assertThat(upTo(instant)).as("seed %d at %d", seed, instant).isEqualTo(answer));
        int objects = store.keys().size();
        assertThat(sealers.get(1).seal(ring.streams(), ring.ids()).entries()).isZero();
        assertThat(sealer(store, settings, 1).seal(ring.streams(), ring.ids()).entries())
                .isZero();
        assertThat(store.keys()).hasSize(objects);
    }

    private void ask(Map<Long, Set<String>> answers, Random random, long seed) {
        long watermark = new JournalLog(store, TABLE, ID).newest().orElseThrow().watermarkMicros();
        if (watermark > BEGIN + 1) {
            long instant = BEGIN + random.nextLong(watermark - BEGIN);
            Set<String> answer = upTo(instant);
            assertThat(answers.getOrDefault(instant, answer))
                    .as("seed %d", seed)
                    .isEqualTo(answer);
            answers.put(instant, answer);
        }
    }

    private Set<String> upTo(long instant) {
        RecordSet set = RecordSet.between(store, new JournalLog(store, TABLE, ID), 0, instant);
        Set<String> out = new TreeSet<>();
        for (Segment segment : set.segments()) {
            RecordCursor cursor = JournalSegmentReader.open(store, segment.object())
                    .cursor(TokenRange.FULL, set.firstNumber(), set.lastNumber());
            while (cursor.next()) {
                assertThat(cursor.instantMicros).isLessThanOrEqualTo(instant);
                out.add(HexFormat.of().formatHex(cursor.bytes, cursor.updateAt, cursor.updateAt + cursor.updateLength));
            }
        }
        return out;
    }

    private void requireLaws(TreeMap<Long, Sealed> journal, long seed) {
        long number = 0;
        long instant = 0;
        JournalLog whole = new JournalLog(store, TABLE, ID);
        for (Map.Entry<Long, Sealed> one : journal.entrySet()) {
            Sealed record = one.getValue();
            assertThat(one.getKey()).isEqualTo(++number);
            assertThat(record.instant()).as("seed %d", seed).isGreaterThanOrEqualTo(instant);
            instant = record.instant();
            long before = whole.entry(record.entry() - 1).watermarkMicros();
            assertThat(record.late())
                    .as("seed %d", seed)
                    .isEqualTo(record.observed().toMicros() < before);
            if (record.late()) {
                assertThat(record.instant()).isEqualTo(before);
            } else {
                assertThat(record.instant())
                        .isBetween(
                                record.observed().fromMicros(),
                                record.observed().toMicros());
            }
            assertThat(record.instant()).isLessThan(whole.entry(record.entry()).watermarkMicros());
        }
    }

    private CaptureWorld host(int number) {
        CaptureWorld host = new CaptureWorld(store, new UUID(0, number), BEGIN / 1000);
        host.add(new CaptureItem.Scope(Set.of("ks"))).add(new CaptureItem.Seen(new LogPosition(1, 0), BEGIN));
        host.put();
        return host;
    }

    private void frames(CaptureWorld host, long from, long to, byte[]... mutations) {
        host.add(new CaptureItem.Log(1, 8, new Observation(from, to)));
        for (byte[] mutation : mutations) {
            host.frame(mutation);
        }
        host.add(new CaptureItem.Seen(new LogPosition(1, 0), to));
        host.put();
        now = Math.max(now, to);
    }

    @Test
    void aSealerThatDiesOrLosesLeavesNothingInTheJournal() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer first = sealer(store, settings(1 << 20), 1);
        Sealer second = sealer(store, settings(1 << 20), 2);
        first.begin(SCHEMA, List.of(host.stream));
        assertThat(second.begin(SCHEMA, List.of()).number()).isEqualTo(1);
        frames(host, BEGIN, BEGIN + 100_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5)));

        for (String point : List.of("seal.segment=error", "seal.entry=error")) {
            Failpoints.arm(point);
            assertThatThrownBy(() -> first.seal(List.of(), awaited)).isInstanceOf(NotAppliedException.class);
            Failpoints.disarmAll();
            assertThat(log.newest().orElseThrow().number()).isEqualTo(1);
        }
        assertThat(second.seal(List.of(), awaited).records()).isEqualTo(1);
        assertThat(first.seal(List.of(), awaited).entries()).isZero();
        assertThat(journal(store)).hasSize(1);
    }

    @Test
    void aHostThatGivesNothingIsLeftOutAndWhatItGivesLaterIsLate() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        frames(one, BEGIN, BEGIN + 100_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5)));

        assertThat(sealer.seal(List.of(), awaited).entries()).isZero();
        now = BEGIN + 6_000_000;
        frames(one, BEGIN + 100_000, now, MutationBytes.mutation(write(ID, 1, 2, now - 5)));
        assertThat(sealer.seal(List.of(), awaited).records()).isEqualTo(2);
        assertThat(log.newest().orElseThrow().watermarkMicros()).isEqualTo(now + 1);
        long watermark = now + 1;
        now += 1_000_000;
        frames(two, BEGIN, BEGIN + 7, MutationBytes.mutation(write(ID, 7, 7, BEGIN + 6)));
        frames(two, BEGIN + 7, now);
        frames(one, now - 10, now);
        assertThat(sealer.seal(List.of(), awaited).records()).isEqualTo(1);

        Sealed late = journal(store).lastEntry().getValue();
        assertThat(late.late()).isTrue();
        assertThat(late.instant()).isEqualTo(watermark);
        assertThat(late.observed()).isEqualTo(new Observation(BEGIN, BEGIN + 7));
    }

    @Test
    void holesAndGapsAreToldAndWholeStretchesAreWhole() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 100);
        host.add(new CaptureItem.Done(new LogPosition(1, 5), false));
        host.put();
        host.add(new CaptureItem.NodeStarted(BEGIN + 50_000, 2, "5.0.9"));
        frames(host, BEGIN + 50_000, BEGIN + 60_000);
        host.add(new CaptureItem.Gap(
                new LogPosition(2, 5), new LogPosition(2, 9), BEGIN + 70_000, BEGIN + 80_000, "cap"));
        frames(host, BEGIN + 80_000, BEGIN + 90_000);
        host.add(new CaptureItem.Scope(Set.of("other")));
        frames(host, BEGIN + 90_000, BEGIN + 95_000);
        sealer.seal(List.of(), Set.of(new UUID(0, 1)));

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.whole().stream()
                        .map(one -> (one.fromMicros() - BEGIN) + "-" + (one.toMicros() - BEGIN))
                        .toList())
                .containsExactly("0-100", "50000-60000", "60000-70000", "80000-90000");
        assertThat(entry.gaps().stream()
                        .map(one -> (one.fromMicros() - BEGIN) + "-" + (one.toMicros() - BEGIN))
                        .toList())
                .containsExactly("100-50000", "70000-80000");
        assertThat(entry.consumed().get(0).holeMicros()).contains(BEGIN + 90_000);
    }

    @Test
    void aTruncateIsAnEventOfItsInstant() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        long at = BEGIN + 50_000;
        for (CaptureWorld host : List.of(one, two)) {
            frames(
                    host,
                    BEGIN,
                    BEGIN + 100_000,
                    MutationBytes.mutation(write(ID, 1, 1, at - 1000)),
                    truncation(at / 1000),
                    MutationBytes.mutation(write(ID, 2, 2, at + 1000)));
        }
        sealer.seal(List.of(), awaited);

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.events()).hasSize(2).allSatisfy(event -> {
            assertThat(event.kind()).isEqualTo(EventKind.TRUNCATE);
            assertThat(event.atMicros()).isEqualTo(at);
            assertThat(event.afterNumber()).isEqualTo(1);
        });
        RecordSet before = RecordSet.between(store, log, 0, at - 1);
        assertThat(before.truncated()).isEmpty();
        assertThat(before.lastNumber()).isEqualTo(1);
        RecordSet after = RecordSet.between(store, log, 0, at + 2000);
        assertThat(after.truncated()).isPresent();
        assertThat(after.firstNumber()).isEqualTo(2);

        // Another incarnation of the capture reads the log again.
        CaptureWorld again = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        again.add(new CaptureItem.Scope(Set.of("ks")));
        frames(
                again,
                BEGIN,
                BEGIN + 900_000,
                MutationBytes.mutation(write(ID, 1, 1, at - 1000)),
                truncation(at / 1000));
        frames(two, BEGIN + 100_000, BEGIN + 900_000);
        sealer.seal(List.of(again.stream), awaited);
        assertThat(log.newest().orElseThrow().events()).isEmpty();
        assertThat(journal(store)).hasSize(2);
        assertThat(log.newest().orElseThrow().truncatedMicros()).contains(at);

        // So does a sealer that does not remember what was published.
        Sealer forgetful = sealer(
                store, new SealSettings(1 << 20, Duration.ofSeconds(5), Duration.ofMillis(20), Duration.ZERO, 0), 3);
        CaptureWorld third = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 6000);
        third.add(new CaptureItem.Scope(Set.of("ks")));
        frames(third, 0, BEGIN + 1_900_000, MutationBytes.mutation(write(ID, 1, 1, at - 1000)), truncation(at / 1000));
        frames(two, BEGIN + 900_000, BEGIN + 1_900_000);
        assertThat(forgetful.seal(List.of(third.stream), awaited).records()).isZero();
        assertThat(journal(store)).hasSize(2);
    }

    @Test
    void aTruncateFromBeforeTheJournalIsNoEventWhenItsLogIsReadAgain() {
        CaptureWorld one = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream));
        long at = BEGIN - 3_600_000_000L;
        frames(one, BEGIN, BEGIN + 100_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 1000)));
        sealer.seal(List.of(), Set.of(new UUID(0, 1)));

        CaptureWorld again = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        again.add(new CaptureItem.Scope(Set.of("ks")));
        frames(
                again,
                0,
                BEGIN + 900_000,
                MutationBytes.mutation(write(ID, 2, 2, at - 1000)),
                truncation(at / 1000),
                MutationBytes.mutation(write(ID, 1, 1, BEGIN + 1000)));
        sealer.seal(List.of(again.stream), Set.of(new UUID(0, 1)));

        assertThat(log.entries(1, log.newest().orElseThrow().number()))
                .allSatisfy(entry -> assertThat(entry.events()).isEmpty());
        assertThat(journal(store)).as("what was truncated stays away").hasSize(1);
    }

    private static byte[] truncation(long millis) {
        byte[] path = ByteBuffer.allocate(16)
                .putLong(ID.getMostSignificantBits())
                .putLong(ID.getLeastSignificantBits())
                .array();
        byte[] value =
                ByteBuffer.allocate(20).putLong(1).putInt(4711).putLong(millis).array();
        return MutationBytes.mutation(new MutationBytes.Update(
                        system("system", "local"),
                        "local".getBytes(StandardCharsets.UTF_8),
                        millis * 1000,
                        List.of("truncated_at"))
                .mapRow(path, value));
    }

    private static UUID system(String keyspace, String table) {
        return UUID.nameUUIDFromBytes((keyspace + table).getBytes(StandardCharsets.UTF_8));
    }

    private static MutationBytes.Update schema(String table, long micros, List<String> columns) {
        return new MutationBytes.Update(
                system("system_schema", table), "ks".getBytes(StandardCharsets.UTF_8), micros, columns);
    }

    private static MutationBytes.Update column(String table, String name, String kind, String type, long micros) {
        return schema("columns", micros, List.of("kind", "type"))
                .row(
                        List.of(table, name),
                        Map.of("kind", MutationBytes.sized(kind), "type", MutationBytes.sized(type)));
    }

    private static byte[] drop(String name, String type, long micros) {
        return MutationBytes.mutation(
                schema("columns", micros, List.of("kind", "type")).delete(List.of("t", name)),
                schema("dropped_columns", micros, List.of("dropped_time", "kind", "type"))
                        .row(
                                List.of("t", name),
                                Map.of(
                                        "dropped_time",
                                        ByteBuffer.allocate(8)
                                                .putLong(micros / 1000)
                                                .array(),
                                        "kind",
                                        MutationBytes.sized("regular"),
                                        "type",
                                        MutationBytes.sized(type))));
    }

    @Test
    void theSchemaIsThatOfThePosition() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        byte[] add = MutationBytes.mutation(column("t", "x", "regular", "text", BEGIN + 10_000));
        byte[] withX = MutationBytes.mutation(
                new MutationBytes.Update(ID, MutationBytes.int4(5), BEGIN + 15_000, List.of("v", "x"))
                        .row(List.of(), Map.of("v", MutationBytes.int4(1), "x", MutationBytes.sized("x"))));
        byte[] dropped = drop("v", "int", BEGIN + 20_000);
        byte[] old = MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5_000));
        byte[] onlyX =
                MutationBytes.mutation(new MutationBytes.Update(ID, MutationBytes.int4(6), BEGIN + 25_000, List.of("x"))
                        .row(List.of(), Map.of("x", MutationBytes.sized("y"))));
        frames(one, BEGIN, BEGIN + 9_000, old);
        frames(one, BEGIN + 9_000, BEGIN + 12_000, add);
        frames(one, BEGIN + 12_000, BEGIN + 30_000, withX, add, dropped, onlyX);
        frames(two, BEGIN, BEGIN + 30_000, add, withX, old, dropped, onlyX);

        sealer.seal(List.of(), awaited);

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(journal(store)).hasSize(3);
        assertThat(entry.schemas().stream()
                        .map(version -> version.version() + "@"
                                + (version.sinceMicros() == 0 ? 0 : version.sinceMicros() - BEGIN))
                        .toList())
                .containsExactly("1@0", "2@10000", "3@20000");
        assertThat(log.definition(entry, 3).ddl())
                .isEqualTo(SCHEMA.ddl() + "ALTER TABLE \"ks\".\"t\" ADD \"x\" text;\n"
                        + "ALTER TABLE \"ks\".\"t\" DROP \"v\" USING TIMESTAMP " + (BEGIN + 20_000) + ";\n");
        assertThat(RecordSet.between(store, log, 0, BEGIN + 9_999).schema()).isEqualTo(1);
        assertThat(RecordSet.between(store, log, 0, BEGIN + 20_001).schema()).isEqualTo(3);

        // All of it once more, from a capture that lost its state.
        CaptureWorld again = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        again.add(new CaptureItem.Scope(Set.of("ks")));
        frames(again, BEGIN, BEGIN + 900_000, add, withX, old, dropped, onlyX);
        frames(two, BEGIN + 30_000, BEGIN + 900_000);
        sealer.seal(List.of(again.stream), awaited);
        assertThat(log.newest().orElseThrow().schemas()).hasSize(3);
        assertThat(journal(store)).hasSize(3);
    }

    @Test
    void typesAndNeighboursComeAndGo() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        UUID late = new UUID(77, 78);
        byte[] type = MutationBytes.mutation(schema("types", BEGIN + 1000, List.of("field_names", "field_types"))
                .row(
                        List.of("point"),
                        Map.of("field_names", texts("x", "y"), "field_types", texts("int", "frozen<list<text>>"))));
        byte[] column = MutationBytes.mutation(column("t", "p", "regular", "frozen<point>", BEGIN + 2000));
        byte[] table = MutationBytes.mutation(
                schema("tables", BEGIN + 3000, List.of("id"))
                        .row(
                                List.of("late"),
                                Map.of(
                                        "id",
                                        ByteBuffer.allocate(16)
                                                .putLong(77)
                                                .putLong(78)
                                                .array())),
                schema("columns", BEGIN + 3000, List.of("kind", "type"))
                        .row(
                                List.of("late", "k"),
                                Map.of(
                                        "kind",
                                        MutationBytes.sized("partition_key"),
                                        "type",
                                        MutationBytes.sized("int")))
                        .row(
                                List.of("late", "z"),
                                Map.of("kind", MutationBytes.sized("regular"), "type", MutationBytes.sized("int"))));
        byte[] both = MutationBytes.mutation(
                new MutationBytes.Update(late, MutationBytes.int4(5), BEGIN + 4000, List.of("z"))
                        .row(List.of(), Map.of("z", MutationBytes.int4(1))),
                write(ID, 5, 5, BEGIN + 4000));
        frames(host, BEGIN, BEGIN + 9_000, type, column, table, both);

        sealer.seal(List.of(), awaited);

        assertThat(journal(store)).hasSize(1);
        JournalEntry entry = log.newest().orElseThrow();
        Definition newest = log.definition(entry, entry.schemas().size());
        assertThat(newest.types())
                .containsExactly("CREATE TYPE \"ks\".\"point\" (\"x\" int, \"y\" frozen<list<text>>);");
        assertThat(newest.neighbours()).hasSize(2);
        assertThat(newest.ddl()).contains("ADD \"p\" frozen<point>");
    }

    private static byte[] texts(String... texts) {
        ByteBuffer out = ByteBuffer.allocate(200).putInt(texts.length);
        for (String text : texts) {
            out.putInt(text.length()).put(text.getBytes(StandardCharsets.UTF_8));
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return MutationBytes.sized(bytes);
    }

    @Test
    void whatCannotBeFollowedStopsSealingByName() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(
                host,
                BEGIN,
                BEGIN + 9_000,
                MutationBytes.mutation(
                        new MutationBytes.Update(ID, MutationBytes.int4(5), BEGIN + 4000, List.of("unheard"))
                                .row(List.of(), Map.of("unheard", MutationBytes.int4(1)))));

        assertThatThrownBy(() -> sealer.seal(List.of(), awaited))
                .isInstanceOf(UnsupportedException.class)
                .hasMessageContaining("unheard");
        assertThat(log.newest().orElseThrow().number()).isEqualTo(1);
    }

    @Test
    void aDropEndsTheJournal() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(
                host,
                BEGIN,
                BEGIN + 9_000,
                MutationBytes.mutation(write(ID, 1, 1, BEGIN + 500)),
                MutationBytes.mutation(
                        schema("tables", BEGIN + 3000, List.of("id")).delete(List.of("t")),
                        schema("columns", BEGIN + 3000, List.of("kind", "type"))
                                .delete(List.of("t", "k"))
                                .delete(List.of("t", "v"))));

        SealReport report = sealer.seal(List.of(), awaited);

        assertThat(report.ended()).isPresent();
        assertThat(report.records()).isEqualTo(1);
        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.events()).hasSize(1);
        assertThat(entry.events().get(0).kind()).isEqualTo(EventKind.DROP);
        assertThat(entry.events().get(0).atMicros()).isEqualTo(BEGIN + 3000);
    }
}
