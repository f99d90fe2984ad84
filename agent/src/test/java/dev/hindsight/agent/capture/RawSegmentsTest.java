package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.agent.api.CaptureStatus;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.layout.Keys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node with {@code cdc_enabled} keeps for its consumer outlives its commit log, and never fills up. */
class RawSegmentsTest {
    private static final Set<UUID> KEPT = Set.of(CaptureFixture.SHOP);

    @TempDir
    Path temp;

    private CaptureFixture fixture;

    @BeforeEach
    void capture() throws Exception {
        fixture = new CaptureFixture(temp);
        fixture.enableCdc();
        fixture.capture.want(Set.of("shop"));
        fixture.run(1500);
    }

    @AfterEach
    void end() {
        fixture.close();
    }

    /** Some segments' worth, each with a mark behind it. */
    private void write(UUID table, int changes) {
        for (int i = 0; i < changes; i++) {
            fixture.log.append(table, new byte[400], fixture.nowMicros);
            fixture.pass(20);
            fixture.log.sync(fixture.nowMicros);
        }
    }

    private void flush() {
        fixture.log.deletable().forEach(fixture.log::delete);
    }

    @Test
    void anAgentThatWasAwayReadsWhatTheCommitLogHasNoMore() throws Exception {
        write(CaptureFixture.SHOP, 10);
        fixture.capture.close();
        write(CaptureFixture.SHOP, 100);
        flush();
        assertThat(fixture.log.rawFiles()).hasSizeGreaterThan(8);
        fixture.restartAgent();
        fixture.run(5000);
        write(CaptureFixture.SHOP, 10);
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(120);
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void segmentsThatTheNodeDidNotKeepAreAGap() throws Exception {
        fixture.capture.close();
        write(CaptureFixture.SHOP, 40);
        write(CaptureFixture.OTHER, 60);
        write(CaptureFixture.SHOP, 40);
        flush();
        fixture.restartAgent();
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).hasSize(1);
        assertThat(captured.gaps.get(0).cause()).contains("came and went unseen");
        assertThat(captured.frames).hasSize(80);
    }

    @Test
    void nothingPilesUpWhileTheStoreIsAwayAndTheSpoolIsFull() throws Exception {
        fixture.spoolBytes = 3000;
        fixture.pinnedBytes = 3 * FakeLog.SEGMENT_BYTES;
        fixture.restartAgent();
        fixture.store.away = true;
        for (int i = 0; i < 20; i++) {
            write(CaptureFixture.SHOP, 20);
            fixture.run(300);
            flush();
            fixture.run(300);
            assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
        }
        assertThat(fixture.capture.status().pinnedBytes()).isLessThanOrEqualTo(fixture.pinnedBytes);
        fixture.store.away = false;
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isNotEmpty();
    }

