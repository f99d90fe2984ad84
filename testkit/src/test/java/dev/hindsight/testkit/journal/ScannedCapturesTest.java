package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.CaptureScan;
import dev.hindsight.engine.journal.CaptureSource;
import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.JournalEntry.Definition;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.testkit.store.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Random captures of three hosts and four tables are sealed twice: each table reading them itself, and through one scan. Both
 * stores must hold the same bytes at each step, whatever came late, was damaged, or was missing for a while.
 */
class ScannedCapturesTest extends SealerFixture {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final int RUNS = Integer.getInteger("test.runs", 15);
    private static final int TABLES = 4;

    private static final UUID[] IDS = new UUID[TABLES];

    static {
        IDS[0] = ID;
        IDS[1] = TWIN;
        // Of the same high half; and one that begins as another one does.
        IDS[2] = new UUID(ID.getMostSignificantBits(), ID.getLeastSignificantBits() + 99);
        IDS[3] = new UUID(ID.getMostSignificantBits() + 1, 5);
    }

    private static TableName name(int table) {
        return new TableName("ks", "t" + table);
    }

    private static Definition definition(int own) {
        List<String> others = new ArrayList<>();
        String ddl = "";
        for (int i = 0; i < TABLES; i++) {
            String one = "CREATE TABLE " + name(i) + " (k int PRIMARY KEY, v int) WITH ID = " + IDS[i] + ";\n";
            if (i == own) {
                ddl = one;
            } else {
                others.add(one);
            }
        }
        return new Definition(1, List.of(), ddl, others);
    }

    private static MutationBytes.Update update(UUID table, Random random, long micros) {
        return new MutationBytes.Update(table, MutationBytes.int4(random.nextInt(30)), micros, List.of("v"))
                .row(List.of(), Map.of("v", MutationBytes.int4(random.nextInt(50))));
    }

    private record Put(String key, byte[] bytes) {}

    /** Agents put here; what becomes of it is decided later. */
    private static final class Outbox extends ForwardingStore {
        final List<Put> puts = new ArrayList<>();

        Outbox() {
            super(new MemoryStore());
        }

