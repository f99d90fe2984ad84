package dev.hindsight.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.engine.journal.SealSettings;
import dev.hindsight.engine.journal.Sealer;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.journal.CaptureItem;
import dev.hindsight.repository.journal.JournalView;
import dev.hindsight.repository.journal.RecordSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is told of truncates, by whichever host, however late and however often, and what of it counts. */
class SealerTruncatesTest extends SealerFixture {
    @Test
    void aTruncateIsAnEventOfItsInstant() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        long at = BEGIN + 50_000;
        byte[] gone = MutationBytes.mutation(write(ID, 1, 1, at - 1000));
        for (CaptureWorld host : List.of(one, two)) {
            frames(
                    host,
                    BEGIN,
                    BEGIN + 100_000,
                    gone,
                    truncation(host, at / 1000, gone),
                    MutationBytes.mutation(write(ID, 2, 2, at + 1000)));
        }
        sealer.seal(List.of(), awaited);

        JournalEntry entry = log.newest().orElseThrow();
        assertThat(entry.events()).hasSize(2).allSatisfy(event -> {
            assertThat(event.kind()).isEqualTo(EventKind.TRUNCATE);
            assertThat(event.atMicros()).isEqualTo(at);
            assertThat(event.afterNumber()).isEqualTo(1);
        });
        RecordSet before = RecordSet.between(store, log, 0, at - 1);
        assertThat(before.truncated()).isEmpty();
        assertThat(before.lastNumber()).isEqualTo(1);
        RecordSet after = RecordSet.between(store, log, 0, at + 2000);
        assertThat(after.truncated()).isPresent();
        assertThat(after.firstNumber()).isEqualTo(2);

        // Another incarnation of the capture reads the log again.
        CaptureWorld again = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        again.add(new CaptureItem.Scope(Set.of("ks")));
        frames(again, BEGIN, BEGIN + 900_000, gone, truncation(again, at / 1000, gone));
        frames(two, BEGIN + 100_000, BEGIN + 900_000);
        sealer.seal(List.of(again.stream), awaited);
        assertThat(log.newest().orElseThrow().events()).isEmpty();
        assertThat(journal(store)).hasSize(2);
        assertThat(log.newest().orElseThrow().truncatedMicros()).contains(at);

