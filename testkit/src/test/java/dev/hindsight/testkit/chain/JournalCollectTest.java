package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.PreconditionFailedException;
import dev.hindsight.model.schema.KeyspaceSchema;
import dev.hindsight.operations.retention.CollectReport;
import dev.hindsight.operations.retention.DiskUsage;
import dev.hindsight.operations.retention.DiskUsageOperation;
import dev.hindsight.repository.Repository;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.claim.HeldClaim;
import dev.hindsight.repository.claim.Scope;
import dev.hindsight.repository.claim.Wanted;
import dev.hindsight.repository.document.BackupPlan;
import dev.hindsight.repository.document.RestorePlan;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.journal.RecordSet;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import dev.hindsight.testkit.journal.BusyJournal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Captures and journals do not grow for ever, and nothing that anybody may still read goes. */
class JournalCollectTest extends CollectRig {
    @Test
    void whatIsSealedMergedAndSummedUpGoesAndNothingElse() {
        base();
        for (int i = 0; i < 25; i++) {
            journal.captureAndSeal(8);
            merger(store).merge(10);
        }
        journal.capture();
        journal.capture();
        TreeMap<Long, String> before = journal.records();
        Set<String> all = new TreeSet<>(memory.keys());

        CollectReport planned = operation(store, Duration.ZERO).plan();
        assertThat(memory.keys()).containsExactlyInAnyOrderElementsOf(all);
        CollectReport report = collect();

        assertThat(journal.records()).isEqualTo(before);
        assertThat(keys("/segments/")).isEqualTo(live());
        // Two that are not sealed, and at most one that is taken in by half.
        assertThat(keys("captures/")).hasSizeBetween(2 * 2, 2 * 3);
        assertThat(keys("/log/").size()).isLessThan(160);
        assertThat(memory.keys()).contains(Keys.journalEntry(BusyJournal.TABLE, BusyJournal.ID, 1));
        assertThat(planned.runs())
                .filteredOn(run -> run.run().startsWith("captures") || run.run().startsWith("journal"))
                .allSatisfy(run -> assertThat(run.bytes()).isPositive())
                .extracting(CollectReport.Run::run)
                .containsExactlyInAnyOrder(
                        "captures " + new UUID(0, 1), "captures " + new UUID(0, 2), "journal " + BusyJournal.TABLE);
        assertThat(report.runs())
                .filteredOn(run -> run.run().startsWith("captures"))
                .isEqualTo(planned.runs().stream()
                        .filter(run -> run.run().startsWith("captures"))
                        .toList());

        journal.seal();
        requireAllRecords();
        journal.captureAndSeal(3);
        requireAllRecords();
        collect();
        requireAllRecords();
        assertThat(collect().objects()).isZero();
    }

    @Test
    void whatAJournalTakesIsToldByTable() {
        base();
        journal.captureAndSeal(12);
        merger(store).merge(10);
        journal.capture();

        DiskUsage usage = new DiskUsageOperation(Repository.open(store), journal.clock()).all(Optional.empty());

        long stored =
                live().stream().mapToLong(key -> store.size(key).orElseThrow()).sum();
        assertThat(usage.problems()).isEmpty();
        assertThat(usage.journals()).singleElement().satisfies(one -> {
            assertThat(one.name()).isEqualTo(BusyJournal.TABLE);
            assertThat(one.records()).isEqualTo(journal.records().size());
            assertThat(one.segments()).isEqualTo(live().size());
            assertThat(one.storedBytes()).isEqualTo(stored);
            assertThat(one.captures()).isBetween(2L, 4L);
        });
    }

