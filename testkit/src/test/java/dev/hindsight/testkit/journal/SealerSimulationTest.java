package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
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
import org.junit.jupiter.api.Test;

/** Random captures of three replicas become a journal. */
class SealerSimulationTest extends SealerFixture {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final int RUNS = Integer.getInteger("test.runs", 10);

    private static final class Replica {
        private final CaptureWorld capture;
        private final TreeMap<Long, List<byte[]>> log = new TreeMap<>();
        /** Updates of the table, by when they became readable. */
        private final TreeMap<Long, Set<String>> readable = new TreeMap<>();

        private long passed = BEGIN;
        private long seen = BEGIN;
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
                    if (kind >= 2) {
                        host.readable
                                .computeIfAbsent(at + copies, x -> new TreeSet<>())
                                .add(HexFormat.of()
                                        .formatHex(
                                                write(ID, key, writes, micros).bytes()));
                    }
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
                // What is seen is of when the pass began, and what it found is observed when it ended.
                host.seen = Math.max(host.seen, now - random.nextInt(30_000));
                host.capture.add(new CaptureItem.Seen(new LogPosition(1, 0), host.seen));
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

    private int claims;

    @Test
    void everyCapturedUpdateIsARecordOnceWhateverTheOrder() {
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            simulate(seed);
        }
        assertThat(claims).isGreaterThan(10 * RUNS);
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
        requireClaims(ring, random, seed);
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

    /** What a host that an entry claims whole had in its log is in what is restored, but for as long as the entry's spread. */
    private void requireClaims(Ring ring, Random random, long seed) {
        JournalLog whole = new JournalLog(store, TABLE, ID);
        long last = whole.newest().orElseThrow().number();
        for (int i = 0; i < 12 && last > 1; i++) {
            JournalEntry entry = whole.entry(2 + random.nextLong(last - 1));
            long before = whole.entry(entry.number() - 1).watermarkMicros();
            long instant = before + random.nextLong(entry.watermarkMicros() - before);
            long spread = entry.spreadMicros().orElse(0L);
            Set<String> restored = upTo(instant);
            for (JournalEntry.Whole one : JournalView.at(whole, entry).whole()) {
                Replica host = ring.hosts.stream()
                        .filter(replica -> replica.capture.stream.hostId().equals(one.hostId()))
                        .findFirst()
                        .orElseThrow();
                long to = Math.min(one.toMicros() - 1, instant - spread);
                if (one.sinceMicros().orElse(Long.MIN_VALUE) <= instant && one.fromMicros() <= to) {
                    claims++;
                    host.readable
                            .subMap(one.fromMicros(), true, to, true)
                            .forEach((at, updates) -> assertThat(restored)
                                    .as(
                                            "seed %d: %d of %s, readable at %d, claimed by %s at %d",
                                            seed, at, one.hostId(), at, one, instant)
                                    .containsAll(updates));
                }
            }
        }
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
}
