package dev.hindsight.server.seal;

import static dev.hindsight.server.FakeBackend.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.SealPace;
import dev.hindsight.server.FakeBackend;
import dev.hindsight.server.MovingClock;
import dev.hindsight.server.Watched;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealLoopTest {
    private final MovingClock clock = new MovingClock(FakeBackend.NOW);
    private final FakeBackend backend = new FakeBackend(clock);
    private final Watched watched = new Watched();
    private final ServiceMetrics metrics = new ServiceMetrics(watched, clock);
    private final SealLoop loop =
            new SealLoop(backend, new SealPace(Duration.ofSeconds(2), Duration.ofMinutes(10)), watched, metrics, clock);

    @Test
    void agentsAreAskedOnceForAllTablesAndNobodyWhenNothingIsProtected() {
        loop.round();
        assertThat(backend.calls).isEmpty();
        for (int i = 0; i < 16; i++) {
            backend.standing(new TableName("k", "t" + i));
        }
        loop.round();
        assertThat(backend.calls.stream().filter("captures"::equals)).hasSize(1);
        assertThat(backend.calls.stream().filter(call -> call.startsWith("seal ")))
                .hasSize(16);
    }

    @Test
    void nothingIsSealedWhileTheAgentsPutNothing() {
        backend.standing(ORDERS);
        loop.round();
        backend.calls.clear();
        for (int i = 0; i < 100; i++) {
            clock.move(Duration.ofSeconds(10));
            loop.round();
        }
        assertThat(backend.calls).doesNotContain("seal shop.orders");
        backend.captured++;
        loop.round();
        assertThat(backend.calls).contains("seal shop.orders");
    }

    @Test
    void tableThatSomebodyLooksAtIsSealedInTheNextRound() {
        backend.standing(ORDERS);
        loop.round();
        backend.calls.clear();
        backend.captured++;
        clock.move(Duration.ofSeconds(5));
        loop.round();
        assertThat(backend.calls).as("nothing was captured of it").doesNotContain("seal shop.orders");
        watched.ask(backend.find(ORDERS).tableId());
        loop.round();
        assertThat(backend.calls).containsOnlyOnce("seal shop.orders");
        backend.captured++;
        clock.move(Duration.ofSeconds(5));
        loop.round();
        assertThat(backend.calls).as("once").containsOnlyOnce("seal shop.orders");
    }

    @Test
    void changesThatCannotBeSealedAreToldByHowLongTheyWait() {
        String gauge = "hindsight_unsealed_seconds{keyspace=\"shop\",table=\"orders\"} ";
        backend.standing(ORDERS);
        backend.records.put(ORDERS, 3L);
        backend.failures.put(ORDERS, new CorruptException("capture 7 is damaged", "put it back", null));
        loop.round();
        clock.move(Duration.ofMinutes(2));
        loop.round();
        assertThat(metrics.scrape()).contains(gauge + "120.0");
        backend.failures.clear();
        clock.move(Duration.ofMinutes(2));
        loop.round();
        assertThat(metrics.scrape()).contains(gauge + "0.0");
    }

    @Test
    void failureIsCountedByTypeAndTriedAgainLater() {
        backend.standing(ORDERS);
        backend.sealFailure = new CorruptException("capture 7 is damaged", "put it back", null);
        loop.round();
        loop.round();
        assertThat(backend.calls.stream().filter("seal shop.orders"::equals)).hasSize(1);
        assertThat(metrics.scrape()).contains("hindsight_errors_total{type=\"Corrupt\",work=\"seal\"} 1.0");
        backend.sealFailure = null;
        backend.records.put(ORDERS, 3L);
        clock.move(Duration.ofSeconds(6));
        loop.round();
        assertThat(metrics.scrape())
                .contains("hindsight_sealed_records_total{keyspace=\"shop\",table=\"orders\"} 3.0")
                .contains("hindsight_lag_seconds{keyspace=\"shop\",table=\"orders\"} 0.0");
    }

    @Test
    void tableThatFailsUnexpectedlyKeepsNoOtherFromBeingSealedOrMerged() {
        TableName broken = new TableName("a", "broken");
        backend.standing(broken);
        backend.standing(ORDERS);
        backend.records.put(broken, 3L);
        backend.records.put(ORDERS, 3L);
        MergeLoop merging = new MergeLoop(backend, watched, metrics);
        loop.round();
        backend.failures.put(broken, new IllegalStateException("a bug"));
        backend.calls.clear();
        backend.captured++;
        clock.move(Duration.ofSeconds(3));
        loop.round();
        merging.round();
        assertThat(backend.calls).contains("seal a.broken", "seal shop.orders", "merge a.broken", "merge shop.orders");
        assertThat(metrics.scrape())
                .contains("hindsight_errors_total{type=\"Unexpected\",work=\"seal\"} 1.0")
                .contains("hindsight_errors_total{type=\"Unexpected\",work=\"merge\"} 1.0");
    }

    @Test
    void storeThatIsAwayEndsTheRound() {
        backend.storeFailure = new StoreUnreachableException("away", "look", null);
        assertThatThrownBy(loop::round).isInstanceOf(StoreUnreachableException.class);
    }

    @Test
    void endedLoopBeginsNoOtherTable() {
        List.of(1, 2, 3).forEach(i -> backend.standing(new TableName("k", "t" + i)));
        loop.end();
        loop.round();
        assertThat(backend.calls).containsExactly("captures");
    }

    @Test
    void onlyTablesWithNewSegmentsAreMerged() {
        backend.standing(ORDERS);
        backend.standing(new TableName("k", "idle"));
        backend.records.put(ORDERS, 3L);
        MergeLoop merging = new MergeLoop(backend, watched, metrics);
        loop.round();
        merging.round();
        merging.round();
        assertThat(backend.calls.stream().filter(call -> call.startsWith("merge ")))
                .containsExactly("merge shop.orders");
        backend.captured++;
        clock.move(Duration.ofSeconds(3));
        loop.round();
        merging.round();
        assertThat(backend.calls.stream().filter(call -> call.startsWith("merge ")))
                .hasSize(2);
    }
}
