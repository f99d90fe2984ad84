package dev.hindsight.server.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.server.FakeBackend;
import dev.hindsight.server.MovingClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsTest {
    /** What the tests' work makes. */
    public record Made(String what) {}

    @TempDir
    Path state;

    private final MovingClock clock = new MovingClock(FakeBackend.NOW);
    private final List<Job> ended = new CopyOnWriteArrayList<>();

    private Jobs open() {
        return new Jobs(state, clock, new Random(3), ended::add);
    }

    private static ObjectNode request(String text) {
        return JsonNodeFactory.instance.objectNode().put("table", text);
    }

    private static Jobs.Order order(String key, String request, Jobs.Work work) {
        return new Jobs.Order(
                Job.Kind.RESTORE, Optional.of(key), request(request), Optional.empty(), Optional.empty(), work);
    }

    private static Jobs.Order orderAt(String place, Jobs.Work work) {
        return new Jobs.Order(
                Job.Kind.RESTORE, Optional.empty(), request("a"), Optional.empty(), Optional.of(place), work);
    }

    private static Job await(Jobs jobs, String id, Job.State state) {
        return Awaitility.await()
                .dontCatchUncaughtExceptions()
                .pollInterval(Duration.ofMillis(5))
                .until(() -> jobs.load(id), job -> job.state() == state);
    }

    @Test
    void resultOfADoneJobIsThereAfterARestart() {
        String id;
        try (Jobs jobs = open()) {
            id = jobs.submit(order("k", "a", progress -> new Made("it"))).id();
            await(jobs, id, Job.State.DONE);
        }
        try (Jobs jobs = open()) {
            Job again = jobs.load(id);
            assertThat(again.state()).isEqualTo(Job.State.DONE);
            assertThat(again.result().orElseThrow().path("what").asText()).isEqualTo("it");
            assertThat(jobs.submit(order("k", "a", progress -> new Made("another")))
                            .result())
                    .isEqualTo(again.result());
        }
        assertThat(ended).hasSize(1);
    }

    @Test
    void sameKeyWithAnotherRequestIsRefused() {
        try (Jobs jobs = open()) {
            jobs.submit(order("k", "a", progress -> new Made("it")));
            assertThatThrownBy(() -> jobs.submit(order("k", "b", progress -> new Made("it"))))
                    .isInstanceOf(BusyException.class)
                    .hasMessageContaining("whose request was another");
        }
    }

    @Test
    void failedJobIsGoneOnWithByTheSameCall() {
        try (Jobs jobs = open()) {
            String id = jobs.submit(order("k", "a", progress -> {
                        throw new StoreUnreachableException("away", "look", null);
                    }))
                    .id();
            Job failed = await(jobs, id, Job.State.FAILED);
            assertThat(failed.problem().orElseThrow().type()).isEqualTo("StoreUnreachable");
            assertThat(failed.problem().orElseThrow().status()).isEqualTo(503);
            assertThat(jobs.submit(order("k", "a", progress -> new Made("it"))).id())
                    .isEqualTo(id);
            assertThat(await(jobs, id, Job.State.DONE).attempt()).isEqualTo(2);
        }
    }

    @Test
    void errorThatNobodyCatchesEndsTheJobToo() {
        try (Jobs jobs = open()) {
            String id = jobs.submit(order("k", "a", progress -> {
                        throw new NoSuchMethodError("gone");
                    }))
                    .id();
            assertThat(await(jobs, id, Job.State.FAILED).problem().orElseThrow().type())
                    .isEqualTo("Unexpected");
        }
    }

    @Test
    void jobThatTheProcessDiedUnderIsCutAndGoesOn() throws IOException {
        String id;
        CountDownLatch gate = new CountDownLatch(1);
        Path copy = state.resolveSibling(state.getFileName() + "-dead");
        try (Jobs jobs = open()) {
            id = jobs.submit(order("k", "a", progress -> {
                        awaitGate(gate);
                        return new Made("it");
                    }))
                    .id();
            await(jobs, id, Job.State.RUNNING);
            // As a kill would leave it.
            Files.createDirectories(copy.resolve("jobs"));
            try (Stream<Path> files = Files.list(state.resolve("jobs"))) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve("jobs").resolve(file.getFileName()));
                }
            }
            gate.countDown();
            await(jobs, id, Job.State.DONE);
        }
        try (Jobs jobs = new Jobs(copy, clock, new Random(4), ended::add)) {
            Job cut = jobs.load(id);
            assertThat(cut.state()).isEqualTo(Job.State.CUT);
            assertThat(cut.problem().orElseThrow().hint()).contains("the same call");
            jobs.submit(order("k", "a", progress -> new Made("it")));
            assertThat(await(jobs, id, Job.State.DONE).attempt()).isEqualTo(2);
        }
    }

    @Test
    void whatFailsBecauseTheServiceEndsIsCut() {
        CountDownLatch gate = new CountDownLatch(1);
        String id;
        try (Jobs jobs = open()) {
            id = jobs.submit(order("k", "a", progress -> {
                        awaitGate(gate);
                        throw new BusyException("ended", "again");
                    }))
                    .id();
            await(jobs, id, Job.State.RUNNING);
            assertThat(jobs.drain(Duration.ofMillis(20))).isFalse();
            gate.countDown();
            assertThat(jobs.drain(Duration.ofSeconds(10))).isTrue();
            assertThat(jobs.load(id).state()).isEqualTo(Job.State.CUT);
            assertThatThrownBy(() -> jobs.submit(order("x", "a", progress -> new Made("it"))))
                    .isInstanceOf(BusyException.class);
        }
    }

    @Test
    void jobsOfOnePlaceRunOneAfterTheOtherAndKeepNoThreadFromOthers() {
        CountDownLatch gate = new CountDownLatch(1);
        List<String> ran = new CopyOnWriteArrayList<>();
        try (Jobs jobs = open()) {
            Job first = jobs.submit(orderAt("shop", progress -> {
                awaitGate(gate);
                ran.add("first");
                throw new StoreUnreachableException("away", "look", null);
            }));
            Job second = jobs.submit(orderAt("shop", progress -> {
                ran.add("second");
                throw new NoSuchMethodError("gone");
            }));
            Job third = jobs.submit(orderAt("shop", progress -> {
                ran.add("third");
                return new Made("it");
            }));
            Job elsewhere = jobs.submit(orderAt("other", progress -> new Made("it")));

            await(jobs, elsewhere.id(), Job.State.DONE);
            assertThat(jobs.load(first.id()).state()).isEqualTo(Job.State.RUNNING);
            assertThat(jobs.load(second.id()).state()).isEqualTo(Job.State.QUEUED);
            gate.countDown();
            await(jobs, third.id(), Job.State.DONE);
            assertThat(ran).containsExactly("first", "second", "third");
            await(jobs, jobs.submit(orderAt("shop", progress -> new Made("it"))).id(), Job.State.DONE);
        }
    }

    @Test
    void whatWaitsForItsPlaceWhenTheServiceEndsIsCut() {
        CountDownLatch gate = new CountDownLatch(1);
        String waiting;
        try (Jobs jobs = open()) {
            String first = jobs.submit(orderAt("shop", progress -> {
                        awaitGate(gate);
                        return new Made("it");
                    }))
                    .id();
            waiting = jobs.submit(orderAt("shop", progress -> new Made("it"))).id();
            await(jobs, first, Job.State.RUNNING);
            assertThat(jobs.drain(Duration.ofMillis(20))).isFalse();
            gate.countDown();
            assertThat(jobs.drain(Duration.ofSeconds(10))).isTrue();
            assertThat(jobs.load(first).state()).isEqualTo(Job.State.DONE);
            assertThat(jobs.load(waiting).state()).isEqualTo(Job.State.QUEUED);
        }
        try (Jobs jobs = open()) {
            assertThat(jobs.load(waiting).state()).isEqualTo(Job.State.CUT);
        }
    }

    @Test
    void cutRestoreNamesItsInstantWhereTheSameCallWouldMeanAnother() {
        ObjectNode request = request("a").put("at", "-5m").put("instant", "2026-11-22T11:55:00Z");
        CountDownLatch gate = new CountDownLatch(1);
        Jobs.Work work = progress -> {
            awaitGate(gate);
            return new Made("it");
        };
        String plain;
        String keyed;
        try (Jobs jobs = open()) {
            plain = jobs.submit(new Jobs.Order(
                            Job.Kind.RESTORE, Optional.empty(), request, Optional.empty(), Optional.empty(), work))
                    .id();
            keyed = jobs.submit(new Jobs.Order(
                            Job.Kind.RESTORE, Optional.of("k"), request, Optional.empty(), Optional.empty(), work))
                    .id();
            await(jobs, plain, Job.State.RUNNING);
            await(jobs, keyed, Job.State.RUNNING);
        }
        gate.countDown();
        try (Jobs jobs = open()) {
            assertThat(jobs.load(plain).problem().orElseThrow().hint())
                    .isEqualTo("make the same call again with at=2026-11-22T11:55:00Z: it goes on from what is done");
            assertThat(jobs.load(keyed).problem().orElseThrow().hint())
                    .isEqualTo("make the same call again: it goes on from what is done");
        }
    }

    @Test
    void historyIsBoundedInAgeAndNothingElseIsLeftBehind() throws IOException {
        try (Jobs jobs = open()) {
            String old =
                    jobs.submit(order("old", "a", progress -> new Made("it"))).id();
            await(jobs, old, Job.State.DONE);
            clock.move(Duration.ofDays(31));
            String young =
                    jobs.submit(order("young", "a", progress -> new Made("it"))).id();
            await(jobs, young, Job.State.DONE);
            assertThatThrownBy(() -> jobs.load(old)).isInstanceOf(NotFoundException.class);
            try (Stream<Path> files = Files.list(state.resolve("jobs"))) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactly(young + ".json");
            }
        }
    }

    @Test
    void damagedJobFileCostsOnlyItself() throws IOException {
        Files.createDirectories(state.resolve("jobs"));
        Files.writeString(state.resolve("jobs/job-x.json"), "{\"id\": \"../../x\", \"kind\": 3");
        Files.writeString(state.resolve("jobs/job-y.json"), "{\"id\": \"../../x\", \"kind\": \"restore\"}");
        try (Jobs jobs = open()) {
            assertThat(jobs.all()).isEmpty();
        }
    }

    @Test
    void stateDirectoryIsOneServicesAlone() {
        try (Jobs first = open()) {
            assertThat(first.all()).isEmpty();
            assertThatThrownBy(this::open).isInstanceOf(BusyException.class).hasMessageContaining("state directory");
        }
        open().close();
    }

    private static void awaitGate(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
