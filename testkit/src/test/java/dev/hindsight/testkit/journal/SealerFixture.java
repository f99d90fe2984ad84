package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failpoint.Failpoints;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Captures written by hand, sealed into the journal of one table, in a store in memory. */
abstract class SealerFixture {
    static final TableName TABLE = new TableName("ks", "t");
    static final UUID ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    static final UUID TWIN = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c56");
    static final UUID FOREIGN = UUID.fromString("11111111-c7b1-11f0-9d6b-0b1d8a7f3c57");
    static final long BEGIN = 1_763_979_000_000_000L;
    static final Definition SCHEMA = new Definition(
            1,
            List.of(),
            "CREATE TABLE ks.t (k int PRIMARY KEY, v int) WITH ID = " + ID + ";\n",
            List.of("CREATE TABLE ks.twin (k int PRIMARY KEY, w text) WITH ID = " + TWIN + ";\n"));

    @TempDir
    Path scratch;

    final MemoryStore store = new MemoryStore();
    final JournalLog log = new JournalLog(store, TABLE, ID);
    long now = BEGIN;
    /** How far {@link #now} goes on each time that it is asked. */
    long tick;

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    Sealer sealer(MemoryStore on, SealSettings settings, long seed) {
        return new Sealer(
                on, new JournalLog(on, TABLE, ID), scratch, settings, new NowClock(), "test", new Random(seed));
    }

    /** Tells {@link #now}. */
    final class NowClock extends Clock {
        @Override
        public Instant instant() {
            Instant told = Instant.EPOCH.plus(now, ChronoUnit.MICROS);
            now += tick;
            return told;
        }

        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    }

    static SealSettings settings(long roundBytes) {
        return new SealSettings(roundBytes, Duration.ofSeconds(5), Duration.ofMillis(20), Duration.ofHours(6), 100_000);
    }

    static MutationBytes.Update write(UUID table, int key, int value, long micros) {
        boolean own = table.equals(ID);
        return new MutationBytes.Update(table, MutationBytes.int4(key), micros, List.of(own ? "v" : "w"))
                .row(
                        List.of(),
                        Map.of(own ? "v" : "w", own ? MutationBytes.int4(value) : MutationBytes.sized("w" + value)));
    }

    /** What the journal holds, by number. */
    record Sealed(long instant, Observation observed, boolean late, String update, int origins, long entry) {}

    static TreeMap<Long, Sealed> journal(MemoryStore store) {
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

    CaptureWorld host(int number) {
        CaptureWorld host = new CaptureWorld(store, new UUID(0, number), BEGIN / 1000);
        host.add(new CaptureItem.Scope(Set.of("ks"))).add(new CaptureItem.Seen(new LogPosition(1, 0), BEGIN));
        host.put();
        return host;
    }

    void frames(CaptureWorld host, long from, long to, byte[]... mutations) {
        host.add(new CaptureItem.Log(1, 8, new Observation(from, to)));
        for (byte[] mutation : mutations) {
            host.frame(mutation);
        }
        host.add(new CaptureItem.Seen(new LogPosition(1, 0), to));
        host.put();
        now = Math.max(now, to);
    }

    /** As the host notes it that took away what stands before it in its log, and these. */
    static byte[] truncation(CaptureWorld host, long millis, byte[]... before) {
        byte[] path = ByteBuffer.allocate(16)
                .putLong(ID.getMostSignificantBits())
                .putLong(ID.getLeastSignificantBits())
                .array();
        int upTo = host.position();
        for (byte[] one : before) {
            upTo += one.length + 12;
        }
        byte[] value =
                ByteBuffer.allocate(20).putLong(1).putInt(upTo).putLong(millis).array();
        return MutationBytes.mutation(new MutationBytes.Update(
                        system("system", "local"),
                        "local".getBytes(StandardCharsets.UTF_8),
                        millis * 1000,
                        List.of("truncated_at"))
                .mapRow(path, value));
    }

    static UUID system(String keyspace, String table) {
        return UUID.nameUUIDFromBytes((keyspace + table).getBytes(StandardCharsets.UTF_8));
    }

    /** The updates that a restore to an instant has, from an empty table. */
    Set<String> upTo(long instant) {
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
}
