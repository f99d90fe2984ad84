package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.failure.NotFoundException;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.repository.document.CaptureFloors;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Consumed;
import dev.hindsight.repository.journal.CaptureFloorLog;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.layout.Keys;
import dev.hindsight.repository.store.Body;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Where a journal begins, and where it goes on behind captures that were collected. */
class JournalBeginningTest extends SealerFixture {
    private static final UUID HOST = new UUID(0, 1);

    private final CaptureWorld first = host(1);

    private Sealer sealer() {
        return sealer(store, settings(1 << 20), 1);
    }

    /** Objects that say that the host was seen, one a second. */
    private void seen(CaptureWorld world, int objects) {
        for (int i = 0; i < objects; i++) {
            now += 1_000_000;
            world.add(new CaptureItem.Seen(new LogPosition(1, 0), now)).put();
        }
    }

    private void collected(CaptureWorld world, long below) {
        new CaptureFloorLog(store)
                .raise(
                        List.of(new CaptureFloors.Stream(
                                HOST, world.stream.incarnation().text(), below)),
                        Instant.EPOCH,
                        "test");
        for (long n = 0; n < below; n++) {
            store.delete(Keys.capture(HOST, world.stream.incarnation(), n));
        }
    }

    private CaptureWorld later() {
        CaptureWorld world = new CaptureWorld(store, HOST, BEGIN / 1000 + 5_000);
        world.add(new CaptureItem.Scope(Set.of("ks"))).put();
        return world;
    }