    @Test
    void recordsThatNoBaseNeedsGoWithTheBase() {
        String first = base();
        journal.captureAndSeal(100);
        String second = base();
        long since = journal.now() - 10_000_000;
        journal.captureAndSeal(20);
        TreeMap<Long, String> before = journal.records();
        long watermark = journal.log().newest().orElseThrow().watermarkMicros();
        Set<String> needed = journal.between(since, watermark - 1);

        collect();
        assertThat(journal.records()).isEqualTo(before);

        forge().expire(first);
        collect();

        JournalView view = JournalView.find(journal.log()).orElseThrow();
        assertThat(view.droppedNumber()).isPositive();
        assertThat(view.droppedMicros()).isLessThan(since);
        assertThat(journal.records()).isEqualTo(before.tailMap(view.droppedNumber(), false));
        assertThat(keys("/segments/")).isEqualTo(live());
        assertThat(journal.between(since, watermark - 1)).isEqualTo(needed);
        assertThatThrownBy(() -> journal.between(view.droppedMicros(), watermark - 1))
                .isInstanceOf(PreconditionFailedException.class);
        assertThat(view.whole()).allSatisfy(one -> assertThat(one.fromMicros()).isGreaterThan(view.droppedMicros()));

        forge().append(new Change.Unprotect(PROTECTION, ""));
        collect();
        assertThat(journal.between(since, watermark - 1)).isEqualTo(needed);
        forge().expire(second);
        collect();
        assertThat(keys("/segments/")).isEmpty();
    }

    @Test
    void whatABaseThatIsBeingMadeMayNeedStays() {
        base(baseBegun(), instant(journal.now()).plus(Duration.ofDays(3)));
        HeldClaim making = baseBegunElsewhere();
        long since = journal.now();
        journal.captureAndSeal(30);
        TreeMap<Long, String> before = journal.records();

        collect();
        assertThat(journal.records()).as("it has no plan yet").isEqualTo(before);
        forge().document(Keys.backupPlan(making.run()), planOf(making.run(), BusyJournal.TABLE.keyspace()));
        forge().append(new Change.Unprotect(PROTECTION, ""));
        collect();
        assertThat(journal.records()).as("it is of this keyspace").isEqualTo(before);
        making.abandon();
        base(baseBegun(), instant(since));
        collect();
        assertThat(journal.records()).as("and is published").isEqualTo(before);
    }

    @Test
    void whatABaseOfAnotherKeyspaceNeedsHoldsNothingBack() {
        base(baseBegun(), instant(journal.now()).plus(Duration.ofDays(3)));
        HeldClaim making = baseBegunElsewhere();
        forge().document(Keys.backupPlan(making.run()), planOf(making.run(), "other"));
        journal.captureAndSeal(30);

        collect();

        assertThat(journal.records()).isEmpty();
        making.close();
    }

    private BackupPlan planOf(String id, String keyspace) {
        BackupPlan plan = forge().plan(id);
        return new BackupPlan(
                plan.format(),
                plan.id(),
                plan.createdAt(),
                plan.snapshotTag(),
                plan.nowEpochSeconds(),
                plan.ring(),
                List.of(new KeyspaceSchema(keyspace, Map.of(), true, List.of(), List.of())),
                plan.sources(),
                plan.shards(),
                plan.limits());
    }

    @Test
    void aProtectedTableWithoutABaseKeepsItsRecords() {
        journal.captureAndSeal(10);
        TreeMap<Long, String> before = journal.records();

        collect();

        assertThat(journal.records()).isEqualTo(before);
    }

