package dev.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.repository.journal.CaptureItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What came from outside gets into the captures, whatever happens to the agent, as the operating system tells of it. */
class CaptureOutsideTest {
    private static final long MOST_NANOS = 20_000_000_000L;

    @TempDir
    Path temp;

    private CaptureFixture fixture;
    private Path table;

    @BeforeEach
    void begin() throws IOException {
        fixture = new CaptureFixture(temp);
        table = fixture.data.resolve(
                "shop/users-" + CaptureFixture.SHOP.toString().replace("-", ""));
        put("nb-1-big");
        fixture.capture.want(Set.of("shop"));
        watch(20_000);
        assertThat(outside()).isEmpty();
    }

    private void put(String sstable) throws IOException {
        for (String component : List.of("Data.db", "Statistics.db", "TOC.txt")) {
            Files.writeString(table.resolve(sstable + "-" + component), "not of this node");
        }
    }

    private void watch(long millis) {
        for (long done = 0; done < millis; done += 200) {
            fixture.run(200);
            fixture.capture.watch();
        }
    }

    /** The operating system may take a moment. */
    private void watchUntil(BooleanSupplier condition) {
        long end = System.nanoTime() + MOST_NANOS;
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            watch(200);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private List<CaptureItem.Outside> outside() {
        return Captured.of(fixture.store).items.values().stream()
                .flatMap(List::stream)
                .filter(CaptureItem.Outside.class::isInstance)
                .map(CaptureItem.Outside.class::cast)
                .toList();
    }

    private String remembered() throws IOException {
        return Files.readString(temp.resolve("spool/sstables.json"));
    }

    @Test
    void anImportIsInTheCaptureAndNotAgainAfterARestart() throws IOException {
        long before = fixture.nowMicros;
        put("nb-2-big");
        watchUntil(() -> !outside().isEmpty());
        watch(30_000);
        List<CaptureItem.Outside> told = outside();
        assertThat(told).allSatisfy(one -> {
            assertThat(one.tableId()).isEqualTo(CaptureFixture.SHOP);
            assertThat(one.cause()).isEqualTo(OutsideWatch.IMPORTED);
            assertThat(one.fromMicros()).isLessThanOrEqualTo(before);
        });
        assertThat(remembered()).contains("nb-1-big", "nb-2-big");
        fixture.restartAgent();
        watch(30_000);

        assertThat(outside()).isEqualTo(told);
        Captured.of(fixture.store).check(fixture.log, Set.of(CaptureFixture.SHOP));
    }

    @Test
    void anAgentThatDiesBeforeItIsToldLeavesItToTheNext() throws IOException {
        put("nb-2-big");
        for (int i = 0; i < 100; i++) {
            // Seen, and never given to the log's reader.
            fixture.pass(200);
            fixture.capture.watch();
        }
        assertThat(remembered()).doesNotContain("nb-2-big");
        fixture.restartAgent();
        watchUntil(() -> !outside().isEmpty());

        assertThat(outside()).extracting(CaptureItem.Outside::cause).containsOnly(OutsideWatch.UNWATCHED);
    }

    @Test
    void whatCameWhileTheStoreWasAwayIsToldLater() throws IOException {
        fixture.store.away = true;
        put("nb-2-big");
        watch(30_000);
        fixture.restartAgent();
        fixture.store.away = false;
        watchUntil(() -> !outside().isEmpty());
    }

    @Test
    void aCaptureThatEndedBeginsWithWhatIsThereThen() throws IOException {
        fixture.capture.want(Set.of());
        watch(2000);
        assertThat(temp.resolve("spool/sstables.json")).doesNotExist();
        put("nb-2-big");
        fixture.capture.want(Set.of("shop"));
        watch(60_000);

        assertThat(outside()).isEmpty();
    }

    @Test
    void aDamagedMemoryCountsWhatIsThere() throws IOException {
        watch(5000);
        Files.writeString(temp.resolve("spool/sstables.json"), "{\"format\": 1, \"hostId\": 3}");
        put("nb-2-big");
        fixture.restartAgent();
        watch(60_000);

        assertThat(outside()).isEmpty();
    }
}