        // So does a sealer that does not remember what was published.
        Sealer forgetful = sealer(
                store, new SealSettings(1 << 20, Duration.ofSeconds(5), Duration.ofMillis(20), Duration.ZERO, 0), 3);
        CaptureWorld third = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 6000);
        third.add(new CaptureItem.Scope(Set.of("ks")));
        frames(third, 0, BEGIN + 1_900_000, gone, truncation(third, at / 1000, gone));
        frames(two, BEGIN + 900_000, BEGIN + 1_900_000);
        assertThat(forgetful.seal(List.of(third.stream), awaited).records()).isZero();
        assertThat(journal(store)).hasSize(2);
    }

    /** As an import does it that gives its own timestamps, or a test that loads its fixture anew. */
    @Test
    void whatAnotherSealerToldTruncatedAndIsWrittenAgainWithTheSameBytesIsARecord() {
        CaptureWorld one = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer warm = sealer(store, settings(1 << 20), 1);
        warm.begin(SCHEMA, List.of(one.stream));
        byte[] loaded = MutationBytes.mutation(write(ID, 1, 1, BEGIN - 1000));
        frames(one, BEGIN, BEGIN + 100_000, loaded);
        assertThat(warm.seal(List.of(), awaited).records()).isEqualTo(1);
        assertThat(warm.remembered()).isEqualTo(1);
        frames(one, BEGIN + 100_000, BEGIN + 300_000, truncation(one, BEGIN / 1000 + 200));
        SealReport other = sealer(store, settings(1 << 20), 2).seal(List.of(), awaited);
        assertThat(other.entries()).isEqualTo(1);
        assertThat(other.records()).isZero();
        frames(one, BEGIN + 300_000, BEGIN + 400_000, loaded);

        assertThat(warm.seal(List.of(), awaited).records()).isEqualTo(1);
        assertThat(upTo(now)).hasSize(1);
        frames(one, BEGIN + 400_000, BEGIN + 500_000, loaded);
        assertThat(warm.seal(List.of(), awaited).copies()).isEqualTo(1);
        assertThat(upTo(now)).hasSize(1);
    }

    @Test
    void truncatesOfALogThatIsReadAgainAsAWholeAreNoNewOnes() {
        CaptureWorld one = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream));
        List<byte[]> all = new ArrayList<>();
        long from = BEGIN;
        for (int i = 1; i <= 3; i++) {
            long at = BEGIN + i * 60_000_000L;
            byte[] gone = MutationBytes.mutation(write(ID, i, i, at - 1000));
            byte[] truncate = truncation(one, at / 1000, gone);
            byte[] stays = MutationBytes.mutation(write(ID, 10 + i, i, at + 1000));
            if (i == 2) {
                // Its note is readable only after the journal was sealed beyond its instant.
                frames(one, from, at + 200_000, gone);
                sealer.seal(List.of(), awaited);
                from = at + 200_000;
                frames(one, from, from + 100_000, truncate, stays);
                all.addAll(List.of(gone, truncate, stays));
            } else {
                frames(one, from, at + 100_000, gone, truncate, stays);
                all.addAll(List.of(gone, truncate, stays));
            }
            sealer.seal(List.of(), awaited);
            from = now;
        }
        Set<String> there = upTo(now);
        assertThat(there).hasSize(1);
        long events = told();
        assertThat(events).isEqualTo(3);

        // The capture's state was lost: what is on disk is observed anew, at no instant that is known.
        for (int again = 1; again <= 2; again++) {
            CaptureWorld anew = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000L * again);
            anew.add(new CaptureItem.Scope(Set.of("ks")));
            frames(anew, 0, now + 60_000_000, all.toArray(byte[][]::new));
            sealer(store, settings(1 << 20), again).seal(List.of(anew.stream), awaited);

            assertThat(told()).isEqualTo(events);
            assertThat(log.newest().orElseThrow().watermarkMicros()).isEqualTo(now + 1);
            assertThat(upTo(now)).isEqualTo(there);
            assertThat(journal(store)).hasSize(6);
        }
    }

    private long told() {
        return JournalView.find(log).orElseThrow().events().size();
    }

    @Test
    void aTruncateOfATableWithoutWritesSinceTheLastOneIsAnother() {
        CaptureWorld one = host(1);
        Set<UUID> awaited = Set.of(new UUID(0, 1));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream));
        byte[] first = truncation(one, BEGIN / 1000 + 1_000);
        byte[] second = truncation(one, BEGIN / 1000 + 60_000);
        frames(one, BEGIN, BEGIN + 2_000_000, first);
        sealer.seal(List.of(), awaited);
        frames(one, BEGIN + 2_000_000, BEGIN + 61_000_000, second);
        sealer.seal(List.of(), awaited);

        assertThat(JournalView.find(log).orElseThrow().events())
                .extracting(JournalEntry.Event::atMicros)
                .containsExactly(BEGIN + 1_000_000, BEGIN + 60_000_000);
    }

    @Test
    void aNoteThatIsToldLateMakesNoFinalInstantAnother() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        long at = BEGIN + 1_000_000;
        byte[] gone = MutationBytes.mutation(write(ID, 1, 1, BEGIN + 5));
        frames(one, BEGIN, BEGIN + 1_100_000, gone, truncation(one, at / 1000, gone));
        now = BEGIN + 20_000_000;
        frames(one, BEGIN + 1_100_000, now);
        sealer.seal(List.of(), awaited);
        assertThat(upTo(at - 50_000)).hasSize(1);

        frames(two, BEGIN, BEGIN + 1_100_000, gone, truncation(two, at / 1000 - 100, gone));
        now += 1_000_000;
        frames(two, now - 10, now);
        frames(one, now - 10, now);
        sealer.seal(List.of(), awaited);
        assertThat(JournalView.find(log).orElseThrow().events())
                .extracting(JournalEntry.Event::atMicros)
                .containsExactly(at, at);
        assertThat(upTo(at - 50_000)).hasSize(1);
        assertThat(upTo(now)).isEmpty();
    }

    @Test
    void aTruncateFromBeforeTheJournalIsNoEventWhenItsLogIsReadAgain() {
        CaptureWorld one = host(1);
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream));
        long at = BEGIN - 3_600_000_000L;
        frames(one, BEGIN, BEGIN + 100_000, MutationBytes.mutation(write(ID, 1, 1, BEGIN + 1000)));
        sealer.seal(List.of(), Set.of(new UUID(0, 1)));

        CaptureWorld again = new CaptureWorld(store, new UUID(0, 1), BEGIN / 1000 + 5000);
        again.add(new CaptureItem.Scope(Set.of("ks")));
        byte[] gone = MutationBytes.mutation(write(ID, 2, 2, at - 1000));
        frames(
                again,
                0,
                BEGIN + 900_000,
                gone,
                truncation(again, at / 1000, gone),
                MutationBytes.mutation(write(ID, 1, 1, BEGIN + 1000)));
        sealer.seal(List.of(again.stream), Set.of(new UUID(0, 1)));

        assertThat(log.entries(1, log.newest().orElseThrow().number()))
                .allSatisfy(entry -> assertThat(entry.events()).isEmpty());
        assertThat(journal(store)).as("what was truncated stays away").hasSize(1);
    }

    @Test
    void whatIsWrittenAgainBehindATruncateIsThereAgain() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        long at = BEGIN + 50_000;
        byte[] same = MutationBytes.mutation(write(ID, 1, 1, at - 1000));
        for (CaptureWorld host : List.of(one, two)) {
            frames(host, BEGIN, BEGIN + 100_000, same, truncation(host, at / 1000, same), same);
        }
        sealer.seal(List.of(), awaited);

        assertThat(journal(store)).hasSize(2);
        assertThat(upTo(at - 1)).hasSize(1);
        assertThat(upTo(at)).hasSize(1);
        RecordSet after = RecordSet.between(store, log, 0, at);
        assertThat(after.firstNumber()).isEqualTo(2);
        assertThat(after.lastNumber()).isEqualTo(2);

        for (boolean remembers : List.of(true, false)) {
            long next = now + 60_000_000;
            byte[] truncate = truncation(one, next / 1000);
            Sealer by = remembers ? sealer : sealer(store, settings(1 << 20), 9);
            frames(one, now, next + 50_000, truncate);
            frames(two, now - 60_000_000, next + 50_000, truncation(two, next / 1000));
            by.seal(List.of(), awaited);
            assertThat(upTo(next + 40_000)).as("all is gone").isEmpty();
            frames(one, next + 50_000, next + 90_000, same);
            frames(two, next + 50_000, next + 90_000, same);
            assertThat(by.seal(List.of(), awaited).records()).isEqualTo(1);
            assertThat(upTo(next + 90_000)).hasSize(1);
        }
    }

    @Test
    void eachHostsLogTellsWhatItsTruncateTookAway() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        long at = BEGIN + 50_000;
        byte[] before = MutationBytes.mutation(write(ID, 1, 1, at + 3_000_000));
        byte[] behind = MutationBytes.mutation(write(ID, 2, 2, at - 3_000));
        // The second host is slower by 30 ms: what comes right behind the TRUNCATE is before that host's own instant.
        frames(one, BEGIN, BEGIN + 100_000, before, truncation(one, at / 1000, before), behind);
        frames(two, BEGIN, BEGIN + 100_000, before, truncation(two, at / 1000 + 30, before), behind);
        sealer.seal(List.of(), awaited);

        assertThat(upTo(at - 1)).hasSize(1).first().asString().isEqualTo(update(1, 1, at + 3_000_000));
        assertThat(upTo(at)).hasSize(1).first().asString().isEqualTo(update(2, 2, at - 3_000));
        assertThat(upTo(at + 40_000)).hasSize(1).first().asString().isEqualTo(update(2, 2, at - 3_000));
        assertThat(journal(store).lastEntry().getValue().instant()).isEqualTo(at);
    }

    @Test
    void aRoundDoesNotGoBeyondATruncateThatAHostHasNotToldOf() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        long at = BEGIN + 150_000;
        byte[] before = MutationBytes.mutation(write(ID, 1, 1, at + 500_000_000));
        frames(one, BEGIN, BEGIN + 100_000, before);
        frames(one, BEGIN + 100_000, BEGIN + 200_000, truncation(one, at / 1000));
        frames(two, BEGIN, BEGIN + 160_000);
        // Readable late, but before the TRUNCATE in its log.
        frames(two, BEGIN + 160_000, BEGIN + 400_000, before);
        frames(one, BEGIN + 200_000, BEGIN + 400_000);
        sealer.seal(List.of(), awaited);
        assertThat(log.newest().orElseThrow().watermarkMicros()).isEqualTo(BEGIN + 200_000);
        assertThat(log.newest().orElseThrow().events()).isEmpty();

        frames(two, BEGIN + 400_000, BEGIN + 500_000, truncation(two, at / 1000 + 240));
        frames(one, BEGIN + 400_000, BEGIN + 500_000);
        sealer.seal(List.of(), awaited);
        assertThat(upTo(BEGIN + 450_000)).isEmpty();
        assertThat(log.entries(1, log.newest().orElseThrow().number()).stream()
                        .flatMap(entry -> entry.events().stream())
                        .map(JournalEntry.Event::afterNumber))
                .containsOnly(1L);
    }

    @Test
    void twoTruncatesWithinSecondsAreTwo() {
        CaptureWorld one = host(1);
        CaptureWorld two = host(2);
        Set<UUID> awaited = Set.of(new UUID(0, 1), new UUID(0, 2));
        Sealer sealer = sealer(store, settings(1 << 20), 1);
        sealer.begin(SCHEMA, List.of(one.stream, two.stream));
        byte[] first = MutationBytes.mutation(write(ID, 1, 1, BEGIN + 1));
        byte[] second = MutationBytes.mutation(write(ID, 2, 2, BEGIN + 1_500_000));
        byte[] third = MutationBytes.mutation(write(ID, 3, 3, BEGIN + 2_500_000));
        for (CaptureWorld host : List.of(one, two)) {
            frames(host, BEGIN, BEGIN + 1_100_000, first, truncation(host, BEGIN / 1000 + 1_000, first));
            frames(host, BEGIN + 1_100_000, BEGIN + 2_100_000, second, truncation(host, BEGIN / 1000 + 2_000, second));
            frames(host, BEGIN + 2_100_000, BEGIN + 3_000_000, third);
        }
        sealer.seal(List.of(), awaited);

        assertThat(upTo(BEGIN + 900_000)).containsExactly(update(1, 1, BEGIN + 1));
        assertThat(upTo(BEGIN + 1_900_000)).containsExactly(update(2, 2, BEGIN + 1_500_000));
        assertThat(upTo(BEGIN + 2_900_000)).containsExactly(update(3, 3, BEGIN + 2_500_000));
    }

    private static String update(int key, int value, long micros) {
        return HexFormat.of().formatHex(write(ID, key, value, micros).bytes());
    }
}