    @Test
    void whatARestoreReadsStaysWhileItLives() {
        base();
        journal.captureAndSeal(30);
        RecordSet set = journal.set(
                BusyJournal.BEGIN, journal.log().newest().orElseThrow().watermarkMicros() - 1);
        Set<String> answer = journal.of(set);
        TestHost there = new TestHost("there");
        host.whenWatching(there::beat);
        Forge restoring = new Forge(store, journal.clock(), there, SEED);
        HeldClaim first = restoring
                .claims()
                .acquire(new Wanted(Scope.restore("prod", "ks"), "restore-x", "restore", List.of()), note -> {});
        merger(store).merge(20);

        collect();
        assertThat(journal.of(set)).as("claimed, nothing planned yet").isEqualTo(answer);

        HeldClaim second = second(restoring, first);
        forge().document(Keys.restorePlan("r-000000000001-1"), plan(set));
        journal.captureAndSeal(30);
        merger(store).merge(20);
        collect();
        assertThat(journal.of(set)).as("planned").isEqualTo(answer);
        assertThat(keys("/segments/"))
                .isEqualTo(java.util.stream.Stream.concat(
                                live().stream(),
                                set.segments().stream().map(one -> one.object().key()))
                        .collect(Collectors.toCollection(TreeSet::new)));

        second.close();
        first.close();
        journal.captureAndSeal(30);
        merger(store).merge(20);
        collect();
        assertThat(journal.of(set)).as("cut, and may be gone on with").isEqualTo(answer);

        memory.putIfAbsent(Keys.restoreStep("r-000000000001-1", "done"), Body.of(new byte[1]));
        collect();
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    private static final String RESTORE = "r-000000000001-1";

    /** As a restore claims that has made its first claim, before it puts its plan. */
    private static HeldClaim second(Forge restoring, HeldClaim first) {
        return restoring
                .claims()
                .acquire(
                        new Wanted(Scope.read(RESTORE + " " + first.number() + "-1"), RESTORE, "restore", List.of()),
                        note -> {});
    }

    private static HeldClaim first(Forge restoring, String keyspace) {
        return restoring
                .claims()
                .acquire(
                        new Wanted(Scope.restore("prod", keyspace), "restore-" + keyspace, "restore", List.of()),
                        note -> {});
    }

    private RecordSet all() {
        return journal.set(
                BusyJournal.BEGIN, journal.log().newest().orElseThrow().watermarkMicros() - 1);
    }

    @Test
    void aRestoreWhoseFirstClaimIsGoneStandsForNoOtherOne() {
        base();
        journal.captureAndSeal(30);
        TestHost there = new TestHost("there");
        host.whenWatching(there::beat);
        Forge restoring = new Forge(store, journal.clock(), there, SEED);
        HeldClaim first = first(restoring, "a");
        HeldClaim planned = second(restoring, first);
        forge().document(Keys.restorePlan(RESTORE), plan(all()));
        first.close();
        RecordSet set = all();
        Set<String> answer = journal.of(set);
        HeldClaim waiting = first(restoring, "b");
        journal.captureAndSeal(10);
        RecordSet later = all();
        Set<String> more = journal.of(later);
        merger(store).merge(20);
        assertThat(live().containsAll(later.segments().stream()
                        .map(one -> one.object().key())
                        .toList()))
                .as("what it reads was merged since")
                .isFalse();

        collect();

        assertThat(journal.of(set)).isEqualTo(answer);
        assertThat(journal.of(later)).isEqualTo(more);
        planned.close();
        waiting.close();
    }

    @Test
    void aCutRestoreKeepsWhatItNamesForAWeekAfterItWasWorkedOn() {
        base();
        journal.captureAndSeal(30);
        Forge restoring = forge();
        HeldClaim begun = first(restoring, "a");
        second(restoring, begun).close();
        begun.close();
        RecordSet set = all();
        Set<String> answer = journal.of(set);
        forge().document(Keys.restorePlan(RESTORE), plan(set));
        journal.wait(Duration.ofDays(6));
        HeldClaim again = first(forge(), "a");
        second(forge(), again).close();
        again.close();
        journal.wait(Duration.ofDays(6));
        journal.captureAndSeal(1);
        base();
        merger(store).merge(20);

        collect();

        assertThat(journal.of(set)).isEqualTo(answer);
        journal.wait(Duration.ofDays(2));
        base();
        collect();
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    @Test
    void aCutRestoreOfANewerProgramKeepsEverySegment() {
        base();
        journal.captureAndSeal(30);
        HeldClaim begun = first(forge(), "a");
        second(forge(), begun).close();
        begun.close();
        RecordSet set = all();
        forge().document(Keys.restorePlan(RESTORE), plan(set, RestorePlan.FORMAT + 1));
        Set<String> answer = journal.of(set);
        merger(store).merge(20);

        collect();

        assertThat(journal.of(set)).isEqualTo(answer);
    }
}
