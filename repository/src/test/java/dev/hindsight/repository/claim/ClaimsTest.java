package dev.hindsight.repository.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.ExitCode;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.model.failure.StoreUnreachableException;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Catalogue;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.catalogue.StandingClaim;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.document.SampleDocuments;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.DirectoryStore;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimsTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T13:40:00Z"), ZoneOffset.UTC);
    private static final String SCOPE = Scope.backup("prod");

    @TempDir
    Path directory;

    private final World world = new World();
    private final World.Process one = world.process("host-a", 7);
    private final World.Process other = world.process("host-b", 7);
    private final List<String> notes = new ArrayList<>();
    private final Random random = new Random(1);

    @BeforeEach
    void init() {
        Repository.init(DirectoryStore.open(directory), CLOCK);
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    @Test
    void livingHolderKeepsOthersOutAndTheySeeWhoItIsAndWhatItDoes() {
        HeldClaim held = acquire(one, SCOPE, "run-1");
        held.phase("shards");
        held.done(427);
        world.pass(Duration.ofSeconds(30));

        assertThatThrownBy(() -> acquire(other, SCOPE, "run-2"))
                .isInstanceOf(BusyException.class)
                .hasMessageContaining("backup run-1 on host host-a, process 7, since 2026-11-22T13:40:00Z")
                .hasMessageContaining("holds 'backup prod'")
                .hasMessageContaining("shards, 42.7 % done")
                .matches(e -> ((BusyException) e).exitCode() == ExitCode.BUSY);

        assertThat(notes).singleElement().asString().contains("run-1", "looking whether it lives");
        assertThat(view().claims()).extracting(StandingClaim::number).containsExactly(held.number());
        held.requireHeld();
    }

    @Test
    void endedClaimIsFreeAtOnceAndLeavesNothing() {
        HeldClaim held = acquire(one, SCOPE, "run-1");
        world.pass(Duration.ofMinutes(3));
        held.finished();
        held.close();
        held.close();
        long before = world.seconds();

        HeldClaim next = acquire(other, SCOPE, "run-2");

        assertThat(world.seconds()).isEqualTo(before);
        assertThat(next.number()).isEqualTo(3);
        CatalogueEntry end = view().entries().get(1);
        assertThat(end.ends()).contains(held.number());
        assertThat(end.reason()).contains("done");
        assertThat(store().list(Keys.heartbeats(held.number()))).isEmpty();
        assertThatThrownBy(() -> publish(held, "b1")).isInstanceOf(ReplacedException.class);
    }

    @Test
    void stalledHolderIsReplacedAndPublishesNothingWhenItWakesUp() {
        HeldClaim stalled = acquire(one, SCOPE, "run-1");
        one.stalled = true;
        long before = world.seconds();

        HeldClaim next = acquire(other, SCOPE, "run-2");

        assertThat(world.seconds() - before).isEqualTo(Watch.LOOKS);
        assertThat(notes).last().asString().contains("no sign of life");
        one.stalled = false;
        world.pass(Duration.ofSeconds(30));
        assertThatThrownBy(stalled::requireHeld)
                .isInstanceOf(ReplacedException.class)
                .hasMessageContaining("replaced by backup run-2 on host host-b");
        assertThatThrownBy(() -> publish(stalled, "b1")).isInstanceOf(ReplacedException.class);
        publish(next, "b2");
        stalled.close();
        assertThat(view().backups()).extracting(PublishedBackup::id).containsExactly("b2");
        next.requireHeld();
    }

    @Test
    void deadProcessOfTheSameMachineIsReplacedAtOnce() {
        acquire(one, SCOPE, "run-1");
        one.dead = true;

        HeldClaim next = acquire(world.process("host-a", 8), SCOPE, "run-2");

        assertThat(world.seconds()).isZero();
        assertThat(notes).singleElement().asString().contains("takes over from backup run-1", "process is gone");
        next.requireHeld();
    }

    @Test
    void runOfTheSameProcessThatCouldNotEndItsClaimIsReplacedAtOnce() {
        boolean[] down = {false};
        ObjectStore failing = new ForwardingStore(DirectoryStore.open(directory)) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                if (down[0]) {
                    throw new StoreUnreachableException("down", "wait");
                }
                return super.putIfAbsent(key, body);
            }
        };
        HeldClaim held = acquire(one, Repository.open(failing), SCOPE, "run-1");
        down[0] = true;
        held.close();

        acquire(one, SCOPE, "run-2").requireHeld();

        assertThat(world.seconds()).isZero();
    }

    @Test
    void machineThatWasSuspendedTakesNobodyForDead() {
        acquire(one, SCOPE, "run-1");
        Timing suspended = new Timing() {
            private int looks;

            @Override
            public void pause(Duration howLong) {
                // An hour without any beat for both, then all goes on.
                if (looks++ > 5) {
                    world.pass(howLong);
                }
            }

            @Override
            public Running every(Duration period, String name, Runnable task) {
                return other.every(period, name, task);
            }

            @Override
            public Running once(String name, Runnable task) {
                return other.once(name, task);
            }
        };

        assertThatThrownBy(() -> new Claims(repository(), CLOCK, other, suspended, random)
                        .acquire(new Wanted(SCOPE, "run-2", "backup", List.of()), notes::add))
                .isInstanceOf(BusyException.class);
    }

    @Test
    void ofTwoThatSeeAFreeScopeOneGetsIt() {
        boolean[] raced = {false};
        ObjectStore racing = new ForwardingStore(DirectoryStore.open(directory)) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                if (!raced[0] && key.startsWith(Keys.CATALOGUE)) {
                    raced[0] = true;
                    acquire(one, SCOPE, "run-1");
                }
                return super.putIfAbsent(key, body);
            }
        };

        assertThatThrownBy(() -> acquire(other, Repository.open(racing), SCOPE, "run-2"))
                .isInstanceOf(BusyException.class);
        assertThat(view().claims())
                .singleElement()
                .matches(claim -> claim.claim().run().equals("run-1"));
    }

    @Test
    void scopesAreIndependent() {
        acquire(one, SCOPE, "run-1");
        acquire(other, Scope.backup("test"), "run-2");
        acquire(other, Scope.restore("prod", "shop"), "run-3");
        acquire(other, Scope.read("run-4"), "run-4");

        assertThat(view().claims()).hasSize(4);
        assertThat(world.seconds()).isZero();
    }

    @Test
    void pinsAreTheWholeChainAsTheCatalogueHasIt() {
        publish("b1", null);
        publish("b2", "b1");
        publish("b3", "b2");
        publish("r2", null);
        append(new Change.Reparent("b3", "r2"));
        append(new Change.Expire("b1", "old"));

        HeldClaim chain = acquire(one, repository(), Scope.read("x"), "x", List.of("b3"));
        HeldClaim below = acquire(one, repository(), Scope.read("y"), "y", List.of("b2"));

        assertThat(chain.pins()).containsExactly("b3", "r2");
        assertThat(below.pins()).containsExactly("b2", "b1");
        assertThatThrownBy(() -> acquire(one, repository(), Scope.read("z"), "z", List.of("b1")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("was expired");
        assertThatThrownBy(() -> acquire(one, repository(), Scope.read("z"), "z", List.of("b9")))
                .isInstanceOf(NotFoundException.class);
        assertThat(view().claims()).hasSize(2);
    }

    @Test
    void chainThatChangesJustBeforeTheClaimIsPinnedAsItIsThen() {
        publish("b1", null);
        publish("b2", "b1");
        publish("r1", null);
        boolean[] raced = {false};
        ObjectStore racing = new ForwardingStore(DirectoryStore.open(directory)) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                if (!raced[0] && key.startsWith(Keys.CATALOGUE)) {
                    raced[0] = true;
                    append(new Change.Reparent("b2", "r1"));
                }
                return super.putIfAbsent(key, body);
            }
        };

        HeldClaim held = acquire(one, Repository.open(racing), Scope.read("x"), "x", List.of("b2"));

        assertThat(held.pins()).containsExactly("b2", "r1");
    }

    @Test
    void unreadableClaimOfALivingRunKeepsOthersOutAndOfADeadOneDoesNot() throws Exception {
        HeldClaim held = acquire(one, SCOPE, "run-1");
        Files.writeString(directory.resolve(Keys.catalogueEntry(1)), "torn", StandardCharsets.UTF_8);

        assertThatThrownBy(() -> acquire(other, SCOPE, "run-2"))
                .isInstanceOf(BusyException.class)
                .hasMessageContaining("catalogue entry 1, which is unreadable");

        one.stalled = true;
        acquire(other, SCOPE, "run-2");
        assertThat(held.number()).isEqualTo(1);
    }

    @Test
    void deadHoldersAreEndedTogetherAndTheLivingStay() {
        HeldClaim dead = acquire(one, SCOPE, "run-1");
        acquire(one, Scope.read("run-2"), "run-2");
        one.stalled = true;
        HeldClaim living = acquire(other, Scope.rebase("prod"), "run-3");
        World.Process third = world.process("host-c", 1);
        HeldClaim own = acquire(third, Scope.COLLECT, "run-4");
        long before = world.seconds();

        List<StandingClaim> left = claims(third, repository()).endDead(own, notes::add);

        assertThat(left).extracting(StandingClaim::number).containsExactly(living.number());
        assertThat(world.seconds() - before).isEqualTo(Watch.PATIENT_LOOKS);
        assertThatThrownBy(() -> publish(dead, "b1"))
                .isInstanceOf(ReplacedException.class)
                .hasMessageContaining("found dead");
    }

    @Test
    void requestsThatHangDoNotHoldUpTheNextHeartbeat() {
        HeldClaim held = acquire(one, SCOPE, "run-1");
        for (int minute = 0; minute < 3; minute++) {
            one.hanging = 2;

            assertThatThrownBy(() -> acquire(other, SCOPE, "run-2")).isInstanceOf(BusyException.class);
            world.pass(Duration.ofMinutes(1));
        }

        assertThat(one.hung()).isEqualTo(6);
        long newest = new Beats(store()).newest(held.number());
        one.arriveLate();
        assertThat(new Beats(store()).newest(held.number())).isEqualTo(newest);
        held.requireHeld();
    }

    @Test
    void noMoreRequestsHangAtOnceThanAMinuteHasBeats() {
        acquire(one, SCOPE, "run-1");
        one.hanging = Integer.MAX_VALUE;

        world.pass(Duration.ofMinutes(10));

        assertThat(one.hung()).isEqualTo(HeldClaim.MOST_UNDER_WAY);
        one.hanging = 0;
        one.arriveLate();
        assertThatThrownBy(() -> acquire(other, SCOPE, "run-2")).isInstanceOf(BusyException.class);
    }

    @Test
    void aHeartbeatThatArrivesAfterTheEndIsTakenAway() {
        HeldClaim held = acquire(one, SCOPE, "run-1");
        one.hanging = 1;
        world.pass(Duration.ofSeconds(30));
        held.close();

        one.arriveLate();

        assertThat(store().list(Keys.heartbeats(held.number()))).isEmpty();
    }

    @Test
    void whoCollectsIsPatientWithAHolderWhoseRequestsAllHangForAMinute() {
        HeldClaim living = acquire(one, SCOPE, "run-1");
        HeldClaim own = acquire(other, Scope.COLLECT, "run-2");
        one.stalled = true;
        world.at(world.seconds() + 60, () -> one.stalled = false);

        List<StandingClaim> left = claims(other, repository()).endDead(own, notes::add);

        assertThat(left).extracting(StandingClaim::number).containsExactly(living.number());
        living.requireHeld();
    }

    @Test
    void anErrorInOneHeartbeatDoesNotStopTheNext() {
        AtomicBoolean failing = new AtomicBoolean();
        Repository tight = Repository.open(new ForwardingStore(store()) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                if (failing.get() && key.startsWith(Keys.RUNS)) {
                    throw new OutOfMemoryError("for the test");
                }
                return super.putIfAbsent(key, body);
            }
        });
        HeldClaim held = acquire(one, tight, SCOPE, "run-1");
        failing.set(true);
        world.pass(Duration.ofSeconds(10));
        failing.set(false);

        assertThatThrownBy(() -> acquire(other, SCOPE, "run-2")).isInstanceOf(BusyException.class);
        held.requireHeld();
    }

    @Test
    void severalClaimsEndTogetherAndAStoreThatDoesNotAnswerIsAskedOnce() {
        HeldClaim first = acquire(one, SCOPE, "run-1");
        HeldClaim second = acquire(one, Scope.read("run-1"), "run-1");
        HeldClaim third = acquire(one, Scope.read("run-1 more"), "run-1");
        int before = one.stops;
        Failpoints.arm("claim.end=error");

        HeldClaim.closeAll(List.of(first, second, third));
        Failpoints.disarmAll();

        assertThat(one.stops - before).isEqualTo(1);
        assertThat(one.waitedForInVain).isZero();
        assertThat(view().claims()).hasSize(3);
        assertThat(first.over()).isEmpty();
        assertThat(acquire(one, SCOPE, "run-2").number())
                .as("found dead at once")
                .isPositive();
        HeldClaim.closeAll(List.of(acquire(one, Scope.read("run-3"), "run-3"), acquire(one, Scope.read("x"), "run-3")));
        assertThat(view().claims()).extracting(StandingClaim::number).hasSize(3);
    }

    @Test
    void everyStepMayFailOrBeCut() {
        Failpoints.arm("claim.put=error");
        assertThatThrownBy(() -> acquire(one, SCOPE, "run-1")).isInstanceOf(NotAppliedException.class);
        assertThat(view().entries()).isEmpty();

        Failpoints.arm("beat.put=error");
        HeldClaim held = acquire(one, SCOPE, "run-1");
        assertThat(store().list(Keys.RUNS)).isEmpty();
        world.pass(Duration.ofSeconds(5));
        assertThat(store().list(Keys.RUNS)).containsExactly(Keys.heartbeat(1, 1));

        Failpoints.arm("claim.end=error");
        held.close();
        assertThat(view().claims()).hasSize(1);

        Failpoints.arm("takeover=error");
        assertThatThrownBy(() -> acquire(one, SCOPE, "run-2")).isInstanceOf(NotAppliedException.class);
        assertThat(view().claims()).hasSize(1);
        Failpoints.disarmAll();
        acquire(one, SCOPE, "run-2").requireHeld();
        assertThat(world.seconds()).isEqualTo(5);
    }

    @Test
    void newestBeatIsFoundAmongTheFewThatStay() {
        Beats beats = new Beats(store());
        TreeSet<Long> there = new TreeSet<>();
        for (long newest = 1; newest <= 300; newest++) {
            beats.put(new dev.hindsight.repository.document.Heartbeat(1, 9, newest, CLOCK.instant(), "p", -1));
            there.clear();
            store().list(Keys.heartbeats(9))
                    .forEach(key -> there.add(Long.parseLong(key.replaceAll(".*beat-|\\.json", ""))));

            assertThat(there).containsExactlyInAnyOrderElementsOf(Beats.kept(newest));
            assertThat(beats.newest(9)).isEqualTo(newest);
        }
        assertThat(beats.newest(8)).isZero();
        beats.clear(9, 300);
        assertThat(store().list(Keys.heartbeats(9))).isEmpty();
    }

    private HeldClaim acquire(World.Process process, String scope, String run) {
        return acquire(process, repository(), scope, run);
    }

    private HeldClaim acquire(World.Process process, Repository repository, String scope, String run) {
        return acquire(process, repository, scope, run, List.of());
    }

    private HeldClaim acquire(
            World.Process process, Repository repository, String scope, String run, List<String> reads) {
        return claims(process, repository).acquire(new Wanted(scope, run, "backup", reads), notes::add);
    }

    private Claims claims(World.Process process, Repository repository) {
        return new Claims(repository, CLOCK, process, process, random);
    }

    private void publish(HeldClaim claim, String backup) {
        repository().publish(SampleDocuments.withId(SampleDocuments.manifest(), backup), claim.author());
    }

    private void publish(String backup, @org.jspecify.annotations.Nullable String parent) {
        BackupManifest manifest = SampleDocuments.withId(SampleDocuments.manifest(), backup);
        repository()
                .publish(
                        parent == null ? manifest : SampleDocuments.withParent(manifest, parent),
                        new Author(1, "test", CLOCK.instant()));
    }

    private void append(Change change) {
        new Catalogue(store()).append(change, new Author(1, "test", CLOCK.instant()));
    }

    private CatalogueView view() {
        return new Catalogue(store()).inspect();
    }

    private Repository repository() {
        return Repository.open(store());
    }

    private ObjectStore store() {
        return DirectoryStore.open(directory);
    }
}