        @Override
        public PutOutcome putIfAbsent(String key, Body body) {
            try (InputStream in = body.open()) {
                puts.add(new Put(key, in.readAllBytes()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return PutOutcome.CREATED;
        }
    }

    private final class World {
        final Random random;
        final MemoryStore plain = new MemoryStore();
        final MemoryStore scanned = new MemoryStore();
        final Outbox outbox = new Outbox();
        final List<CaptureWorld> hosts = new ArrayList<>();
        final long[] passed = new long[3];
        final long[] downUntil = new long[3];
        final List<Put> withheld = new ArrayList<>();
        /** The good bytes of what is damaged in the stores. */
        final Map<String, byte[]> damaged = new LinkedHashMap<>();

        final Map<CaptureStream, Long> stored = new HashMap<>();
        final SealSettings settings;
        final int mostSaid;
        CaptureScan scan;
        final Sealer[] plainSealers = new Sealer[TABLES];
        final Sealer[] scannedSealers = new Sealer[TABLES];
        int restarts;
        int records;
        int failures;

        World(long seed) {
            random = new Random(seed);
            settings = new SealSettings(
                    1 << 26,
                    Duration.ofSeconds(5),
                    Duration.ofMillis(20 + random.nextInt(2000)),
                    Duration.ofHours(6),
                    1000);
            mostSaid = random.nextBoolean() ? 1_000_000 : 1 + random.nextInt(200);
            scan = new CaptureScan(scanned, mostSaid);
            for (int i = 0; i < 3; i++) {
                begin(i);
            }
            deliver();
            restart();
            for (int i = 0; i < TABLES; i++) {
                plainSealers[i].begin(definition(i), stored.keySet());
                scannedSealers[i].begin(definition(i), stored.keySet());
            }
        }

        /** A new incarnation. */
        void begin(int host) {
            CaptureWorld made = new CaptureWorld(outbox, new UUID(0, host + 1L), now / 1000);
            made.add(new CaptureItem.NodeStarted(now, 1, "5.0.9"))
                    .add(new CaptureItem.Scope(Set.of("ks")))
                    .add(new CaptureItem.Seen(new LogPosition(1, 0), now));
            made.put();
            if (hosts.size() > host) {
                hosts.set(host, made);
            } else {
                hosts.add(made);
            }
            passed[host] = now;
        }

        void restart() {
            restarts++;
            scan = new CaptureScan(scanned, mostSaid);
            for (int i = 0; i < TABLES; i++) {
                long seed = 1000L * restarts + i;
                plainSealers[i] = sealer(plain, CaptureSource.of(plain), i, seed);
                scannedSealers[i] = sealer(scanned, scan.of(IDS[i]), i, seed);
            }
        }

        Sealer sealer(MemoryStore on, CaptureSource source, int table, long seed) {
            return new Sealer(
                    on,
                    source,
                    new JournalLog(on, name(table), IDS[table]),
                    scratch,
                    settings,
                    new NowClock(),
                    "test",
                    new Random(seed));
        }

        byte[] mutation() {
            int kind = random.nextInt(12);
            long micros = random.nextInt(5) == 0 ? now - random.nextInt(10_000_000) : now;
            if (kind < 3) {
                return MutationBytes.mutation(update(FOREIGN, random, micros));
            }
            if (kind == 3) {
                // An id in a value of another table: nothing of ours, though it looks like it.
                UUID id = IDS[random.nextInt(TABLES)];
                byte[] bytes = ByteBuffer.allocate(16)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .array();
                return MutationBytes.mutation(
                        new MutationBytes.Update(FOREIGN, MutationBytes.int4(1), micros, List.of("v"))
                                .row(List.of(), Map.of("v", MutationBytes.sized(bytes))));
            }
            int first = random.nextInt(random.nextBoolean() ? 1 : TABLES);
            if (kind > 5) {
                return MutationBytes.mutation(update(IDS[first], random, micros));
            }
            int second = random.nextInt(TABLES);
            return MutationBytes.mutation(update(IDS[first], random, micros), update(IDS[second], random, micros));
        }

        void pass(int host) {
            if (downUntil[host] > now) {
                return;
            }
            if (random.nextInt(80) == 0) {
                downUntil[host] = now + random.nextInt(9_000_000);
                return;
            }
            CaptureWorld capture = hosts.get(host);
            for (int logs = random.nextInt(3); logs > 0; logs--) {
                capture.add(new CaptureItem.Log(1, 8, new Observation(passed[host], now)));
                for (int frames = random.nextInt(4); frames > 0; frames--) {
                    byte[] mutation = mutation();
                    capture.frame(mutation);
                    if (random.nextInt(4) == 0) {
                        hosts.get((host + 1) % 3)
                                .add(new CaptureItem.Log(1, 8, new Observation(passed[host], now)))
                                .frame(mutation);
                    }
                }
                if (random.nextInt(150) == 0) {
                    capture.frame(truncation(capture, now / 1000));
                }
            }
            passed[host] = now;
            if (random.nextInt(3) > 0) {
                capture.add(new CaptureItem.Seen(new LogPosition(1, capture.position()), now - 10_000));
            }
            if (random.nextInt(100) == 0) {
                capture.add(new CaptureItem.Gap(
                        new LogPosition(1, 0), new LogPosition(1, 1), now - 20_000, now - 10_000, "lost"));
            }
            if (random.nextInt(80) == 0) {
                UUID table = random.nextInt(4) == 0 ? FOREIGN : IDS[random.nextInt(TABLES)];
                capture.add(new CaptureItem.Outside(table, now - 20_000, now + random.nextInt(5_000_000), "import"));
            }
            if (random.nextInt(60) == 0) {
                capture.add(new CaptureItem.Done(new LogPosition(1, capture.position()), random.nextInt(4) > 0));
            }
            if (random.nextInt(120) == 0) {
                capture.put();
                begin(host);
            } else if (random.nextInt(2) == 0 && !capture.isEmpty()) {
                capture.put();
            }
        }

        /** Some of what was put arrives: as it is, damaged, or later than what was put behind it. */
        void deliver() {
            List<Put> arriving = new ArrayList<>(outbox.puts);
            outbox.puts.clear();
            if (random.nextInt(4) == 0) {
                arriving.addAll(withheld);
                withheld.clear();
            }
            for (Put put : arriving) {
                boolean first = put.key().endsWith("/000000000000");
                if (!first && random.nextInt(40) == 0) {
                    withheld.add(put);
                    continue;
                }
                byte[] bytes = put.bytes();
                if (!first && random.nextInt(40) == 0) {
                    damaged.put(put.key(), bytes);
                    bytes = damage(bytes.clone());
                }
                plain.damage(put.key(), bytes);
                scanned.damage(put.key(), bytes);
                Keys.captureOf(put.key()).ifPresent(key -> {
                    CaptureStream stream = new CaptureStream(key.hostId(), key.incarnation());
                    stored.merge(stream, key.number(), Math::max);
                });
            }
        }

        private byte[] damage(byte[] bytes) {
            switch (random.nextInt(4)) {
                case 0:
                    return Arrays.copyOf(bytes, random.nextInt(bytes.length));
                case 1:
                    return Arrays.copyOf(bytes, bytes.length + 1);
                default:
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                    return bytes;
            }
        }

        void repair() {
            damaged.forEach((key, bytes) -> {
                plain.damage(key, bytes);
                scanned.damage(key, bytes);
            });
            damaged.clear();
        }

        Optional<SealReport> seal(Sealer sealer, StringBuilder failure) {
            try {
                return Optional.of(sealer.seal(
                        stored.keySet(),
                        hosts.stream().map(host -> host.stream.hostId()).collect(Collectors.toSet())));
            } catch (HindsightException e) {
                failure.append(e);
                return Optional.empty();
            }
        }

        void seal(int table, String what) {
            StringBuilder plainFailure = new StringBuilder();
            StringBuilder scannedFailure = new StringBuilder();
            Optional<SealReport> own = seal(plainSealers[table], plainFailure);
            Optional<SealReport> shared = seal(scannedSealers[table], scannedFailure);
            assertThat(shared).as(what).isEqualTo(own);
            assertThat(scannedFailure).as(what).hasToString(plainFailure.toString());
            records += own.map(SealReport::records).orElse(0L).intValue();
            failures += own.isEmpty() ? 1 : 0;
        }

        void requireSame(String what) {
            assertThat(scanned.keys()).as(what).isEqualTo(plain.keys());
            for (String key : plain.keys()) {
                assertThat(scanned.bytes(key)).as("%s: %s", what, key).isEqualTo(plain.bytes(key));
            }
        }
    }

    @Test
    void journalsAreTheSameBytesAsWhenEachTableReadsForItself() {
        int records = 0;
        int failures = 0;
        for (int run = 0; run < RUNS; run++) {
            World world = run(SEED + run);
            records += world.records;
            failures += world.failures;
        }
        assertThat(records).isGreaterThan(100 * RUNS);
        assertThat(failures).isGreaterThan(RUNS);
    }

    private World run(long seed) {
        now = BEGIN;
        World world = new World(seed);
        int steps = 100 + world.random.nextInt(300);
        for (int step = 0; step < steps; step++) {
            String what = "seed " + seed + " step " + step;
            now += world.random.nextInt(200_000);
            for (int host = 0; host < 3; host++) {
                world.pass(host);
            }
            world.deliver();
            if (world.random.nextInt(12) == 0) {
                world.repair();
            }
            if (world.random.nextInt(80) == 0) {
                world.restart();
            }
            if (world.random.nextInt(3) == 0) {
                world.scan.readOn(Set.of(IDS), world.stored);
            }
            for (int table = 0; table < TABLES; table++) {
                if (world.random.nextInt(table == 0 ? 3 : 15) == 0) {
                    world.seal(table, what);
                }
            }
        }
        world.repair();
        world.withheld.addAll(0, world.outbox.puts);
        world.outbox.puts.clear();
        world.withheld.forEach(put -> {
            world.plain.damage(put.key(), put.bytes());
            world.scanned.damage(put.key(), put.bytes());
        });
        for (int table = 0; table < TABLES; table++) {
            world.seal(table, "seed " + seed + " at the end");
        }
        world.requireSame("seed " + seed);
        return world;
    }
}
