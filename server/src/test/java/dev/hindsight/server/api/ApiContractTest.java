package dev.hindsight.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.model.failure.TimeNotRestorableException;
import dev.hindsight.model.failure.UnauthorisedException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.server.FakeBackend;
import dev.hindsight.server.Watched;
import dev.hindsight.server.job.Job;
import dev.hindsight.server.job.Jobs;
import dev.hindsight.server.job.Problem;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description and the service say the same: every operation, every status of it, every answer's schema. */
class ApiContractTest {
    private static final HindsightException AWAY =
            new StoreUnreachableException("the store is away", "look at it", null);
    private static final String ORDERS = "/v1/tables/shop/orders/";

    @TempDir
    Path state;

    private final Set<String> exercised = new TreeSet<>();
    private ServiceFixture service;
    private JsonNode spec;

    @BeforeEach
    void start() throws IOException {
        spec = new ObjectMapper(new YAMLFactory()).readTree(Routes.spec());
        service = new ServiceFixture(state);
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void everyOperationAnswersAsItIsDescribed() {
        awaitReady();
        everythingWorks();
        everythingIsRefused();
        theStoreRefusesTheService();
        service.backend.storeFailure = AWAY;
        theStoreIsAway();

        Set<String> described = new TreeSet<>();
        operations((path, method, operation) -> operation
                .path("responses")
                .fieldNames()
                .forEachRemaining(status -> described.add(method + " " + path + " " + status)));
        assertThat(exercised).isEqualTo(described);
    }

    private void everythingWorks() {
        check("GET", "/v1/health", "/v1/health", "", 200);
        check("GET", "/v1/openapi.yaml", "/v1/openapi.yaml", "", 200);
        JsonNode job = check("PUT", ORDERS + "protection", PROTECTION, "", 202);
        assertThat(service.awaitJob(job.path("id").asText(), "done")
                        .at("/result/base")
                        .asText())
                .isNotEmpty();
        check("GET", "/v1/jobs/" + job.path("id").asText(), "/v1/jobs/{id}", "", 200);
        check("PUT", ORDERS + "protection", PROTECTION, "", 200);
        check("GET", ORDERS + "protection", PROTECTION, "", 200);
        check("GET", ORDERS + "window", WINDOW, "", 200);
        service.clock.move(Duration.ofMinutes(10));
        check("GET", ORDERS + "window?at=-5m", WINDOW, "", 200);
        JsonNode told = check("GET", ORDERS + "history?key=id%3D7&from=-4m&limit=3", HISTORY, "", 200);
        assertThat(told.path("key").asText()).isEqualTo("id=7");
        assertThat(told.path("versions").asInt()).isEqualTo(3);
        assertThat(told.path("from").asText())
                .isEqualTo(service.clock.instant().minusSeconds(240).toString());
        assertThat(told.at("/entries/0/rows/0/after/state/value").asText()).isEqualTo("'paid'");
        JsonNode made = check("POST", "/v1/restores", "/v1/restores", body("shop.r1"), 202);
        JsonNode done = service.awaitJob(made.path("id").asText(), "done");
        assertThat(done.at("/result/tables/0/target").asText()).isEqualTo("shop.r1");
        check("GET", "/v1/jobs/" + made.path("id").asText(), "/v1/jobs/{id}", "", 200);
        JsonNode plan = check(
                "POST",
                "/v1/restores",
                "/v1/restores",
                "{\"table\":\"shop.orders\",\"at\":\"-5m\",\"dryRun\":true}",
                202);
        service.awaitJob(plan.path("id").asText(), "done");
        check("GET", "/v1/jobs/" + plan.path("id").asText(), "/v1/jobs/{id}", "", 200);
        checkKeyed("k1", body("shop.r2"), 202);
        service.awaitJob(newestJob(), "done");
        checkKeyed("k1", body("shop.r2"), 200);
        service.clock.move(Duration.ofDays(2));
        JsonNode base = Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .until(this::newestBackup, found -> found.path("state").asText().equals("done"));
        assertThat(base.path("reason").asText()).contains("SCHEDULED");
        check("GET", "/v1/jobs", "/v1/jobs", "", 200);
        check("GET", "/v1/tables", "/v1/tables", "", 200);
        assertThat(service.get("/metrics").body())
                .contains("hindsight_lag_seconds{keyspace=\"shop\",table=\"orders\"}")
                .contains("hindsight_window_guarantee{keyspace=\"shop\",table=\"orders\"} 3.0")
                .contains("hindsight_jobs_total{kind=\"restore\",state=\"done\"} 3.0");
        check("GET", "/metrics", "/metrics", "", 200);
    }

    private void everythingIsRefused() {
        for (Route route : routes()) {
            if (route.scope().isPresent()) {
                String path = route.template()
                        .replace("{keyspace}", "shop")
                        .replace("{table}", "orders")
                        .replace("{id}", "x");
                note(route, service.call("", route.method(), path, "", Map.of()), 401);
                note(route, service.call("no-such-token-at-all", route.method(), path, "", Map.of()), 401);
                if (route.scope().get() != ApiScope.READ) {
                    note(route, service.call(ServiceFixture.READ, route.method(), path, "", Map.of()), 403);
                }
                if (route.scope().get() == ApiScope.ADMIN) {
                    note(route, service.call(ServiceFixture.HISTORY, route.method(), path, "", Map.of()), 403);
                }
            }
        }
        check("GET", "/v1/jobs/none", "/v1/jobs/{id}", "", 404);
        check("GET", "/v1/tables/shop/no/protection", PROTECTION, "", 404);
        check("DELETE", "/v1/tables/shop/no/protection", PROTECTION, "", 404);
        check("GET", "/v1/tables/shop/no/window", WINDOW, "", 404);
        check("GET", ORDERS + "window?at=yesterday", WINDOW, "", 400);
        check("PUT", ORDERS + "protection?no=1", PROTECTION, "", 400);
        check("DELETE", ORDERS + "protection?no=1", PROTECTION, "", 400);
        check("PUT", ORDERS + "protection", PROTECTION, " ".repeat(70_000), 413);
        check("DELETE", ORDERS + "protection", PROTECTION, " ".repeat(70_000), 413);
        historyIsRefused();
        check("POST", "/v1/restores", "/v1/restores", "{", 400);
        check("POST", "/v1/restores", "/v1/restores", "{\"table\":\"shop.no\",\"at\":\"-5m\"}", 404);
        check("POST", "/v1/restores", "/v1/restores", " ".repeat(70_000), 413);
        JsonNode outside = check(
                "POST",
                "/v1/restores",
                "/v1/restores",
                "{\"table\":\"shop.orders\",\"at\":\"2020-01-01T00:00:00Z\"}",
                422);
        assertThat(outside.path("nearestAfter").asText()).isNotEmpty();
        assertThat(outside.path("type").asText()).isEqualTo("TimeNotRestorable");
        checkKeyed("k1", body("shop.another"), 409);
        service.backend.gate = new CountDownLatch(1);
        String first = check("POST", "/v1/restores", "/v1/restores", body("shop.r9"), 202)
                .path("id")
                .asText();
        check("POST", "/v1/restores", "/v1/restores", body("shop.r9"), 409);
        service.backend.gate.countDown();
        service.awaitJob(first, "done");
        check("DELETE", ORDERS + "protection", PROTECTION, "", 200);
        check("DELETE", ORDERS + "protection", PROTECTION, "", 409);
        service.backend.gate = new CountDownLatch(1);
        for (int i = 0; i < 70; i++) {
            service.call("PUT", "/v1/tables/shop/t" + i + "/protection", "");
        }
        check("PUT", "/v1/tables/shop/t99/protection", PROTECTION, "", 409);
        service.backend.gate.countDown();
    }

    private void historyIsRefused() {
        String history = ORDERS + "history?key=7";
        assertThat(service.call(ServiceFixture.READ, "GET", history, "", Map.of())
                        .statusCode())
                .as("what is in rows is not for who looks at metrics")
                .isEqualTo(403);
        assertThat(service.call(ServiceFixture.HISTORY, "GET", history, "", Map.of())
                        .statusCode())
                .isEqualTo(200);
        assertThat(service.call(ServiceFixture.HISTORY, "GET", "/metrics", "", Map.of())
                        .statusCode())
                .isEqualTo(200);
        check("GET", "/v1/tables/shop/no/history?key=7", HISTORY, "", 404);
        check("GET", ORDERS + "history", HISTORY, "", 400);
        check("GET", ORDERS + "history?key=7&limit=0", HISTORY, "", 400);
        check("GET", ORDERS + "history?key=7&limit=1001", HISTORY, "", 400);
        check("GET", ORDERS + "history?key=7&to=9999-01-01T00:00:00Z", HISTORY, "", 400);
        Map<Integer, HindsightException> failures = Map.of(
                409, new BusyException("another history is being told", "ask again"),
                422, new TimeNotRestorableException("what it held is not known", "see the window"),
                507, new CapacityException("the rows are too many", "name one row"));
        failures.forEach((status, failure) -> {
            service.backend.historyFailure = failure;
            check("GET", ORDERS + "history?key=7", HISTORY, "", status);
        });
        service.backend.historyFailure = new TimeNotRestorableException(
                "what it held is not known", "see the window", Optional.of(Instant.EPOCH), Optional.empty());
        JsonNode nearest = check("GET", ORDERS + "history?key=7", HISTORY, "", 422);
        assertThat(nearest.path("nearestBefore").asText()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(nearest.has("nearestAfter")).isFalse();
        service.backend.historyFailure = null;
    }

    private void theStoreRefusesTheService() {
        service.backend.storeFailure = new UnauthorisedException("the store refuses the key", "look at the key");
        check("GET", ORDERS + "protection", PROTECTION, "", 502);
        check("PUT", ORDERS + "protection", PROTECTION, "", 502);
        check("DELETE", ORDERS + "protection", PROTECTION, "", 502);
        check("GET", ORDERS + "window", WINDOW, "", 502);
        check("GET", ORDERS + "history?key=7", HISTORY, "", 502);
        check("POST", "/v1/restores", "/v1/restores", body("shop.r4"), 502);
    }

    private void theStoreIsAway() {
        check("GET", ORDERS + "history?key=7", HISTORY, "", 503);
        check("GET", ORDERS + "protection", PROTECTION, "", 503);
        check("PUT", ORDERS + "protection", PROTECTION, "", 503);
        check("DELETE", ORDERS + "protection", PROTECTION, "", 503);
        check("GET", ORDERS + "window", WINDOW, "", 503);
        check("POST", "/v1/restores", "/v1/restores", body("shop.r4"), 503);
        Awaitility.await().until(() -> service.get("/v1/health").statusCode() == 503);
        check("GET", "/v1/health", "/v1/health", "", 503);
    }

    @Test
    void everyRouteIsDescribedAndEveryDescriptionIsARoute() {
        Set<String> described = new TreeSet<>();
        operations((path, method, operation) -> {
            described.add(method + " " + path);
            Route route = routes().stream()
                    .filter(one -> one.method().equals(method) && one.template().equals(path))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(method + " " + path + " is no route"));
            assertThat(route.scope().isEmpty()).isEqualTo(operation.has("security"));
            Set<String> query = new HashSet<>();
            operation.path("parameters").forEach(parameter -> {
                if (parameter.path("in").asText().equals("query")) {
                    query.add(parameter.path("name").asText());
                }
            });
            assertThat(route.query()).isEqualTo(query);
        });
        Set<String> routes = new TreeSet<>();
        routes().forEach(route -> routes.add(route.method() + " " + route.template()));
        assertThat(routes).isEqualTo(described);
    }

    @Test
    void whatIsNoCallIsToldApartOnlyWithAToken() {
        assertThat(service.get("/v1/nothing").statusCode()).isEqualTo(404);
        assertThat(service.call("", "GET", "/v1/nothing", "", Map.of()).statusCode())
                .isEqualTo(401);
        HttpResponse<String> method = service.call("POST", "/v1/jobs", "");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(method.headers().firstValue("Allow")).contains("GET");
        assertThat(service.get("/v1/jobs?no=1").statusCode()).isEqualTo(400);
        assertThat(service.get("/v1/jobs").headers().firstValue("Server")).isEmpty();
    }

    @Test
    void failureOfTheStoreIsNotToldAsTheCallersOwn() {
        service.backend.standing(FakeBackend.ORDERS);
        service.backend.storeFailure = new UnauthorisedException("the store refuses the key", "look at the key");
        assertThat(service.get(ORDERS + "window").statusCode()).isEqualTo(502);
        assertThat(Problem.of(new NotFoundException("no such bucket", "make it"))
                        .status())
                .isEqualTo(500);
    }

    @Test
    void loopThatMeetsAnErrorGoesOnAndSaysSoMeanwhile() {
        awaitReady();
        service.backend.error = new StackOverflowError("for this test");
        Awaitility.await().until(() -> service.get("/v1/health").statusCode() == 503);
        service.backend.error = null;
        awaitReady();
    }

    @Test
    void partThatDoesNotCloseKeepsNoOtherFromIt() {
        service.backend.closeFailure = new IllegalStateException("for this test");
        service.close();
        assertThat(service.address().getPort())
                .as("of a listener that is closed")
                .isNegative();
        new ServiceFixture(state).close();
    }

    @Test
    void nobodyWaitsForABodyThatIsNotTaken() throws Exception {
        awaitReady();

        assertThat(rawStatus("GET /v1/health", "Content-Length: 100", "")).isEqualTo(200);
    }

    @Test
    void queryThatIsNotEncodedCorrectlyIsTheCallersMistake() throws Exception {
        awaitReady();
        String token = "Authorization: Bearer " + ServiceFixture.ADMIN;

        assertThat(rawStatus("GET /v1/health?%zz", "Accept: */*", "")).isEqualTo(400);
        assertThat(rawStatus("GET /v1/jobs?%zz", token, "")).isEqualTo(400);
        assertThat(rawStatus("GET " + ORDERS + "window?at=%ff", token, "")).isEqualTo(400);
        assertThat(rawStatus("GET " + ORDERS + "window?at=%2", token, "")).isEqualTo(400);
    }

    /** Nobody says how long it is, and its end does not come. */
    @Test
    void bodyInChunksIsTooLargeAsAnyOther() throws Exception {
        awaitReady();
        int length = (64 << 10) + 1;

        assertThat(rawStatus(
                        "POST /v1/restores",
                        "Transfer-Encoding: chunked\r\nAuthorization: Bearer " + ServiceFixture.ADMIN,
                        Integer.toHexString(length) + "\r\n" + " ".repeat(length)))
                .isEqualTo(413);
    }

    /** Of a request that no client sends. */
    private int rawStatus(String call, String headers, String body) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write((call + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            return Integer.parseInt(new String(status, StandardCharsets.US_ASCII).substring("HTTP/1.1 ".length()));
        }
    }

    @Test
    void keyspaceOutsideOfTheWindowIsRefusedAtOnceWithWhatAllItsTablesHave() {
        TableName users = new TableName("shop", "users");
        awaitReady();
        for (TableName table : List.of(FakeBackend.ORDERS, users)) {
            service.backend.standing(table);
            service.backend.firstBases.put(
                    table, table.equals(users) ? FakeBackend.NOW.plusSeconds(60) : FakeBackend.NOW);
        }
        service.clock.move(Duration.ofMinutes(10));
        service.backend.windowEnds.put(users, FakeBackend.NOW.plusSeconds(300));

        JsonNode early = restoreShop(FakeBackend.NOW.plusSeconds(30), 422);
        assertThat(early.path("message").asText()).contains("table shop.users cannot");
        assertThat(early.path("nearestAfter").asText())
                .isEqualTo(FakeBackend.NOW.plusSeconds(60).toString());
        assertThat(early.has("nearestBefore")).isFalse();
        JsonNode late = restoreShop(FakeBackend.NOW.plusSeconds(400), 422);
        assertThat(late.path("nearestBefore").asText())
                .isEqualTo(FakeBackend.NOW.plusSeconds(300).toString());
        // One that came later is no part of the keyspace then, as far as can be said at once.
        TableName parts = new TableName("shop", "parts");
        service.backend.standing(parts);
        service.backend.firstBases.put(parts, FakeBackend.NOW.plusSeconds(700));
        restoreShop(FakeBackend.NOW.plusSeconds(100), 202);
        assertThat(service.call("POST", "/v1/restores", "{\"keyspace\":\"none\",\"at\":\"-5m\"}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void instantsFarAwayAreOutsideOfTheWindowAndNoFailure() {
        awaitReady();
        protectOrders(202);

        JsonNode window = check("GET", ORDERS + "window?at=0001-01-01T00:00:00Z", WINDOW, "", 200);
        assertThat(window.at("/asked/span").isNull()).isTrue();
        assertThat(window.at("/asked/after").isTextual()).isTrue();
        check("GET", ORDERS + "window?at=-999999999999999d", WINDOW, "", 400);
        check(
                "POST",
                "/v1/restores",
                "/v1/restores",
                "{\"table\":\"shop.orders\",\"at\":\"0001-01-01T00:00:00Z\"}",
                422);
    }

    private JsonNode restoreShop(Instant at, int status) {
        return check("POST", "/v1/restores", "/v1/restores", "{\"keyspace\":\"shop\",\"at\":\"" + at + "\"}", status);
    }

    @Test
    void callsToProtectDoNotWaitForEachOthersStoreAndAreOneJob() {
        awaitReady();
        service.backend.gate = new CountDownLatch(1);
        service.backend.storeGate = new CountDownLatch(1);
        Set<String> jobs = ConcurrentHashMap.newKeySet();
        List<Thread> callers = IntStream.range(0, 4)
                .mapToObj(i ->
                        new Thread(() -> jobs.add(ServiceFixture.json(service.call("PUT", ORDERS + "protection", ""))
                                .path("id")
                                .asText())))
                .toList();
        callers.forEach(Thread::start);
        // Two of the service's loops may be asking as well.
        Awaitility.await().until(() -> service.backend.waiting.get() >= 6);
        service.backend.storeGate.countDown();
        Awaitility.await().until(() -> callers.stream().noneMatch(Thread::isAlive));
        service.backend.gate.countDown();
        assertThat(jobs).hasSize(1).doesNotContain("");
    }

    @Test
    void restoresIntoOneKeyspaceRunOneAfterTheOther() {
        awaitReady();
        protectOrders(202);
        service.clock.move(Duration.ofMinutes(10));
        service.backend.gate = new CountDownLatch(1);
        String first = restoreAs("shop.r1");
        service.awaitJob(first, "running");
        String second = restoreAs("shop.r2");
        String elsewhere = restoreAs("yard.r1");
        String plan = check(
                        "POST",
                        "/v1/restores",
                        "/v1/restores",
                        "{\"table\":\"shop.orders\",\"at\":\"-5m\",\"as\":\"shop.r3\",\"dryRun\":true}",
                        202)
                .path("id")
                .asText();

        service.awaitJob(elsewhere, "running");
        assertThat(service.awaitJob(second, "queued").path("attempt").asInt()).isEqualTo(1);
        service.backend.gate.countDown();
        service.awaitJob(second, "done");
        service.awaitJob(plan, "done");
        assertThat(service.backend.restored)
                .extracting(order -> order.as().orElseThrow().toString())
                .containsExactlyInAnyOrder("shop.r1", "yard.r1", "shop.r2")
                .endsWith("shop.r2");
    }

    private String restoreAs(String as) {
        return check("POST", "/v1/restores", "/v1/restores", body(as), 202)
                .path("id")
                .asText();
    }

    @Test
    void restoreIsNotGoneOnWithWhileAnotherMakesTheSameTable() {
        awaitReady();
        protectOrders(202);
        service.clock.move(Duration.ofMinutes(10));
        service.backend.workFailure = AWAY;
        String failed = checkKeyed("k", body("shop.r1"), 202).path("id").asText();
        service.awaitJob(failed, "failed");
        service.backend.workFailure = null;
        service.backend.gate = new CountDownLatch(1);
        String other = restoreAs("shop.r1");

        checkKeyed("k", body("shop.r1"), 409);

        service.backend.gate.countDown();
        service.awaitJob(other, "done");
        assertThat(checkKeyed("k", body("shop.r1"), 202).path("id").asText()).isEqualTo(failed);
        service.awaitJob(failed, "done");
        checkKeyed("k", body("shop.r1"), 200);
    }

    @Test
    void tableThatWasCreatedAgainIsProtectedAnew() {
        awaitReady();
        protectOrders(202);
        protectOrders(200);
        service.backend.createdAgain.put(FakeBackend.ORDERS, new UUID(7, 7));
        service.backend.away = true;
        protectOrders(200);
        service.backend.away = false;

        protectOrders(202);

        assertThat(protectOrders(200).path("tableId").asText()).isEqualTo(new UUID(7, 7).toString());
    }

    @Test
    void tableWhoseJournalHasEndedIsProtectedAnew() {
        awaitReady();
        protectOrders(202);
        service.backend.ended.put(FakeBackend.ORDERS, "the table was dropped");

        protectOrders(202);
    }

    @Test
    void callThatFindsAJobJustEndedTellsOfTheTable() {
        awaitReady();
        protectOrders(202);
        service.backend.createdAgain.put(FakeBackend.ORDERS, new UUID(7, 7));
        service.backend.whenLookedAt = () -> {
            service.backend.whenLookedAt = () -> {};
            service.clock.move(Duration.ofSeconds(1));
            protectOrders(202);
        };

        assertThat(protectOrders(200).path("tableId").asText()).isEqualTo(new UUID(7, 7).toString());
    }

    @Test
    void protectionIsNotEndedWhileAJobBeginsIt() {
        awaitReady();
        protectOrders(202);
        service.backend.createdAgain.put(FakeBackend.ORDERS, new UUID(7, 7));
        service.backend.gate = new CountDownLatch(1);
        String job = check("PUT", ORDERS + "protection", PROTECTION, "", 202)
                .path("id")
                .asText();

        JsonNode refused = check("DELETE", ORDERS + "protection", PROTECTION, "", 409);

        assertThat(refused.path("type").asText()).isEqualTo("Busy");
        assertThat(refused.path("message").asText()).contains(job);
        service.backend.gate.countDown();
        service.awaitJob(job, "done");
        assertThat(check("DELETE", ORDERS + "protection", PROTECTION, "", 200)
                        .path("protected")
                        .asBoolean())
                .isFalse();
    }

    /** Waits for the job, where there is one. */
    private JsonNode protectOrders(int status) {
        JsonNode answer = check("PUT", ORDERS + "protection", PROTECTION, "", status);
        return status == 202 ? service.awaitJob(answer.path("id").asText(), "done") : answer;
    }

    @Test
    void problemOfAJobIsThatOfACall() {
        HttpResponse<String> begun = service.call("PUT", "/v1/tables/shop/missing/protection", "");
        JsonNode job = service.awaitJob(ServiceFixture.json(begun).path("id").asText(), "failed");
        assertThat(job.at("/problem/type").asText()).isEqualTo("NotFound");
        assertThat(job.at("/problem/hint").asText()).isEqualTo("names are taken as stored");
        valid(job, "/v1/jobs/{id}", "get", 200);
    }

    private static final String PROTECTION = "/v1/tables/{keyspace}/{table}/protection";
    private static final String HISTORY = "/v1/tables/{keyspace}/{table}/history";
    private static final String WINDOW = "/v1/tables/{keyspace}/{table}/window";

    /** As the service has them; these ones are only looked at. */
    private List<Route> routes() {
        try (Jobs jobs = new Jobs(state.resolve("none"), service.clock, new Random(1), job -> {})) {
            return new Routes(
                            new TableCalls(service.backend, jobs, new Watched(), service.clock),
                            new RestoreCalls(service.backend, jobs, service.clock),
                            new HealthCall(Optional::empty),
                            new ServiceMetrics(new Watched(), service.clock))
                    .all();
        }
    }

    private static String body(String as) {
        return "{\"table\":\"shop.orders\",\"at\":\"-5m\",\"as\":\"" + as + "\"}";
    }

    private void awaitReady() {
        Awaitility.await().until(() -> service.get("/v1/health").statusCode() == 200);
    }

    private String newestJob() {
        return ServiceFixture.json(service.get("/v1/jobs")).at("/jobs/0/id").asText();
    }

    private JsonNode newestBackup() {
        for (JsonNode job : ServiceFixture.json(service.get("/v1/jobs")).path("jobs")) {
            if (job.path("kind").asText().equals(Job.Kind.BACKUP.name().toLowerCase(java.util.Locale.ROOT))) {
                return job;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private JsonNode check(String method, String path, String template, String body, int status) {
        return checked(service.call(method, path, body), method, template, status);
    }

    private JsonNode checkKeyed(String key, String body, int status) {
        return checked(
                service.call(ServiceFixture.ADMIN, "POST", "/v1/restores", body, Map.of("Idempotency-Key", key)),
                "POST",
                "/v1/restores",
                status);
    }

    private void note(Route route, HttpResponse<String> answer, int status) {
        checked(answer, route.method(), route.template(), status);
    }

    private JsonNode checked(HttpResponse<String> answer, String method, String template, int status) {
        assertThat(answer.statusCode())
                .as("%s %s: %s", method, template, answer.body())
                .isEqualTo(status);
        exercised.add(method + " " + template + " " + status);
        String type = answer.headers().firstValue("Content-Type").orElse("");
        JsonNode content = response(template, method.toLowerCase(java.util.Locale.ROOT), status)
                .path("content");
        assertThat(content.fieldNames().next()).isEqualTo(type.replaceAll(";.*", ""));
        if (!type.contains("json")) {
            return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
        }
        JsonNode json = ServiceFixture.json(answer);
        valid(json, template, method.toLowerCase(java.util.Locale.ROOT), status);
        return json;
    }

    private void valid(JsonNode json, String template, String method, int status) {
        JsonNode media = response(template, method, status).path("content");
        ObjectNode root = media.path(media.fieldNames().next()).path("schema").deepCopy();
        root.set("components", spec.path("components"));
        Set<ValidationMessage> wrong = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(root)
                .validate(json, context -> context.getExecutionConfig().setFormatAssertionsEnabled(true));
        assertThat(wrong)
                .as("%s %s %d: %s", method, template, status, json.toPrettyString())
                .isEmpty();
    }

    private JsonNode response(String template, String method, int status) {
        JsonNode found =
                spec.path("paths").path(template).path(method).path("responses").path(String.valueOf(status));
        assertThat(found.isMissingNode())
                .as("%s %s answers %d, which is not described", method, template, status)
                .isFalse();
        return found.has("$ref") ? spec.at(found.get("$ref").asText().substring(1)) : found;
    }

    private interface Operation {
        void see(String path, String method, JsonNode operation);
    }

    private void operations(Operation each) {
        spec.path("paths")
                .fields()
                .forEachRemaining(path -> path.getValue().fields().forEachRemaining(method -> {
                    if (!method.getKey().equals("parameters")) {
                        each.see(path.getKey(), method.getKey().toUpperCase(java.util.Locale.ROOT), method.getValue());
                    }
                }));
    }
}
