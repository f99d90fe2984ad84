package dev.hindsight.testkit.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.HindsightException;
import dev.hindsight.model.failure.ReplacedException;
import dev.hindsight.repository.catalogue.Change;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.testkit.journal.BusyJournal;
import dev.hindsight.testkit.store.FaultyObjectStore.Fault;
import dev.hindsight.testkit.store.FaultyObjectStore.Operation;
import dev.hindsight.testkit.store.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Sealers, mergers, restores and collectors that stand still at any moment, on machines whose clocks are days apart. */
class JournalCollectRacesTest extends CollectRig {
    @Test
    void aSealerThatWakesUpAfterItsNumberWasWonAndCollectedWinsNothing() {
        base();
        journal.captureAndSeal(2);
        journal.capture();
        ObjectStore stalling = before("/log/", 0, () -> {
            for (int i = 0; i < 30; i++) {
                journal.captureAndSeal(8);
                merger(store).merge(10);
            }
            collect();
            collect();
            assertThat(keys("/log/000000000004.json")).isEmpty();
            assertThat(journal.log().firstEntry()).isGreaterThan(64);
        });

        journal.sealer(stalling).seal(journal.streams(), journal.ids());

        requireAllRecords();
        collect();
        assertThat(keys("/log/000000000004.json")).isEmpty();
        assertThat(keys("/segments/")).isEqualTo(live());
        journal.captureAndSeal(2);
        requireAllRecords();
    }

    /** So that the floor comes to stand above all entries of before. */
    private void goOnAndCollect() {
        journal.captureAndSeal(240);
        collect();
        collect();
        assertThat(journal.log().firstEntry()).isGreaterThan(64);
    }