    @Test
    void whatAKilledNodeReplaysIsReadOnceAndLetGo() throws Exception {
        write(CaptureFixture.SHOP, 30);
        fixture.run(1500);
        fixture.log.kill();
        fixture.run(2000);
        fixture.log.start(fixture.nowMicros / 1000);
        fixture.run(8000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(30);
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void whatAKilledNodeHadFlushedIsLetGoAlthoughItsIndexNeverSaysComplete() throws Exception {
        for (int life = 0; life < 5; life++) {
            write(CaptureFixture.SHOP, 25);
            fixture.run(1500);
            fixture.log.killFlushed();
            fixture.run(2000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.run(500);
            assertThat(fixture.log.rawFiles())
                    .as("while the node may still look for them")
                    .hasSizeGreaterThan(1);
            fixture.run(12_000);
            assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(1);
        }
        Captured captured = Captured.of(fixture.store);
        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(125);
    }

    /** The agent was away, or had no link: the same segments are read before they are let go. */
    @Test
    void whatAKilledNodeHadFlushedIsReadWhereNoAgentWas() throws Exception {
        leaveTheFirstSegment();
        fixture.capture.close();
        write(CaptureFixture.SHOP, 25);
        fixture.log.killFlushed();
        fixture.pass(3000);
        fixture.log.start(fixture.nowMicros / 1000);
        fixture.restartAgent();
        fixture.run(15_000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.frames).hasSize(45);
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void nothingPilesUpBehindTheLastKeyspaceThatIsCaptured() throws Exception {
        fixture.capture.want(Set.of());
        fixture.run(1500);
        nothingPilesUp();
        fixture.capture.want(Set.of("shop"));
        fixture.run(1500);
        write(CaptureFixture.SHOP, 20);
        fixture.run(3000);
        Captured captured = Captured.of(fixture.store);

        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(20);
    }

    @Test
    void nothingPilesUpBeforeTheFirstKeyspaceIsCaptured() throws Exception {
        fixture.close();
        fixture = new CaptureFixture(temp.resolve("new"));
        fixture.enableCdc();
        nothingPilesUp();
        assertThat(fixture.store.objects).isEmpty();
    }

    @Test
    void nothingPilesUpWhileTheCaptureIsStopped() throws Exception {
        Keys.CaptureKey last = Keys.captureOf(fixture.store.objects.lastKey()).orElseThrow();
        fixture.store.objects.put(Keys.capture(last.hostId(), last.incarnation(), last.number() + 1), new byte[] {1});
        write(CaptureFixture.SHOP, 5);
        fixture.run(2500);
        assertThat(fixture.capture.status().state()).isEqualTo(CaptureStatus.State.STOPPED);
        nothingPilesUp();
        assertThat(fixture.capture.status().lastError().orElse("")).contains("another agent");
    }

    @Test
    void anAgentWithoutTheSpoolLeavesToTheOtherWhatTheNodeKeeps() throws Exception {
        Capture other = fixture.newAgent();
        fixture.capture.want(Set.of());
        fixture.run(1500);
        fixture.capture.close();
        Capture owner = fixture.newAgent();
        owner.want(Set.of());
        write(CaptureFixture.SHOP, 60);
        other.tick();
        assertThat(fixture.log.rawFiles()).hasSizeGreaterThan(5);
        owner.tick();
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
        owner.close();
        other.close();
    }

    /** Nor of nodes that are killed. */
    private void nothingPilesUp() throws Exception {
        for (int life = 0; life < 5; life++) {
            write(CaptureFixture.SHOP, 100);
            fixture.run(300);
            flush();
            fixture.run(300);
            assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
            fixture.log.killFlushed();
            fixture.pass(3000);
            fixture.log.start(fixture.nowMicros / 1000);
            fixture.run(12_000);
            assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(1);
        }
    }

    /** It was made before the node had CDC. */
    private void leaveTheFirstSegment() {
        write(CaptureFixture.SHOP, 20);
        fixture.run(3000);
        flush();
        fixture.run(3000);
    }

    /** No directory can be made here, as on another file system no link can. */
    private void preventLinks() throws Exception {
        Path links = fixture.root.resolve("spool/segments");
        fixture.capture.close();
        try (var all = Files.list(links)) {
            for (Path link : all.toList()) {
                Files.delete(link);
            }
        }
        Files.delete(links);
        Files.writeString(links, "");
        fixture.capture = fixture.newAgent();
    }

    @Test
    void aSpoolElsewhereIsToldByNameAndLosesNothing() throws Exception {
        preventLinks();
        write(CaptureFixture.SHOP, 40);
        fixture.run(1500);
        CaptureStatus status = fixture.capture.status();

        assertThat(status.lastError().orElse("")).contains("cannot be linked", "capture.spool");

        flush();
        fixture.run(3000);
        Captured captured = Captured.of(fixture.store);
        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(40);
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void aLinkThatCouldNotBeMadeIsMadeAsSoonAsItCan() throws Exception {
        preventLinks();
        write(CaptureFixture.SHOP, 20);
        fixture.run(1500);
        Path links = fixture.root.resolve("spool/segments");
        assertThat(fixture.capture.status().lastError()).isPresent();
        Files.delete(links);
        fixture.run(200);

        assertThat(fixture.capture.status().lastError()).isEmpty();
        assertThat(links).isNotEmptyDirectory();
    }

    @Test
    void nothingPilesUpWhereNoLinkCanBeMadeEither() throws Exception {
        fixture.spoolBytes = 3000;
        fixture.pinnedBytes = 3 * FakeLog.SEGMENT_BYTES;
        preventLinks();
        fixture.store.away = true;
        for (int i = 0; i < 20; i++) {
            write(CaptureFixture.SHOP, 20);
            fixture.run(300);
            flush();
            fixture.run(300);
            // With their indexes: what is pinned, what is about to be told of, and the node's own two.
            assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(2 * (3 + 2 + 2));
        }
        fixture.store.away = false;
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isNotEmpty();
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
    }

    /** The node rejects writes once they fill what it keeps, long before its commit log lets go of them. */
    @Test
    void whatTheCommitLogStillHasDoesNotPileUpWhereNoLinkCanBeMadeEither() throws Exception {
        fixture.close();
        fixture = new CaptureFixture(temp.resolve("large"), 32 << 20);
        fixture.spoolBytes = 3000;
        fixture.pinnedBytes = 4L << 30;
        fixture.enableCdc();
        fixture.capture.want(Set.of("shop"));
        fixture.run(1500);
        preventLinks();
        fixture.store.away = true;
        for (int i = 0; i < 30; i++) {
            write(CaptureFixture.SHOP, 20);
            fixture.log.goOn(fixture.nowMicros);
            fixture.run(300);
            // With their indexes: 256 MiB, what is read, what is about to be told of, and the node's own two.
            assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(2 * (8 + 3 + 2 + 2));
        }
        fixture.store.away = false;
        fixture.run(5000);
        flush();
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps)
                .extracting(CaptureItem.Gap::cause)
                .isNotEmpty()
                .allSatisfy(cause -> assertThat(cause).contains("cannot be linked"));
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void aCaptureThatCannotBeginLetsNoMoreThanItsShareWait() throws Exception {
        fixture.close();
        fixture = new CaptureFixture(temp.resolve("large"), 32 << 20);
        fixture.enableCdc();
        fixture.capture.want(Set.of("shop"));
        fixture.run(1500);
        Path host = fixture.root.resolve("spool/" + CaptureFixture.HOST);
        try (Capture other = fixture.newAgent()) {
            for (int i = 0; i < 30; i++) {
                write(CaptureFixture.SHOP, 20);
                fixture.log.goOn(fixture.nowMicros);
            }
            int kept = fixture.log.rawFiles().size();
            for (int i = 0; i < 120; i++) {
                fixture.pass(1000);
                other.tick();
            }
            assertThat(fixture.log.rawFiles()).as("that agent's matter").hasSize(kept);

            fixture.capture.close();
            Files.move(host, host.resolveSibling("away"));
            Files.writeString(host, "");
            for (int i = 0; i < 50; i++) {
                fixture.pass(1000);
                other.tick();
            }
            assertThat(fixture.log.rawFiles()).as("for a moment").hasSize(kept);
            for (int i = 0; i < 20; i++) {
                fixture.pass(1000);
                other.tick();
            }
            assertThat(other.status().lastError()).isPresent();
            assertThat(fixture.log.rawFiles()).hasSizeBetween(2 * 7, 2 * (8 + 1));
        }
        Files.delete(host);
        Files.move(host.resolveSibling("away"), host);
        fixture.restartAgent();
        fixture.run(5000);
        flush();
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(fixture.capture.status().lastError()).isEmpty();
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void whatWasReadAndIsNotDurableYetStaysForTheAgentThatComesNext() throws Exception {
        preventLinks();
        leaveTheFirstSegment();
        write(CaptureFixture.SHOP, 40);
        flush();
        fixture.run(800);
        fixture.restartAgent();
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(60);
    }

    @Test
    void aSegmentThatIsDeletedBeforeItIsOpenedIsReadFromTheNodesCopy() throws Exception {
        leaveTheFirstSegment();
        fixture.capture.close();
        write(CaptureFixture.SHOP, 40);
        // Listed, and gone when it is opened.
        for (long id : fixture.log.deletable()) {
            Path file = fixture.log.directory.resolve("CommitLog-8-" + id + ".log");
            Files.delete(file);
            Files.createSymbolicLink(file, fixture.root.resolve("nothing"));
        }
        fixture.restartAgent();
        fixture.run(100);
        flush();
        fixture.run(5000);
        Captured captured = Captured.of(fixture.store);

        captured.check(fixture.log, KEPT);
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(60);
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
    }
}
