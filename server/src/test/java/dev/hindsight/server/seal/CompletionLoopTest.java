package dev.hindsight.server.seal;

import static dev.hindsight.server.FakeBackend.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.CompleteReport;
import dev.hindsight.operations.journal.DueRuns;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.operations.journal.SealPace;
import dev.hindsight.server.FakeBackend;
import dev.hindsight.server.MovingClock;
import dev.hindsight.server.Watched;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CompletionLoopTest {
    private final MovingClock clock = new MovingClock(FakeBackend.NOW);
    private final FakeBackend backend = new FakeBackend(clock);
    private final Watched watched = new Watched();
    private final ServiceMetrics metrics = new ServiceMetrics(watched, clock);
    private final SealLoop sealing =
            new SealLoop(backend, new SealPace(Duration.ofSeconds(2), Duration.ofMinutes(10)), watched, metrics, clock);
    private final CompletionLoop loop = new CompletionLoop(backend, watched, metrics, clock);

    private long completed(TableName table) {
        return backend.calls.stream().filter(("complete " + table)::equals).count();
    }

    private void sealMore() {
        backend.captured++;
        clock.move(Duration.ofSeconds(3));
        sealing.round();
    }

    @Test
    void tablesAreLookedAtOnceAndThenWhenThereIsSomethingNewAndMergingDoesNoneOfIt() {
        TableName idle = new TableName("k", "idle");
        backend.standing(ORDERS);
        backend.standing(idle);
        backend.records.put(ORDERS, 3L);
        sealing.round();
        new MergeLoop(backend, watched, metrics).round();
        assertThat(completed(ORDERS)).isZero();
        loop.round();
        loop.round();
        assertThat(completed(ORDERS)).isEqualTo(1);
        assertThat(completed(idle)).isEqualTo(1);
        sealMore();
        loop.round();
        assertThat(completed(ORDERS)).isEqualTo(2);
        assertThat(completed(idle)).isEqualTo(1);
    }

    /** What is due when the next base is there waits for no further write. */
    @Test
    void aTableThatNobodyWritesToIsCompletedToTheEndAndAgainWhenItHasANewBase() {
        CompleteReport.Run stored = new CompleteReport.Run(1, 9, "b2", 9, 900, 0, 1, 10, 0, true);
        backend.standing(ORDERS);
        sealing.round();
        backend.completed.put(ORDERS, new DueRuns(List.of(stored), Optional.empty()));
        loop.round();
        loop.round();
        assertThat(completed(ORDERS)).as("while more may be due").isEqualTo(2);
        backend.completed.clear();
        loop.round();
        loop.round();
        assertThat(completed(ORDERS)).isEqualTo(3);
        ProtectedTable table = backend.protections().get(0);
        watched.window(table, backend.window(ORDERS, Optional.empty()), Optional.of(clock.instant()));
        loop.round();
        loop.round();
        assertThat(completed(ORDERS)).isEqualTo(4);
    }

    @Test
    void aTableThatIsWrittenToNoMoreIsMergedToTheEnd() {
        backend.standing(ORDERS);
        backend.records.put(ORDERS, 3L);
        backend.merges.add(ORDERS);
        sealing.round();
        MergeLoop merging = new MergeLoop(backend, watched, metrics);
        for (int i = 0; i < 5; i++) {
            merging.round();
        }
        assertThat(backend.calls.stream().filter(("merge " + ORDERS)::equals)).hasSize(2);
    }

    @Test
    void tableThatFailsIsTriedEverMoreRarelyAndKeepsNoOtherWaiting() {
        TableName broken = new TableName("a", "broken");
        backend.standing(broken);
        backend.standing(ORDERS);
        backend.records.put(broken, 3L);
        backend.records.put(ORDERS, 3L);
        backend.completeFailures.put(broken, new CorruptException("b1 is damaged", "look", null));
        sealing.round();
        for (int minute = 0; minute < 24 * 60; minute++) {
            loop.round();
            clock.move(Duration.ofMinutes(1));
        }
        assertThat(completed(ORDERS)).isEqualTo(1);
        assertThat(completed(broken)).isBetween(24L, 35L);
        assertThat(metrics.scrape()).contains("hindsight_errors_total{type=\"Corrupt\",work=\"complete\"}");
        backend.completeFailures.clear();
        clock.move(Duration.ofHours(1));
        loop.round();
        long before = completed(broken);
        sealMore();
        loop.round();
        assertThat(completed(broken)).as("at once again").isEqualTo(before + 1);
    }

    @Test
    void stretchThatFailsForGoodMakesNoOtherOfItsTableWait() {
        CompleteReport.Run stored = new CompleteReport.Run(1, 9, "b2", 9, 900, 0, 1, 10, 0, true);
        CompleteReport.Run late = new CompleteReport.Run(1, 9, "b2", 9, 900, 0, 1, 10, 0, false);
        Optional<HindsightException> failure = Optional.of(new CorruptException("b1 is damaged", "look", null));
        backend.standing(ORDERS);
        backend.records.put(ORDERS, 3L);
        sealing.round();
        backend.completed.put(ORDERS, new DueRuns(List.of(late), failure));
        for (int minute = 0; minute < 24 * 60; minute++) {
            loop.round();
            clock.move(Duration.ofMinutes(1));
        }
        assertThat(completed(ORDERS)).as("none is stored").isBetween(24L, 35L);
        backend.completed.put(ORDERS, new DueRuns(List.of(stored), failure));
        clock.move(Duration.ofHours(1));
        long before = completed(ORDERS);
        for (int minute = 0; minute < 10; minute++) {
            loop.round();
            clock.move(Duration.ofMinutes(1));
        }
        assertThat(completed(ORDERS)).as("one is stored each time").isEqualTo(before + 10);
        assertThat(metrics.scrape()).contains("hindsight_errors_total{type=\"Corrupt\",work=\"complete\"}");
    }

    @Test
    void endedLoopBeginsNoOtherTable() {
        backend.standing(ORDERS);
        backend.records.put(ORDERS, 3L);
        sealing.round();
        loop.end();
        loop.round();
        assertThat(completed(ORDERS)).isZero();
    }
}
