package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.journal.JournalMerger;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.journal.MergePolicy;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.journal.RecordSet;
import dev.hindsight.repository.store.Body;
import dev.hindsight.repository.store.ForwardingStore;
import dev.hindsight.repository.store.ObjectStore;
import dev.hindsight.testkit.store.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merging a journal's segments changes which objects hold its records, and nothing else. */
class JournalMergerTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final MergePolicy TIERED = new MergePolicy(3, 6, 1 << 11, 1 << 15, 400);
    private static final MergePolicy SIX = new MergePolicy(6, 6, 1 << 16, 1 << 20, 4000);

    @TempDir
    private Path scratch;

    private final MemoryStore store = new MemoryStore();
    private BusyJournal journal;

    @BeforeEach
    void begin() {
        journal = new BusyJournal(store, scratch, SEED);
    }

    @AfterEach
    void disarm() {
        Failpoints.disarmAll();
    }

    private JournalMerger merger(ObjectStore on, long seed) {
        return merger(on, seed, SIX);
    }

    private JournalMerger merger(ObjectStore on, long seed, MergePolicy policy) {
        return new JournalMerger(
                on,
                new JournalLog(on, BusyJournal.TABLE, BusyJournal.ID),
                scratch,
                policy,
                journal.clock(),
                "test",
                new Random(~seed));
    }

    private List<Segment> live() {
        return JournalView.find(journal.log()).orElseThrow().segments();
    }

    private Set<String> segmentObjects() {
        return store.keys().stream()
                .filter(key -> key.contains("/segments/"))
                .collect(java.util.stream.Collectors.toCollection(TreeSet::new));
    }

    private void requireEmptyScratch() throws IOException {
        try (Stream<Path> files = Files.list(scratch)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void noRecordChangesAndEveryInstantHasTheSameAnswer() throws Exception {
        for (int run = 0; run < 6; run++) {
            store.keys().forEach(store::delete);
            Random random = new Random(SEED + run);
            journal = new BusyJournal(store, scratch, SEED + run);
            TreeMap<Long, String> before = new TreeMap<>();
            Map<List<Long>, Set<String>> answers = new java.util.HashMap<>();
            Map<RecordSet, Set<String>> planned = new java.util.HashMap<>();
            int merges = 0;
            for (int round = 0; round < 12; round++) {
                journal.captureAndSeal(1 + random.nextInt(8));
                TreeMap<Long, String> now = journal.records();
                assertThat(now.headMap(before.size() + 1L)).isEqualTo(before);
                before = now;
                long watermark = journal.log().newest().orElseThrow().watermarkMicros();
                for (int i = 0; i < 4; i++) {
                    long from = BusyJournal.BEGIN + random.nextLong(watermark - BusyJournal.BEGIN);
                    long to = from + random.nextLong(watermark - from);
                    answers.put(List.of(from, to), journal.between(from, to));
                    RecordSet set = journal.set(from, to);
                    planned.put(set, journal.of(set));
                }

                JournalMerger.Report report =
                        merger(store, 100 * run + round, TIERED).merge(random.nextInt(4));

                merges += report.merges();
                assertThat(journal.records()).as("seed %d", SEED + run).isEqualTo(before);
                answers.forEach((of, answer) ->
                        assertThat(journal.between(of.get(0), of.get(1))).isEqualTo(answer));
                planned.forEach((set, answer) -> assertThat(journal.of(set)).isEqualTo(answer));
            }
            assertThat(merges).isPositive();
            merger(store, 99, TIERED).merge(100);
            assertThat((long) live().size())
                    .isLessThan(journal.log().newest().orElseThrow().number() / 2);
            assertThat(journal.seal().entries()).isZero();
        }
        requireEmptyScratch();
    }

    @Test
    void aMergeThatIsCutAnywhereLeavesTheJournalAsItWas() throws Exception {
        journal.captureAndSeal(9);
        TreeMap<Long, String> before = journal.records();
        List<Segment> segments = live();
        for (String point : List.of("merge.segment=error", "merge.entry=error")) {
            Failpoints.arm(point);
            assertThatThrownBy(() -> merger(store, 1).merge(10)).isInstanceOf(NotAppliedException.class);
            Failpoints.disarmAll();

            assertThat(live()).isEqualTo(segments);
        }
        requireEmptyScratch();

        assertThat(merger(store, 2).merge(10).merges()).isPositive();
        assertThat(journal.records()).isEqualTo(before);
    }

    /** Does something once, before the first object whose key holds a text is put. */
    private ObjectStore before(String key, Runnable action) {
        List<Runnable> once = new ArrayList<>(List.of(action));
        return new ForwardingStore(store) {
            @Override
            public PutOutcome putIfAbsent(String put, Body body) {
                if (put.contains(key) && !once.isEmpty()) {
                    once.remove(0).run();
                }
                return super.putIfAbsent(put, body);
            }
        };
    }

    @Test
    void aSealerInBetweenIsNoLossAndNothingIsReadAgainForIt() {
        journal.captureAndSeal(6);

        JournalMerger.Report report =
                merger(before("/log/", () -> journal.captureAndSeal(3)), 1).merge(1);

        assertThat(report.merges()).isEqualTo(1);
        JournalEntry newest = journal.log().newest().orElseThrow();
        assertThat(newest.upkeep()).isPresent();
        assertThat(newest.number()).isEqualTo(1 + 6 + 3 + 1);
        assertThat(live()).hasSize(1 + 3);
        assertThat(journal.records().lastKey()).isEqualTo(newest.lastNumber());
        assertThat(journal.seal().entries()).isZero();
    }

    @Test
    void ofTwoMergersOnePublishesAndTheOtherThrowsItsOwnAway() {
        journal.captureAndSeal(6);
        TreeMap<Long, String> records = journal.records();
        int segments = segmentObjects().size();

        JournalMerger.Report lost =
                merger(before("/log/", () -> merger(store, 7).merge(1)), 1).merge(1);

        assertThat(lost.merges()).isZero();
        assertThat(segmentObjects()).hasSize(segments + 1);
        assertThat(journal.log().newest().orElseThrow().number()).isEqualTo(1 + 6 + 1);
        assertThat(journal.records()).isEqualTo(records);
    }

    @Test
    void aSealerThatLosesToAMergeGoesOnBehindIt() {
        journal.captureAndSeal(6);
        journal.capture();
        ObjectStore racing = before("/log/", () -> merger(store, 7).merge(1));

        journal.sealer(racing).seal(journal.streams(), journal.ids());

        assertThat(journal.log().newest().orElseThrow().number()).isEqualTo(1 + 6 + 1 + 1);
        assertThat(journal.records().lastKey())
                .isEqualTo(journal.log().newest().orElseThrow().lastNumber());
        assertThat(live()).hasSize(2);
    }

    @Test
    void aSegmentThatIsNotAsPublishedIsLeftAsItIs() throws Exception {
        journal.captureAndSeal(6);
        String key = live().get(2).object().key();
        byte[] bytes;
        try (InputStream in = store.get(key)) {
            bytes = in.readAllBytes();
        }
        store.delete(key);
        bytes[bytes.length - 1] ^= 1;
        store.putIfAbsent(key, Body.of(bytes));

        assertThatThrownBy(() -> merger(store, 1).merge(1))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(key);
        assertThat(live()).hasSize(6);
        requireEmptyScratch();
    }
}
