package dev.hindsight.server.api;

import static dev.hindsight.server.FakeBackend.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryGateTest {
    private static final String HISTORY = "/v1/tables/shop/orders/history?key=7";

    @TempDir
    Path state;

    private static Answer told() {
        return Answer.text("text/plain", "told");
    }

    @Test
    void whoCannotBeToldSoonIsSentAwayAtOnce() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(12);
        try (ServiceFixture service = new ServiceFixture(state)) {
            service.backend.standing(ORDERS);
            service.backend.historyGate = new CountDownLatch(1);
            List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                asked.add(CompletableFuture.supplyAsync(() -> service.get(HISTORY), clients));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(4))
                    .until(() ->
                            asked.stream().filter(CompletableFuture::isDone).count() == 9);
            assertThat(service.backend.historiesTold).hasValue(1);
            for (CompletableFuture<HttpResponse<String>> one : asked) {
                if (one.isDone()) {
                    JsonNode refused = ServiceFixture.json(one.get());
                    assertThat(one.get().statusCode()).isEqualTo(409);
                    assertThat(refused.path("retryable").asBoolean()).isTrue();
                    assertThat(one.get().headers().firstValue("Retry-After")).isPresent();
                }
            }
            service.backend.historyGate.countDown();
            for (CompletableFuture<HttpResponse<String>> one : asked) {
                one.get();
            }
            assertThat(service.backend.historiesTold).hasValue(3);
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void nobodyIsToldWhileMuchIsUnderWayToOthers() {
        HistoryGate gate = new HistoryGate(Duration.ofSeconds(5));
        List<Answer> sending = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            sending.add(gate.tell(HistoryGateTest::told));
        }
        assertThat(sending).allMatch(answer -> answer.status() == 200);
        assertThat(gate.tell(HistoryGateTest::told).status()).isEqualTo(409);
        sending.get(2).over().run();
        assertThat(gate.tell(HistoryGateTest::told).status()).isEqualTo(200);
    }

    @Test
    void whatFailsKeepsNoPlace() {
        HistoryGate gate = new HistoryGate(Duration.ofSeconds(5));
        for (int i = 0; i < 20; i++) {
            try {
                gate.tell(() -> {
                    throw new IllegalStateException("a bug");
                });
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("a bug");
            }
        }
        assertThat(gate.tell(HistoryGateTest::told).status()).isEqualTo(200);
    }
}
