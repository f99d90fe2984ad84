package dev.hindsight.repository.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hindsight.model.failure.CorruptException;
import dev.hindsight.model.schema.TableName;
import dev.hindsight.repository.document.Completion;
import dev.hindsight.repository.document.JournalEntry;
import dev.hindsight.repository.document.JournalEntry.Event;
import dev.hindsight.repository.document.JournalEntry.EventKind;
import dev.hindsight.repository.document.JournalEntry.Gap;
import dev.hindsight.repository.document.JournalEntry.SchemaVersion;
import dev.hindsight.repository.document.JournalEntry.Segment;
import dev.hindsight.repository.document.JournalEntry.Upkeep;
import dev.hindsight.repository.document.JournalEntry.Whole;
import dev.hindsight.repository.document.ObjectRef;
import dev.hindsight.repository.layout.Keys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A journal read from its last checkpoint is what all its entries say. */
class JournalViewTest {
    private static final long SEED = Long.getLong("test.seed", 20261123L);
    private static final TableName TABLE = new TableName("shop", "orders");
    private static final UUID ID = UUID.fromString("8f8e2a10-c7b1-11f0-9d6b-0b1d8a7f3c55");
    private static final String DIGEST = "sha256:" + "0".repeat(64);

    private final HeapStore store = new HeapStore();

    @Test
    void fromTheLastCheckpointOnItIsWhatAllEntriesSay() {
        for (int run = 0; run < 8; run++) {
            Random random = new Random(SEED + run);
            JournalLog whole = new JournalLog(new HeapStore(), TABLE, ID);
            HeapStore heap = new HeapStore();
            JournalLog checked = new JournalLog(heap, TABLE, ID);
            long spacing = 1 + random.nextInt(9);
            long watermark = 1_000_000_000;
            List<Segment> live = new ArrayList<>();
            long number = 0;
            for (int n = 1; n <= 60; n++) {
                long next = watermark + random.nextInt(100_000_000);
                List<Segment> segments = new ArrayList<>();
                Optional<Upkeep> upkeep = Optional.empty();
                if (live.size() > 3 && random.nextInt(4) == 0) {
                    List<Segment> merged = List.copyOf(live.subList(1, 3));
                    Segment into = segment(
                            random, merged.get(0).firstNumber(), merged.get(1).lastNumber());
                    upkeep = Optional.of(new Upkeep(
                            merged.stream().map(one -> one.object().key()).toList(),
                            random.nextInt(5) == 0 ? live.get(0).lastNumber() : 0,
                            Optional.empty()));
                    if (upkeep.get().droppedNumber() > 0) {
                        live.remove(0);
                    }
                    live.removeAll(merged);
                    segments.add(into);
                } else if (random.nextBoolean()) {
                    segments.add(segment(random, number + 1, number + 5));
                    number += 5;
                }
                live.addAll(segments);
                live.sort(java.util.Comparator.comparingLong(Segment::firstNumber));
                List<Whole> stretches = new ArrayList<>();
                for (int host = 0; host < 3; host++) {
                    if (random.nextInt(4) > 0) {
                        long from = watermark - random.nextInt(200_000_000);
                        stretches.add(new Whole(new UUID(0, host), from, from + random.nextInt(200_000_000)));
                    }
                }
                List<Gap> gaps = random.nextInt(8) == 0
                        ? List.of(new Gap(new UUID(0, 1), watermark, next, "cause " + n))
                        : List.of();
                List<Event> events = random.nextInt(9) == 0
                        ? List.of(new Event(EventKind.TRUNCATE, next - 1, number, new UUID(0, 2)))
                        : List.of();
                JournalEntry entry = entry(whole, n, next, number, segments, stretches, gaps, events, upkeep);
                whole.append(entry);
                JournalEntry other = entry(checked, n, next, number, segments, stretches, gaps, events, upkeep);
                checked.append(Checkpoints.in(checked, other, spacing));
                watermark = next;

                JournalView expected = JournalView.find(whole).orElseThrow();
                JournalView view =
                        JournalView.find(new JournalLog(heap, TABLE, ID)).orElseThrow();
                assertThat(view.state()).as("seed %d, entry %d", SEED + run, n).isEqualTo(expected.state());
                assertThat(view.segments())
                        .as("seed %d, entry %d", SEED + run, n)
                        .containsExactlyElementsOf(live);
                assertThat(view.entries()).isLessThanOrEqualTo(Math.max(spacing, live.size() / 4) + 1);
                assertThat(expected.entries()).isEqualTo(n);
            }
        }
    }