    @Test
    void aSealerThatStandsStillBehindItsPutKeepsWhatItPublished() {
        base();
        journal.captureAndSeal(2);
        journal.capture();

        journal.sealer(after("/log/", 0, this::goOnAndCollect)).seal(journal.streams(), journal.ids());

        requireAllRecords();
        collect();
        requireAllRecords();
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    @Test
    void aMergerThatStandsStillBehindItsPutKeepsWhatItPublished() {
        base();
        journal.captureAndSeal(12);

        merger(after("/log/", 0, this::goOnAndCollect)).merge(2);

        requireAllRecords();
        merger(store).merge(20);
        collect();
        requireAllRecords();
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    @Test
    void aCollectorThatStandsStillBehindItsFenceDoesNoHarm() {
        base();
        journal.captureAndSeal(12);
        merger(store).merge(10);

        try {
            operation(after("/log/", 0, this::goOnAndCollect), Duration.ofHours(-48))
                    .execute();
        } catch (ReplacedException e) {
            // By those that ran in its midst.
        }

        requireAllRecords();
        collect();
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    private void unprotectWithoutABase() {
        String base = base();
        journal.captureAndSeal(12);
        forge().append(new Change.Unprotect(PROTECTION, ""));
        forge().expire(base);
    }

    @Test
    void recordsOfATableThatIsProtectedAgainMeanwhileStay() {
        unprotectWithoutABase();
        List<Long> since = new ArrayList<>();
        // It has listed; what it knows of the catalogue must not be older than what it knows of the journal.
        ObjectStore slow = beforeLooking("/log/", () -> {
            forge().append(new Change.Protect(PROTECTION, ""));
            journal.begin();
            journal.wait(Duration.ofMinutes(1));
            since.add(journal.now() - 10_000_000);
            base();
            journal.captureAndSeal(10);
        });

        operation(slow, Duration.ZERO).execute();

        long watermark = journal.log().newest().orElseThrow().watermarkMicros();
        assertThat(journal.between(since.get(0), watermark - 1)).isNotEmpty();
        journal.captureAndSeal(1);
        collect();
        assertThat(journal.between(since.get(0), watermark - 1)).isNotEmpty();
    }

    @Test
    void recordsThatWereSealedBehindTheListingAreNotLetGoOf() {
        unprotectWithoutABase();
        long listed = journal.captured();

        operation(beforeLooking("/log/", () -> journal.captureAndSeal(3)), Duration.ZERO)
                .execute();

        assertThat(journal.records()).hasSize((int) (journal.captured() - listed));
        collect();
        assertThat(keys("/segments/")).isEmpty();
    }

    @Test
    void aCollectorThatWasTakenForDeadPutsNeitherFenceNorFloor() {
        base();
        journal.captureAndSeal(100);
        merger(store).merge(10);
        journal.captureAndSeal(100);
        List<Long> entries = new ArrayList<>();
        ObjectStore slow = beforeLooking("/log/", () -> {
            collect();
            journal.seal();
            merger(store).merge(10);
            entries.add(journal.log().newest().orElseThrow().number());
        });

        assertThatThrownBy(() -> operation(slow, Duration.ZERO).execute()).isInstanceOf(ReplacedException.class);

        assertThat(journal.log().newest().orElseThrow().number()).isEqualTo(entries.get(0));
        requireAllRecords();
    }

    @Test
    void aSegmentThatACollectionHasFoundUnnamedIsNeverPublished() {
        base();
        for (int which = 0; which < 2; which++) {
            journal.captureAndSeal(12);
            // The merged segment is there, and its entry is about to be put; the collector takes it for a dead
            // merger's.
            merger(before("/log/", which, this::collect)).merge(2);
            requireAllRecords();
            journal.capture();
            journal.sealer(before("/log/", 0, this::collect)).seal(journal.streams(), journal.ids());
            requireAllRecords();
        }
        collect();
        assertThat(keys("/segments/")).isEqualTo(live());
    }

    @Test
    void anyOrderOfSealersMergersAndCollectorsKeepsEveryRecord() {
        for (int run = 0; run < 12; run++) {
            long seed = SEED + run;
            begin(seed);
            Random random = new Random(seed);
            base();
            Map<List<Long>, Set<String>> answers = new TreeMap<>(java.util.Comparator.comparing(List::toString));
            for (int step = 0; step < 25; step++) {
                journal.capture();
                String point = random.nextBoolean() ? "/log/" : random.nextBoolean() ? "/segments/" : "floor";
                ObjectStore racing = random.nextBoolean()
                        ? before(point, random.nextInt(2), () -> some(random))
                        : after(point, random.nextInt(2), () -> some(random));
                switch (random.nextInt(4)) {
                    case 0 -> merger(racing).merge(2);
                    case 1 -> {
                        hide(random);
                        try {
                            operation(racing, Duration.ofHours(random.nextInt(97) - 48))
                                    .execute();
                        } catch (ReplacedException e) {
                            // By the one that ran in its midst.
                        }
                        store.heal();
                    }
                    default -> journal.sealer(racing).seal(journal.streams(), journal.ids());
                }
                long watermark = journal.log().newest().orElseThrow().watermarkMicros();
                long from = BusyJournal.BEGIN + random.nextLong(watermark - BusyJournal.BEGIN + 1);
                if (from < watermark - 1) {
                    long to = from + random.nextLong(watermark - from);
                    answers.put(List.of(from, to), journal.between(from, to));
                }
                answers.forEach((of, answer) -> assertThat(journal.between(of.get(0), of.get(1)))
                        .as("-Dtest.seed=%d", seed)
                        .isEqualTo(answer));
            }
            journal.capture();
            journal.seal();
            requireAllRecords();
            collect();
            requireAllRecords();
            assertThat(keys("/segments/")).as("-Dtest.seed=%d", seed).isEqualTo(live());
            assertThat(keys("captures/")).as("-Dtest.seed=%d", seed).hasSizeBetween(2, 4);
        }
    }

    private void some(Random random) {
        switch (random.nextInt(4)) {
            case 0 -> merger(store).merge(2);
            case 1 -> {
                journal.capture();
                journal.seal();
            }
            default -> {
                journal.seal();
                try {
                    collect();
                } catch (dev.hindsight.model.failure.BusyException e) {
                    // The one that is interrupted here lives.
                }
            }
        }
    }

    private void hide(Random random) {
        Set<String> hidden = new HashSet<>();
        memory.keys().stream().filter(key -> random.nextInt(3) == 0).forEach(hidden::add);
        store.inject(Operation.LIST, hidden::contains, Fault.HIDDEN);
    }

    @Test
    void deathAtAnyCallAndAgainKeepsEveryRecord() {
        base();
        for (int i = 0; i < 20; i++) {
            journal.captureAndSeal(4);
            merger(store).merge(10);
        }
        String gone = base();
        forge().expire(gone);
        TreeMap<Long, String> records = journal.records();
        MemoryStore pristine = memory.copy();
        int before = store.calls();
        collect();
        int calls = store.calls() - before;
        Set<String> left = without(memory.keys());
        for (int n = 1; n <= calls; n += 1 + calls / 60) {
            reader = null;
            restart(pristine.copy());
            if (n % 2 == 0) {
                store.cutFrom(store.calls() + n);
            } else {
                store.cutAfter(store.calls() + n);
            }
            try {
                collect();
            } catch (HindsightException e) {
                assertThat(e.hint()).isNotBlank();
            }
            store.heal();
            assertThat(reader().records()).as("cut at call %d", n).isEqualTo(records);

            collect();

            assertThat(reader().records()).isEqualTo(records);
            assertThat(without(memory.keys()).stream()
                            .filter(key -> !key.contains("/log/"))
                            .toList())
                    .as("after a cut at call %d", n)
                    .hasSize((int)
                            left.stream().filter(key -> !key.contains("/log/")).count());
        }
    }

    private @org.jspecify.annotations.Nullable BusyJournal reader;

    private BusyJournal reader() {
        BusyJournal made = reader;
        if (made == null) {
            made = BusyJournal.reading(store, scratch);
            reader = made;
        }
        return made;
    }

    private static Set<String> without(java.util.Collection<String> keys) {
        return keys.stream()
                .filter(key -> !key.startsWith("catalog/") && !key.startsWith("runs/") && !key.contains("floor"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aCollectionThatIsCutBeforeItsFenceOrFloorIsDoneByTheNext() {
        base();
        for (int i = 0; i < 20; i++) {
            journal.captureAndSeal(8);
            merger(store).merge(10);
        }
        TreeMap<Long, String> records = journal.records();
        for (String point : List.of("collect.fence=error", "collect.floor=error")) {
            Failpoints.arm(point);
            assertThatThrownBy(this::collect).hasMessageContaining("failpoint");
            Failpoints.disarmAll();
            assertThat(journal.records()).isEqualTo(records);
        }
        collect();
        assertThat(journal.records()).isEqualTo(records);
        assertThat(keys("/segments/")).isEqualTo(live());
        JournalEntry newest = journal.log().newest().orElseThrow();
        assertThat(newest.state()).isPresent();
    }
}
