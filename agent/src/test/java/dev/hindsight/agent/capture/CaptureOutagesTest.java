package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hindsight.agent.api.CaptureStatus.State;
import dev.hindsight.repository.journal.CaptureItem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the capture depends on is away for minutes, while the node goes on and deletes its segments. */
class CaptureOutagesTest {
    /** Opens, and has no room: ENOSPC by the kernel itself. */
    private static final Path FULL = Path.of("/dev/full");

    private static final Set<UUID> KEPT = Set.of(CaptureFixture.SHOP);

    @TempDir
    Path temp;

    private static void work(CaptureFixture fixture, int seconds) {
        for (int i = 0; i < seconds; i += 10) {
            write(fixture, Math.min(10, seconds - i));
            if (seconds - i >= 10) {
                fixture.log.deletable().forEach(fixture.log::delete);
            }
        }
    }

    private static void write(CaptureFixture fixture, int seconds) {
        for (int i = 0; i < seconds; i++) {
            for (int j = 0; j < 5; j++) {
                fixture.log.append(
                        j == 4 ? CaptureFixture.OTHER : CaptureFixture.SHOP, new byte[150 + i], fixture.nowMicros);
            }
            fixture.log.sync(fixture.nowMicros);
            fixture.run(1000);
        }
    }

    @Test
    void theSpoolBridgesAStoreThatIsAwayForMinutes() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp, 64 << 10)) {
            fixture.pinnedBytes = 16 << 20;
            fixture.spoolBytes = 16 << 20;
            fixture.restartAgent();
            fixture.capture.want(Set.of("shop"));
            fixture.run(12_000);
            work(fixture, 10);
            int before = fixture.store.objects.size();
            fixture.store.away = true;
            work(fixture, 150);
            fixture.restartAgent();
            work(fixture, 150);

            assertThat(fixture.store.objects).hasSize(before);
            assertThat(fixture.capture.status().spoolObjects()).isGreaterThan(100);
            assertThat(fixture.capture.status().lastError().orElse("")).contains("away");

            fixture.store.away = false;
            work(fixture, 30);
            fixture.run(3000);
            Captured captured = Captured.of(fixture.store);
            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isEmpty();
            assertThat(captured.items).hasSize(1);
            assertThat(fixture.capture.status().spoolObjects()).isZero();
            assertThat(fixture.capture.status().lastError()).isEmpty();
            assertThat(fixture.capture.status().state()).isEqualTo(State.RUNNING);
        }
    }

    @Test
    void aFullDiskIsToldAndNothingIsLostOnceThereIsRoomAgain() throws Exception {
        assumeTrue(Files.exists(FULL));
        try (CaptureFixture fixture = new CaptureFixture(temp, 64 << 10)) {
            fixture.pinnedBytes = 16 << 20;
            fixture.spoolBytes = 16 << 20;
            fixture.restartAgent();
            fixture.capture.want(Set.of("shop"));
            fixture.run(12_000);
            work(fixture, 10);
            Path part = incarnation().resolve("part");
            Files.deleteIfExists(part);
            Files.createSymbolicLink(part, FULL);
            long seen = fixture.capture.status().storedSeen().orElseThrow().toEpochMilli();
            work(fixture, 120);

            assertThat(fixture.capture.status().lastError().orElse("")).containsIgnoringCase("no space left");
            assertThat(fixture.capture.status().storedSeen().orElseThrow().toEpochMilli())
                    .as("nothing is claimed meanwhile")
                    .isBetween(seen, seen + 3000);

            Files.delete(part);
            work(fixture, 30);
            fixture.run(3000);
            Captured captured = Captured.of(fixture.store);
            captured.check(fixture.log, KEPT);
            assertThat(captured.gaps).isEmpty();
            assertThat(captured.items).hasSize(1);
            assertThat(fixture.capture.status().lastError()).isEmpty();
        }
    }

    /** A capture that cannot be ended must not fill what makes the node reject writes. */
    @Test
    void cdcRawIsEmptiedWhileAFullDiskKeepsTheCaptureFromEnding() throws Exception {
        assumeTrue(Files.exists(FULL));
        try (CaptureFixture fixture = new CaptureFixture(temp)) {
            fixture.pinnedBytes = 64 << 10;
            fixture.enableCdc();
            fixture.capture.want(Set.of("shop"));
            fixture.run(12_000);
            Path part = incarnation().resolve("part");
            Files.deleteIfExists(part);
            Files.createSymbolicLink(part, FULL);
            work(fixture, 20);
            fixture.log.deletable().forEach(fixture.log::delete);
            fixture.run(2000);
            int wanted = fixture.log.rawFiles().size();
            fixture.capture.want(Set.of());
            for (int i = 0; i < 20; i++) {
                work(fixture, 5);
                fixture.log.deletable().forEach(fixture.log::delete);
            }
            fixture.run(15_000);

            assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(wanted + 6);
        }
    }

    /** To put what waits may take long; meanwhile what has become free is there to read on. */
    @Test
    void theSpoolHasRoomAgainAsObjectsArePutAndNotWhenAllAre() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp, 64 << 10)) {
            fixture.spoolBytes = 64 << 10;
            fixture.restartAgent();
            fixture.capture.want(Set.of("shop"));
            fixture.run(12_000);
            fixture.store.away = true;
            work(fixture, 60);
            List<Long> waiting = new ArrayList<>();
            fixture.store.put = () -> waiting.add(fixture.capture.status().spoolBytes());
            fixture.store.away = false;
            fixture.capture.upload();

            assertThat(waiting).hasSizeGreaterThan(5);
            assertThat(waiting.get(waiting.size() - 1)).isLessThan(waiting.get(0) / 2);
        }
    }

    /** Instants never go back; what was captured is put in time all the same. */
    @Test
    void aClockThatWasAheadForAWhileKeepsNothingFromBeingPut() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp, 64 << 10)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(12_000);
            work(fixture, 5);
            fixture.nowMicros += 3_600_000_000L;
            fixture.run(500);
            fixture.nowMicros -= 3_600_000_000L;
            fixture.run(3000);
            int before = fixture.store.objects.size();
            work(fixture, 60);

            assertThat(fixture.store.objects.size()).isGreaterThan(before + 10);
        }
    }

    /** @param fromEnd in the state behind the object, or in the object itself */
    @ParameterizedTest
    @ValueSource(ints = {20, -100})
    void aDamagedObjectThatWaitsEndsItsIncarnationAndTheNextOneIsPut(int fromEnd) throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp, 64 << 10)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(12_000);
            int before = fixture.store.objects.size();
            fixture.store.away = true;
            write(fixture, 60);
            Path old = incarnation();
            List<Path> waiting = objects(old);
            Path damaged = waiting.get(waiting.size() / 2);
            flip(damaged, fromEnd);
            fixture.store.away = false;
            fixture.capture.upload();

            assertThat(fixture.capture.status().state()).isEqualTo(State.WAITING);
            assertThat(fixture.capture.status().lastError().orElse(""))
                    .contains(damaged.getFileName() + " is damaged", "does not count", "begins by itself");
            assertThat(fixture.store.objects).hasSize(before + waiting.size() / 2 - 1);

            long lost = fixture.nowMicros;
            write(fixture, 30);
            fixture.run(3000);
            Captured captured = Captured.of(fixture.store);
            captured.check(fixture.log, KEPT);
            assertThat(captured.items).hasSize(2);
            assertThat(seen(captured, 0).get(seen(captured, 0).size() - 1)).isLessThan(lost);
            assertThat(seen(captured, 1).get(0)).as("no stretch reaches across").isGreaterThanOrEqualTo(lost);
            assertThat(old).doesNotExist();
            assertThat(fixture.capture.status().incarnations()).hasSize(1);
            assertThat(fixture.capture.status().lastError()).isEmpty();
            assertThat(fixture.capture.status().state()).isEqualTo(State.RUNNING);
            assertThat(fixture.capture.status().spoolObjects()).isZero();
        }
    }

    @Test
    void aDamagedObjectOfAnEndedIncarnationDoesNotEndTheOneThatIsRead() throws Exception {
        try (CaptureFixture fixture = new CaptureFixture(temp, 64 << 10)) {
            fixture.capture.want(Set.of("shop"));
            fixture.run(12_000);
            fixture.store.away = true;
            write(fixture, 30);
            Path old = incarnation();
            fixture.capture.want(Set.of());
            fixture.run(500);
            fixture.capture.want(Set.of("shop"));
            write(fixture, 30);
            flip(objects(old).get(1), 20);
            fixture.store.away = false;
            write(fixture, 30);
            fixture.run(3000);
            Captured captured = Captured.of(fixture.store);

            captured.check(fixture.log, KEPT);
            assertThat(captured.items).hasSize(2);
            assertThat(old).doesNotExist();
            assertThat(fixture.capture.status().incarnations()).hasSize(1);
            assertThat(fixture.capture.status().lastError()).isEmpty();
        }
    }

    private static List<Path> objects(Path incarnation) throws Exception {
        try (Stream<Path> files = Files.list(incarnation)) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9]{12}"))
                    .sorted()
                    .toList();
        }
    }

    /** @param fromEnd if negative, from the beginning */
    private static void flip(Path file, int fromEnd) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[fromEnd < 0 ? -fromEnd : bytes.length - fromEnd] ^= 1;
        Files.write(file, bytes);
    }

    private static List<Long> seen(Captured captured, int incarnation) {
        return List.copyOf(captured.items.values()).get(incarnation).stream()
                .filter(CaptureItem.Seen.class::isInstance)
                .map(item -> ((CaptureItem.Seen) item).micros())
                .toList();
    }

    /** Where the only incarnation's objects wait. */
    private Path incarnation() throws Exception {
        try (Stream<Path> files = Files.walk(temp.resolve("spool"))) {
            List<Path> newest = files.filter(
                            file -> file.getFileName().toString().matches("[0-9]{12}"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();
            assertThat(newest).hasSize(1);
            return newest.get(0);
        }
    }
}