    @Test
    void whatComesLateCountsFromTheInstantsOfItsOwnEntryOn() {
        JournalLog log = new JournalLog(store, TABLE, ID);
        UUID one = new UUID(0, 1);
        List<Whole> told = List.of(
                new Whole(one, 0, 99), new Whole(one, 99, 199), new Whole(one, 150, 299), new Whole(one, 300, 399));
        for (int n = 1; n <= 4; n++) {
            log.append(entry(
                    log, n, 100L * n, 0, List.of(), told.subList(n - 1, n), List.of(), List.of(), Optional.empty()));
        }

        assertThat(JournalView.find(log).orElseThrow().whole())
                .containsExactly(
                        new Whole(one, 0, 199), new Whole(one, 300, 399), new Whole(one, 150, 299, Optional.of(200L)));
    }

    /** An import that goes on for hours is told of every few seconds, and the journal carries what it knows for ever. */
    @Test
    void whatIsToldAgainAndAgainOfOneArrivalIsOneGap() {
        JournalLog log = new JournalLog(store, TABLE, ID);
        for (int n = 1; n <= 300; n++) {
            List<Gap> gaps = List.of(
                    new Gap(new UUID(0, n % 3), 50, 5_000_000L * n + 10_000_000, "an import", Optional.of(true)));
            JournalEntry entry =
                    entry(log, n, 5_000_000L * n, 0, List.of(), List.of(), gaps, List.of(), Optional.empty());
            log.append(Checkpoints.in(log, entry));
        }

        assertThat(JournalView.find(log).orElseThrow().gaps()).hasSize(3);
    }

    @Test
    void anInstantIsAsExactAsItsEntryTells() {
        JournalLog log = new JournalLog(store, TABLE, ID);
        for (int n = 1; n <= 3; n++) {
            log.append(entry(log, n, 100L * n, n, List.of(), List.of(), List.of(), List.of(), Optional.empty()));
        }
        JournalView view = JournalView.find(log).orElseThrow();

        // Readable within 100 ms; observed within 70, 140 and 0 ms; told as 1, 2 or 5.
        assertThat(view.offMicros(150, 160)).isEqualTo(500_000);
        assertThat(view.offMicros(250, 260)).isEqualTo(100_000);
        assertThat(view.offMicros(50, 260)).isEqualTo(500_000);
    }

    @Test
    void ofALongLogOnlyTheEndIsRead() {
        JournalLog log = new JournalLog(store, TABLE, ID);
        for (int n = 1; n <= 1_000; n++) {
            Whole seen = new Whole(new UUID(0, 1), 1_000L * (n - 1), 1_000L * n);
            log.append(Checkpoints.in(
                    log,
                    entry(log, n, 1_000L * n, 0, List.of(), List.of(seen), List.of(), List.of(), Optional.empty())));
        }

        JournalView view = JournalView.find(new JournalLog(store, TABLE, ID)).orElseThrow();

        assertThat(view.entries()).isLessThanOrEqualTo(Checkpoints.SPACING);
        assertThat(view.whole()).containsExactly(new Whole(new UUID(0, 1), 0, 1_000_000));
    }

    @Test
    void anEntryThatNamesACheckpointWhichIsNoneIsCorrupt() {
        JournalLog log = new JournalLog(store, TABLE, ID);
        for (int n = 1; n <= 3; n++) {
            log.append(entry(log, n, n, 0, List.of(), List.of(), List.of(), List.of(), Optional.empty())
                    .with(n == 3 ? Optional.of(2L) : Optional.empty(), Optional.empty()));
        }

        assertThatThrownBy(() -> JournalView.find(log))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining("entry 2 is a checkpoint");
    }

    private static Segment segment(Random random, long first, long last) {
        UUID id = new UUID(random.nextLong(), random.nextLong());
        ObjectRef object = new ObjectRef(Keys.journalSegment(TABLE, ID, id), 100, DIGEST);
        return new Segment(object, 1, last - first + 1, 10, first, last, first, last, 0, 0);
    }

    private static JournalEntry entry(
            JournalLog log,
            long number,
            long watermark,
            long lastNumber,
            List<Segment> segments,
            List<Whole> whole,
            List<Gap> gaps,
            List<Event> events,
            Optional<Upkeep> upkeep) {
        JournalEntry plain = new JournalEntry(
                JournalEntry.FORMAT,
                number,
                log.digestOf(number - 1),
                Instant.parse("2026-11-23T03:00:00Z"),
                "test",
                TABLE,
                ID,
                watermark,
                lastNumber,
                Optional.empty(),
                List.of(new SchemaVersion(1, 0, 1)),
                List.of(),
                segments,
                List.of(),
                whole,
                gaps,
                events,
                Optional.of(lastNumber % 3 * 70_000),
                Optional.of(new JournalEntry.Owners("d" + number / 50, watermark, 100_000)),
                Optional.empty(),
                Optional.empty(),
                upkeep,
                Optional.empty(),
                upkeep.isEmpty() && number % 7 == 0
                        ? Optional.of(new Completion(number, number, "b" + number % 3, List.of()))
                        : Optional.empty());
        return plain;
    }
}
