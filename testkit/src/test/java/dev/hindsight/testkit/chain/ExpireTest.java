package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CapacityException;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.failure.UsageException;
import dev.hindsight.model.retention.Keep;
import dev.hindsight.model.retention.RetentionPolicy;
import dev.hindsight.model.retention.RetentionRules;
import dev.hindsight.operations.ProgressListener;
import dev.hindsight.operations.retention.CollectOperation;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.operations.retention.DiskUsageOperation;
import dev.hindsight.operations.retention.ExpireOperation;
import dev.hindsight.operations.retention.ExpireReport;
import dev.hindsight.operations.retention.ExpireRequest;
import dev.hindsight.operations.retention.HoldOperation;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.CatalogueView;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.catalogue.PublishedBackup;
import dev.hindsight.repository.claim.Claims;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.document.BackupManifest;
import dev.hindsight.repository.document.CatalogueEntry;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.testkit.store.FaultyObjectStore;
import dev.hindsight.testkit.store.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Expiry of two chains, the older one rebased, alone and against others. */
class ExpireTest {
    private static final long SEED = Long.getLong("test.seed", 20261122L);
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final String F1 = Forge.id("20261101T000000Z", 1);
    private static final String I11 = Forge.id("20261102T000000Z", 2);
    private static final String I12 = Forge.id("20261103T000000Z", 3);
    private static final String R2 = Forge.id("20261104T000000Z", 4);
    private static final String I21 = Forge.id("20261105T000000Z", 5);
    private static final String F3 = Forge.id("20261120T000000Z", 6);
    private static final String I31 = Forge.id("20261121T000000Z", 7);
    private static final String I32 = Forge.id("20261122T000000Z", 8);
    private static final RetentionRules THREE_DAYS =
            RetentionRules.of(new RetentionPolicy(new Keep(Duration.ofDays(3), 0, 0, 0), 2));
    private static final ExpireRequest BY_POLICY = new ExpireRequest(Set.of(), Optional.of(THREE_DAYS), Set.of());

    private MemoryStore memory = new MemoryStore();
    private ObjectStore store = memory;
    private TestHost here = new TestHost("here");
    private TestHost there = new TestHost("there");

