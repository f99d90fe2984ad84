package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be neither opened nor linked for a while, and is deleted meanwhile, is never lost in silence. */
class UnheldSegmentsTest {
    private static final Set<UUID> KEPT = Set.of(CaptureFixture.SHOP);

    @TempDir
    Path temp;

    private CaptureFixture fixture;

    @BeforeEach
    void node() throws Exception {
        fixture = new CaptureFixture(temp);
    }

    @AfterEach
    void end() {
        fixture.close();
    }

    private void capture() {
        fixture.capture.want(Set.of("shop"));
        fixture.run(1500);
    }

    private void write(int changes) {
        for (int i = 0; i < changes; i++) {
            fixture.log.append(CaptureFixture.SHOP, new byte[400], fixture.nowMicros);
            fixture.pass(20);
            fixture.log.sync(fixture.nowMicros);
        }
    }

    private void flush() {
        fixture.log.deletable().forEach(fixture.log::delete);
    }

    /** All but the first so many: ELOOP stands for EMFILE, EIO and EACCES. */
    private Map<Path, Path> makeUnreadable(int but) throws IOException {
        Map<Path, Path> out = new TreeMap<>();
        List<Path> all;
        try (Stream<Path> files = Files.list(fixture.log.directory)) {
            all = files.sorted().toList();
        }
        for (Path log : all.subList(but, all.size())) {
            Path away = fixture.root.resolve("away-" + log.getFileName());
            Files.move(log, away);
            Files.createSymbolicLink(log, log.getFileName());
            out.put(log, away);
        }
        return out;
    }

    private static void makeReadable(Map<Path, Path> unreadable) throws IOException {
        for (Map.Entry<Path, Path> one : unreadable.entrySet()) {
            Files.delete(one.getKey());
            Files.move(one.getValue(), one.getKey());
        }
    }

    private Captured checked() {
        fixture.run(15_000);
        Captured captured = Captured.of(fixture.store);
        captured.check(fixture.log, KEPT);
        return captured;
    }

    @Test
    void aSegmentThatCouldNotBeOpenedAndIsDeletedBeforeTheNextTryIsAGap() throws Exception {
        capture();
        write(22);
        Map<Path, Path> unreadable = makeUnreadable(1);
        fixture.run(300);
        assertThat(fixture.capture.status().lastError().orElse("")).contains("cannot be opened");
        makeReadable(unreadable);
        write(20);
        flush();
        fixture.run(3000);
        write(10);

        assertThat(checked().gaps).hasSize(1);
        assertThat(fixture.capture.status().lastError()).isEmpty();
    }

    @Test
    void aSegmentThatCanBeOpenedAgainIsReadAsIfNothingHadBeen() throws Exception {
        capture();
        write(22);
        Map<Path, Path> unreadable = makeUnreadable(1);
        fixture.run(3000);
        makeReadable(unreadable);
        write(20);

        Captured captured = checked();
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(42);
    }

    @Test
    void aFirstLookThatFailsHalfwayHidesNothingBehindIt() throws Exception {
        write(30);
        Map<Path, Path> unreadable = makeUnreadable(1);
        fixture.capture.want(Set.of("shop"));
        fixture.run(300);
        makeReadable(unreadable);
        write(20);
        flush();

        assertThat(checked().gaps).hasSize(1);
    }

    @Test
    void aKilledNodesLastSegmentIsNotCleanBecauseTheNextLifeCouldNotBeOpened() throws Exception {
        capture();
        write(22);
        fixture.run(500);
        fixture.log.kill();
        fixture.pass(3000);
        fixture.log.start(fixture.nowMicros / 1000);
        Map<Path, Path> unreadable = makeUnreadable(0);
        fixture.run(1000);
        makeReadable(unreadable);
        write(10);

        assertThat(checked().dones).anyMatch(done -> !done.clean());
    }

    /** With CDC: what the node deletes meanwhile is in cdc_raw, and is neither lost nor deleted there unread. */
    @Test
    void aSegmentThatCouldNotBeLinkedIsReadLater() throws Exception {
        fixture.enableCdc();
        capture();
        write(10);
        fixture.run(2000);
        Path links = fixture.root.resolve("spool/segments");
        Path away = fixture.root.resolve("segments-away");
        Files.move(links, away);
        Files.writeString(links, "");
        write(40);
        fixture.run(500);
        assertThat(fixture.capture.status().lastError().orElse("")).contains("cannot be linked");
        flush();
        Files.delete(links);
        Files.move(away, links);
        fixture.run(3000);
        write(10);

        Captured captured = checked();
        assertThat(captured.gaps).isEmpty();
        assertThat(captured.frames).hasSize(60);
        assertThat(fixture.capture.status().lastError()).isEmpty();
        assertThat(fixture.log.rawFiles()).hasSizeLessThanOrEqualTo(3);
    }
}
