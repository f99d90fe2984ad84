package dev.hindsight.operations.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hindsight.engine.journal.CaptureStream;
import dev.hindsight.engine.journal.SealReport;
import dev.hindsight.model.journal.Incarnation;
import dev.hindsight.model.schema.TableName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SealPaceTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofMinutes(10);
    private static final CaptureStream STREAM = new CaptureStream(
            new UUID(1, 1), Incarnation.parse("1763800000000-0000abcd").orElseThrow());

    private final SealPace pace = new SealPace(INTERVAL, IDLE);

    private static ProtectedTable table(int number) {
        return new ProtectedTable("c", new TableName("k", "t" + number), new UUID(9, number), NOW, true);
    }

    private static CaptureSurvey stored(long newest) {
        return new CaptureSurvey(List.of(STREAM), Set.of(), Map.of(STREAM, newest), Map.of());
    }

    private static SealReport report(long records, boolean waiting) {
        return new SealReport(1, records, records, 0, 7, waiting, Optional.empty(), List.of());
    }

    private List<ProtectedTable> due(ProtectedTable table, CaptureSurvey captures, Instant at) {
        return pace.due(List.of(table), Set.of(), captures, at);
    }

    private List<ProtectedTable> dueWhenTouched(ProtectedTable table, CaptureSurvey captures, Instant at) {
        return pace.due(List.of(table), Set.of(table.tableId()), captures, at);
    }

    @Test
    void newTableIsDueAtOnceAndNotAgainUntilSomethingIsPut() {
        ProtectedTable one = table(1);
        assertThat(due(one, stored(5), NOW)).containsExactly(one);
        pace.sealed(one, stored(5), report(3, false), NOW);
        assertThat(due(one, stored(5), NOW.plusSeconds(3600))).isEmpty();
        assertThat(due(one, stored(6), NOW.plusSeconds(1))).isEmpty();
        assertThat(due(one, stored(6), NOW.plus(INTERVAL))).containsExactly(one);
    }

    @Test
    void tableWithoutChangesIsDueOnceInTheIdleInterval() {
        ProtectedTable one = table(1);
        pace.sealed(one, stored(5), report(0, false), NOW);
        assertThat(due(one, stored(6), NOW.plus(IDLE).minusMillis(1))).isEmpty();
        assertThat(due(one, stored(6), NOW.plus(IDLE))).containsExactly(one);
    }

    @Test
    void tableThatIsTouchedIsDueAtOnceAndStaysSoUntilItIsSealed() {
        ProtectedTable one = table(1);
        pace.sealed(one, stored(5), report(0, false), NOW);
        assertThat(dueWhenTouched(one, stored(6), NOW.plusSeconds(1)))
                .as("not sooner than one with changes")
                .isEmpty();
        assertThat(due(one, stored(6), NOW.plusSeconds(3))).containsExactly(one);
        assertThat(due(one, stored(6), NOW.plusSeconds(4))).containsExactly(one);
        pace.sealed(one, stored(6), report(0, false), NOW.plusSeconds(5));
        assertThat(due(one, stored(7), NOW.plusSeconds(60))).isEmpty();
    }

    @Test
    void whatCouldNotBePublishedYetIsLookedAtAgainSoonAndLessAndLessOften() {
        ProtectedTable one = table(1);
        Instant at = NOW;
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            pace.sealed(one, stored(i), report(0, true), at);
            Instant next = at;
            while (due(one, stored(i + 1), next).isEmpty()) {
                next = next.plusMillis(500);
            }
            waits.add(Duration.between(at, next).toSeconds());
            at = next;
        }
        assertThat(waits).containsExactly(2L, 4L, 8L, 10L, 10L, 10L, 10L, 10L);
    }

    @Test
    void failingTableWaitsLongerAndIsTriedAgainWithoutNewCaptures() {
        ProtectedTable one = table(1);
        assertThat(pace.failed(one, NOW)).isEqualTo(1);
        assertThat(dueWhenTouched(one, stored(5), NOW.plusSeconds(4)))
                .as("also when there is more of it")
                .isEmpty();
        assertThat(due(one, stored(5), NOW.plusSeconds(5))).containsExactly(one);
        for (int i = 0; i < 50; i++) {
            pace.failed(one, NOW);
        }
        assertThat(due(one, stored(5), NOW.plusSeconds(299))).isEmpty();
        assertThat(due(one, stored(5), NOW.plusSeconds(300))).containsExactly(one);
    }

    /** A table that takes all the time of each round does not keep the others from their turn. */
    @Test
    void whoWaitedLongestIsFirst() {
        List<ProtectedTable> tables = List.of(table(1), table(2), table(3));
        Set<UUID> touched = tables.stream().map(ProtectedTable::tableId).collect(Collectors.toSet());
        Map<UUID, Integer> turns = new HashMap<>();
        Instant at = NOW;
        for (int round = 0; round < 30; round++) {
            at = at.plus(INTERVAL);
            ProtectedTable first = pace.due(tables, touched, stored(round), at).get(0);
            turns.merge(first.tableId(), 1, Integer::sum);
            pace.sealed(first, stored(round), report(1, false), at);
        }
        assertThat(turns.values()).containsOnly(10);
    }

    /** Cost follows the busy ones: DESIGN, many tables. */
    @Test
    void ofAThousandTablesTheTenBusyOnesAreFirstInEachRoundAndTheOthersComeAFewAtATime() {
        List<ProtectedTable> tables = new ArrayList<>();
        Set<UUID> busy = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            tables.add(table(i));
            if (i % 100 == 0) {
                busy.add(table(i).tableId());
            }
        }
        long seals = 0;
        Set<UUID> sealed = new HashSet<>();
        int rounds = 600;
        for (int round = 0; round < rounds; round++) {
            Instant at = NOW.plus(INTERVAL.multipliedBy(round));
            List<ProtectedTable> due = pace.due(tables, busy, stored(round), at);
            assertThat(due.stream().limit(10).map(ProtectedTable::tableId)).allMatch(busy::contains);
            assertThat(due).hasSizeLessThanOrEqualTo(10 + 16);
            for (ProtectedTable one : due) {
                pace.sealed(one, stored(round), report(busy.contains(one.tableId()) ? 5 : 0, false), at);
                seals++;
                sealed.add(one.tableId());
            }
        }
        assertThat(sealed).hasSize(1000);
        long idle = 990L * rounds * INTERVAL.toSeconds() / IDLE.toSeconds();
        assertThat(seals).isLessThanOrEqualTo(10L * rounds + idle);
    }

    @Test
    void tableThatIsProtectedNoMoreIsForgotten() {
        ProtectedTable one = table(1);
        pace.sealed(one, stored(5), report(1, false), NOW);
        assertThat(pace.due(List.of(), Set.of(), stored(5), NOW)).isEmpty();
        assertThat(due(one, stored(5), NOW)).containsExactly(one);
    }
}
