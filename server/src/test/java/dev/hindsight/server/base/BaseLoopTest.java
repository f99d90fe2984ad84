package dev.hindsight.server.base;

import static dev.hindsight.server.FakeBackend.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.UnsupportedException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.operations.journal.ProtectedTable;
import dev.hindsight.server.FakeBackend;
import dev.hindsight.server.MovingClock;
import dev.hindsight.server.Watched;
import dev.hindsight.server.job.Job;
import dev.hindsight.server.job.Jobs;
import dev.hindsight.server.metrics.ServiceMetrics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseLoopTest {
    private static final TableName USERS = new TableName("shop", "users");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path state;

    private final MovingClock clock = new MovingClock(FakeBackend.NOW);
    private final FakeBackend backend = new FakeBackend(clock);
    private final Watched watched = new Watched();
    private final ServiceMetrics metrics = new ServiceMetrics(watched, clock);
    private Jobs jobs;
    private BaseLoop loop;

    @BeforeEach
    void open() {
        jobs = new Jobs(state, clock, new Random(5), metrics::ended);
        loop = new BaseLoop(backend, BaseTimes.parse(List.of("1d", "shop.users=off")), jobs, watched, metrics, clock);
        for (TableName table : List.of(ORDERS, USERS)) {
            backend.standing(table);
            backend.bases.put(table, clock.instant());
        }
        watched.protections(backend.protections());
        clock.move(Duration.ofMinutes(10));
    }

    @AfterEach
    void close() {
        jobs.close();
    }

    private Job done(Optional<Job> queued) {
        String id = queued.orElseThrow().id();
        return Awaitility.await().until(() -> jobs.load(id), job -> job.state().over());
    }

    @Test
    void nothingIsDoneWhileAllIsWell() {
        assertThat(loop.round(PATIENCE)).isEmpty();
        assertThat(backend.calls).doesNotContain("backup [shop.orders]");
    }

    @Test
    void scheduleAsksForTheTablesThatAreDue() {
        clock.move(Duration.ofDays(1));
        Job job = done(loop.round(PATIENCE));
        assertThat(job.state()).isEqualTo(Job.State.DONE);
        assertThat(job.reason().orElseThrow()).contains("shop.orders SCHEDULED").doesNotContain("users");
        assertThat(backend.calls).contains("backup [shop.orders]");
        assertThat(loop.round(PATIENCE)).isEmpty();
    }

    /** Else a keyspace whose tables were protected one after the other would never have one backup of them all. */
    @Test
    void tablesOfAKeyspaceShareTheBasesOfItsSchedule() {
        TableName items = new TableName("shop", "items");
        TableName elsewhere = new TableName("stock", "items");
        clock.move(Duration.ofHours(12));
        for (TableName table : List.of(items, elsewhere)) {
            backend.standing(table);
            backend.bases.put(table, clock.instant());
        }
        clock.move(Duration.ofHours(12));
        Job job = done(loop.round(PATIENCE));
        assertThat(job.reason().orElseThrow())
                .contains("shop.items SCHEDULED: together with the other tables of its keyspace");
        assertThat(backend.calls).contains("backup [shop.items, shop.orders]");
        clock.move(Duration.ofHours(12));
        assertThat(done(loop.round(PATIENCE)).reason().orElseThrow()).contains("stock.items SCHEDULED");
        assertThat(backend.calls).contains("backup [stock.items]");
    }

    @Test
    void tablesThatNeedABaseTogetherGetOneTogether() {
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        backend.windowEnds.put(USERS, clock.instant().minusSeconds(90));
        Job job = done(loop.round(PATIENCE));
        assertThat(job.reason().orElseThrow()).contains("shop.orders WINDOW_ENDED", "shop.users WINDOW_ENDED");
        assertThat(backend.calls).contains("backup [shop.orders, shop.users]");
    }

    /** A base that is taken while data come from outside lacks the rest of them. */
    @Test
    void noBaseIsTakenBeforeTheEndOfTheGapThatItIsFor() {
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        for (int i = 0; i < 10; i++) {
            backend.gapEnds.put(ORDERS, clock.instant().plusSeconds(10));
            assertThat(loop.round(PATIENCE)).isEmpty();
            clock.move(Duration.ofSeconds(5));
        }
        clock.move(Duration.ofSeconds(5));
        assertThat(done(loop.round(PATIENCE)).reason().orElseThrow()).contains("shop.orders WINDOW_ENDED");
    }

    /** Data that come from outside day after day must not leave a table without any backup. */
    @Test
    void aTableIntoWhichDataComeAllTheTimeGetsABaseAllTheSame() {
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        int taken = 0;
        for (int i = 0; i < 3 * 24 * 6; i++) {
            clock.move(Duration.ofMinutes(10));
            sealed(ORDERS);
            backend.gapEnds.put(ORDERS, clock.instant().plusSeconds(10));
            Optional<Job> queued = loop.round(PATIENCE);
            if (queued.isPresent()) {
                done(queued);
                taken++;
            }
        }
        assertThat(taken).isBetween(3, 72);
    }

    @Test
    void attemptThatDoesNotHelpIsFollowedByALongerWait() {
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        int attempts = 0;
        Duration longest = Duration.ZERO;
        Duration waited = Duration.ZERO;
        while (attempts < 12) {
            Optional<Job> queued = loop.round(PATIENCE);
            if (queued.isPresent()) {
                done(queued);
                attempts++;
                longest = waited.compareTo(longest) > 0 ? waited : longest;
                waited = Duration.ZERO;
            }
            clock.move(Duration.ofSeconds(30));
            waited = waited.plusSeconds(30);
        }
        assertThat(longest).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
    }

    @Test
    void needThatVanishesStartsTheWaitAnew() {
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        done(loop.round(PATIENCE));
        clock.move(Duration.ofMinutes(2));
        done(loop.round(PATIENCE));
        backend.windowEnds.clear();
        clock.move(Duration.ofSeconds(10));
        assertThat(loop.round(PATIENCE)).isEmpty();
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        clock.move(Duration.ofSeconds(10));
        sealed(ORDERS);
        assertThat(loop.round(PATIENCE)).isPresent();
    }

    @Test
    void waitCountsFromTheEndOfTheAttempt() {
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        backend.gate = new CountDownLatch(1);
        Optional<Job> queued = loop.round(PATIENCE);
        Awaitility.await().until(() -> backend.calls.contains("backup [shop.orders]"));
        clock.move(Duration.ofMinutes(5));
        backend.gate.countDown();
        done(queued);
        clock.move(Duration.ofSeconds(50));
        assertThat(loop.round(PATIENCE)).isEmpty();
        clock.move(Duration.ofSeconds(20));
        assertThat(loop.round(PATIENCE)).isPresent();
    }

    @Test
    void tablesOfABackupThatFailedAreBackedUpOneByOne() {
        TableName gone = new TableName("shop", "gone");
        backend.standing(gone);
        backend.bases.put(gone, FakeBackend.NOW);
        clock.move(Duration.ofDays(1));
        backend.failures.put(gone, new UnsupportedException("a type that is not known", "leave it out"));
        assertThat(done(loop.round(PATIENCE)).state()).isEqualTo(Job.State.FAILED);
        assertThat(backend.calls).contains("backup [shop.gone, shop.orders]");
        clock.move(Duration.ofMinutes(2));
        List<Job.State> states =
                Stream.of(1, 2).map(i -> done(loop.round(PATIENCE)).state()).toList();
        assertThat(states).containsExactlyInAnyOrder(Job.State.DONE, Job.State.FAILED);
        assertThat(backend.calls).contains("backup [shop.gone]", "backup [shop.orders]");
        assertThat(loop.round(PATIENCE)).isEmpty();
        clock.move(Duration.ofMinutes(3));
        backend.calls.clear();
        done(loop.round(PATIENCE));
        assertThat(backend.calls).contains("backup [shop.gone]");
    }

    @Test
    void tableWhoseWindowIsNotKnownKeepsNoOtherFromItsBase() {
        backend.failures.put(USERS, new IllegalStateException("a bug"));
        backend.windowEnds.put(ORDERS, clock.instant().minusSeconds(60));
        assertThat(done(loop.round(PATIENCE)).state()).isEqualTo(Job.State.DONE);
        assertThat(metrics.scrape()).contains("hindsight_errors_total{type=\"Unexpected\",work=\"bases\"} 1.0");
    }

    @Test
    void changedRingAsksForABase() {
        backend.ring = new Ring("prod", Ring.MURMUR3, List.of());
        assertThat(done(loop.round(PATIENCE)).reason().orElseThrow()).contains("RING_CHANGED");
    }

    @Test
    void weakGuaranteeIsImprovedOnceAllReplicasAreCapturedAgain() {
        backend.guarantees.put(ORDERS, "QUORUM");
        backend.silent = Map.of("agent", "down");
        watched.captures(backend.captures(), clock.instant());
        clock.move(Duration.ofMinutes(5));
        assertThat(loop.round(PATIENCE)).isEmpty();
        backend.silent = Map.of();
        watched.captures(backend.captures(), clock.instant());
        assertThat(loop.round(PATIENCE)).isEmpty();
        clock.move(Duration.ofSeconds(30));
        assertThat(done(loop.round(PATIENCE)).reason().orElseThrow()).contains("GUARANTEE_WEAK");
        clock.move(Duration.ofMinutes(30));
        assertThat(loop.round(PATIENCE)).isEmpty();
    }

    /** Another service, or somebody's cron, has the cluster's backup: no storm, and its base counts. */
    @Test
    void whoLosesTheBackupToAnotherServiceWaitsAndThenSeesItsBase() {
        clock.move(Duration.ofDays(1));
        backend.workFailure = new BusyException("another backup runs", "wait");
        assertThat(done(loop.round(PATIENCE)).state()).isEqualTo(Job.State.FAILED);
        assertThat(loop.round(PATIENCE)).isEmpty();
        clock.move(Duration.ofMinutes(2));
        backend.bases.put(ORDERS, clock.instant());
        assertThat(loop.round(PATIENCE)).isEmpty();
    }

    @Test
    void firstBaseIsLeftToWhoeverProtects() {
        TableName fresh = new TableName("shop", "fresh");
        backend.standing(fresh);
        assertThat(loop.round(PATIENCE)).isEmpty();
        clock.move(Duration.ofMinutes(6));
        assertThat(done(loop.round(PATIENCE)).reason().orElseThrow()).contains("shop.fresh NO_BASE");
    }

    private long looks() {
        return backend.calls.stream().filter(call -> call.startsWith("window ")).count();
    }

    private void sealed(TableName table) {
        ProtectedTable one = backend.find(table);
        watched.sealed(one, backend.seal(one, backend.captures()), clock.instant());
    }

    /** With a thousand tables of which ten are sealed all the time, a look asks about the ten. */
    @Test
    void onlyTablesThatWereSealedFurtherAreLookedAtAndTheOthersNowAndThen() {
        loop.round(PATIENCE);
        long first = looks();
        assertThat(first).isEqualTo(2);
        for (int i = 0; i < 10; i++) {
            clock.move(Duration.ofSeconds(30));
            loop.round(PATIENCE);
        }
        assertThat(looks()).isEqualTo(first);
        sealed(ORDERS);
        loop.round(PATIENCE);
        assertThat(looks()).isEqualTo(first + 1);
        clock.move(Duration.ofMinutes(10));
        loop.round(PATIENCE);
        assertThat(looks()).isEqualTo(first + 3);
    }

    @Test
    void tableWhoseBaseIsNotSealedYetIsAskedFor() {
        backend.bases.put(ORDERS, clock.instant().plusSeconds(1));
        loop.round(PATIENCE);
        assertThat(watched.takeAsked()).containsExactly(backend.find(ORDERS).tableId());
        loop.round(PATIENCE);
        assertThat(watched.takeAsked()).as("until it is").hasSize(1);
        clock.move(Duration.ofSeconds(2));
        sealed(ORDERS);
        loop.round(PATIENCE);
        assertThat(watched.takeAsked()).isEmpty();
    }
}