    @BeforeEach
    void chains() {
        here.whenWatching(there::beat);
        Repository.init(store, clock(NOW));
        Forge forge = forge();
        forge.full(F1, "2026-11-01T00:00:00Z");
        forge.incremental(I11, "2026-11-02T00:00:00Z", F1);
        forge.incremental(I12, "2026-11-03T00:00:00Z", I11);
        forge.incremental(I21, "2026-11-05T00:00:00Z", I12);
        forge.rebase(R2, "2026-11-03T00:00:00Z", I12);
        forge.full(F3, "2026-11-20T00:00:00Z");
        forge.incremental(I31, "2026-11-21T00:00:00Z", F3);
        forge.incremental(I32, "2026-11-22T00:00:00Z", I31);
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private static Clock clock(Instant at) {
        return Clock.fixed(at, ZoneOffset.UTC);
    }

    private Forge forge() {
        return new Forge(memory, clock(NOW), there, SEED);
    }

    private ExpireOperation operation(Instant now) {
        Repository repository = Repository.open(store);
        return new ExpireOperation(
                repository,
                new Claims(repository, clock(now), here, here, new Random(SEED)),
                clock(now),
                ProgressListener.NONE,
                Optional.empty());
    }

    private ExpireReport expire() {
        return operation(NOW).execute(BY_POLICY);
    }

    private static ExpireRequest named(String... ids) {
        return new ExpireRequest(Set.of(ids), Optional.empty(), Set.of());
    }

    private CollectReport collect() {
        Repository repository = Repository.open(store);
        return new CollectOperation(
                        repository,
                        new Claims(repository, clock(NOW), here, here, new Random(SEED)),
                        clock(NOW),
                        ProgressListener.NONE)
                .execute();
    }

    @Test
    void itSaysHowFarAWindowShrinksAndAWindowToKeepKeepsItsBase() {
        forge().append(new Change.Protect(
                new CatalogueEntry.Protection(Forge.CLUSTER, Forge.TABLE, Forge.TABLE_ID), ""));

        ExpireReport shrinks = operation(NOW).plan(BY_POLICY);
        assertThat(shrinks.notes())
                .containsExactly(
                        "the window of shop.orders begins at 2026-11-20T00:00:00Z instead of 2026-11-01T00:00:00Z");

        RetentionRules window = RetentionRules.of(new RetentionPolicy(Keep.NOTHING, 1, Duration.ofDays(18)));
        ExpireReport kept = operation(NOW).execute(new ExpireRequest(Set.of(), Optional.of(window), Set.of()));
        assertThat(kept.notes())
                .containsExactly(
                        "the window of shop.orders begins at 2026-11-03T00:00:00Z instead of 2026-11-01T00:00:00Z");
        assertThat(view().backups())
                .extracting(PublishedBackup::id)
                .contains(R2, I21, F3)
                .doesNotContain(F1);
    }

    private CatalogueView view() {
        return Repository.open(memory).catalogue().view();
    }

    private List<String> live() {
        return view().backups().stream().map(PublishedBackup::id).sorted().toList();
    }

    @Test
    void whatNoRuleKeepsGoesChildrenFirstAndItsBytesComeBack() {
        ExpireReport planned = operation(NOW).plan(BY_POLICY);
        assertThat(live()).hasSize(8);
        ExpireReport report = expire();

        assertThat(report.expired())
                .containsExactlyInAnyOrder(I21, I12, I11, F1, R2)
                .containsSubsequence(I12, I11, F1)
                .containsSubsequence(I21, R2);
        assertThat(planned.expired()).containsExactlyInAnyOrderElementsOf(report.expired());
        assertThat(live()).containsExactly(F3, I31, I32);
        assertThat(report.freedBytes()).isPositive();
        CollectReport collected = collect();
        assertThat(collected.bytes()).isGreaterThanOrEqualTo(report.freedBytes());
        assertThat(memory.list("data/"))
                .allMatch(key -> List.of(F3, I31, I32).stream().anyMatch(key::contains));
        assertThat(expire().expired()).isEmpty();
    }

    @Test
    void childrenOfARebasedBackupAreGivenToTheRebaseFirst() {
        RetentionRules rules = RetentionRules.of(new RetentionPolicy(new Keep(Duration.ofDays(18), 0, 0, 0), 2));

        ExpireRequest request = new ExpireRequest(Set.of(), Optional.of(rules), Set.of());

        ExpireReport planned = operation(NOW).plan(request);
        assertThat(view().find(I21).orElseThrow().parent()).isEmpty();
        DiskUsage usage = new DiskUsageOperation(Repository.open(store), clock(NOW)).backups(Optional.of(rules));
        ExpireReport report = operation(NOW).execute(request);

        assertThat(planned.expired()).isEqualTo(report.expired());
        assertThat(planned.freedBytes()).isEqualTo(report.freedBytes());
        assertThat(usage.freedBytes()).contains(report.freedBytes());
        assertThat(view().find(I21).orElseThrow().parent()).contains(R2);
        assertThat(report.expired()).containsExactly(I12, I11, F1);
        assertThat(live()).containsExactly(R2, I21, F3, I31, I32);
        collect();
        assertThat(memory.list("data/")).anyMatch(key -> key.contains(R2)).noneMatch(key -> key.contains(F1));
    }

    @Test
    void aHoldThatComesInBetweenIsHonoured() {
        beforeFirst("EXPIRE", () -> new HoldOperation(Repository.open(memory), clock(NOW)).hold(I21, "audit"));

        ExpireReport report = expire();

        assertThat(live()).contains(I21, R2);
        assertThat(report.decision().stay(I21).orElseThrow().reasons().get(0).text())
                .isEqualTo("held");
        new HoldOperation(Repository.open(memory), clock(NOW)).release(I21, "done");
        assertThat(expire().expired()).containsExactly(I21, R2);
    }

    @Test
    void aReaderThatBeginsInBetweenKeepsItsChain() {
        HeldClaim[] reader = new HeldClaim[1];
        beforeFirst("EXPIRE", () -> reader[0] = forge().claim("restore-1", I12));

        expire();

        assertThat(live()).contains(I12, I11, F1);
        collect();
        assertThat(memory.list("data/")).anyMatch(key -> key.contains(F1));
        reader[0].close();
        assertThat(expire().expired()).containsExactly(I12, I11, F1);
    }

    @Test
    void aBackupThatIsPublishedInBetweenKeepsWhatItBuildsOn() {
        String late = Forge.id("20261122T110000Z", 9);
        beforeFirst("EXPIRE", () -> forge().incremental(late, "2026-11-22T11:00:00Z", R2));

        expire();

        assertThat(live()).contains(late, R2).doesNotContain(I21, F1);
    }

    @Test
    void deathAtAnyCallAndAgainIsTheSame() {
        MemoryStore pristine = memory.copy();
        FaultyObjectStore counting = new FaultyObjectStore(memory);
        store = counting;
        expire();
        List<String> wanted = live();
        int calls = counting.calls();
        for (int n = 1; n <= calls; n++) {
            memory = pristine.copy();
            FaultyObjectStore faulty = new FaultyObjectStore(memory);
            store = faulty;
            if (n % 2 == 0) {
                faulty.cutFrom(n);
            } else {
                faulty.cutAfter(n);
            }
            try {
                expire();
            } catch (HindsightException e) {
                assertThat(e.hint()).isNotBlank();
            }
            faulty.heal();
            assertThat(live()).as("cut at call %d", n).containsAll(wanted);
            requireNoOrphan(n);

            expire();

            assertThat(live()).as("after a cut at call %d", n).isEqualTo(wanted);
        }
    }

    private void requireNoOrphan(int n) {
        Repository repository = Repository.open(memory);
        for (PublishedBackup one : view().backups()) {
            one.parentOr(repository.load(one.manifest(), BackupManifest.class).parent())
                    .ifPresent(parent -> assertThat(live())
                            .as("cut at call %d, parent of %s", n, one.id())
                            .contains(parent));
        }
    }

    @Test
    void deathBetweenEntriesLeavesNothingThatNeedsWhatIsGone() {
        for (int died = 1; died <= 4; died++) {
            Failpoints.arm("expire.before=error@2");
            assertThatThrownBy(this::expire).hasMessageContaining("failpoint");
            Failpoints.disarmAll();
            assertThat(live()).hasSize(8 - died);
            requireNoOrphan(died);
        }
        assertThat(expire().expired()).hasSize(1);
    }

    @Test
    void clocksDaysApartTakeNothingMore() {
        for (long hours : List.of(-48L, 48L, 24L * 3000)) {
            ExpireReport report = operation(NOW.plus(Duration.ofHours(hours))).plan(BY_POLICY);

            assertThat(report.expired())
                    .as("clock off by %d h", hours)
                    .containsExactlyInAnyOrder(I21, I12, I11, R2, F1);
        }
    }

    @Test
    void namedOnesGoAndOnlyThose() {
        assertThat(operation(NOW).execute(named(I32)).expired()).containsExactly(I32);
        ExpireReport report = operation(NOW).execute(named(F3));

        assertThat(report.expired()).isEmpty();
        assertThat(report.refused()).containsExactly(F3);
        assertThat(report.decision().stay(F3).orElseThrow().reasons().get(0).text())
                .isEqualTo("needed by " + I31);
        assertThatThrownBy(() -> operation(NOW).execute(named("20200101T000000Z-0000")))
                .isInstanceOf(NotFoundException.class);
        assertThat(operation(NOW).execute(named(I32)).expired()).isEmpty();
    }

    @Test
    void theLastOfATableGoesOnlyWhenTheTableIsNamed() {
        String[] all = {F1, I11, I12, I21, R2, F3, I31, I32};

        ExpireReport careful = operation(NOW).execute(named(all));
        assertThat(live()).containsExactly(F3, I31, I32);
        assertThat(careful.decision().stay(I32).orElseThrow().reasons().get(0).text())
                .isEqualTo("last restorable of shop.orders");

        operation(NOW).execute(new ExpireRequest(Set.of(all), Optional.empty(), Set.of(Forge.TABLE)));
        assertThat(live()).isEmpty();
    }

    @Test
    void aBackupWithADamagedManifestStaysUntilItIsNamed() {
        Forge.flip(memory, Keys.backupManifest(I32));

        ExpireReport report = expire();
        assertThat(report.decision().stay(I32).orElseThrow().reasons().get(0).text())
                .startsWith("its manifest cannot be read");
        assertThatThrownBy(this::collect).isInstanceOf(CorruptException.class).hasMessageContaining(I32);

        assertThat(operation(NOW).execute(named(I32)).expired()).containsExactly(I32);
        assertThat(collect().objects()).isPositive();
        assertThat(memory.list("data/")).anyMatch(key -> key.contains(I31)).noneMatch(key -> key.contains(I32));
    }

    @Test
    void aDamagedCatalogueIsNamedAndNothingGoes() {
        Forge.flip(memory, Keys.catalogueEntry(2));

        assertThatThrownBy(this::expire)
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(Keys.catalogueEntry(2));
        assertThat(memory.list(Keys.CATALOGUE)).noneMatch(key -> text(key).contains("EXPIRE"));
    }

    @Test
    void withoutRulesSomethingMustBeNamed() {
        int entries = view().entries().size();
        assertThatThrownBy(() -> operation(NOW).execute(new ExpireRequest(Set.of(), Optional.empty(), Set.of())))
                .isInstanceOf(UsageException.class);
        assertThat(view().entries()).hasSize(entries);
    }

    @Test
    void whatIsCheaperRebasedAwayIsRebasedFirst() {
        RetentionRules halfAnHour =
                RetentionRules.of(new RetentionPolicy(new Keep(Duration.ofMinutes(30), 0, 0, 0), 1));
        String whole = Forge.id("20261122T113000Z", 10);
        String parent = I32;
        for (int i = 11; i < 16; i++) {
            String next = Forge.id("20261122T0" + (i - 10) + "0000Z", i);
            forge().incremental(next, "2026-11-22T0" + (i - 10) + ":00:00Z", parent);
            parent = next;
        }
        String last = parent;
        Repository repository = Repository.open(store);
        ExpireOperation operation = new ExpireOperation(
                repository,
                new Claims(repository, clock(NOW), here, here, new Random(SEED)),
                clock(NOW),
                ProgressListener.NONE,
                Optional.of(backup -> {
                    assertThat(backup).isEqualTo(last);
                    forge().rebase(whole, "2026-11-22T05:00:00Z", last);
                    return whole;
                }));

        ExpireReport report = operation.execute(new ExpireRequest(Set.of(), Optional.of(halfAnHour), Set.of()));

        assertThat(report.rebased()).containsExactly(whole);
        assertThat(live()).containsExactly(whole);
    }

    @Test
    void aRebaseThatFailsLeavesWhatIsNeeded() {
        RetentionRules halfAnHour =
                RetentionRules.of(new RetentionPolicy(new Keep(Duration.ofMinutes(30), 0, 0, 0), 1));
        forge().incremental(Forge.id("20261122T010000Z", 11), "2026-11-22T01:00:00Z", I32);
        forge().incremental(Forge.id("20261122T020000Z", 12), "2026-11-22T02:00:00Z", Forge.id("20261122T010000Z", 11));
        forge().incremental(Forge.id("20261122T030000Z", 13), "2026-11-22T03:00:00Z", Forge.id("20261122T020000Z", 12));
        Repository repository = Repository.open(store);
        ExpireOperation operation = new ExpireOperation(
                repository,
                new Claims(repository, clock(NOW), here, here, new Random(SEED)),
                clock(NOW),
                ProgressListener.NONE,
                Optional.of(backup -> {
                    throw new CapacityException("no scratch", "make some");
                }));

        ExpireReport report = operation.execute(new ExpireRequest(Set.of(), Optional.of(halfAnHour), Set.of()));

        assertThat(report.notes()).anyMatch(note -> note.contains("was not rebased") && note.contains("no scratch"));
        assertThat(live()).contains(F3, I31, I32).doesNotContain(F1, R2);
    }

    @Test
    void holdAndReleaseAreEntriesThatMayBeRepeated() {
        HoldOperation holds = new HoldOperation(Repository.open(store), clock(NOW));
        holds.hold(F1, "audit");
        int entries = view().entries().size();
        holds.hold(F1, "audit again");
        assertThat(view().entries()).hasSize(entries);
        assertThat(view().isHeld(F1)).isTrue();
        holds.release(F1, "");
        assertThat(view().isHeld(F1)).isFalse();
        assertThatThrownBy(() -> holds.hold("20200101T000000Z-0000", "")).isInstanceOf(NotFoundException.class);
    }

    /** Lets somebody else do something right before the first entry of that action is put. */
    private void beforeFirst(String action, Runnable other) {
        boolean[] done = {false};
        store = new ForwardingStore(memory) {
            @Override
            public PutOutcome putIfAbsent(String key, Body body) {
                if (!done[0] && key.startsWith(Keys.CATALOGUE) && text(body).contains("\"" + action + "\"")) {
                    done[0] = true;
                    other.run();
                }
                return super.putIfAbsent(key, body);
            }
        };
    }

    private static String text(Body body) {
        try (InputStream in = body.open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String text(String key) {
        return new String(memory.bytes(key), StandardCharsets.UTF_8);
    }
}