    private Consumed consumed(JournalEntry entry, CaptureStream stream) {
        return entry.consumed().stream()
                .filter(one -> one.hostId().equals(stream.hostId())
                        && one.incarnation().equals(stream.incarnation().text()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whereNothingWasCollectedProtectingAgainAddsNothing() {
        sealer().begin(SCHEMA, List.of(first.stream));
        CaptureWorld later = later();
        seen(later, 3);

        assertThat(sealer().begin(SCHEMA, List.of(first.stream, later.stream)).number())
                .isEqualTo(1);
    }

    @Test
    void anIncarnationThatItDoesNotKnowAndThatWasCollectedIsTakenFromItsNewestObject() {
        seen(first, 2);
        sealer().begin(SCHEMA, List.of(first.stream));
        long known = now;
        CaptureWorld later = later();
        seen(later, 5);
        collected(later, 4);

        JournalEntry entry = sealer().begin(SCHEMA, List.of(first.stream, later.stream));

        assertThat(entry.number()).isEqualTo(2);
        assertThat(consumed(entry, later.stream).object()).isEqualTo(6);
        assertThat(consumed(entry, later.stream).holeMicros()).isEmpty();
        assertThat(consumed(entry, first.stream)).isEqualTo(consumed(log.entry(1), first.stream));
        assertThat(entry.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.fromMicros()).isEqualTo(known - 10_000_000);
            assertThat(gap.toMicros()).isEqualTo(now);
            assertThat(gap.cause()).contains("not protected");
        });
        assertThat(sealer().begin(SCHEMA, List.of(first.stream, later.stream)).number())
                .isEqualTo(2);
    }

    @Test
    void ofAHostOfWhichNothingWasSeenTheGapBeginsWithTheJournal() {
        CaptureWorld unseen = later();
        JournalEntry begun = sealer().begin(SCHEMA, List.of(unseen.stream));
        assertThat(consumed(begun, unseen.stream).seenMicros()).isZero();
        seen(unseen, 5);
        collected(unseen, 4);

        JournalEntry entry = sealer().begin(SCHEMA, List.of(unseen.stream));

        assertThat(entry.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.fromMicros()).isEqualTo(begun.watermarkMicros() - 10_000_000);
            assertThat(gap.toMicros()).isEqualTo(now);
        });
    }

    @Test
    void whatHadEndedBeforeItBeganIsInItsFirstEntryAndHoldsNothingUp() {
        CaptureWorld ended = new CaptureWorld(store, new UUID(0, 9), BEGIN / 1000);
        seen(ended, 3);
        seen(first, 1);

        JournalEntry entry = sealer().begin(SCHEMA, List.of(first.stream), List.of(ended.stream));

        assertThat(consumed(entry, ended.stream).object()).isEqualTo(3);
        assertThat(consumed(entry, ended.stream).holeMicros()).isEqualTo(Optional.of(0L));
        seen(first, 3);
        assertThat(sealer().seal(List.of(), Set.of(HOST)).watermarkMicros()).isGreaterThan(now - 1_000_000);
        assertThat(log.newest().orElseThrow().whole())
                .isNotEmpty()
                .allSatisfy(one -> assertThat(one.hostId()).isEqualTo(HOST));
    }

    @Test
    void whatBeganAndEndedMeanwhileIsTakenInFromItsStart() {
        seen(first, 1);
        sealer().begin(SCHEMA, List.of(first.stream));
        CaptureWorld ended = later();
        long from = now;
        frames(ended, from, now += 1_000_000, MutationBytes.mutation(write(ID, 1, 2, from + 1000)));
        seen(ended, 3);
        CaptureWorld now2 = new CaptureWorld(store, HOST, BEGIN / 1000 + 60_000);
        now2.add(new CaptureItem.Scope(Set.of("ks"))).put();
        seen(now2, 2);

        List<CaptureStream> capturing = List.of(first.stream, now2.stream);
        JournalEntry entry = sealer().begin(SCHEMA, capturing, List.of(ended.stream));

        assertThat(consumed(entry, ended.stream).object()).isZero();
        assertThat(entry.gaps()).isEmpty();
        assertThat(sealer().begin(SCHEMA, capturing, List.of(ended.stream)).number())
                .isEqualTo(2);
        sealer().seal(capturing, Set.of(HOST));
        assertThat(journal(store)).hasSize(1);
        assertThat(JournalView.find(log).orElseThrow().whole())
                .anySatisfy(one -> assertThat(one.toMicros()).isGreaterThanOrEqualTo(from + 3_000_000))
                .anySatisfy(one -> assertThat(one.toMicros()).isEqualTo(now));
    }

    @Test
    void whatEndedMeanwhileAndWasCollectedInPartIsPassedOverOnce() {
        seen(first, 1);
        sealer().begin(SCHEMA, List.of(first.stream));
        CaptureWorld ended = later();
        seen(ended, 3);
        collected(ended, 2);

        JournalEntry entry = sealer().begin(SCHEMA, List.of(first.stream), List.of(ended.stream));

        assertThat(consumed(entry, ended.stream).object()).isEqualTo(4);
        assertThat(entry.gaps()).hasSize(1);
        assertThat(sealer().begin(SCHEMA, List.of(first.stream), List.of(ended.stream))
                        .number())
                .isEqualTo(2);
    }

    @Test
    void aTruncateOfAnIncarnationWhoseClockWasBehindDoesNotEndTheJournal() {
        sealer().begin(SCHEMA, List.of(first.stream));
        frames(first, BEGIN, BEGIN + 100_000_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 1000)));
        sealer().seal(List.of(), Set.of(HOST));
        long sealed = log.newest().orElseThrow().watermarkMicros();
        assertThat(sealed).isGreaterThan(BEGIN + 90_000_000);
        CaptureWorld ended = later();
        frames(ended, BEGIN + 5_000_000, BEGIN + 21_000_000, truncation(ended, BEGIN / 1000 + 20_000));
        seen(first, 2);

        JournalEntry entry = sealer().begin(SCHEMA, List.of(first.stream), List.of(ended.stream));

        assertThat(consumed(entry, ended.stream).object()).isEqualTo(2);
        assertThat(entry.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.fromMicros()).isLessThan(BEGIN + 5_000_000);
            assertThat(gap.toMicros()).isEqualTo(BEGIN + 21_000_000);
            assertThat(gap.cause()).contains("sealed beyond", "not protected");
        });
        frames(first, now, now + 1_000_000, MutationBytes.mutation(write(ID, 2, 2, now + 1000)));
        assertThat(sealer(store, settings(1 << 20), 2)
                        .seal(List.of(), Set.of(HOST))
                        .ended())
                .isEmpty();
        assertThat(journal(store)).hasSize(2);
    }

    @Test
    void whoeverEndsBeforeAnEntryOfABeginningIsPutLeavesNothingAndMayProtectAgain() {
        seen(first, 1);
        Set<String> before = Set.copyOf(store.keys());
        Failpoints.arm("journal.begin=error");
        assertThatThrownBy(() -> sealer().begin(SCHEMA, List.of(first.stream))).hasMessageContaining("journal.begin");
        assertThat(store.keys()).containsExactlyInAnyOrderElementsOf(before);
        Failpoints.disarmAll();
        assertThat(sealer().begin(SCHEMA, List.of(first.stream)).number()).isEqualTo(1);

        CaptureWorld ended = later();
        seen(ended, 3);
        Failpoints.arm("journal.begin=error");
        assertThatThrownBy(() -> sealer().begin(SCHEMA, List.of(first.stream), List.of(ended.stream)))
                .hasMessageContaining("journal.begin");
        assertThat(log.newest().orElseThrow().number()).isEqualTo(1);
        Failpoints.disarmAll();
        assertThat(sealer().begin(SCHEMA, List.of(first.stream), List.of(ended.stream))
                        .number())
                .isEqualTo(2);
    }

    private static final long TWO_DAYS = 48 * 3600 * 1_000_000L;

    /** Both the host's and the sealer's. */
    private void clocksWereAhead() {
        now += TWO_DAYS;
        seen(first, 2);
        sealer().begin(SCHEMA, List.of(first.stream));
        now -= TWO_DAYS;
    }

    @Test
    void aGapIsToldByItsOwnIncarnationsClockWhereAnotherOneWasAhead() {
        CaptureWorld later = later();
        seen(later, 2);
        long known = now;
        now += TWO_DAYS;
        seen(first, 2);
        sealer().begin(SCHEMA, List.of(first.stream, later.stream));
        now -= TWO_DAYS;
        seen(later, 5);
        collected(later, 6);

        JournalEntry entry = sealer().begin(SCHEMA, List.of(first.stream, later.stream));

        assertThat(entry.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.fromMicros()).isEqualTo(known - 10_000_000);
            assertThat(gap.toMicros()).isEqualTo(now);
        });
    }

    @Test
    void aGapOfAnIncarnationThatIsNotKnownBeginsWithItWhereTheClocksWereAheadBefore() {
        clocksWereAhead();
        CaptureWorld later = later();
        seen(later, 8);
        collected(later, 6);

        JournalEntry entry = sealer().begin(SCHEMA, List.of(first.stream, later.stream));

        assertThat(entry.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.fromMicros()).isEqualTo(BEGIN + 5_000_000 - 10_000_000);
            assertThat(gap.toMicros()).isEqualTo(now);
        });
    }

    @Test
    void aSealerSaysThatCapturesAreGoneUntilTheTableIsProtectedAgain() {
        seen(first, 1);
        sealer().begin(SCHEMA, List.of(first.stream));
        seen(first, 5);
        collected(first, 6);
        now += 60_000_000;

        // Whoever protected it again died before the journal said so.
        assertThatThrownBy(() -> sealer().seal(List.of(), Set.of(HOST)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("was collected while the table was not protected");

        sealer().begin(SCHEMA, List.of(first.stream));
        seen(first, 3);
        assertThat(sealer().seal(List.of(), Set.of(HOST)).watermarkMicros()).isGreaterThan(now - 1_000_000);
    }

    @Test
    void whereAnEntryIsLostNobodyPutsAnotherOne() {
        seen(first, 1);
        sealer().begin(SCHEMA, List.of(first.stream));
        Sealer sealing = sealer();
        for (int i = 0; i < 6; i++) {
            long from = now;
            frames(first, from, now += 1_000_000, MutationBytes.mutation(write(ID, i, i, from + 1000)));
            sealing.seal(List.of(), Set.of(HOST));
        }
        long newest = log.newest().orElseThrow().number();
        assertThat(newest).isGreaterThan(4);
        for (long lost : List.of(1L, 3L)) {
            String key = Keys.journalEntry(TABLE, ID, lost);
            byte[] bytes = store.bytes(key).clone();
            store.delete(key);
            Set<String> before = Set.copyOf(store.keys());

            assertThatThrownBy(() -> sealer().begin(SCHEMA, List.of(first.stream)))
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining(key + " is missing, and entry " + newest + " is there");
            assertThatThrownBy(() -> sealer().seal(List.of(), Set.of(HOST))).isInstanceOf(CorruptException.class);

            assertThat(store.keys()).containsExactlyInAnyOrderElementsOf(before);
            store.putIfAbsent(key, Body.of(bytes));
        }
        assertThat(sealer().begin(SCHEMA, List.of(first.stream)).number()).isEqualTo(newest);
    }
}
