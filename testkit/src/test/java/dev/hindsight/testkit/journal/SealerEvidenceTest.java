package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.model.failpoint.Failpoints;
import dev.hindsight.model.failure.NotAppliedException;
import dev.hindsight.model.journal.LogPosition;
import dev.hindsight.model.journal.Observation;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalLog;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.testkit.store.MemoryStore;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a journal says besides its records: what was whole, and what is missing. */
class SealerEvidenceTest extends SealerFixture {
    @Test
    void aSealerThatDiesOrLosesLeavesNothingInTheJournal() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer first = sealer(store, settings(1 << 20), 1);
        Sealer second = sealer(store, settings(1 << 20), 2);
        first.begin(SCHEMA, List.of(host.stream));
        assertThat(second.begin(SCHEMA, List.of()).number()).isEqualTo(1);
        frames(host, BEGIN, BEGIN + 100_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5)));

        for (String point : List.of("seal.segment=error", "seal.entry=error")) {
            Failpoints.arm(point);
            assertThatThrownBy(() -> first.seal(List.of(), awaited)).isInstanceOf(NotAppliedException.class);
            Failpoints.disarmAll();
            assertThat(log.newest().orElseThrow().number()).isEqualTo(1);
        }
        assertThat(second.seal(List.of(), awaited).records()).isEqualTo(1);
        assertThat(first.seal(List.of(), awaited).entries()).isZero();
        assertThat(journal(store)).hasSize(1);
    }

    @Test
    void aHostThatGivesNothingIsLeftOutAndWhatItGivesLaterIsLate() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        frames(one, BEGIN, BEGIN + 100_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5)));

        assertThat(sealer.seal(List.of(), awaited).entries()).isZero();
        now = BEGIN + 6_000_000;
        frames(one, BEGIN + 100_000, now, MutationBytes.mutation(write(ID, 1, 2, now - 5)));
        assertThat(sealer.seal(List.of(), awaited).records()).isEqualTo(2);
        assertThat(log.newest().orElseThrow().watermarkMicros()).isEqualTo(now + 1);
        long watermark = now + 1;
        now += 1_000_000;
        frames(two, BEGIN, BEGIN + 7, MutationBytes.mutation(write(ID, 7, 7, BEGIN + 6)));
        frames(two, BEGIN + 7, now);
        frames(one, now - 10, now);
        assertThat(sealer.seal(List.of(), awaited).records()).isEqualTo(1);

        Sealed late = journal(store).lastEntry().getValue();
        assertThat(late.late()).isTrue();
        assertThat(late.instant()).isEqualTo(watermark);
        assertThat(late.observed()).isEqualTo(new Observation(BEGIN, BEGIN + 7));
    }

    @Test
    void holesAndGapsAreToldAndWholeStretchesAreWhole() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 100);
        host.add(new CaptureItem.Done(new LogPosition(1, 5), false));
        host.put();
        host.add(new CaptureItem.NodeStarted(BEGIN + 50_000, 2, "5.0.9"));
        frames(host, BEGIN + 50_000, BEGIN + 60_000);
        host.add(new CaptureItem.Gap(
                new LogPosition(2, 5), new LogPosition(2, 9), BEGIN + 70_000, BEGIN + 80_000, "cap"));
        frames(host, BEGIN + 80_000, BEGIN + 90_000);
        host.add(new CaptureItem.Scope(Set.of("other")));
        frames(host, BEGIN + 90_000, BEGIN + 95_000);
        sealer.seal(List.of(), Set.of(new UUID(0, 1)));

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.whole().stream()
                        .map(one -> (one.fromMicros() - BEGIN) + "-" + (one.toMicros() - BEGIN))
                        .toList())
                .containsExactly("0-100", "50000-70000", "80000-90000");
        assertThat(entry.gaps().stream()
                        .map(one -> (one.fromMicros() - BEGIN) + "-" + (one.toMicros() - BEGIN))
                        .toList())
                .containsExactly((100 - 10_000_000) + "-50000", "70000-80000");
        assertThat(entry.consumed().get(0).holeMicros()).contains(0L);
    }

    /** It clamps the instant of the record as any other does. */
    @Test
    void whatWasObservedBeforeAGapCountsForHowExactInstantsAre() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 100);
        host.add(new CaptureItem.Log(1, 8, new Observation(BEGIN + 100, BEGIN + 400_100)));
        host.frame(MutationBytes.mutation(write(ID, 1, 1, BEGIN - 1000)));
        host.add(new CaptureItem.Gap(
                new LogPosition(1, 5), new LogPosition(1, 9), BEGIN + 400_100, BEGIN + 500_000, "cap"));
        frames(host, BEGIN + 500_000, BEGIN + 600_000);
        sealer.seal(List.of(), Set.of(new UUID(0, 1)));

        assertThat(log.newest().orElseThrow().spreadMicros()).contains(400_000L);
    }

    /** As for a rolling restart while the table, but not all of the cluster, is unprotected. */
    @Test
    void aKeyspaceThatIsNotCapturedIsNotWholeBecauseItsNodeWasStartedAnew() {
        for (int rounds = 1; rounds <= 4; rounds++) {
            MemoryStore each = new MemoryStore();
            CaptureWorld host = new CaptureWorld(each, new UUID(0, 1), BEGIN / 1000);
            host.add(new CaptureItem.Scope(Set.of("ks", "other")))
                    .add(new CaptureItem.Seen(new LogPosition(1, 0), BEGIN))
                    .put();
            Sealer sealer = sealer(each, settings(1 << 20), 1);
            sealer.begin(SCHEMA, List.of(host.stream));
            Set<UUID> awaited = Set.of(new UUID(0, 1));
            frames(host, BEGIN, BEGIN + 100_000);
            host.add(new CaptureItem.Scope(Set.of("other")));
            frames(host, BEGIN + 100_000, BEGIN + 200_000);
            if (rounds > 1) {
                sealer.seal(List.of(), awaited);
            }
            host.add(new CaptureItem.Done(new LogPosition(1, 5), rounds % 2 == 0));
            host.add(new CaptureItem.NodeStarted(BEGIN + 300_000, 2, "5.0.9"));
            frames(host, BEGIN + 300_000, BEGIN + 400_000);
            if (rounds > 2) {
                sealer.seal(List.of(), awaited);
            }
            frames(host, BEGIN + 400_000, BEGIN + 500_000);
            host.add(new CaptureItem.Scope(Set.of("ks", "other")));
            frames(host, BEGIN + 500_000, BEGIN + 600_000);
            frames(host, BEGIN + 600_000, BEGIN + 700_000);
            sealer.seal(List.of(), awaited);

            assertThat(JournalView.find(new JournalLog(each, TABLE, ID)).orElseThrow().whole().stream()
                            .map(one -> (one.fromMicros() - BEGIN) / 1000 + "-" + (one.toMicros() - BEGIN) / 1000)
                            .toList())
                    .as("rounds %d", rounds)
                    .containsExactly("0-100", "600-700");
        }
    }

    @Test
    void dataFromOutsideAreAGapOfTheirTableAndLeaveTheCaptureWhole() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 100);
        host.add(new CaptureItem.Outside(ID, BEGIN + 40, BEGIN + 10_000_000, "an import"));
        host.add(new CaptureItem.Outside(new UUID(9, 9), BEGIN + 40, BEGIN + 50, "into another table"));
        host.add(new CaptureItem.Outside(ID, BEGIN + 40, BEGIN + 30, "ends before it begins"));
        frames(host, BEGIN + 100, BEGIN + 200);
        assertThat(sealer.seal(List.of(), Set.of(new UUID(0, 1))).entries()).isEqualTo(1);

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(whole(entry, 1)).containsExactly("0-200");
        assertThat(entry.gaps())
                .containsExactly(
                        new JournalEntry.Gap(
                                new UUID(0, 1), BEGIN + 40, BEGIN + 10_000_000, "an import", Optional.of(true)),
                        new JournalEntry.Gap(
                                new UUID(0, 1), BEGIN + 40, BEGIN + 40, "ends before it begins", Optional.of(true)));
        assertThat(JournalView.find(log).orElseThrow().gaps()).isEqualTo(entry.gaps());
    }

    @Test
    void dataFromOutsideOfAnotherTableAreNothingToTell() {
        CaptureWorld host = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 100, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5)));
        assertThat(sealer.seal(List.of(), awaited).entries()).isEqualTo(1);
        host.add(new CaptureItem.Outside(TWIN, BEGIN + 40, BEGIN + 10_000_000, "into another table"))
                .put();
        assertThat(sealer.seal(List.of(), awaited).waiting()).isFalse();
        host.add(new CaptureItem.Outside(ID, BEGIN + 40, BEGIN + 10_000_000, "into this one"))
                .put();
        assertThat(sealer.seal(List.of(), awaited).waiting()).isTrue();
    }

    private static List<String> whole(JournalEntry entry, int host) {
        return entry.whole().stream()
                .filter(one -> one.hostId().equals(new UUID(0, host)))
                .map(one -> (one.fromMicros() - BEGIN) + "-" + (one.toMicros() - BEGIN))
                .toList();
    }

    @Test
    void everyHostThatIsSeenBehindTheWatermarkIsWholeUpToIt() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        frames(one, BEGIN, BEGIN + 400_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5)));
        frames(two, BEGIN, BEGIN + 300_000, MutationBytes.mutation(write(ID, 2, 2, BEGIN + 5)));
        frames(two, BEGIN + 300_000, BEGIN + 450_000, MutationBytes.mutation(write(ID, 3, 3, BEGIN + 310_000)));
        sealer.seal(List.of(), Set.of(new UUID(0, 1), new UUID(0, 2)));

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.watermarkMicros()).isEqualTo(BEGIN + 400_001);
        assertThat(whole(entry, 1)).containsExactly("0-400000");
        assertThat(whole(entry, 2)).containsExactly("0-400000");
        assertThat(entry.spreadMicros()).as("of what was observed so").contains(400_000L);

        frames(one, BEGIN + 400_000, BEGIN + 600_000);
        frames(two, BEGIN + 450_000, BEGIN + 700_000);
        sealer.seal(List.of(), Set.of(new UUID(0, 1), new UUID(0, 2)));
        entry = log.newest().orElseThrow();
        assertThat(whole(entry, 1)).containsExactly("400000-600000");
        assertThat(whole(entry, 2)).containsExactly("400000-600000");
    }

    /** As agents do it: a pass sees what was readable when it began, and what it found is observed when it ended. */
    private void pass(CaptureWorld host, long from, long to, byte[]... mutations) {
        host.add(new CaptureItem.Log(1, 8, new Observation(from, to)));
        for (byte[] mutation : mutations) {
            host.frame(mutation);
        }
        host.add(new CaptureItem.Seen(new LogPosition(1, 0), to - 30_000));
        host.put();
        now = Math.max(now, to);
    }

    @Test
    void everyFinalInstantIsClaimedWherePassesTakeTheirTime() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        sealer.begin(SCHEMA, List.of(host.stream));
        for (int i = 1; i <= 5; i++) {
            long to = BEGIN + i * 500_000L;
            pass(host, to - 100_000, to, MutationBytes.mutation(write(ID, i, i, to - 20_000)));
            sealer.seal(List.of(), awaited);
            assertThat(sealer.seal(List.of(), awaited).watermarkMicros()).isEqualTo(to - 30_000 + 1);
        }

        JournalEntry newest = log.newest().orElseThrow();
        assertThat(JournalView.at(log, newest).whole())
                .containsExactly(new JournalEntry.Whole(new UUID(0, 1), BEGIN, newest.watermarkMicros() - 1));

        now += 6_000_000;
        host.add(new CaptureItem.Log(1, 8, new Observation(now - 10, now))).put();
        sealer.seal(List.of(), awaited);
        assertThat(log.newest().orElseThrow().watermarkMicros())
                .as("a host that does not say what it has seen is not waited for longer than patience lasts")
                .isEqualTo(now);
    }

    @Test
    void aSegmentThatIsDoneInBetweenEndsNoClaim() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        frames(one, BEGIN, BEGIN + 400_000);
        frames(two, BEGIN, BEGIN + 300_000);
        two.add(new CaptureItem.Log(1, 8, new Observation(BEGIN + 390_000, BEGIN + 450_000)))
                .add(new CaptureItem.Done(new LogPosition(1, 9), true));
        frames(two, BEGIN + 440_000, BEGIN + 450_000);
        sealer.seal(List.of(), Set.of(new UUID(0, 1), new UUID(0, 2)));

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.watermarkMicros()).isEqualTo(BEGIN + 400_001);
        assertThat(whole(entry, 2)).containsExactly("0-400000");
    }

    @Test
    void whatIsObservedInAWideIntervalAcrossTheWatermarkIsNotClaimed() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        frames(one, BEGIN, BEGIN + 3_000_000);
        frames(two, BEGIN, BEGIN + 500_000);
        frames(two, BEGIN + 500_000, BEGIN + 4_000_000, MutationBytes.mutation(write(ID, 3, 3, BEGIN + 9_000_000)));
        sealer.seal(List.of(), Set.of(new UUID(0, 1), new UUID(0, 2)));

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.watermarkMicros()).isEqualTo(BEGIN + 3_000_001);
        assertThat(entry.lastNumber()).isZero();
        assertThat(whole(entry, 2))
                .as("its write may be of any instant from there on")
                .containsExactly("0-500000");
    }

    @Test
    void aGapBehindTheWatermarkLeavesWhatIsBeforeItUnproven() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        frames(one, BEGIN, BEGIN + 400_000);
        frames(two, BEGIN, BEGIN + 300_000);
        two.add(new CaptureItem.Log(1, 8, new Observation(BEGIN + 300_000, BEGIN + 420_000)))
                .add(new CaptureItem.Gap(
                        new LogPosition(1, 5), new LogPosition(1, 9), BEGIN + 310_000, BEGIN + 430_000, "cap"));
        frames(two, BEGIN + 430_000, BEGIN + 500_000);
        sealer.seal(List.of(), Set.of(new UUID(0, 1), new UUID(0, 2)));

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.watermarkMicros()).isEqualTo(BEGIN + 400_001);
        assertThat(whole(entry, 2)).containsExactly("0-300000");
    }

    @Test
    void theHoleOfAKilledNodeBeginsBeforeItWasSeenLast() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 30_000_000);
        sealer.seal(List.of(), awaited, () -> Optional.of(owners()));
        host.add(new CaptureItem.Done(new LogPosition(1, 5), false));
        host.add(new CaptureItem.NodeStarted(BEGIN + 40_000_000, 2, "5.0.9"));
        frames(host, BEGIN + 41_000_000, BEGIN + 50_000_000);
        sealer.seal(List.of(), awaited);

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.gaps().get(0).fromMicros()).isEqualTo(BEGIN + 28_000_000);
        assertThat(entry.gaps().get(0).toMicros()).isEqualTo(BEGIN + 40_000_000);
        assertThat(entry.owners()).as("repeated where nobody could look").contains(owners());
    }

    /** As where the old one's state, or what it had spooled, is damaged. */
    @Test
    void nothingIsWholeBetweenAnIncarnationAndTheNextOne() {
        CaptureWorld host = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN, BEGIN + 100_000);
        CaptureWorld next = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        next.add(new CaptureItem.NodeStarted(BEGIN - 1000, 1, "5.0.9")).add(new CaptureItem.Scope(Set.of("ks")));
        frames(next, 0, BEGIN + 500_000);
        frames(next, BEGIN + 500_000, BEGIN + 600_000);
        sealer.seal(List.of(next.stream), Set.of(new UUID(0, 1)));

        assertThat(JournalView.find(new JournalLog(store, TABLE, ID)).orElseThrow().whole().stream()
                        .map(one -> (one.fromMicros() - BEGIN) / 1000 + "-" + (one.toMicros() - BEGIN) / 1000)
                        .toList())
                .containsExactly("0-100", "500-600");
    }

    private static JournalEntry.Owners owners() {
        return new JournalEntry.Owners("d", BEGIN, 2_000_000);
    }

    @Test
    void aFastClockMakesNoInstantFinalAndNoGuarantee() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        now = BEGIN + 1_000_000;
        long ahead = 3_600_000_000L;
        one.add(new CaptureItem.Log(1, 8, new Observation(BEGIN + ahead, now + ahead)));
        one.frame(MutationBytes.mutation(write(ID, 1, 1, now)));
        one.add(new CaptureItem.Seen(new LogPosition(1, 0), now + ahead)).put();

        SealReport alone = sealer.seal(List.of(), Set.of(new UUID(0, 1)));
        assertThat(alone.watermarkMicros()).as("not beyond now").isEqualTo(now + 1);
        assertThat(alone.records()).isZero();
        assertThat(alone.notes()).hasSize(1).first().asString().contains("3600 s ahead");
        assertThat(whole(log.newest().orElseThrow(), 1)).isEmpty();

        long before = now;
        frames(two, BEGIN, before + 500_000, MutationBytes.mutation(write(ID, 1, 1, before)));
        assertThat(sealer.seal(List.of(), Set.of(new UUID(0, 1), new UUID(0, 2)))
                        .watermarkMicros())
                .isEqualTo(before + 500_001);
        assertThat(journal(store).firstEntry().getValue().instant()).isEqualTo(before + 1);
    }

    @Test
    void whatIsCapturedWhileASealerReadsIsOfNoFastClock() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        frames(one, BEGIN, BEGIN + 3_000_000);
        frames(two, BEGIN, BEGIN + 4_000_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 500_000)));
        now = BEGIN + 1_000_000;
        tick = 4_000_000;

        SealReport sealed = sealer.seal(List.of(), Set.of(new UUID(0, 1), new UUID(0, 2)));

        assertThat(sealed.notes()).isEmpty();
        assertThat(log.entry(2).watermarkMicros())
                .as("not cut where it began to read")
                .isEqualTo(BEGIN + 3_000_001);
        assertThat(whole(log.entry(2), 1)).containsExactly("0-3000000");
    }

    /** As where the log of a node that was killed is still there when its capture begins. */
    @Test
    void whatEndedBeforeAnythingWasSeenKeepsNothingFromBeingWhole() {
        CaptureWorld host = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000);
        host.add(new CaptureItem.Scope(Set.of("ks")))
                .add(new CaptureItem.Done(new LogPosition(1, 5), false))
                .add(new CaptureItem.NodeStarted(BEGIN, 2, "5.0.9"))
                .add(new CaptureItem.Seen(new LogPosition(2, 0), BEGIN + 1_000_000))
                .put();
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(host.stream));
        frames(host, BEGIN + 1_000_000, BEGIN + 3_000_000);
        sealer.seal(List.of(), Set.of(new UUID(0, 1)));

        assertThat(JournalView.find(log).orElseThrow().whole().stream()
                        .map(one -> (one.fromMicros() - BEGIN) + "-" + (one.toMicros() - BEGIN))
                        .toList())
                .containsExactly("1000000-3000000");
    }
}
