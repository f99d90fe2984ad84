package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.BusyException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.model.ring.Ring;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.retention.CollectOperation;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Author;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.claim.Wanted;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.Heartbeat;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.testkit.store.FaultyObjectStore;
import dev.hindsight.testkit.store.FaultyObjectStore.Fault;
import dev.hindsight.testkit.store.FaultyObjectStore.Operation;
import dev.hindsight.testkit.store.MemoryStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Collections of a repository that has every kind of garbage, against what can be reached by following every reference. */
class CollectTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private static final String F1 = Forge.id("20261101T000000Z", 1);
    private static final String I11 = Forge.id("20261102T000000Z", 2);
    private static final String I12 = Forge.id("20261103T000000Z", 3);
    private static final String R2 = Forge.id("20261104T000000Z", 4);
    private static final String I21 = Forge.id("20261105T000000Z", 5);
    private static final String GONE = Forge.id("20261006T000000Z", 6);
    private static final String BASE = Forge.id("20261007T000000Z", 7);
    private static final String ONTO = Forge.id("20261108T000000Z", 8);
    private static final String READ = Forge.id("20261009T000000Z", 9);
    private static final String DEAD = Forge.id("20261110T000000Z", 10);
    private static final String ENDED = Forge.id("20261111T000000Z", 11);
    private static final String ALIVE = Forge.id("20261122T000000Z", 12);
    private static final String OLD = Forge.id("20260101T000000Z", 13);
    private static final String YOUNG = Forge.id("20261121T000000Z", 14);

    private MemoryStore memory = new MemoryStore();
    private FaultyObjectStore store;
    private TestHost here;
    private TestHost there;
    private HeldClaim alive;
    private boolean aliveIsAlive = true;

    @BeforeEach
    void everyKindOfGarbage() {
        build();
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private Forge forge(TestHost host) {
        return new Forge(store, Clock.fixed(NOW, ZoneOffset.UTC), host, SEED);
    }

    private void build() {
        store = new FaultyObjectStore(memory);
        here = new TestHost("here");
        there = new TestHost("there");
        Repository.init(store, Clock.fixed(NOW, ZoneOffset.UTC));
        Forge forge = forge(here);
        forge.full(F1, "2026-11-01T00:00:00Z");
        forge.incremental(I11, "2026-11-02T00:00:00Z", F1);
        forge.incremental(I12, "2026-11-03T00:00:00Z", I11);
        forge.incremental(I21, "2026-11-05T00:00:00Z", I12);
        forge.rebase(R2, "2026-11-03T00:00:00Z", I12);
        forge.append(new Change.Reparent(I21, R2));
        forge.expire(I12, I11, F1);
        forge.full(GONE, "2026-10-06T00:00:00Z");
        forge.expire(GONE);
        forge.full(BASE, "2026-10-07T00:00:00Z");
        forge.incremental(ONTO, "2026-11-08T00:00:00Z", BASE);
        forge.expire(BASE);
        forge.full(READ, "2026-10-09T00:00:00Z");

        Forge other = forge(there);
        // Stays alive: shows a sign of life whenever somebody looks.
        alive = other.claim(ALIVE, READ);
        other.stored(ALIVE, "2026-11-22T00:00:00Z", Optional.empty(), Optional.empty());
        here.whenWatching(there::beat);
        forge.expire(READ);

        HeldClaim dead = forge.claim(DEAD);
        forge.stored(DEAD, "2026-11-10T00:00:00Z", Optional.empty(), Optional.empty());
        forge.document(Keys.heartbeat(dead.number(), 1), new Heartbeat(1, dead.number(), 1, NOW, "shards", 1));
        die(dead);
        HeldClaim ended = forge.claim(ENDED);
        forge.shard(ENDED, 1, "half", false);
        ended.close();
        forge.document(Keys.heartbeat(ended.number(), 9), new Heartbeat(1, ended.number(), 9, NOW, "shards", 1));

        forge.shard(R2, 1, "lost1", false);
        forge.shard(ONTO, 2, "lost2", true);
        forge.shard(BASE, 1, "lost3", false);
        forge.stored(OLD, "2026-01-01T00:00:00Z", Optional.empty(), Optional.empty());
        forge.stored(YOUNG, "2026-11-21T00:00:00Z", Optional.empty(), Optional.empty());
        forge.text("probe/11111111", "first");
        forge.text("other/things.txt", "not ours");
        forge.text("backups/" + R2 + "/added-later.json", "of a later version");
        restore(forge, "export-20261001T000000Z-0001", Duration.ofDays(52), false);
        restore(forge, "export-20261122T000000Z-0002", Duration.ofDays(1), false);
        restore(forge, "r-000000000002-1", Duration.ofDays(20), true);
        restore(forge, "r-000000000003-1", Duration.ofDays(20), false);
        restore(forge, "r-000000000004-1", Duration.ofDays(1), true);
        store.heal();
    }

    /** The claim's process is gone without a word. */
    private void die(HeldClaim claim) {
        store.heal();
        store.cutFrom(1);
        claim.close();
        store.heal();
    }

    private static void restore(Forge forge, String id, Duration age, boolean done) {
        forge.document(
                Keys.restorePlan(id),
                new RestorePlan(
                        1,
                        id,
                        NOW.minus(age),
                        new ObjectRef("backups/x/manifest.json", 1, "sha256:" + "0".repeat(64)),
                        "keep",
                        0,
                        new Ring(Forge.CLUSTER, Ring.MURMUR3, List.of()),
                        List.of(),
                        "",
                        List.of(),
                        List.of(),
                        new BackupPlan.Limits(1, 1, 1)));
        forge.text(Keys.restoreStep(id, "shard-1"), "{}");
        if (done) {
            forge.text(Keys.restoreStep(id, "done"), "{}");
        }
    }

    /** What must be left, found by following references from what the story above says is alive. */
    private Set<String> mustStay() {
        Forge forge = forge(here);
        Set<String> stay = new TreeSet<>();
        for (String id : List.of(R2, I21, ONTO, BASE)) {
            stay.addAll(forge.named(id));
        }
        if (aliveIsAlive) {
            stay.addAll(forge.named(READ));
        }
        for (String key : forge.keys()) {
            if ((aliveIsAlive && key.contains(ALIVE))
                    || key.contains(YOUNG)
                    || key.startsWith("catalog/")
                    || key.startsWith("other/")
                    || key.endsWith("added-later.json")
                    || key.startsWith("restores/export-20261122")
                    || key.equals(Keys.restorePlan("r-000000000002-1"))
                    || key.equals(Keys.restoreStep("r-000000000002-1", "done"))
                    || key.startsWith("restores/r-000000000003")
                    || key.startsWith("restores/r-000000000004")
                    || key.startsWith(Keys.heartbeats(alive.number()))) {
                stay.add(key);
            }
        }
        return stay;
    }

    private CollectOperation operation(Instant now) {
        Clock clock = Clock.fixed(now, ZoneOffset.UTC);
        Repository repository = Repository.open(store);
        return new CollectOperation(
                repository, new Claims(repository, clock, here, here, new Random(SEED)), clock, ProgressListener.NONE);
    }

    private CollectReport collect() {
        return operation(NOW).execute();
    }

    /** Without what a collection itself writes: its claim, its heartbeats, the ends of the dead. */
    private static Set<String> without(Set<String> keys) {
        Set<String> out = new TreeSet<>(keys);
        out.removeIf(key -> key.startsWith("catalog/") || key.startsWith("runs/"));
        return out;
    }

    private Set<String> left() {
        return without(forge(here).keys());
    }

    @Test
    void exactlyWhatIsReachedStays() {
        Set<String> stay = without(mustStay());
        Set<String> before = left();
        long bytes = bytes();

        CollectReport planned = operation(NOW).plan();
        assertThat(left()).isEqualTo(before);
        CollectReport report = collect();

        assertThat(left()).isEqualTo(stay);
        assertThat(before).isNotEqualTo(stay);
        assertThat(report.failed()).isZero();
        assertThat(bytes - bytes()).isEqualTo(report.bytes() - heartbeats(report));
        assertThat(report.runs())
                .extracting(CollectReport.Run::run)
                .contains(F1, I11, I12, GONE, DEAD, ENDED, OLD, R2, ONTO, BASE, "probe", "r-000000000002-1");
        // The dead count as living in a plan.
        assertThat(planned.runs())
                .extracting(CollectReport.Run::run)
                .doesNotContain(DEAD)
                .contains(F1, GONE, OLD);
        assertThat(report.notes()).anyMatch(note -> note.contains("ended the claim") && note.contains(DEAD));
        assertThat(report.notes()).anyMatch(note -> note.contains("leaves alone") && note.contains(ALIVE));
        assertThat(store.list(Keys.RUNS)).allMatch(key -> key.startsWith(Keys.heartbeats(alive.number())));
        assertThat(collect().objects()).isZero();
    }

    private static long heartbeats(CollectReport report) {
        return report.runs().stream()
                .filter(run -> run.run().startsWith("claim "))
                .mapToLong(CollectReport.Run::bytes)
                .sum();
    }

    private long bytes() {
        return left().stream().mapToLong(key -> store.size(key).orElse(0)).sum();
    }

    @Test
    void whatIsMissingInAListingIsNeverAReasonToDelete() {
        Set<String> stay = without(mustStay());
        for (int round = 0; round < 40; round++) {
            long seed = SEED + round;
            Set<String> hidden = new HashSet<>();
            Random random = new Random(seed);
            int share = 1 + random.nextInt(10);
            forge(here).keys().stream()
                    .filter(key -> random.nextInt(10) < share)
                    .forEach(hidden::add);
            store.inject(Operation.LIST, hidden::contains, Fault.HIDDEN);

            collect();

            store.heal();
            assertThat(left()).as("-Dtest.seed=%d", seed).containsAll(stay);
        }
        collect();
        assertThat(left()).isEqualTo(stay);
    }

    @Test
    void deathAtAnyCallAndAgainIsTheSame() {
        letNobodyLive();
        Set<String> stay = without(mustStay());
        MemoryStore pristine = memory;
        reopen(pristine.copy());
        collect();
        int calls = store.calls();
        assertThat(calls).isGreaterThan(100);
        for (int n = 1; n <= calls; n++) {
            reopen(pristine.copy());
            if (n % 2 == 0) {
                store.cutFrom(n);
            } else {
                store.cutAfter(n);
            }
            try {
                collect();
            } catch (HindsightException e) {
                assertThat(e.hint()).isNotBlank();
            }
            store.heal();
            assertThat(left()).as("cut at call %d", n).containsAll(stay);

            collect();

            assertThat(left()).as("after a cut at call %d", n).isEqualTo(stay);
        }
    }

    private void reopen(MemoryStore other) {
        memory = other;
        store = new FaultyObjectStore(other);
    }

    /** Hearts do not beat in copies of the repository. */
    private void letNobodyLive() {
        alive.close();
        aliveIsAlive = false;
    }

    @Test
    void failpointsBetweenBatchesChangeNothing() {
        Set<String> stay = without(mustStay());
        for (String point : List.of("delete.before=error", "delete.after=error")) {
            Failpoints.arm(point);
            assertThatThrownBy(this::collect).hasMessageContaining("failpoint");
            Failpoints.disarmAll();
            assertThat(left()).containsAll(stay);
        }
        collect();
        assertThat(left()).isEqualTo(stay);
    }

    @Test
    void aDamagedCatalogueOrManifestIsNamedAndNothingIsDeleted() {
        Set<String> before = left();
        String manifest = Keys.backupManifest(R2);
        byte[] good = memory.bytes(manifest);
        Forge.flip(memory, manifest);
        assertThatThrownBy(this::collect).isInstanceOf(CorruptException.class).hasMessageContaining(R2);
        memory.delete(manifest);
        assertThatThrownBy(this::collect).isInstanceOf(CorruptException.class).hasMessageContaining(R2);
        memory.damage(manifest, good);

        String entry = Keys.catalogueEntry(3);
        byte[] entryBytes = memory.bytes(entry);
        Forge.flip(memory, entry);
        assertThatThrownBy(this::collect).isInstanceOf(CorruptException.class).hasMessageContaining(entry);
        memory.damage(entry, entryBytes);

        assertThat(left()).isEqualTo(before);
        assertThat(collect().objects()).isPositive();
    }

    @Test
    void aDamagedShardManifestKeepsAllAttemptsAtItsShard() {
        Forge.flip(memory, Keys.shardManifest(R2, 1));

        CollectReport report = collect();

        assertThat(left()).anyMatch(key -> key.contains("lost1")).noneMatch(key -> key.contains("lost2"));
        assertThat(report.notes()).anyMatch(note -> note.contains(Keys.shardManifest(R2, 1)));
    }

    @Test
    void aShardManifestInThePlaceOfAnotherKeepsAllAttemptsAtItsShard() {
        memory.damage(Keys.shardManifest(R2, 1), memory.bytes(Keys.shardManifest(R2, 2)));

        CollectReport report = collect();

        assertThat(left())
                .anyMatch(key -> key.contains(R2 + "/000001-won1"))
                .anyMatch(key -> key.contains("lost1"))
                .noneMatch(key -> key.contains("lost2"));
        assertThat(report.notes()).anyMatch(note -> note.contains(Keys.shardManifest(R2, 1)));
    }

    @Test
    void clocksDaysApartChangeNothing() {
        letNobodyLive();
        Set<String> stay = without(mustStay());
        MemoryStore pristine = memory;
        for (long hours : List.of(-48L, 48L, 24L * 3000)) {
            reopen(pristine.copy());

            operation(NOW.plus(Duration.ofHours(hours))).execute();

            assertThat(left()).as("clock off by %d h", hours).isEqualTo(stay);
        }
    }

    @Test
    void whatARunReadsStaysUntilItEnds() {
        assertThat(collect().objects()).isPositive();
        assertThat(left()).containsAll(forge(here).named(READ));

        alive.close();
        collect();

        assertThat(left()).noneMatch(key -> key.contains(READ) || key.contains(ALIVE));
    }

    @Test
    void twoCollectionsDoNotMeet() {
        HeldClaim other = new Claims(
                        Repository.open(store), Clock.fixed(NOW, ZoneOffset.UTC), there, there, new Random(1))
                .acquire(new Wanted(Scope.COLLECT, "collect-1", "collect", List.of()), note -> {});
        assertThat(other.number()).isPositive();
        assertThatThrownBy(this::collect).isInstanceOf(BusyException.class).hasMessageContaining("collect-1");
    }

    @Test
    void aStalledWriterThatWasCollectedCanPublishNothing() {
        Forge other = forge(new TestHost("elsewhere"));
        String stalled = Forge.id("20261115T000000Z", 99);
        HeldClaim claim = other.claim(stalled);
        BackupManifest manifest = other.stored(stalled, "2026-11-15T00:00:00Z", Optional.empty(), Optional.empty());
        Author author = claim.author();

        collect();

        assertThat(left()).noneMatch(key -> key.contains(stalled));
        assertThatThrownBy(() -> other.repository().publish(manifest, author)).isInstanceOf(ReplacedException.class);
        assertThat(Repository.open(store).catalogue().find(stalled)).isEmpty();
        collect();
        assertThat(left()).noneMatch(key -> key.contains(stalled));
    }

    @Test
    void whatIsPublishedWhileItDeletesStays() {
        String late = Forge.id("20261122T110000Z", 77);
        boolean[] done = {false};
        FaultyObjectStore inner = store;
        store = new FaultyObjectStore(new ForwardingStore(inner) {
            @Override
            public void delete(String key) {
                if (!done[0] && key.startsWith("data/")) {
                    done[0] = true;
                    Forge other = new Forge(inner, Clock.fixed(NOW, ZoneOffset.UTC), there, SEED);
                    other.publish(late, "2026-11-22T11:00:00Z", Optional.of(I21), Optional.empty());
                    other.expire(ONTO);
                }
                super.delete(key);
            }
        });

        collect();

        assertThat(done[0]).isTrue();
        assertThat(left())
                .containsAll(forge(here).named(late))
                .containsAll(forge(here).named(I21));
    }

    @Test
    void aDeleteThatFailsIsCountedAndTriedAgain() {
        Set<String> stay = without(mustStay());
        store.inject(Operation.DELETE, key -> key.contains("Index.db"), Fault.UNREACHABLE);

        CollectReport report = collect();

        assertThat(report.failed()).isPositive();
        assertThat(report.notes()).anyMatch(note -> note.contains("could not be deleted"));
        store.heal();
        assertThat(collect().failed()).isZero();
        assertThat(left()).isEqualTo(stay);
    }
}
