package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.agent.api.CaptureStatus.State;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.layout.Keys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final int RUNS = Integer.getInteger("test.runs", 60);
    private static final Set<UUID> KEPT = Set.of(CaptureFixture.SHOP);

    @TempDir
    Path temp;

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private static void append(CaptureFixture fixture, int count) {
        for (int i = 0; i < count; i++) {
            fixture.log.append(
                    i % 3 == 2 ? CaptureFixture.OTHER : CaptureFixture.SHOP, new byte[100 + i], fixture.nowMicros);
        }
        fixture.log.sync(fixture.nowMicros);
    }

    /** An Error may come from anywhere, so what is in memory may be half of something. */
    @Test
    void afterAnErrorReadingGoesOnFromTheSpool() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(1500);
            int failed = 0;
            for (int reads = 1; reads <= 20; reads++) {
                append(fixture, 10);
                fixture.pass(100);
                fixture.failsIn = reads;
                try {
                    fixture.capture.tick();
                } catch (StackOverflowError e) {
                    failed++;
                }
                fixture.failsIn = 0;
                fixture.run(300);
            }
            fixture.run(3000);
            Captured captured = Captured.of(fixture.store);

            assertThat(failed).isGreaterThan(3);
            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isEmpty();
        }
    }

    @Test
    void whatFailsUnexpectedlyIsToldUntilItSucceeds() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(1500);
            fixture.capture.failing("reading", Optional.of("java.lang.StackOverflowError"));
            assertThat(fixture.capture.status().state()).isEqualTo(State.WAITING);
            assertThat(fixture.capture.status().lastError().orElse("")).contains("reading", "StackOverflowError");
            fixture.capture.failing("reading", Optional.empty());
            assertThat(fixture.capture.status().state()).isEqualTo(State.RUNNING);
            assertThat(fixture.capture.status().lastError()).isEmpty();
        }
    }

    @Test
    void framesOfCapturedKeyspacesArriveWithinThePutInterval() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(1500);
            append(fixture, 9);
            fixture.run(1300);
            Captured captured = Captured.of(fixture.store);

            assertThat(captured.frames).hasSize(6);
            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isEmpty();
            assertThat(captured.starts).hasSize(1);
            assertThat(fixture.capture.status().state()).isEqualTo(State.RUNNING);
            assertThat(fixture.capture.status().stored()).containsExactly("shop");
            assertThat(fixture.capture.status().lagMillis()).isBetween(0L, 1500L);
        }
    }

    @Test
    void anIdleNodeIsSeenEveryTenSecondsAndADeadOneIsNot() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(31_000);
            long seen = fixture.capture.status().seen().orElseThrow().toEpochMilli();
            assertThat(fixture.nowMicros / 1000 - seen).isBetween(0L, 16_000L);
            assertThat(fixture.store.objects).hasSizeLessThan(6);

            fixture.log.kill();
            fixture.run(60_000);

            assertThat(fixture.capture.status().seen().orElseThrow().toEpochMilli() - seen)
                    .isLessThan(16_000);
        }
    }

    @Test
    void aNodeWhoseObjectsEndByTheirSizeIsSeenWithinThePutInterval() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp, 16 << 20)) {
            fixture.pinnedBytes = 1 << 30;
            fixture.spoolBytes = 1 << 30;
            fixture.restartAgent();
            fixture.capture.want(Set.of("shop"));
            fixture.run(1500);
            for (int i = 0; i < 8; i++) {
                for (int j = 0; j < 9; j++) {
                    fixture.log.append(CaptureFixture.SHOP, new byte[1 << 20], fixture.nowMicros);
                }
                fixture.log.sync(fixture.nowMicros);
                fixture.run(500);
                long seen = fixture.capture.status().seen().orElseThrow().toEpochMilli();
                assertThat(i < 2 ? 0 : fixture.nowMicros / 1000 - seen).isBetween(0L, 1700L);
            }
            assertThat(fixture.store.objects).hasSizeLessThan(20);
            fixture.run(1500);
            Captured.of(fixture.store).check(fixture.log, KEPT);
        }
    }

    @Test
    void aSegmentIsReadToItsEndAfterTheNodeHasDeletedIt() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(500);
            fixture.store.away = true;
            append(fixture, 200);
            fixture.log.deletable().forEach(fixture.log::delete);
            // Opened before, but for those that came and went between two looks.
            fixture.run(500);
            fixture.store.away = false;
            fixture.run(3000);
            Captured captured = Captured.of(fixture.store);

            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isNotEmpty();
            assertThat(captured.dones).allMatch(CaptureItem.Done::clean);
        }
    }

    @Test
    void aKilledNodeEndsUncleanAndADrainedOneClean() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            append(fixture, 5);
            fixture.run(1000);
            fixture.log.append(CaptureFixture.SHOP, new byte[50], fixture.nowMicros);
            fixture.log.kill();
            fixture.run(2000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.run(8000);
            append(fixture, 5);
            fixture.run(1000);
            fixture.log.drain(fixture.nowMicros);
            fixture.run(2000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.run(8000);
            Captured captured = Captured.of(fixture.store);

            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isEmpty();
            assertThat(captured.dones).extracting(CaptureItem.Done::clean).containsExactly(false, true);
            assertThat(captured.starts).hasSize(3);
        }
    }

    @Test
    void aNodeKilledBeforeItsFirstSyncEndsUnclean() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            append(fixture, 5);
            fixture.run(1000);
            fixture.log.drain(fixture.nowMicros);
            fixture.run(2000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.log.makeAvailable(fixture.nowMicros);
            fixture.run(8000);
            fixture.log.append(CaptureFixture.SHOP, new byte[50], fixture.nowMicros);
            fixture.run(100);
            fixture.log.kill();
            fixture.run(2000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.run(8000);
            Captured captured = Captured.of(fixture.store);

            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isEmpty();
            assertThat(captured.dones).hasSize(2);
            assertThat(captured.dones.get(0).clean()).isTrue();
            assertThat(captured.dones.get(1))
                    .isEqualTo(new CaptureItem.Done(
                            new LogPosition(fixture.log.lost.get(0).segment(), 0), false));
            assertThat(captured.starts).hasSize(3);
        }
    }

    @Test
    void aNodeKilledBeforeTheFirstSyncOfItsNewestSegmentEndsUnclean() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            append(fixture, 5);
            fixture.run(1000);
            fixture.log.goOn(fixture.nowMicros);
            fixture.run(200);
            fixture.log.deletable().forEach(fixture.log::delete);
            fixture.run(8000);
            fixture.log.append(CaptureFixture.SHOP, new byte[50], fixture.nowMicros);
            fixture.log.kill();
            fixture.run(2000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.run(8000);
            Captured captured = Captured.of(fixture.store);

            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isEmpty();
            assertThat(captured.dones).extracting(CaptureItem.Done::clean).containsExactly(true, false);
        }
    }

    @Test
    void aFileMadeAheadIsNoSecondEndOfAKilledNode() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            append(fixture, 5);
            fixture.log.makeAvailable(fixture.nowMicros);
            fixture.run(1000);
            fixture.log.kill();
            fixture.run(2000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.run(8000);

            assertThat(Captured.of(fixture.store).dones)
                    .extracting(CaptureItem.Done::clean)
                    .containsExactly(false);
        }
    }

    @Test
    void theOldestIsLetGoWhereTooMuchIsPinned() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.pinnedBytes = 2 * FakeLog.SEGMENT_BYTES;
            fixture.spoolBytes = 4000;
            fixture.restartAgent();
            fixture.store.away = true;
            fixture.capture.want(Set.of("shop"));
            for (int i = 0; i < 40; i++) {
                fixture.log.makeAvailable(fixture.nowMicros);
                fixture.run(200);
                append(fixture, 20);
                fixture.run(1500);
                fixture.log.deletable().forEach(fixture.log::delete);
            }
            assertThat(fixture.capture.status().pinnedBytes()).isLessThanOrEqualTo(fixture.pinnedBytes);
            assertThat(fixture.capture.status().gaps()).isNotEmpty();
            fixture.store.away = false;
            fixture.run(5000);
            Captured captured = Captured.of(fixture.store);

            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isNotEmpty();
            assertThat(captured.frames.lastKey().segmentId())
                    .isEqualTo(fixture.log
                            .readable
                            .get(fixture.log.readable.size() - 1)
                            .segment());
        }
    }

    @Test
    void anotherAgentWithACopyOfTheStateStopsTheCapture() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            append(fixture, 5);
            fixture.run(1500);
            Keys.CaptureKey last =
                    Keys.captureOf(fixture.store.objects.lastKey()).orElseThrow();
            fixture.store.objects.put(
                    Keys.capture(last.hostId(), last.incarnation(), last.number() + 1), new byte[] {1});
            append(fixture, 5);
            fixture.run(2500);

            assertThat(fixture.capture.status().state()).isEqualTo(State.STOPPED);
            assertThat(fixture.capture.status().lastError().orElse("")).contains("another agent");

            fixture.capture.want(Set.of());
            fixture.run(500);
            fixture.capture.want(Set.of("shop"));
            fixture.run(2500);
            assertThat(fixture.capture.status().state()).isEqualTo(State.RUNNING);
            assertThat(fixture.capture.status().incarnations()).hasSize(1);
        }
    }

    @Test
    void anEncryptedLogIsRefusedByName() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(500);
            fixture.log.parameters = "{\"encCipher\":\"AES/CBC/PKCS5Padding\",\"encKeyAlias\":\"k\"}";
            fixture.log.makeAvailable(fixture.nowMicros);
            fixture.run(500);

            assertThat(fixture.capture.status().state()).isEqualTo(State.STOPPED);
            assertThat(fixture.capture.status().lastError().orElse("")).contains("is encrypted");
        }
    }

    @Test
    void aStoppedCaptureHoldsNoSegments() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            Path links = temp.resolve("spool/segments");
            fixture.capture.want(Set.of("shop"));
            append(fixture, 5);
            fixture.run(500);
            assertThat(links).isNotEmptyDirectory();
            assertThat(fixture.capture.status().openSegments()).isPositive();
            fixture.log.parameters = "{\"encCipher\":\"AES/CBC/PKCS5Padding\",\"encKeyAlias\":\"k\"}";
            fixture.log.makeAvailable(fixture.nowMicros);
            fixture.run(500);

            assertThat(fixture.capture.status().state()).isEqualTo(State.STOPPED);
            assertThat(fixture.capture.status().openSegments()).isZero();
            assertThat(links).isEmptyDirectory();
        }
    }

    @Test
    void incarnationsOfAnEarlierHostAreNotNamedAsThisOnes() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(1500);
            new Spool(temp.resolve("spool"), new UUID(1, 1), new Incarnation(1, 1)).create();

            assertThat(fixture.capture.status().incarnations())
                    .extracting(CaptureStatus.Incarnation::name)
                    .doesNotContain(new Incarnation(1, 1).text())
                    .hasSize(1);
        }
    }

    @Test
    void aDamagedSegmentIsAGapAndTheNextOnesAreReadOn() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(500);
            append(fixture, 3);
            append(fixture, 3);
            long first = fixture.log.readable.get(0).segment();
            Path file = fixture.log.directory.resolve("CommitLog-8-" + first + ".log");
            byte[] bytes = Files.readAllBytes(file);
            bytes[fixture.log.readable.get(0).position() - 20] ^= 1;
            Files.write(file, bytes);
            fixture.log.goOn(fixture.nowMicros);
            append(fixture, 3);
            fixture.run(75_000);
            Captured captured = Captured.of(fixture.store);

            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).hasSize(1);
            assertThat(captured.gaps.get(0).cause()).contains("damaged");
            assertThat(captured.frames.lastKey().segmentId()).isGreaterThan(first);
        }
    }

    @Test
    void nothingIsSeenBehindDamageOfASegmentThatIsStillWritten() throws Exception {
        for (boolean torn : List.of(false, true)) {
            try (CaptureFixture fixture =
                    new CaptureFixture(Files.createDirectory(temp.resolve("torn" + torn)), 64 << 10)) {
                fixture.capture.want(Set.of("shop"));
                fixture.run(12_000);
                append(fixture, 3);
                if (!torn) {
                    append(fixture, 3);
                }
                long segment = fixture.log.readable.get(0).segment();
                FakeLog.Readable hurt = fixture.log.readable.get(torn ? 2 : 1);
                Path file = fixture.log.directory.resolve("CommitLog-8-" + segment + ".log");
                byte[] bytes = Files.readAllBytes(file);
                bytes[hurt.position() - 20] ^= 1;
                Files.write(file, bytes);
                long damaged = fixture.nowMicros;
                for (int i = 0; i < 10; i++) {
                    fixture.run(12_000);
                    append(fixture, 2);
                }
                assertThat(fixture.capture.status().seen().orElseThrow().toEpochMilli() * 1000)
                        .isLessThanOrEqualTo(damaged);
                assertThat(fixture.capture.status().lastError().orElse("")).contains("is damaged while it is written");
                assertThat(Captured.of(fixture.store).gaps).isEmpty();
                fixture.log.goOn(fixture.nowMicros);
                long over = fixture.nowMicros;
                append(fixture, 3);
                fixture.run(75_000);
                Captured captured = Captured.of(fixture.store);

                captured.check(fixture.log, KEPT);
                assertThat(captured.gaps).hasSize(1);
                assertThat(captured.gaps.get(0).from().segmentId()).isEqualTo(segment);
                assertThat(captured.gaps.get(0).fromMicros()).isLessThanOrEqualTo(damaged);
                assertThat(captured.gaps.get(0).toMicros()).isGreaterThan(over);
                assertThat(fixture.capture.status().lastError()).isEmpty();
                assertThat(fixture.capture.status().seen().orElseThrow().toEpochMilli() * 1000)
                        .isGreaterThan(over);
            }
        }
    }

    @Test
    void aDamagedHeaderKeepsPassesFromBeingComplete() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.log.makeAvailable(fixture.nowMicros);
            try (var files = Files.list(fixture.log.directory)) {
                Path newest = files.sorted().reduce((a, b) -> b).orElseThrow();
                byte[] bytes = Files.readAllBytes(newest);
                bytes[5] ^= 1;
                Files.write(newest, bytes);
            }
            fixture.capture.want(Set.of("shop"));
            fixture.run(20_000);

            assertThat(fixture.capture.status().seen()).isEmpty();
        }
    }

    @Test
    void aSecondAgentWithTheSameSpoolIsRefusedWhileTheFirstLives() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(1500);
            Capture second = fixture.newAgent();
            second.tick();
            second.upload();

            assertThat(second.status().state()).isEqualTo(State.WAITING);
            assertThat(second.status().lastError().orElse("")).contains("in use by another agent");
            assertThatThrownBy(() -> second.want(Set.of("other")))
                    .isInstanceOf(BusyException.class)
                    .hasMessageContaining("in use by another agent");
            append(fixture, 5);
            fixture.run(2500);
            assertThat(fixture.capture.status().state()).isEqualTo(State.RUNNING);

            fixture.capture.close();
            fixture.capture = second;
            append(fixture, 5);
            fixture.run(2500);
            assertThat(second.status().state()).isEqualTo(State.RUNNING);
            Captured captured = Captured.of(fixture.store);
            captured.check(fixture.log, KEPT);
            assertThat(captured.items).hasSize(1);
        }
    }

    @Test
    void aDamagedStateBeginsANewIncarnationThatReadsAllAgain() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.capture.want(Set.of("shop"));
            append(fixture, 9);
            fixture.run(2500);
            fixture.capture.close();
            try (var files = Files.walk(temp.resolve("spool"))) {
                for (Path file : files.filter(
                                path -> path.getFileName().toString().matches("[0-9]{12}"))
                        .toList()) {
                    byte[] bytes = Files.readAllBytes(file);
                    bytes[bytes.length - 20] ^= 1;
                    Files.write(file, bytes);
                }
            }
            fixture.restartAgent();
            fixture.run(2500);
            Captured captured = Captured.of(fixture.store);

            assertThat(captured.items).hasSize(2);
            captured.check(fixture.log, KEPT);
        }
    }

    @Test
    void whateverHappensNothingIsLostWithoutAGap() throws Exception {
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            try (CaptureFixture fixture = new CaptureFixture(Files.createDirectory(temp.resolve("run" + run)))) {
                boolean calm = seed % 3 == 1;
                if (seed % 2 == 0) {
                    fixture.enableCdc();
                }
                live(fixture, new Random(seed), calm);
                Captured captured = Captured.of(fixture.store);
                captured.check(fixture.log, KEPT);
                if (calm) {
                    assertThat(captured.gaps).isEmpty();
                    assertThat(captured.items).hasSize(1);
                }
                assertThat(captured.frames).isNotEmpty();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("-Dtest.seed=" + seed + " -Dtest.runs=1", e);
            }
        }
    }

    private static void withoutAgent(CaptureFixture fixture, Random random) {
        FakeLog log = fixture.log;
        for (int step = random.nextInt(40); step > 0; step--) {
            fixture.pass(1 + random.nextInt(400));
            int what = random.nextInt(12);
            if (!log.isUp()) {
                if (what < 4) {
                    log.start(fixture.nowMicros / 1000);
                }
            } else if (what < 7) {
                log.append(CaptureFixture.SHOP, new byte[10 + random.nextInt(900)], fixture.nowMicros);
            } else if (what < 9) {
                log.sync(fixture.nowMicros);
            } else if (what < 11) {
                log.deletable().stream().findAny().ifPresent(log::delete);
            } else if (random.nextInt(3) == 0) {
                log.kill();
            }
        }
    }

    /** No node is so quick: it starts for longer, replays, fills a segment and flushes before it deletes one. */
    private static boolean settled(CaptureFixture fixture) {
        return fixture.nowMicros - fixture.log.createdMicros > LogDirectory.WATCH_MICROS;
    }

    /** @param calm segments are only deleted while the agent runs and has opened them */
    private static void live(CaptureFixture fixture, Random random, boolean calm) throws Exception {
        if (!calm && random.nextInt(4) == 0 && fixture.log.raw.isEmpty()) {
            // As where the spool is on another file system: no links.
            Files.write(Files.createDirectories(fixture.root.resolve("spool")).resolve("segments"), new byte[0]);
        }
        fixture.capture.want(Set.of("shop"));
        fixture.run(300);
        for (int step = 0; step < 150; step++) {
            fixture.pass(1 + random.nextInt(120));
            FakeLog log = fixture.log;
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3 -> {
                    for (int i = random.nextInt(12); log.isUp() && i >= 0; i--) {
                        UUID table = random.nextBoolean() ? CaptureFixture.SHOP : CaptureFixture.OTHER;
                        byte[] content = new byte[10 + random.nextInt(random.nextInt(8) == 0 ? 3000 : 200)];
                        random.nextBytes(content);
                        log.append(table, content, fixture.nowMicros);
                        if (calm) {
                            fixture.capture.tick();
                        }
                    }
                }
                case 4, 5, 6 -> {
                    if (log.isUp()) {
                        log.sync(fixture.nowMicros);
                    }
                }
                case 7 -> {
                    if (log.isUp()) {
                        log.makeAvailable(fixture.nowMicros);
                    }
                }
                case 8 -> {
                    List<Long> deletable = log.isUp() && settled(fixture) ? log.deletable() : List.of();
                    if (!deletable.isEmpty()) {
                        if (calm) {
                            fixture.capture.tick();
                        }
                        log.delete(deletable.get(random.nextInt(deletable.size())));
                    }
                }
                case 9 -> fixture.store.away = random.nextInt(3) == 0;
                case 10 -> fixture.store.losesAnswers = random.nextInt(3) == 0;
                case 11 -> {
                    if (random.nextInt(3) == 0) {
                        fixture.restartAgent();
                    } else {
                        Failpoints.arm(List.of("capture.spool=error", "capture.spooled=error", "capture.put=error")
                                .get(random.nextInt(3)));
                        fixture.run(100 * random.nextInt(15));
                        Failpoints.disarmAll();
                        if (random.nextBoolean()) {
                            fixture.restartAgent();
                        }
                    }
                }
                case 12 -> {
                    if (calm) {
                        fixture.run(100);
                    } else if (random.nextInt(3) == 0) {
                        if (log.isUp()) {
                            if (random.nextBoolean()) {
                                log.kill();
                            } else if (settled(fixture)) {
                                log.drain(fixture.nowMicros);
                            }
                        } else if (settled(fixture)) {
                            log.start(fixture.nowMicros / 1000);
                        }
                    }
                }
                case 13 -> {
                    if (!calm && random.nextInt(4) == 0 && fixture.log.raw.isEmpty()) {
                        fixture.capture.close();
                        withoutAgent(fixture, random);
                        fixture.restartAgent();
                    }
                }
                default -> fixture.run(100L * (1 + random.nextInt(12)));
            }
        }
        fixture.store.away = false;
        fixture.store.losesAnswers = false;
        if (!fixture.log.isUp()) {
            fixture.run(2500);
            fixture.log.start(fixture.nowMicros / 1000);
        }
        fixture.run(2500);
        fixture.log.append(CaptureFixture.SHOP, new byte[20], fixture.nowMicros);
        fixture.log.sync(fixture.nowMicros);
        fixture.run(12_000);
    }
}
